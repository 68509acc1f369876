"""Encrypting all secrets with a new key, while servers go on reading them.

The new key comes first into the key file, then the secrets move to it in small transactions. Whatever ends this
half-way leaves every secret readable with a key that is in the file; the next run goes on where the last one ended.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, tuple_, update

from dataask_jupyter.errors import SecretUnreadable, UnsafeSettings
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Connection, ConnectionSecret

from . import events, keys
from .secrets import Vault

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

BATCH: Final = 50
"""Secrets that move in one transaction: few enough that nobody waits for it."""
_AUDITED_NAMES: Final = 20


@dataclass
class Rotated:
    """What a run did."""

    key_id: str
    moved: int = 0
    new_key: bool = False
    """Whether this run brought the key, or went on with the newest one that was there."""
    unreadable: list[str] = field(default_factory=list)
    """Names of connections whose secrets no key reads any more."""
    remaining: int = 0
    """Secrets that another process encrypted with an older key meanwhile."""


class Rotation:
    """Moves secrets to the newest key. For the shell: it works on the calling thread."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    def run(self, file: Path | None, new_key: bytes | None) -> Rotated:
        """Finish a run that was cut off; else bring a new key (the given one, or one made here) and move to it.

        `file` is where the server's keys are; None means the environment, which only people can change.
        """
        if file is None and new_key is not None:
            raise UnsafeSettings(
                f"The server's key comes from {keys.VARIABLE}, which this command can't change. Put the new key there "
                f"and the one that was there into {keys.OLDER}, restart the servers, then run this without a file."
            )
        rotated = Rotated(self._vault.newest)
        if new_key is None:
            self._move_all(rotated)
            if rotated.moved or file is None:
                return self._finished(rotated)
        if file is not None:
            # A key file that a solo server hasn't needed yet was made when the keys were loaded.
            rotated.new_key = keys.put_first(file, keys.make() if new_key is None else new_key)
        rotated = Rotated(self._vault.newest, new_key=rotated.new_key)
        self._move_all(rotated)
        return self._finished(rotated)

    def _move_all(self, rotated: Rotated) -> None:
        after = ("", "")
        while True:
            found = self._store.run(lambda session, after=after: self._move(session, rotated, after), write=True)  # type: ignore[misc]
            if found is None:
                return
            after = found

    def _move(self, session: Session, rotated: Rotated, after: tuple[str, str]) -> tuple[str, str] | None:
        """Move the next few; the last one of them, or None when there are no more."""
        place = (ConnectionSecret.connection_id, ConnectionSecret.field)
        rows = session.scalars(
            select(ConnectionSecret)
            .where(tuple_(*place) > after, ConnectionSecret.key_id != rotated.key_id)
            .order_by(*place)
            .limit(BATCH)
            .with_for_update()
        ).all()
        moved = 0
        for row in rows:
            try:
                plain = self._vault.open(row.connection_id, row.field, row.key_id, row.ciphertext)
            except SecretUnreadable:
                name = session.scalar(select(Connection.name).where(Connection.id == row.connection_id))
                rotated.unreadable.append(name or row.connection_id)
                continue
            key_id, ciphertext = self._vault.seal(row.connection_id, row.field, plain)
            change = update(ConnectionSecret).where(
                ConnectionSecret.connection_id == row.connection_id, ConnectionSecret.field == row.field
            )
            session.execute(change.values(key_id=key_id, ciphertext=ciphertext))
            moved += 1
        if moved:
            # In the same transaction: what was moved is recorded, also by a run that is cut off later.
            _record(session, rotated, count=moved)
        rotated.moved += moved
        return (rows[-1].connection_id, rows[-1].field) if rows else None

    def _finished(self, rotated: Rotated) -> Rotated:
        lost = len(rotated.unreadable)
        rotated.unreadable = sorted(set(rotated.unreadable))

        def work(session: Session) -> int:
            older = select(func.count()).select_from(ConnectionSecret).where(ConnectionSecret.key_id != rotated.key_id)
            _record(session, rotated, finished=True, unreadable=rotated.unreadable[:_AUDITED_NAMES])
            return session.scalar(older) or 0

        rotated.remaining = self._store.run(work, write=True) - lost
        return rotated


def _record(session: Session, rotated: Rotated, **facts: Any) -> None:
    payload = {"key": rotated.key_id, **facts}
    events.record(session, events.SYSTEM, "key.rotate", "key", None, object_name=rotated.key_id, payload=payload)
