"""The audit log: every act, in a chain that shows when somebody changed it."""

from __future__ import annotations

from typing import Any, Literal

from .common import Id, Schema, Timestamp

Via = Literal["jupyter", "account", "hub", "token", "kernel", "shell", "none"]
"""The way in by which somebody acted: `token` an API token, `kernel` a notebook, `none` nobody signed in."""


class AuditRecord(Schema):
    """One act."""

    id: Id
    number: int
    """Its place in the chain, from 1."""
    at: Timestamp
    actor_id: Id | None
    actor_name: str
    via: Via
    action: str
    """As `resource.act`, e.g. `member.update`."""
    object_kind: str
    object_id: Id | None
    object_name: str
    result: Literal["allowed", "refused"]
    payload: dict[str, Any]
    """Facts of the act; `changes` maps a field to its values before and after."""
    address: str | None
    agent: str | None
    request_id: str | None
    hash: str
    """Keyed hash over this record and the hash before it, 64 hexadecimal digits."""
    previous_hash: str


class AuditVerification(Schema):
    """What a check of the chain found."""

    intact: bool
    records: int
    """How many were checked."""
    first_bad: int | None
    """The number of the first record that doesn't fit."""
    detail: str
    head: str | None
    """The newest record's hash: keep it elsewhere, and a later check shows whether it is still there."""
    at: Timestamp


class AuditActor(Schema):
    """Somebody who occurs in the log."""

    id: Id | None
    name: str


class AuditFacets(Schema):
    """What can be filtered by: the actors, actions and kinds of object that occur."""

    actors: list[AuditActor]
    actions: list[str]
    object_kinds: list[str]
    total: int
    """How many records there are."""
    matching: int
    """How many of them fit the filter."""
    retention_days: int | None
