"""Who am I, and where was I."""

from __future__ import annotations

from dataask_jupyter.errors import NotFound
from dataask_jupyter.schemas.users import Me, MeUpdate

from .base import BaseHandler
from .endpoint import endpoint


class MeHandler(BaseHandler):
    """The signed-in user."""

    @endpoint("getMe", "Who you are and which workspace to open", action="read", resource="me")
    async def get(self) -> Me:
        return await (await self.services()).accounts.me(self.identity)

    @endpoint("updateMe", "Remember the workspace you switched to", action="write", resource="me", problems=(NotFound,))
    async def patch(self, body: MeUpdate) -> Me:
        return await (await self.services()).accounts.update_me(self.identity, body)
