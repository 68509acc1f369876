"""Uploads: files that people bring, made into tables by a worker."""

from __future__ import annotations

import asyncio
import re
import shutil
import uuid
from dataclasses import replace
from datetime import timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, visible
from dataask_jupyter.errors import (
    Busy,
    Conflict,
    NotFound,
    QueryTimeout,
    QueryTooBig,
    StorageFull,
    TooLarge,
    UploadRefused,
    UploadUnreadable,
    WorkerLost,
)
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.schemas import uploads as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.sources.files_settings import FilesSettings, ReadAs
from dataask_jupyter.store import paging, runner
from dataask_jupyter.store.models import Connection, Upload, new_id, now

from . import events, workspaces
from .incoming import Incoming
from .transactions import Transactions
from .upload_files import UNFINISHED, UploadFiles

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

AT_ONCE = 8
"""Uploads that one workspace may have under way."""
DEADLINE = timedelta(hours=6)
SPARE_BYTES = 64 * 1024**2
_MIB = 1024**2


class Uploads:
    """A workspace's uploads."""

    def __init__(
        self, transactions: Transactions, pool: WorkerPool, files: UploadFiles, *, max_bytes: int, budget_bytes: int
    ) -> None:
        self._transactions = transactions
        self._pool = pool
        self._files = files
        self._max_bytes = max_bytes
        self._budget_bytes = budget_bytes

    # ---- Receiving ----------------------------------------------------------------------------------------------

    async def begin(self, identity: Identity, workspace_id: str, name: str, length: int) -> Incoming:
        """Permit a file of that length, before its first byte is read, and make room for it."""

        def work(session: Session, principal: Principal) -> str:
            authorize(principal, "connection.edit", workspaces.find(session, principal, workspace_id))
            if length > self._max_bytes:
                raise TooLarge(
                    f"The file has {_size(length)}; an upload takes at most {_size(self._max_bytes)}. Upload a part of"
                    " it, or Parquet, which is smaller.",
                    extra={"limit_bytes": self._max_bytes},
                )
            if length == 0:
                raise UploadRefused(f"{label} is empty.")
            self._require_room(session, workspace_id, length)
            row = Upload(
                id=new_id(),
                workspace_id=workspace_id,
                name=label,
                byte_count=length,
                stored_bytes=length,
                state="receiving",
                runner=runner.me(),
                deadline_at=now() + DEADLINE,
                created_by=principal.user_id,
            )
            session.add(row)
            session.flush()
            return row.id

        label = label_of(name)
        upload_id = await self._transactions.write(identity, work, hold=workspace_id)

        async def drop() -> None:
            await self._forget(workspace_id, upload_id)

        file = self._files.raw(workspace_id, upload_id)
        try:
            await asyncio.to_thread(_make_room, file.parent, length)
        except BaseException:
            await drop()
            raise
        return Incoming(upload_id=upload_id, workspace_id=workspace_id, name=label, length=length, file=file, drop=drop)

    async def finish(self, identity: Identity, incoming: Incoming) -> schemas.Upload:
        """Make a table of what came. A file that can be read in another way only is kept, with the reason."""
        try:
            await incoming.finish()
            await self._transactions.store.write(lambda session: _set_state(session, incoming.upload_id, "reading"))
            read_as, problem, found = ReadAs(), None, {}
            try:
                found = await self._read(incoming.workspace_id, incoming.upload_id, incoming.name, read_as)
            except UploadUnreadable as error:
                problem = error.problem()

            def work(session: Session, principal: Principal) -> schemas.Upload:
                row = find(session, principal, incoming.workspace_id, incoming.upload_id, "connection.edit")
                row.state = "failed" if problem else "ready"
                row.format = found.get("format")
                row.preview = found.get("table")
                row.problem = problem.model_dump(mode="json") if problem else None
                row.stored_bytes = row.byte_count + found.get("byte_count", 0)
                row.runner = row.deadline_at = None
                session.flush()
                _record(session, principal, "upload.create", row, state=row.state)
                return present(row)

            return await self._transactions.write(identity, work)
        except BaseException:
            await asyncio.shield(incoming.discard())
            raise

    def _require_room(self, session: Session, workspace_id: str, length: int) -> None:
        query = select(func.count(), func.coalesce(func.sum(Upload.stored_bytes), 0))
        mine = Upload.workspace_id == workspace_id
        under_way, _ = session.execute(query.where(mine, Upload.state.in_(UNFINISHED))).one()
        if under_way >= AT_ONCE:
            raise Busy(f"{AT_ONCE} uploads are under way in this workspace. Wait until one of them has ended.")
        _, stored = session.execute(query.where(mine)).one()
        if stored + length > self._budget_bytes:
            raise TooLarge(
                f"The uploads of this workspace take {_size(int(stored))} of {_size(self._budget_bytes)}. Delete some"
                " of them first.",
                extra={"limit_bytes": self._budget_bytes, "stored_bytes": int(stored)},
            )

    # ---- What is there ------------------------------------------------------------------------------------------

    async def list(self, identity: Identity, workspace_id: str, cursor: str | None, limit: int) -> Page[schemas.Upload]:
        """A workspace's uploads, newest first."""

        def work(session: Session, principal: Principal) -> Page[schemas.Upload]:
            authorize(principal, "connection.read", workspaces.find(session, principal, workspace_id))
            query = select(Upload).where(Upload.workspace_id == workspace_id, visible(principal, Upload))
            rows, following = paging.fetch(
                session, query, (Upload.created_at, Upload.id), cursor=cursor, limit=limit, descending=True
            )
            return Page(items=[present(row) for row in rows], next_cursor=following)

        return await self._transactions.read(identity, work)

    async def get(self, identity: Identity, workspace_id: str, upload_id: str) -> schemas.Upload:
        """One upload."""
        return await self._transactions.read(
            identity, lambda s, p: present(find(s, p, workspace_id, upload_id, "connection.read"))
        )

    async def delete(self, identity: Identity, workspace_id: str, upload_id: str) -> None:
        """Delete an upload that no connection uses."""

        def work(session: Session, principal: Principal) -> None:
            row = find(session, principal, workspace_id, upload_id, "connection.edit")
            if row.state in UNFINISHED and not runner.is_gone(row.runner):
                raise Conflict("This file is still being read. Delete it when that has ended.")
            names = [name for name, settings in _users(session, workspace_id) if upload_id in _ids(settings)]
            if names:
                raise Conflict(
                    f"The connection {names[0]} uses this file. Delete that first, or take the file out of it.",
                    extra={"connections": names},
                )
            _record(session, principal, "upload.delete", row)
            session.delete(row)

        await self._transactions.write(identity, work)
        await self._files.remove(workspace_id, upload_id)

    async def preview(
        self, identity: Identity, workspace_id: str, upload_id: str, given: schemas.UploadPreview
    ) -> schemas.Upload:
        """Read it with other options, and keep that."""

        def look(session: Session, principal: Principal) -> str:
            row = find(session, principal, workspace_id, upload_id, "connection.edit")
            if row.state in UNFINISHED:
                raise Conflict("This file is still being read. Try again when that has ended.")
            return row.name

        name = await self._transactions.read(identity, look)
        read_as = read_as_of(given.options.model_dump(), dict(given.columns))
        found = await self._read(workspace_id, upload_id, name, read_as)

        def work(session: Session, principal: Principal) -> tuple[schemas.Upload, set[str]]:
            row = find(session, principal, workspace_id, upload_id, "connection.edit")
            row.state, row.problem = "ready", None
            row.format, row.preview = found["format"], found["table"]
            row.options, row.columns = given.options.model_dump(mode="json"), dict(given.columns)
            _record(session, principal, "upload.preview", row)
            keys = {
                table.read_as.key
                for _, settings in _users(session, workspace_id)
                for table in settings.tables
                if upload_id in table.uploads
            }
            return present(row), keys | {read_as.key}

        upload, keys = await self._transactions.write(identity, work)
        await self._settle(workspace_id, upload_id, keys)
        return upload

    async def ensure(self, workspace_id: str, upload_id: str, name: str, read_as: ReadAs) -> None:
        """See to it that the file is there as Parquet, read this way."""
        file = self._files.table(workspace_id, upload_id, read_as.key)
        if not await asyncio.to_thread(file.is_file):
            await self._read(workspace_id, upload_id, name, read_as)

    # ---- Parts --------------------------------------------------------------------------------------------------

    async def _read(self, workspace_id: str, upload_id: str, name: str, read_as: ReadAs) -> dict[str, Any]:
        raw = self._files.raw(workspace_id, upload_id)
        target = self._files.table(workspace_id, upload_id, read_as.key)
        unfinished = target.with_name(f"{read_as.key}.{uuid.uuid4().hex[:12]}.tmp")
        try:
            found = await self._pool.ingest(raw, name, table_of(name), read_as, unfinished)
            await asyncio.to_thread(unfinished.rename, target)
        except (QueryTimeout, QueryTooBig, WorkerLost) as error:
            why = "took too long" if isinstance(error, QueryTimeout) else "needed more memory than it may have"
            raise UploadRefused(f"Reading {name} {why}. Upload a part of it, or Parquet.") from error
        finally:
            await asyncio.to_thread(unfinished.unlink, missing_ok=True)
        return found

    async def _settle(self, workspace_id: str, upload_id: str, keys: set[str]) -> None:
        """Remove what nobody uses any more, and count the rest."""
        stored = await asyncio.to_thread(self._files.tidy, workspace_id, upload_id, keys)

        def work(session: Session) -> None:
            row = session.get(Upload, upload_id)
            if row is not None:
                row.stored_bytes = stored

        await self._transactions.store.write(work)

    async def _forget(self, workspace_id: str, upload_id: str) -> None:
        """Remove an upload that didn't come to its end."""

        def work(session: Session) -> None:
            row = session.get(Upload, upload_id)
            if row is not None:
                session.delete(row)

        await self._files.remove(workspace_id, upload_id)
        await self._transactions.store.write(work)


