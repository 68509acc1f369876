"""The chain of records: one keyed hash over each record and the hash before it. Pure: no store, no clock, no files."""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from dataask_jupyter.store.models import Event

SERVER = "server"
"""The chain of what belongs to no workspace: signing in, accounts."""

Fault = Literal["changed", "missing", "reordered", "cut"]

FIELDS = (
    "chain",
    "number",
    "id",
    "at",
    "workspace_id",
    "actor_id",
    "actor_name",
    "via",
    "action",
    "object_kind",
    "object_id",
    "object_name",
    "result",
    "payload",
    "address",
    "agent",
    "request_id",
    "previous_hash",
)
"""What is hashed: everything that a record says."""

_LIMITS = {name: getattr(Event, name).type.length for name in ("via", "action", "object_kind", "object_id", "result")}
_LIMITS |= {name: getattr(Event, name).type.length for name in ("actor_name", "object_name", "agent", "address")}
_LIMITS |= {name: getattr(Event, name).type.length for name in ("request_id", "actor_id", "workspace_id")}
_PAYLOAD_TEXT = 1_000
_PAYLOAD_ITEMS = 200
_PAYLOAD_DEPTH = 6


def digest(key: bytes, record: Mapping[str, Any]) -> str:
    """The record's hash, 64 hexadecimal digits."""
    at: datetime = record["at"]
    plain = {name: record[name] for name in FIELDS}
    plain["at"] = at.astimezone(UTC).isoformat(timespec="microseconds")
    # ASCII, sorted, without spaces: whatever somebody is called, there is one way only to write the record down.
    text = json.dumps(plain, ensure_ascii=True, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hmac.digest(key, text.encode("ascii"), "sha256").hex()


def link(key: bytes, record: Mapping[str, Any], *, number: int, previous: str) -> dict[str, Any]:
    """The record with its place in the chain."""
    linked = {**record, "number": number, "previous_hash": previous}
    return {**linked, "hash": digest(key, linked)}


# ---- What a record can hold ----------------------------------------------------------------------------------------


def clean(record: Mapping[str, Any]) -> dict[str, Any]:
    """The record as every database gives it back unchanged: names of people can hold anything."""
    return {
        name: _payload(value, _PAYLOAD_DEPTH)
        if name == "payload"
        else text(value, _LIMITS[name])
        if name in _LIMITS
        else value
        for name, value in record.items()
    }


def text(value: str | None, limit: int) -> str | None:
    """Without what no database can hold (half surrogate pairs, NUL), and not longer than its column."""
    if value is None:
        return None
    sound = value.encode("utf-8", "replace").decode("utf-8") if not value.isascii() else value
    sound = sound.replace("\x00", "�")
    return sound if len(sound) <= limit else sound[: limit - 1] + "…"


def _payload(value: Any, depth: int) -> Any:
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case str():
            return text(value, _PAYLOAD_TEXT)
        case Mapping() if depth:
            pairs = list(value.items())[:_PAYLOAD_ITEMS]
            return {str(text(str(name), _PAYLOAD_TEXT)): _payload(inner, depth - 1) for name, inner in pairs}
        case list() | tuple() | set() | frozenset() if depth:
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else list(value)
            return [_payload(inner, depth - 1) for inner in items[:_PAYLOAD_ITEMS]]
    return text(str(value), _PAYLOAD_TEXT)


# ---- The check -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """A chain's newest record, as somebody remembers it."""

    number: int
    hash: str


@dataclass(frozen=True)
class Bad:
    """The first record that doesn't fit."""

    number: int
    fault: Fault
    detail: str


@dataclass
class Check:
    """Walks along a chain, record by record, and stops at the first that doesn't fit."""

    key: bytes
    chain: str
    begin: Head
    """Where the chain begins now: what retention removed ends with this record."""
    known: tuple[Head, ...] = ()
    """Heads that were kept elsewhere; the chain must still hold them."""
    records: int = 0
    bad: Bad | None = None
    _last: Head = field(init=False)
    _purged: Head | None = field(init=False, default=None)
    _by_number: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self._last = self.begin
        self._by_number = {head.number: head.hash for head in self.known}
        self._meet(self.begin)

    @property
    def head(self) -> Head:
        """The last record that fitted."""
        return self._last

    def walk(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Check records in the order of their numbers."""
        for record in records:
            if self.bad is None:
                self._step(record)
            if self.bad is not None:
                return

    def unreadable(self) -> None:
        """The next record can't even be read."""
        self._fail(
            self._last.number + 1, "changed", f"Record {self._last.number + 1:,} was changed: it isn't readable."
        )

    def finish(self, head: Head) -> None:
        """No record follows; `head` is what the database says is the newest."""
        if self.bad is not None:
            return
        last = self._last
        for known in sorted({head, *self.known}, key=lambda each: each.number):
            if known.number > last.number:
                self._fail(last.number + 1, "cut", f"The chain ended with record {known.number:,} once.")
                return
        if head != last:
            self._fail(last.number, "changed", "The chain's head in the table chains was changed.")
        elif self.begin.number and self._purged != self.begin:
            self._fail(1, "missing", f"Records up to {self.begin.number:,} were removed, and no record says so.")

    def _step(self, record: Mapping[str, Any]) -> None:
        expected = self._last.number + 1
        number = int(record["number"])
        if number > expected:
            self._fail(expected, "missing", f"Record {expected:,} is missing; the next one is {number:,}.")
            return
        if number < expected:
            self._fail(number, "reordered", f"There is more than one record {number:,}.")
            return
        sound = hmac.compare_digest(digest(self.key, record), str(record["hash"]))
        if record["previous_hash"] != self._last.hash:
            fault: Fault = "reordered" if sound or self._belongs_elsewhere(record) else "changed"
            words = "stands in another record's place" if fault == "reordered" else "was changed"
            self._fail(number, fault, f"Record {number:,} {words}.")
            return
        if not sound:
            self._fail(number, "changed", f"Record {number:,} was changed.")
            return
        self.records += 1
        self._last = Head(number, str(record["hash"]))
        self._meet(self._last)
        if record["action"] == "audit.purge":
            payload = record["payload"]
            self._purged = Head(int(payload.get("through", 0)), str(payload.get("hash", "")))

    def _belongs_elsewhere(self, record: Mapping[str, Any]) -> bool:
        """Whether it is sound at a place nearby: its number was changed, nothing else."""
        number = int(record["number"])
        return any(
            digest(self.key, {**record, "number": place}) == record["hash"]
            for place in range(max(1, number - 1000), number + 1001)
        )

    def _meet(self, passed: Head) -> None:
        kept = self._by_number.get(passed.number)
        if passed.number and kept is not None and kept != passed.hash and self.bad is None:
            self._fail(passed.number, "changed", f"Record {passed.number:,} isn't the one that was kept elsewhere.")

    def _fail(self, number: int, fault: Fault, detail: str) -> None:
        if self.bad is None:
            self.bad = Bad(number, fault, detail)
