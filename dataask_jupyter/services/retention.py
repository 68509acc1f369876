"""Retention: audit records that a workspace doesn't keep any longer are removed from the old end of its chain."""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Chain, Event, Workspace, now

from . import events

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

EVERY_SECONDS = 3600.0
_log = logging.getLogger("dataask")


class Retention:
    """Removes old records, on the first request and once an hour after that."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due = 0.0

    async def run_when_due(self) -> None:
        """Look, unless that was done a moment ago. Nobody's request fails because of it."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + EVERY_SECONDS
        try:
            await self.run()
        except (DataAskError, SQLAlchemyError) as error:
            _log.warning("Old audit records can't be removed yet: %s", error)

    async def run(self) -> int:
        """Remove what is too old now; how many records."""
        removed = 0
        for workspace_id in await self._store.read(_with_old_records):
            removed += await self._store.write(partial(purge, workspace_id=workspace_id))
        return removed


def _with_old_records(session: Session) -> list[str]:
    """Workspaces whose oldest record is too old."""
    first = (
        select(Event.at)
        .where(Event.chain == Workspace.id, Event.number == Chain.purged_number + 1)
        .correlate(Workspace, Chain)
        .scalar_subquery()
    )
    found = session.execute(
        select(Workspace.id, Workspace.audit_days, first)
        .join(Chain, Chain.id == Workspace.id)
        .where(Workspace.audit_days.is_not(None))
    )
    moment = now()
    return [name for name, days, at in found if days and at is not None and at < moment - timedelta(days=days)]


def purge(session: Session, workspace_id: str) -> int:
    """Remove the records before the first one that is young enough: a chain is only ever shortened at its old end.

    That holds even where a clock went backwards and an older moment stands behind a younger one.
    """
    workspace = session.get(Workspace, workspace_id)
    chain = session.scalar(select(Chain).where(Chain.id == workspace_id).with_for_update())
    if workspace is None or workspace.audit_days is None or chain is None:
        return 0
    horizon = now() - timedelta(days=workspace.audit_days)
    young = session.scalar(select(func.min(Event.number)).where(Event.chain == chain.id, Event.at >= horizon))
    through = chain.number if young is None else young - 1
    if through <= chain.purged_number:
        return 0
    last = session.scalar(select(Event.hash).where(Event.chain == chain.id, Event.number == through))
    if last is None:
        _log.error("Chain %s of the audit log lacks record %s: run jupyter dataask verify-audit", chain.id, through)
        return 0
    removed = through - chain.purged_number
    chain.purged_number, chain.purged_hash = through, last
    # First the chain's new beginning: the database's trigger lets nothing else be removed.
    session.flush()
    session.execute(delete(Event).where(Event.chain == chain.id, Event.number <= through))
    events.record(
        session,
        events.SYSTEM,
        "audit.purge",
        "audit",
        None,
        object_name=workspace.name,
        workspace_id=workspace_id,
        payload={"count": removed, "through": through, "hash": last, "days": workspace.audit_days},
    )
    return removed
