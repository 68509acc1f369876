"""The audit log: looking records up, handing them out, and checking that none was changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from sqlalchemy import func, select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, authorize_account
from dataask_jupyter.errors import AuditUnavailable, InvalidInput
from dataask_jupyter.schemas import audit as schemas
from dataask_jupyter.schemas.common import FieldProblem, Page
from dataask_jupyter.store.models import Chain, Event, Workspace

from . import audit_file, audit_query, events, verification, workspaces
from .audit_query import AuditFilter, AuditPage, conditions, present
from .chain import SERVER
from .heads import Heads
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_FACETS = 500
_EXPORT_ROWS = 1_000


class Audit:
    """The audit log."""

    def __init__(self, transactions: Transactions, *, key: bytes, heads: Heads) -> None:
        self._transactions = transactions
        self._key = key
        self._heads = heads
        # One at a time: a check reads everything, and the store has few threads.
        self._checking = asyncio.Lock()

    async def list(self, identity: Identity, workspace_id: str | None, query: AuditPage) -> Page[schemas.AuditRecord]:
        """Records, newest first; without a workspace those of the server."""

        def work(session: Session, principal: Principal) -> Page[schemas.AuditRecord]:
            _permit(session, principal, workspace_id)
            found = select(Event).where(*conditions(workspace_id or SERVER, query))
            if query.cursor is not None:
                found = found.where(Event.number < _number(query.cursor))
            rows = session.scalars(found.order_by(Event.number.desc()).limit(query.limit + 1)).all()
            shown = [present(row) for row in rows[: query.limit]]
            return Page(items=shown, next_cursor=str(shown[-1].number) if len(rows) > query.limit else None)

        return await self._transactions.read(identity, work)

    async def facets(self, identity: Identity, workspace_id: str | None, query: AuditFilter) -> schemas.AuditFacets:
        """What can be filtered by, and how many records fit."""
        chain_id = workspace_id or SERVER

        def work(session: Session, principal: Principal) -> schemas.AuditFacets:
            workspace = _permit(session, principal, workspace_id)
            chain = Event.chain == chain_id
            # A person's newest name is the one to find them by.
            newest = select(func.max(Event.number)).where(chain).group_by(Event.actor_id).limit(_FACETS)
            people = select(Event.actor_id, Event.actor_name).where(chain, Event.number.in_(newest))
            actors = session.execute(people.order_by(Event.actor_name)).all()
            actions = select(Event.action).where(chain).distinct().order_by(Event.action).limit(_FACETS)
            kinds = select(Event.object_kind).where(chain).distinct().order_by(Event.object_kind).limit(_FACETS)
            count = select(func.count()).select_from(Event)
            return schemas.AuditFacets(
                actors=[schemas.AuditActor(id=actor_id, name=name) for actor_id, name in actors],
                actions=[*session.scalars(actions)],
                object_kinds=[*session.scalars(kinds)],
                total=session.scalar(count.where(chain)) or 0,
                matching=session.scalar(count.where(*conditions(chain_id, query))) or 0,
                retention_days=workspace.audit_days if workspace is not None else None,
            )

        return await self._transactions.read(identity, work)

    async def verify(self, identity: Identity, workspace_id: str | None) -> schemas.AuditVerification:
        """Check the chain, and record that it was checked."""

        def permit(session: Session, principal: Principal) -> None:
            _permit(session, principal, workspace_id)

        await self._transactions.read(identity, permit)
        async with self._checking:
            found = await self._transactions.store.read(
                lambda session: verification.verify(session, workspace_id or SERVER, self._key, self._heads)
            )
        payload = {"intact": found.intact, "records": found.records}
        try:
            await self._record(identity, workspace_id, "audit.verify", payload)
        except AuditUnavailable:
            # A chain that was tampered with may take no record any more; just then its check must be answered.
            if found.intact:
                raise
        return found

    def verify_all(self, *, only: str | None, head: str | None) -> Iterator[verification.Verified]:
        """Check one chain or all, on the calling thread and without asking who wants it: for the shell."""
        return verification.verify_all(self._transactions.store, self._key, self._heads, only=only, head=head)

    async def export(
        self, identity: Identity, workspace_id: str | None, query: AuditFilter, form: Literal["csv", "json"]
    ) -> AsyncIterator[bytes]:
        """All records that fit, oldest first, as a file in parts. Whether it may be had is known before the first."""
        payload = {"format": form, "filter": audit_query.given(query)}
        end = await self._record(identity, workspace_id, "audit.export", payload)
        return self._parts(workspace_id or SERVER, query, form, end)

    async def _parts(
        self, chain_id: str, query: AuditFilter, form: Literal["csv", "json"], end: int
    ) -> AsyncIterator[bytes]:
        last = 0
        yield audit_file.start(form)
        while True:

            def work(session: Session, after: int = last) -> list[schemas.AuditRecord]:
                found = select(Event).where(*conditions(chain_id, query), Event.number > after, Event.number <= end)
                return [present(row) for row in session.scalars(found.order_by(Event.number).limit(_EXPORT_ROWS))]

            records = await self._transactions.store.read(work)
            if records:
                last = records[-1].number
                yield audit_file.lines(records, form)
            if len(records) < _EXPORT_ROWS:
                return

    async def _record(
        self, identity: Identity, workspace_id: str | None, action: str, payload: Mapping[str, object]
    ) -> int:
        """Record an act on the log itself; the number of the newest record before it."""

        def work(session: Session, principal: Principal) -> int:
            workspace = _permit(session, principal, workspace_id)
            name = workspace.name if workspace is not None else ""
            events.record(
                session,
                principal,
                action,
                "audit",
                None,
                object_name=name,
                workspace_id=workspace_id,
                payload=payload,
            )
            return session.scalar(select(Chain.number).where(Chain.id == (workspace_id or SERVER))) or 0

        return await self._transactions.write(identity, work)


def _permit(session: Session, principal: Principal, workspace_id: str | None) -> Workspace | None:
    if workspace_id is None:
        authorize_account(principal, admin=True)
        return None
    workspace = workspaces.find(session, principal, workspace_id)
    authorize(principal, "audit.read", workspace)
    return workspace


def _number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise InvalidInput(
            "The cursor isn't one that this list gave.",
            errors=[FieldProblem(field="cursor", detail="Take `next_cursor` from the page before.")],
        )
    return int(cursor)