def find(session: Session, principal: Principal, workspace_id: str, upload_id: str, action: Any) -> Upload:
    """The upload, if the principal may do this to it."""
    row = session.get(Upload, upload_id)
    if row is not None and row.workspace_id != workspace_id:
        row = None
    authorize(principal, action, row)
    if row is None:
        raise NotFound
    return row


def present(row: Upload) -> schemas.Upload:
    """As clients see it."""
    return schemas.Upload.model_validate(
        {
            "id": row.id,
            "workspace_id": row.workspace_id,
            "name": row.name,
            "format": row.format,
            "byte_count": row.byte_count,
            "state": row.state,
            "table": row.preview,
            "columns": row.columns,
            "problem": row.problem,
            "created_at": row.created_at,
        }
    )


def read_as_of(options: dict[str, Any], columns: dict[str, Any]) -> ReadAs:
    """How an upload is read with these options."""
    return replace(ReadAs(**options), columns=tuple(sorted(columns.items())))


def label_of(name: str) -> str:
    """What people see as the file's name. It never becomes part of a path."""
    last = PurePosixPath(name.replace("\\", "/")).name or "file"
    plain = "".join(character if character.isprintable() else " " for character in last)
    return plain.strip()[-255:] or "file"


def table_of(name: str) -> str:
    """A name for a table, made from a file's."""
    stem = re.sub(r"(\.(csv|tsv|tab|txt|parquet|pq|json|jsonl|ndjson|xlsx|xlsm|gz))+$", "", name, flags=re.IGNORECASE)
    plain = re.sub(r"\W+", "_", stem).strip("_").lower()[:60]
    return plain if plain and not plain[0].isdigit() else f"table_{plain}".rstrip("_")


def _users(session: Session, workspace_id: str) -> list[tuple[str, FilesSettings]]:
    """The workspace's connections to files."""
    query = select(Connection.name, Connection.settings).where(
        Connection.workspace_id == workspace_id, Connection.kind == "files"
    )
    return [(name, FilesSettings.model_validate(settings)) for name, settings in session.execute(query)]


def _ids(settings: FilesSettings) -> set[str]:
    return {each for table in settings.tables for each in table.uploads}


def _set_state(session: Session, upload_id: str, state: str) -> None:
    row = session.get(Upload, upload_id)
    if row is None:
        raise NotFound
    row.state = state


def _record(session: Session, principal: Principal, action: str, row: Upload, **facts: Any) -> None:
    payload = {"format": row.format, "byte_count": row.byte_count, **facts}
    events.record(
        session,
        principal,
        action,
        "upload",
        row.id,
        object_name=row.name,
        workspace_id=row.workspace_id,
        payload=payload,
    )


def _make_room(folder: Any, length: int) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < length + SPARE_BYTES:
        raise StorageFull("There isn't enough space on the server's disk for this file.")


def _size(count: int) -> str:
    return f"{count / _MIB:,.1f} MB" if count >= _MIB / 10 else f"{count:,} bytes"
