"""Members of a workspace."""

from __future__ import annotations

from dataask_jupyter.errors import Conflict, Forbidden, NotFound, StaleVersion
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.members import Member, MemberUpdate

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ListQuery


class MembersHandler(BaseHandler):
    """Who works in a workspace."""

    @endpoint("listMembers", "A workspace's members, by name", action="read", resource="members", problems=(NotFound,))
    async def get(self, workspace_id: str, query: ListQuery) -> Page[Member]:
        return await (await self.services()).members.list(self.identity, workspace_id, query.cursor, query.limit)


class MemberHandler(BaseHandler):
    """One member."""

    @endpoint(
        "updateMember",
        "Give a member another role",
        action="write",
        resource="members",
        etag=True,
        if_match=True,
        problems=(NotFound, Forbidden, Conflict, StaleVersion),
    )
    async def patch(self, workspace_id: str, user_id: str, if_match: int, body: MemberUpdate) -> Member:
        return await (await self.services()).members.update(self.identity, workspace_id, user_id, if_match, body)

    @endpoint(
        "removeMember",
        "Remove a member from the workspace",
        action="write",
        resource="members",
        problems=(NotFound, Forbidden, Conflict),
    )
    async def delete(self, workspace_id: str, user_id: str) -> None:
        await (await self.services()).members.remove(self.identity, workspace_id, user_id)


class LeaveHandler(BaseHandler):
    """The way out."""

    @endpoint(
        "leaveWorkspace",
        "Leave a workspace; its last owner can't",
        action="write",
        resource="members",
        problems=(NotFound, Forbidden, Conflict),
    )
    async def post(self, workspace_id: str) -> None:
        await (await self.services()).members.leave(self.identity, workspace_id)
