"""Checking the chains against the database: for people with the right to, and for `jupyter dataask verify-audit`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import select

from dataask_jupyter.errors import NotFound
from dataask_jupyter.schemas.audit import AuditVerification
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Chain, Event, Workspace, now

from .chain import FIELDS, SERVER, Check, Head
from .heads import Heads

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

_NAMES = (*FIELDS, "hash")
_ROWS = 2_000


@dataclass(frozen=True)
class Verified:
    """A chain that was checked."""

    chain: str
    name: str
    found: AuditVerification


def verify(
    session: Session, chain: str, key: bytes, heads: Heads, *, known: tuple[Head, ...] = ()
) -> AuditVerification:
    """Check a chain from its beginning to its head, without holding more of it than a few thousand records."""
    # Before the snapshot below: records that are added meanwhile are in neither.
    kept = heads.read(chain)
    _freeze(session)
    row = session.get(Chain, chain) or Chain(id=chain, number=0, hash="", purged_number=0, purged_hash="")
    begin = Head(row.purged_number, row.purged_hash)
    remembered = [head for head in (kept, *known) if head is not None and head.number >= begin.number]
    check = Check(key, chain, begin, tuple(remembered))
    _walk(session, check)
    check.finish(Head(row.number, row.hash))
    return AuditVerification(
        intact=check.bad is None,
        records=check.records,
        first_bad=check.bad.number if check.bad is not None else None,
        detail=_words(check, kept),
        head=check.head.hash or None,
        at=now(),
    )


def _walk(session: Session, check: Check) -> None:
    # What somebody wrote into a row may not even be readable. Rows are read in heaps, so then once more one by one.
    for size in (_ROWS, 1):
        query = select(*(getattr(Event, name) for name in _NAMES)).where(Event.chain == check.chain)
        query = query.where(Event.number > check.head.number).order_by(Event.number)
        try:
            with session.execute(query, execution_options={"yield_per": size}) as rows:
                check.walk(dict(zip(_NAMES, row, strict=True)) for row in rows)
        except (ValueError, TypeError):
            continue
        return
    check.unreadable()


def verify_all(
    store: Store, key: bytes, heads: Heads, *, only: str | None = None, head: str | None = None
) -> Iterator[Verified]:
    """Check one chain or all, one after the other; `head` is a hash that somebody kept elsewhere."""
    names = store.run(partial(_chains, heads=heads), write=False)
    if only is not None:
        if only not in names:
            raise NotFound(f"There are no audit records of a workspace {only[:40]}.")
        names = [only]
    place = None if head is None else store.run(partial(_place, head=head), write=False)
    for chain in names:
        verified = store.run(partial(verify, chain=chain, key=key, heads=heads), write=False)
        # A hash alone doesn't say whose it is: without a workspace it is missed at the end.
        if head is not None and place not in names and chain == names[-1] and verified.intact:
            verified = store.run(partial(_without_head, chain=chain, verified=verified), write=False)
        yield Verified(chain, store.run(partial(_name, chain=chain), write=False), verified)


def _without_head(session: Session, chain: str, verified: AuditVerification) -> AuditVerification:
    row = session.get(Chain, chain)
    last = row.number if row is not None else 0
    detail = f"The head that you gave isn't in the log any more: records after {last:,} were cut off or replaced."
    return verified.model_copy(update={"intact": False, "first_bad": last + 1, "detail": detail})


def _freeze(session: Session) -> None:
    """One state of the database for all that follows. SQLite's transactions are so by themselves."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def _chains(session: Session, heads: Heads) -> list[str]:
    """Every chain that is there, or was once, the server's first."""
    found = {*session.scalars(select(Chain.id)), *heads.chains()}
    found |= {chain for chain in session.scalars(select(Event.chain).distinct()) if chain is not None}
    return sorted(found, key=lambda chain: (chain != SERVER, chain))


def _place(session: Session, head: str) -> str | None:
    """The chain that a hash stands in."""
    return session.scalar(select(Event.chain).where(Event.hash == head)) or session.scalar(
        select(Chain.id).where(Chain.purged_hash == head)
    )


def _name(session: Session, chain: str) -> str:
    if chain == SERVER:
        return "Server"
    workspace = session.get(Workspace, chain)
    return workspace.name if workspace is not None else "deleted workspace"


def _words(check: Check, kept: Head | None) -> str:
    if check.bad is not None:
        again = ""
        if check.records == 0 and check.bad.fault == "changed":
            again = " If the server's secret was changed, every record looks changed: check with the old one."
        return f"{check.bad.detail}{again}"
    records = "1 record" if check.records == 1 else f"{check.records:,} records"
    words = f"{records}, none changed, removed or reordered."
    if check.begin.number:
        words += f" Records up to {check.begin.number:,} were removed by retention."
    if kept is None and check.records:
        words += " No head was kept outside the database, so a cut end might not show."
    return words
