"""The folder of uploads: one folder a workspace, one in it an upload. What no row speaks of is removed."""

from __future__ import annotations

import asyncio
import shutil
import time
import uuid
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from dataask_jupyter.store import runner
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Upload, Workspace, now

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

UNFINISHED = ("receiving", "reading")
GRACE = timedelta(seconds=30)
STALE_SECONDS = 600.0


class UploadFiles:
    """Where the bytes of uploads are."""

    def __init__(self, folder: Path, cache: Path, store: Store) -> None:
        self.folder = folder
        self.cache = cache
        """Where copies of files that stay where they are lie, a folder a workspace."""
        self._store = store

    def of_workspace(self, workspace_id: str) -> Path:
        """The folder of a workspace's uploads."""
        return self.folder / workspace_id

    def of(self, workspace_id: str, upload_id: str) -> Path:
        """The folder of one upload."""
        return self.folder / workspace_id / upload_id

    def raw(self, workspace_id: str, upload_id: str) -> Path:
        """The file as it came."""
        return self.of(workspace_id, upload_id) / "raw"

    def table(self, workspace_id: str, upload_id: str, key: str) -> Path:
        """What was made of it, read in one way."""
        return self.of(workspace_id, upload_id) / f"{key}.parquet"

    async def remove(self, workspace_id: str, upload_id: str | None = None) -> None:
        """Remove an upload's files, or those of a whole workspace."""
        whole = [self.of_workspace(workspace_id), self.cache / workspace_id]
        folders = whole if upload_id is None else [self.of(workspace_id, upload_id)]
        for folder in folders:
            await asyncio.to_thread(_remove, folder)

    def tidy(self, workspace_id: str, upload_id: str, keys: set[str]) -> int:
        """Remove what was made for ways of reading that nobody uses any more. Returns the bytes that stay."""
        total = 0
        for file in self.of(workspace_id, upload_id).iterdir():
            with suppress(OSError):
                about = file.stat()
                unused = file.suffix == ".parquet" and file.stem not in keys
                left = file.suffix == ".tmp" and about.st_mtime < time.time() - STALE_SECONDS
                if unused or left:
                    file.unlink()
                else:
                    total += about.st_size
        return total

    async def sweep(self) -> None:
        """Remove what a process that died was receiving, and files whose upload or workspace is gone."""
        if await self._store.read(_any_abandoned):
            await self._store.write(_remove_abandoned)
        # The folders first: one is made after its row, so each without a row is left over.
        found = await asyncio.to_thread(self._listed)
        if not found:
            return
        known = await self._store.read(lambda session: set(session.scalars(select(Upload.id))))
        for workspace_id, upload_id in found:
            if upload_id not in known:
                await self.remove(workspace_id, upload_id)

    async def sweep_copies(self) -> None:
        """Remove copies of files of workspaces that are gone."""
        found = await asyncio.to_thread(_names, self.cache)
        if found:
            known = await self._store.read(lambda session: set(session.scalars(select(Workspace.id))))
            for name in found - known:
                await asyncio.to_thread(_remove, self.cache / name)

    def _listed(self) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        with suppress(OSError):
            for workspace in self.folder.iterdir():
                uploads = [each.name for each in workspace.iterdir()]
                found += [(workspace.name, upload) for upload in uploads]
                if not uploads:
                    with suppress(OSError):
                        workspace.rmdir()
        return found


def _names(folder: Path) -> set[str]:
    try:
        return {each.name for each in folder.iterdir()}
    except OSError:
        return set()


def _remove(folder: Path) -> None:
    """Remove it, also while a worker still writes there: under another name, nobody finds it any more."""
    gone = folder.with_name(f"{folder.name}.{uuid.uuid4().hex[:8]}.gone")
    try:
        folder.rename(gone)
    except OSError:
        gone = folder
    shutil.rmtree(gone, ignore_errors=True)


def _abandoned(session: Session) -> list[str]:
    moment = now()
    rows = session.scalars(select(Upload).where(Upload.state.in_(UNFINISHED)))
    return [
        row.id
        for row in rows
        if runner.is_gone(row.runner) or (row.deadline_at is not None and row.deadline_at + GRACE < moment)
    ]


def _any_abandoned(session: Session) -> bool:
    return bool(_abandoned(session))


def _remove_abandoned(session: Session) -> None:
    session.execute(delete(Upload).where(Upload.id.in_(_abandoned(session))))
