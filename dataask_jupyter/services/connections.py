"""Connections: sources with names; their check, their schema, and sample rows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import object_session

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, visible
from dataask_jupyter.errors import Conflict, DataAskError, InvalidInput, NotFound, StaleVersion
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.schemas import connections as schemas
from dataask_jupyter.schemas.catalog import Catalog, Table
from dataask_jupyter.schemas.common import FieldProblem, Page
from dataask_jupyter.schemas.results import ResultPage
from dataask_jupyter.schemas.roles import Permission
from dataask_jupyter.sources import NO_SECRETS, Secrets, SourceSpec, describe, secret_fields
from dataask_jupyter.store import paging
from dataask_jupyter.store.models import Connection, new_id, now

from . import events, secrets, workspaces
from .connection_settings import Given, require_again, take_apart
from .connection_view import present, present_all
from .file_places import ConnectedFiles, placed
from .models import Models
from .runs import Runs
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

FIRST_CHECK_SECONDS = 5.0
"""How long saving waits for the check; a slower source is saved unchecked."""


class Connections:
    """Sources that a workspace can ask."""

    def __init__(
        self, transactions: Transactions, pool: WorkerPool, models: Models, runs: Runs, *, files: ConnectedFiles
    ) -> None:
        self._transactions = transactions
        self._pool = pool
        self._models = models
        self._runs = runs
        self._files = files

    async def kinds(self) -> Page[schemas.ConnectionKind]:
        """The catalogue of kinds."""
        return Page(items=describe())

    async def permit_edit(self, identity: Identity, workspace_id: str) -> None:
        """Raise unless the principal may add connections here."""
        await self._transactions.read(identity, lambda s, p: _permit_edit(s, p, workspace_id))

    async def list(
        self, identity: Identity, workspace_id: str, cursor: str | None, limit: int
    ) -> Page[schemas.Connection]:
        """A workspace's connections, oldest first."""

        def work(session: Session, principal: Principal) -> Page[schemas.Connection]:
            authorize(principal, "connection.read", workspaces.find(session, principal, workspace_id))
            query = select(Connection).where(Connection.workspace_id == workspace_id, visible(principal, Connection))
            rows, following = paging.fetch(
                session, query, (Connection.created_at, Connection.id), cursor=cursor, limit=limit
            )
            return Page(items=present_all(session, rows), next_cursor=following)

        return await self._transactions.read(identity, work)

    async def get(self, identity: Identity, workspace_id: str, connection_id: str) -> schemas.Connection:
        """One connection."""

        def work(session: Session, principal: Principal) -> schemas.Connection:
            return present(find(session, principal, connection_id, "connection.read", workspace_id=workspace_id))

        return await self._transactions.read(identity, work)

    async def named(self, identity: Identity, workspace_id: str, name: str) -> schemas.Connection | None:
        """The workspace's connection of that name, or None."""

        def work(session: Session, principal: Principal) -> schemas.Connection | None:
            authorize(principal, "connection.read", workspaces.find(session, principal, workspace_id))
            row = session.scalar(
                select(Connection).where(
                    Connection.workspace_id == workspace_id, Connection.name == name, visible(principal, Connection)
                )
            )
            return present(row) if row is not None else None

        return await self._transactions.read(identity, work)

    async def create(
        self, identity: Identity, workspace_id: str, given: schemas.ConnectionCreate
    ) -> schemas.Connection:
        """Save a connection, with what its first check found."""
        await self.permit_edit(identity, workspace_id)
        parts = await self._parts(workspace_id, given.kind, given.settings)
        connection_id = new_id()
        spec = self._spec(workspace_id, given.kind, parts, parts.tried(connection_id))
        status = await self._check(spec, FIRST_CHECK_SECONDS)

        def work(session: Session, principal: Principal) -> tuple[schemas.Connection, SourceSpec]:
            _permit_edit(session, principal, workspace_id)
            row = Connection(
                id=connection_id,
                workspace_id=workspace_id,
                name=given.name,
                kind=given.kind,
                settings=parts.settings,
                status=status.model_dump(mode="json"),
                created_by=principal.user_id,
            )
            session.add(row)
            session.flush()
            secrets.keep(session, row.id, parts.secrets, parts.removed)
            _record(session, principal, "connection.create", row, **parts.facts())
            return present(row), spec_of(row)

        try:
            saved, kept = await self._transactions.write(identity, work)
        except IntegrityError:
            raise _name_taken(given.name) from None
        self._models.prepare(kept)
        return saved

    async def update(
        self,
        identity: Identity,
        workspace_id: str,
        connection_id: str,
        version: int,
        given: schemas.ConnectionUpdate,
    ) -> schemas.Connection:
        """Change name or settings; other settings are checked anew."""

        def look(session: Session, principal: Principal) -> tuple[schemas.Connection, SourceSpec]:
            row = find(session, principal, connection_id, "connection.edit", workspace_id=workspace_id)
            return present(row), spec_of(row)

        before, spec = await self._transactions.read(identity, look)
        if before.version != version:
            raise stale("connection", before.version)
        parts = status = None
        if given.settings is not None:
            parts, tried = await self._changed(workspace_id, spec, given.settings)
            status = await self._check(tried, FIRST_CHECK_SECONDS)

        def work(session: Session, principal: Principal) -> tuple[schemas.Connection, SourceSpec]:
            row = find(session, principal, connection_id, "connection.edit", workspace_id=workspace_id, lock=True)
            if row.version != version:
                raise stale("connection", row.version)
            facts = _changes(row, given, parts)
            if given.name is not None:
                row.name = given.name
            if parts is not None and status is not None:
                row.settings = parts.settings
                row.status = status.model_dump(mode="json")
                secrets.keep(session, row.id, parts.secrets, parts.removed)
            row.version += 1
            row.updated_at = now()
            session.flush()
            _record(session, principal, "connection.update", row, **facts)
            return present(row), spec_of(row)

        try:
            saved, kept = await self._transactions.write(identity, work)
        except IntegrityError:
            raise _name_taken(given.name or before.name) from None
        if parts is not None:
            self._models.prepare(kept)
        return saved

    async def delete(self, identity: Identity, workspace_id: str, connection_id: str) -> None:
        """Delete a connection. Conversations and the history keep what they hold."""

        def work(session: Session, principal: Principal) -> None:
            row = find(session, principal, connection_id, "connection.edit", workspace_id=workspace_id)
            _record(session, principal, "connection.delete", row)
            session.delete(row)

        await self._transactions.write(identity, work)

    async def test_settings(
        self, identity: Identity, workspace_id: str, given: schemas.ConnectionTest
    ) -> schemas.ConnectionStatus:
        """Check settings that are not saved, be it of a new connection or of one that is about to be changed."""
        saved = given.connection_id
        if saved is None:
            await self.permit_edit(identity, workspace_id)
            parts = await self._parts(workspace_id, given.kind, given.settings)
            spec = self._spec(workspace_id, given.kind, parts, parts.tried(""))
        else:
            before = await self.spec(identity, workspace_id, saved, "connection.edit")
            if before.kind != given.kind:
                detail = f"The saved connection is of another kind: {before.kind}."
                raise InvalidInput(detail, errors=[FieldProblem(field="kind", detail=detail)])
            _, spec = await self._changed(workspace_id, before, given.settings)
        status = await self._check(spec)

        def work(session: Session, principal: Principal) -> None:
            _permit_edit(session, principal, workspace_id)
            facts = {"kind": spec.kind, "state": status.state}
            events.record(
                session, principal, "connection.test", "connection", None, workspace_id=workspace_id, payload=facts
            )

        await self._transactions.write(identity, work)
        return status

    async def test(self, identity: Identity, workspace_id: str, connection_id: str) -> schemas.Connection:
        """Check a saved connection and keep what was found."""
        spec = await self.spec(identity, workspace_id, connection_id, "connection.test")
        status = await self._check(spec)

        def work(session: Session, principal: Principal) -> schemas.Connection:
            row = find(session, principal, connection_id, "connection.test", workspace_id=workspace_id)
            # Settings that changed meanwhile have their own status already.
            if spec_of(row) == spec:
                row.status = status.model_dump(mode="json")
            _record(session, principal, "connection.test", row, state=status.state)
            return present(row)

        return await self._transactions.write(identity, work)

    async def schema(self, identity: Identity, workspace_id: str, connection_id: str, *, refresh: bool) -> Catalog:
        """Tables and columns."""
        spec = await self.spec(identity, workspace_id, connection_id)
        return await self._models.catalog(spec, refresh=refresh)

    async def spec(
        self, identity: Identity, workspace_id: str, connection_id: str, action: Permission = "connection.read"
    ) -> SourceSpec:
        """What a worker needs to open it, for who may do this to the connection."""
        return await self._transactions.read(
            identity, lambda s, p: spec_of(find(s, p, connection_id, action, workspace_id=workspace_id))
        )

    async def sample(
        self,
        identity: Identity,
        workspace_id: str,
        connection_id: str,
        table: str,
        schema_name: str | None,
        limit: int,
    ) -> ResultPage:
        """The first rows of a table."""

        def look(session: Session, principal: Principal) -> tuple[str, SourceSpec]:
            row = find(session, principal, connection_id, "query.run", workspace_id=workspace_id)
            return row.name, spec_of(row)

        connection_name, spec = await self._transactions.read(identity, look)
        catalog = await self._models.catalog(spec)
        found = _table(catalog, table, schema_name)
        if found is None:
            raise NotFound(f"{connection_name} has no table {table[:120]}. Refresh its schema if it is new.")
        name = ".".join(_quoted(part) for part in (found.schema_name, found.name) if part)

        def work(session: Session, principal: Principal) -> None:
            row = find(session, principal, connection_id, "query.run", workspace_id=workspace_id)
            _record(session, principal, "connection.sample", row, table=name)

        # Looking at rows is an act: who read what data belongs in the record.
        await self._transactions.write(identity, work)
        # Built from the catalog's own names, and it passes the gate all the same.
        checked = await self._runs.check(f"SELECT * FROM {name} LIMIT {limit}", catalog.dialect)  # noqa: S608
        info, _ = await self._runs.run(spec, checked, workspace_id=workspace_id, max_rows=limit)
        return await self._runs.page(info.fingerprint, 0, limit)

    async def close(self) -> None:
        """Nothing of its own runs."""

    # ---- Parts --------------------------------------------------------------------------------------------------

    async def _parts(self, workspace: str, kind: str, settings: dict[str, Any], kept: Sequence[str] = ()) -> Given:
        parts = take_apart(kind, settings, kept=kept)
        return replace(parts, settings=await self._files.settled(workspace, kind, parts.settings))

    def _spec(self, workspace: str, kind: str, parts: Given, kept: Secrets = NO_SECRETS) -> SourceSpec:
        return SourceSpec(kind, self._files.placed(workspace, kind, parts.settings), kept)

    async def _changed(self, workspace: str, before: SourceSpec, settings: dict[str, Any]) -> tuple[Given, SourceSpec]:
        """Other settings for a saved connection, and what a worker needs to try them."""
        if not isinstance(before.secrets, secrets.Sealed):
            parts = await self._parts(workspace, before.kind, settings)
            return parts, self._spec(workspace, before.kind, parts)
        parts = await self._parts(workspace, before.kind, settings, before.secrets.names)
        require_again(before.kind, before.settings, parts, before.secrets.names)
        return parts, SourceSpec(before.kind, parts.settings, before.secrets.changed_by(parts.secrets, parts.removed))

    async def _check(self, spec: SourceSpec, seconds: float | None = None) -> schemas.ConnectionStatus:
        try:
            return await asyncio.wait_for(self._pool.check(spec), seconds)
        except TimeoutError:
            return schemas.ConnectionStatus()
        except DataAskError as error:
            return schemas.ConnectionStatus(state="failed", checked_at=now(), detail=error.detail)


