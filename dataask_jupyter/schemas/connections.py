"""Connections: a source with a name, in a workspace."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import Id, Name, Schema, Timestamp


class ConnectionKind(Schema):
    """One entry of the catalogue of kinds: enough to draw its form."""

    kind: str
    label: str
    tile: str = Field(description="Two letters for the source's tile.")
    dialect: str
    settings_schema: dict[str, Any] = Field(description="JSON Schema of `settings`.")
    notes: str = ""


class ConnectionStatus(Schema):
    """What the last check of a connection found."""

    state: Literal["unknown", "ok", "failed"] = "unknown"
    checked_at: Timestamp | None = None
    latency_ms: float | None = None
    server_version: str | None = None
    table_count: int | None = None
    read_only: bool | None = None
    detail: str | None = Field(default=None, description="Why it failed, in words for the user.")


class Connection(Schema):
    """A source that a workspace can ask."""

    id: Id
    workspace_id: Id
    name: str
    kind: str
    dialect: str
    settings: dict[str, Any]
    status: ConnectionStatus
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ConnectionCreate(Schema):
    """A new connection; `settings` must fit the kind's schema."""

    name: Name
    kind: str
    settings: dict[str, Any]


class ConnectionUpdate(Schema):
    """Changed parts of a connection."""

    name: Name | None = None
    settings: dict[str, Any] | None = None


class ConnectionTest(Schema):
    """Settings to test before they are saved."""

    kind: str
    settings: dict[str, Any]
