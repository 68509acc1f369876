"""Roles of a workspace."""

from __future__ import annotations

from dataask_jupyter.errors import Conflict, Forbidden, NotFound, StaleVersion
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.roles import Role, RoleCreate, RoleUpdate

from .base import BaseHandler
from .endpoint import endpoint


class RolesHandler(BaseHandler):
    """Built-in and own roles."""

    @endpoint("listRoles", "A workspace's roles", action="read", resource="roles", problems=(NotFound, Forbidden))
    async def get(self, workspace_id: str) -> Page[Role]:
        return await (await self.services()).roles.list(self.identity, workspace_id)

    @endpoint(
        "createRole",
        "Make a role",
        action="write",
        resource="roles",
        status=201,
        etag=True,
        problems=(NotFound, Forbidden, Conflict),
    )
    async def post(self, workspace_id: str, body: RoleCreate) -> Role:
        return await (await self.services()).roles.create(self.identity, workspace_id, body)


class RoleHandler(BaseHandler):
    """One role that the workspace made."""

    @endpoint(
        "updateRole",
        "Change a role's name or permissions",
        action="write",
        resource="roles",
        etag=True,
        if_match=True,
        problems=(NotFound, Forbidden, Conflict, StaleVersion),
    )
    async def patch(self, workspace_id: str, role_id: str, if_match: int, body: RoleUpdate) -> Role:
        return await (await self.services()).roles.update(self.identity, workspace_id, role_id, if_match, body)

    @endpoint(
        "deleteRole",
        "Delete a role that nobody has",
        action="write",
        resource="roles",
        if_match=True,
        problems=(NotFound, Forbidden, Conflict, StaleVersion),
    )
    async def delete(self, workspace_id: str, role_id: str, if_match: int) -> None:
        await (await self.services()).roles.delete(self.identity, workspace_id, role_id, if_match)
