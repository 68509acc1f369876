"""Idempotency keys: a client may send a change again when its answer was lost, and it is done once.

A key is reserved in a transaction of its own before the act. The act's transaction marks it, so that after a crash it
is known whether the act was done. Then the answer is kept with it, and given again to whoever repeats the request.
"""

from __future__ import annotations

import base64
import logging
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from dataask_jupyter.errors import DataAskError, KeyInFlight, KeyReused
from dataask_jupyter.store import runner
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import IdempotencyKey, new_id, now

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from sqlalchemy.orm import Session

KEPT = timedelta(hours=24)
OPEN = timedelta(minutes=10)
"""How long a request may take before another may take its place, where nobody can tell whether it still runs."""

MAX_ANSWER_BYTES = 1024 * 1024
"""Larger answers aren't kept: a repeated request hears that it was done."""

_PURGE_SECONDS = 600.0
_NOT_KEPT = frozenset({401, 408, 425, 429})
_log = logging.getLogger("dataask")


@dataclass(frozen=True)
class Answer:
    """What was answered: all that is needed to say it again."""

    status: int
    body: bytes
    media_type: str
    etag: str | None = None


@dataclass(frozen=True)
class Reserved:
    """The key is this request's: do the act, then `complete` or `release`."""

    id: str


class Idempotency:
    """Reserves keys and keeps answers, encrypted: some of them hold secrets that are shown once."""

    def __init__(self, store: Store, key: bytes) -> None:
        self._store = store
        self._key = key
        self._due = 0.0

    async def reserve(self, subject: str, key: str, request: bytes) -> Reserved | Answer:
        """The reservation, or the answer of the request that had it; raises when there can be neither."""
        await self._purge_when_due()
        fingerprint = _digest(self._key, request)
        for _ in range(3):
            try:
                return await self._store.write(lambda session: self._reserve(session, subject, key, fingerprint))
            except IntegrityError:
                # The same request came twice at this moment, and the other one was first.
                continue
        raise _in_flight()

    async def complete(self, reserved: Reserved, answer: Answer) -> None:
        """Keep the answer; one that may be another next time leaves the key free where nothing was done."""
        if not _is_kept(answer.status) or len(answer.body) > MAX_ANSWER_BYTES:
            await self.release(reserved)
            return
        body = self._encrypted(answer.body, reserved.id)

        def work(session: Session) -> None:
            row = session.get(IdempotencyKey, reserved.id)
            if row is None:
                return
            row.state = "answered"
            row.status = answer.status
            row.headers = {"Content-Type": answer.media_type, "ETag": answer.etag}
            row.body = body

        await self._insist(work)

    async def release(self, reserved: Reserved) -> None:
        """The request ended without an answer that holds. The key is free again unless the act was done."""
        free = delete(IdempotencyKey).where(IdempotencyKey.id == reserved.id, IdempotencyKey.state == "open")
        await self._insist(lambda session: session.execute(free))

    # ---- Parts --------------------------------------------------------------------------------------------------

    def _reserve(self, session: Session, subject: str, key: str, fingerprint: str) -> Reserved | Answer:
        moment = now()
        mine = select(IdempotencyKey).where(IdempotencyKey.subject == subject[:300], IdempotencyKey.key == key)
        row = session.scalar(mine.with_for_update())
        if row is not None and row.created_at + KEPT < moment:
            session.delete(row)
            session.flush()
            row = None
        if row is None:
            row = IdempotencyKey(subject=subject[:300], key=key, request=fingerprint, state="open", created_at=moment)
            session.add(row)
            return self._mine(session, row)
        if row.request != fingerprint:
            raise KeyReused("This Idempotency-Key came before with another request. Use a new key for each change.")
        if row.state == "answered":
            return self._answer(row)
        if row.state == "acted":
            raise _acted()
        if row.expires_at > moment and not runner.is_gone((row.headers or {}).get("runner")):
            raise _in_flight()
        # Whoever had it is gone and did nothing. Under a new id: should it be there after all, its act fails.
        row.id = new_id()
        return self._mine(session, row)

    def _mine(self, session: Session, row: IdempotencyKey) -> Reserved:
        row.expires_at = now() + OPEN
        row.headers = {"runner": runner.me()}
        session.flush()
        return Reserved(row.id)

    def _answer(self, row: IdempotencyKey) -> Answer:
        headers = row.headers or {}
        try:
            body = self._decrypted(row.body or "", row.id)
        except ValueError:
            # The server's secret was changed since.
            raise _acted() from None
        return Answer(row.status or 200, body, headers.get("Content-Type") or "application/json", headers.get("ETag"))

    async def _insist(self, work: Any) -> None:
        """The act is done: that its answer can't be kept is no reason not to give it."""
        try:
            await self._store.write(work)
        except (DataAskError, SQLAlchemyError) as error:
            _log.warning("The answer of an Idempotency-Key can't be kept: %s", error)

    async def _purge_when_due(self) -> None:
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _PURGE_SECONDS
        old = delete(IdempotencyKey).where(IdempotencyKey.created_at < now() - KEPT)
        await self._store.write(lambda session: session.execute(old))

    def _encrypted(self, body: bytes, reservation: str) -> str:
        import os

        nonce = os.urandom(12)
        sealed = self._cipher().encrypt(nonce, body, reservation.encode())
        return base64.b64encode(nonce + sealed).decode()

    def _decrypted(self, text: str, reservation: str) -> bytes:
        from cryptography.exceptions import InvalidTag

        sealed = base64.b64decode(text)
        try:
            return self._cipher().decrypt(sealed[:12], sealed[12:], reservation.encode())
        except InvalidTag:
            raise ValueError("Not encrypted with this key.") from None

    def _cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(self._key[:32])


def mark_acted(session: Session, reservation: str | None) -> None:
    """Say in the act's own transaction that the act is done; refuse it where the reservation is lost."""
    if reservation is None:
        return
    mark = update(IdempotencyKey).where(IdempotencyKey.id == reservation, IdempotencyKey.state == "open")
    done: Any = session.execute(mark.values(state="acted"))
    if done.rowcount == 0 and session.get(IdempotencyKey, reservation) is None:
        raise _in_flight()


def _is_kept(status: int) -> bool:
    return status < 500 and status not in _NOT_KEPT


def _digest(key: bytes, request: bytes) -> str:
    import hmac

    # Keyed: a body can hold a password, and nobody who reads the table should be able to guess at it.
    return hmac.digest(key, request, "sha256").hex()


def _in_flight() -> KeyInFlight:
    return KeyInFlight("The first request with this Idempotency-Key is still under way. Repeat it in a moment.")


def _acted() -> KeyInFlight:
    return KeyInFlight(
        "The first request with this Idempotency-Key was done, or is being finished, and its answer isn't kept. "
        "Look at what is there before you send it with a new key.",
        extra={"done": True},
    )
