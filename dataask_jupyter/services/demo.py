"""The demo data as connections of a workspace."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.errors import Conflict, DataAskError, DriverMissing
from dataask_jupyter.schemas.common import Page, Problem
from dataask_jupyter.schemas.connections import Connection, ConnectionCreate
from dataask_jupyter.schemas.workspaces import Workspace

from .connections import Connections
from .workspaces import Workspaces

DUCKDB, SQLITE = "flights", "flights_sqlite"
WORKSPACE = "Demo"


class Demo:
    """Flights from New York in 2013: real data that everybody can look at."""

    def __init__(self, connections: Connections, workspaces: Workspaces, folder: Path) -> None:
        self._connections = connections
        self._workspaces = workspaces
        self._folder = folder
        self._making = asyncio.Lock()

    async def load(self, identity: Identity, workspace_id: str) -> Page[Connection]:
        """Make the files if need be, and the connections to them that the workspace doesn't have yet."""
        # Before the long work: whoever may not do it should hear that at once.
        await self._connections.permit_edit(identity, workspace_id)
        async with self._making:
            files = await self._make_files()
            return Page(
                items=[
                    await self._connect(identity, workspace_id, name, kind, path)
                    for name, kind, path in (
                        (DUCKDB, "duckdb", files / "flights.duckdb"),
                        (SQLITE, "sqlite", files / "flights.sqlite"),
                    )
                ]
            )

    async def open_workspace(self, identity: Identity) -> tuple[Workspace, Page[Connection]]:
        """The workspace "Demo" with its connections, made current."""
        workspace = await self._workspaces.open(identity, WORKSPACE)
        return workspace, await self.load(identity, workspace.id)

    async def _connect(self, identity: Identity, workspace_id: str, name: str, kind: str, path: Path) -> Connection:
        existing = await self._connections.named(identity, workspace_id, name)
        if existing is not None and existing.settings.get("path") == str(path):
            return existing
        free = name if existing is None else f"{name} ({path.parent.parent.name})"
        try:
            return await self._connections.create(
                identity, workspace_id, ConnectionCreate(name=free, kind=kind, settings={"path": str(path)})
            )
        except Conflict:
            # Somebody else loads it at this moment, or did before.
            found = await self._connections.named(identity, workspace_id, free)
            if found is None:
                raise
            return found

    async def _make_files(self) -> Path:
        """In a process of its own: it needs memory that this one should not keep."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "dataask_jupyter.demo",
            str(self._folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            out, err = await process.communicate()
        except asyncio.CancelledError:
            process.kill()
            await process.wait()
            raise
        if process.returncode == 0:
            return self._folder
        try:
            raise DataAskError.from_problem(Problem.model_validate_json(out))
        except ValueError:
            reason = err.decode(errors="replace").strip().splitlines()[-1:] or ["it was ended"]
            raise DriverMissing(f"The demo data couldn't be made: {reason[0]}") from None
