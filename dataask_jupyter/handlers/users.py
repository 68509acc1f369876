"""The server's accounts, for its administrators."""

from __future__ import annotations

from dataask_jupyter.errors import Conflict, NotFound
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.users import Account, AccountUpdate, ResetLink

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ListQuery


class UsersHandler(BaseHandler):
    """All users of this server."""

    @endpoint("listUsers", "The server's users, by name", action="read", resource="users", problems=(NotFound,))
    async def get(self, query: ListQuery) -> Page[Account]:
        return await (await self.services()).users.list(self.identity, query.cursor, query.limit)


class UserHandler(BaseHandler):
    """One user."""

    @endpoint(
        "updateUser",
        "Deactivate or reactivate a user, or make them an administrator",
        action="write",
        resource="users",
        problems=(NotFound, Conflict),
    )
    async def patch(self, user_id: str, body: AccountUpdate) -> Account:
        return await (await self.services()).users.update(self.identity, user_id, body)


class UserResetLinkHandler(BaseHandler):
    """A way back in for a user who lost their password."""

    @endpoint(
        "createResetLink",
        "Make a link by which a user sets a new password",
        action="write",
        resource="users",
        status=201,
        problems=(NotFound, Conflict),
    )
    async def post(self, user_id: str) -> ResetLink:
        return await (await self.services()).users.reset_link(self.identity, user_id, base_url=self.base_url)
