"""One event per act, written in the act's own transaction: what the audit log and every feed read.

Events are gathered while the transaction works and appended to their chains just before it commits: chains are locked
for that moment only, always in the same order, and after everything else that the act locks.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import event as hooks
from sqlalchemy import insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from dataask_jupyter.access.identity import Principal
from dataask_jupyter.errors import AuditUnavailable
from dataask_jupyter.store.failures import lost_a_race
from dataask_jupyter.store.models import Chain, Event, new_id, now

from . import chain as chains
from .heads import Heads

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from dataask_jupyter.store.database import Store

_SEAL = "dataask_seal"
_WAITING = "dataask_events"
_log = logging.getLogger("dataask")

SYSTEM = Principal(user_id="", name="dataask", display_name="DataAsk", via="none")
"""The server itself, e.g. when records have been kept long enough; also who hasn't signed in."""


@dataclass(frozen=True)
class Seal:
    """What a chain is written with: the key of its hashes, and where its head is kept a second time."""

    key: bytes
    heads: Heads


def use(store: Store, seal: Seal) -> None:
    """From now on, events of this store's transactions are sealed so."""
    store.info[_SEAL] = seal


def record(
    session: Session,
    principal: Principal,
    action: str,
    object_kind: str,
    object_id: str | None,
    *,
    object_name: str = "",
    workspace_id: str | None = None,
    payload: Mapping[str, Any] | None = None,
    result: Literal["allowed", "refused"] = "allowed",
) -> None:
    """Add the event. The payload holds names and counts: no SQL, no rows, no settings, no secrets.

    `payload["changes"]`, where something was changed, maps each field to `[before, after]`. The event is written when
    the transaction commits; when it can't be, `AuditUnavailable` is raised there and nothing of the act is done.
    Not for use inside a savepoint that may be rolled back: the event would stay.
    """
    waiting: list[dict[str, Any]] | None = session.info.get(_WAITING)
    if waiting is None:
        waiting = session.info[_WAITING] = []
        hooks.listen(session, "before_commit", _append)
    row = {
        "id": new_id(),
        "at": now(),
        "workspace_id": workspace_id,
        "actor_id": principal.user_id or None,
        "actor_name": principal.display_name,
        "via": principal.via,
        "action": action,
        "object_kind": object_kind,
        "object_id": object_id,
        "object_name": object_name,
        "result": result,
        "payload": dict(payload or {}),
        "address": principal.client.address,
        "agent": principal.client.agent,
        "request_id": principal.client.request_id,
        "chain": workspace_id or chains.SERVER,
    }
    waiting.append(chains.clean(row))


def _append(session: Session) -> None:
    """Append what waits to the chains."""
    waiting: list[dict[str, Any]] = session.info[_WAITING]
    if not waiting or session.in_nested_transaction():
        return
    rows, waiting[:] = list(waiting), []
    # What the act itself still has to write may fail in its own way: that is not the audit log's failure.
    session.flush()
    seal: Seal | None = session.info.get(_SEAL)
    if seal is None:
        raise AuditUnavailable("This program has no key for the audit log, so nothing was done.")
    try:
        # The same order everywhere, or two transactions could wait for each other.
        for name in sorted({row["chain"] for row in rows}):
            head = _extend(session, seal.key, name, [row for row in rows if row["chain"] == name])
            hooks.listen(session, "after_commit", partial(_keep, seal.heads, name, head))
    except IntegrityError as error:
        raise AuditUnavailable(
            "The audit log didn't take the record of this act, so it wasn't done. If somebody changed the log in the "
            "database, jupyter dataask verify-audit says where."
        ) from error
    except SQLAlchemyError as error:
        if lost_a_race(error):
            raise
        _log.exception("The audit log can't be written")
        raise AuditUnavailable(
            "The record of this act can't be written, so it wasn't done. The server's log says why. Try again when "
            "that is mended."
        ) from error


def _extend(session: Session, key: bytes, name: str, rows: list[dict[str, Any]]) -> chains.Head:
    chain = _locked(session, name)
    linked = []
    for row in rows:
        record = chains.link(key, row, number=chain.number + 1, previous=chain.hash)
        chain.number, chain.hash = record["number"], record["hash"]
        linked.append(record)
    session.execute(insert(Event), linked)
    session.flush()
    return chains.Head(chain.number, chain.hash)


def _locked(session: Session, name: str) -> Chain:
    """The chain's row, held until the transaction ends. SQLite holds the whole database instead."""
    # Read anew: another transaction may have extended it since this one last looked.
    query = select(Chain).where(Chain.id == name).with_for_update().execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None:
        values = {"id": name, "number": 0, "hash": "", "purged_number": 0, "purged_hash": ""}
        postgres = session.get_bind().dialect.name == "postgresql"
        add: Any = postgresql.insert(Chain) if postgres else sqlite.insert(Chain)
        # Somebody else may add it at this moment; then theirs is it.
        session.execute(add.values(**values).on_conflict_do_nothing())
        found = session.scalar(query)
    if found is None:
        raise AuditUnavailable(f"The chain {name} of the audit log can't be begun, so nothing was done.")
    return found


def _keep(heads: Heads, name: str, head: chains.Head, _session: Session) -> None:
    heads.keep(name, head)
