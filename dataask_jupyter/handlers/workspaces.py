"""Workspaces."""

from __future__ import annotations

from dataask_jupyter.errors import Conflict, DriverMissing, Forbidden, NotFound, StaleVersion, StorageFull
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.connections import Connection
from dataask_jupyter.schemas.home import Home
from dataask_jupyter.schemas.workspaces import Workspace, WorkspaceCreate, WorkspaceUpdate

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ConfirmQuery, ListQuery


class HomeHandler(BaseHandler):
    """The home page's data."""

    @endpoint("getHome", "Your workspaces, what you did last, and what others did", action="read", resource="me")
    async def get(self) -> Home:
        return await (await self.services()).home.get(self.identity)


class WorkspacesHandler(BaseHandler):
    """The workspaces that you are a member of."""

    @endpoint("listWorkspaces", "Your workspaces, by name", action="read", resource="workspaces")
    async def get(self, query: ListQuery) -> Page[Workspace]:
        return await (await self.services()).workspaces.list(self.identity, query.cursor, query.limit)

    @endpoint(
        "createWorkspace",
        "Make a workspace and switch to it",
        action="write",
        resource="workspaces",
        status=201,
        etag=True,
        problems=(Forbidden, Conflict),
    )
    async def post(self, body: WorkspaceCreate) -> Workspace:
        return await (await self.services()).workspaces.create(self.identity, body)


class WorkspaceHandler(BaseHandler):
    """One workspace."""

    @endpoint("getWorkspace", "One workspace", action="read", resource="workspaces", etag=True, problems=(NotFound,))
    async def get(self, workspace_id: str) -> Workspace:
        return await (await self.services()).workspaces.get(self.identity, workspace_id)

    @endpoint(
        "updateWorkspace",
        "Change a workspace's settings",
        action="write",
        resource="workspaces",
        etag=True,
        if_match=True,
        problems=(NotFound, Forbidden, StaleVersion),
    )
    async def patch(self, workspace_id: str, if_match: int, body: WorkspaceUpdate) -> Workspace:
        return await (await self.services()).workspaces.update(self.identity, workspace_id, if_match, body)

    @endpoint(
        "deleteWorkspace",
        "Delete a workspace with all that is in it; its name confirms",
        action="write",
        resource="workspaces",
        if_match=True,
        problems=(NotFound, Forbidden, Conflict, StaleVersion),
    )
    async def delete(self, workspace_id: str, if_match: int, query: ConfirmQuery) -> None:
        await (await self.services()).workspaces.delete(self.identity, workspace_id, if_match, query.name)


class DemoHandler(BaseHandler):
    """The demo data."""

    @endpoint(
        "loadDemo",
        "Load the demo data into this workspace as connections; does nothing twice",
        action="write",
        resource="connections",
        problems=(NotFound, Forbidden, DriverMissing, StorageFull),
    )
    async def post(self, workspace_id: str) -> Page[Connection]:
        return await (await self.services()).demo.load(self.identity, workspace_id)
