"""Workspaces."""

from __future__ import annotations

from dataask_jupyter.errors import DriverMissing, NotFound, StorageFull
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.connections import Connection
from dataask_jupyter.schemas.workspaces import Workspace

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ListQuery


class WorkspacesHandler(BaseHandler):
    """The workspaces that you are a member of."""

    @endpoint("listWorkspaces", "Your workspaces, by name", action="read", resource="workspaces")
    async def get(self, query: ListQuery) -> Page[Workspace]:
        return await (await self.services()).workspaces.list(self.identity, query.cursor, query.limit)


class WorkspaceHandler(BaseHandler):
    """One workspace."""

    @endpoint("getWorkspace", "One workspace", action="read", resource="workspaces", etag=True, problems=(NotFound,))
    async def get(self, workspace_id: str) -> Workspace:
        return await (await self.services()).workspaces.get(self.identity, workspace_id)


class DemoHandler(BaseHandler):
    """The demo data."""

    @endpoint(
        "loadDemo",
        "Load the demo data into this workspace as connections; does nothing twice",
        action="write",
        resource="connections",
        problems=(NotFound, DriverMissing, StorageFull),
    )
    async def post(self, workspace_id: str) -> Page[Connection]:
        return await (await self.services()).demo.load(self.identity, workspace_id)