def find(
    session: Session,
    principal: Principal,
    connection_id: str,
    action: Any,
    *,
    workspace_id: str | None = None,
    lock: bool = False,
) -> Connection:
    """The connection, if the principal may do this to it."""
    row = session.get(Connection, connection_id, with_for_update=lock or None)
    if row is not None and workspace_id is not None and row.workspace_id != workspace_id:
        row = None
    authorize(principal, action, row)
    if row is None:
        raise NotFound
    return row


def first(session: Session, principal: Principal, workspace_id: str) -> Connection | None:
    """The workspace's first connection that the principal may see."""
    return session.scalar(
        select(Connection)
        .where(Connection.workspace_id == workspace_id, visible(principal, Connection))
        .order_by(Connection.created_at, Connection.id)
        .limit(1)
    )


def spec_of(row: Connection) -> SourceSpec:
    """What a worker needs to open it. Its secrets are in it as they are kept, encrypted."""
    session = object_session(row)
    if session is None:
        raise TypeError("A connection is opened while its session is there.")
    if not secret_fields(row.kind):
        return SourceSpec(row.kind, placed(session, row.workspace_id, row.kind, row.settings))
    return SourceSpec(row.kind, dict(row.settings), secrets.sealed(session, row.id))


def _permit_edit(session: Session, principal: Principal, workspace_id: str) -> None:
    authorize(principal, "connection.edit", workspaces.find(session, principal, workspace_id))


