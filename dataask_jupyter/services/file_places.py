"""The kind `files`, as services see it: uploads of the same workspace, paths that may be read, and where both are."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.sources.files_paths import refusal
from dataask_jupyter.sources.files_settings import PLACES, FilesSettings, FilesTable, Places
from dataask_jupyter.store.models import Upload

from .folders import Folders
from .uploads import Uploads, read_as_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from dataask_jupyter.store.database import Store

    from .upload_files import UploadFiles

_PLACES: Final = "dataask_file_places"
KIND = "files"


@dataclass(frozen=True)
class FilePlaces:
    """Where files are on this server."""

    files: UploadFiles
    folders: Folders
    private: tuple[Path, ...]

    def of(self, workspace_id: str) -> Places:
        """As a worker needs them for a workspace's connections."""
        named = self.folders.named
        return Places(
            uploads=str(self.files.of_workspace(workspace_id)),
            cache=str(self.files.cache / workspace_id),
            folders=None if named is None else tuple(str(folder) for folder in named),
            private=tuple(str(folder) for folder in self.private),
        )

    def make(self, workspace_id: str) -> None:
        """Make the folder for copies. Workers don't, so that none comes back when its workspace is gone."""
        with suppress(OSError):
            (self.files.cache / workspace_id).mkdir(mode=0o700, parents=True, exist_ok=True)


def use(store: Store, places: FilePlaces) -> None:
    """From now on, connections of this store find their files there."""
    store.info[_PLACES] = places


def placed(session: Session, workspace_id: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    """A connection's settings as a worker needs them."""
    places: FilePlaces | None = session.info.get(_PLACES)
    if kind != KIND or places is None:
        return dict(settings)
    places.make(workspace_id)
    return {**settings, PLACES: places.of(workspace_id).as_dict()}


class ConnectedFiles:
    """Looks at the files of connections that are about to be saved or tested."""

    def __init__(self, places: FilePlaces, uploads: Uploads, store: Store) -> None:
        self._places = places
        self._uploads = uploads
        self._store = store

    def placed(self, workspace_id: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
        """Settings that aren't saved yet, as a worker needs them."""
        if kind != KIND:
            return settings
        return {**settings, PLACES: self._places.of(workspace_id).as_dict()}

    async def settled(self, workspace_id: str, kind: str, settings: dict[str, Any]) -> dict[str, Any]:
        """The settings with nothing left open; raises InvalidInput where a file may not be used.

        A table of uploads is read as their preview showed, unless it says something else.
        """
        if kind != KIND:
            await self._permit_path(settings.get("path"))
            return settings
        await asyncio.to_thread(self._places.make, workspace_id)
        tables = []
        for index, table in enumerate(FilesSettings.model_validate(settings).tables):
            if table.path is not None:
                detail = await asyncio.to_thread(refusal, table, self._places.of(workspace_id))
                if detail is not None:
                    raise _invalid(f"tables.{index}.path", detail)
            tables.append(await self._settled(workspace_id, index, table))
        return FilesSettings(tables=tables).model_dump(mode="json")

    async def _permit_path(self, path: Any) -> None:
        if isinstance(path, str):
            detail = await asyncio.to_thread(self._places.folders.refusal, Path(path))
            if detail is not None:
                raise _invalid("path", detail)

    async def _settled(self, workspace_id: str, index: int, table: FilesTable) -> FilesTable:
        def look(session: Session) -> list[Upload | None]:
            rows = [session.get(Upload, each) for each in table.uploads]
            return [row if row is not None and row.workspace_id == workspace_id else None for row in rows]

        rows = await self._store.read(look)
        for number, row in enumerate(rows):
            if row is None or row.state not in {"ready", "failed"}:
                raise _invalid(f"tables.{index}.uploads.{number}", "There is no such upload in this workspace.")
        found = [row for row in rows if row is not None]
        if found and table.read_as == type(table.read_as)():
            shown = read_as_of(found[0].options, found[0].columns)
            given = {name: value for name, value in shown.as_dict().items() if name not in {"format", "columns"}}
            table = table.model_copy(update={**given, "columns": dict(shown.columns)})
        for row in found:
            await self._uploads.ensure(workspace_id, row.id, row.name, table.read_as)
        return table


def _invalid(field: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, errors=[FieldProblem(field=f"settings.{field}", detail=detail)])