def _record(session: Session, principal: Principal, action: str, row: Connection, **facts: Any) -> None:
    payload = {"kind": row.kind, **facts}
    events.record(
        session,
        principal,
        action,
        "connection",
        row.id,
        object_name=row.name,
        workspace_id=row.workspace_id,
        payload=payload,
    )


def _changes(row: Connection, given: schemas.ConnectionUpdate, parts: Given | None) -> dict[str, Any]:
    """What an update changes, for the record. Of settings only the names: their values may be secrets."""
    facts: dict[str, Any] = {}
    if given.name is not None and given.name != row.name:
        facts["changes"] = {"name": [row.name, given.name]}
    if parts is not None:
        names = {*row.settings, *parts.settings}
        facts["settings"] = sorted(name for name in names if row.settings.get(name) != parts.settings.get(name))
        facts |= parts.facts()
    return facts


def _name_taken(name: str) -> Conflict:
    detail = f"This workspace has a connection named {name} already. Choose another name."
    return Conflict(detail, errors=[FieldProblem(field="name", detail=detail)])


def stale(thing: str, version: int) -> StaleVersion:
    """Somebody saved in between."""
    return StaleVersion(
        f"This {thing} was changed in between; its version is {version} now. Look at it again before you save.",
        extra={"version": version},
    )


def _table(catalog: Catalog, name: str, schema_name: str | None) -> Table | None:
    for table in catalog.tables:
        if table.name == name and schema_name in {None, table.schema_name}:
            return table
    return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
