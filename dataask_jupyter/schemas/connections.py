"""Connections: a source with a name, in a workspace."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import Id, Name, Schema, Timestamp

_WRITE_ONLY = "Those that the kind's schema marks `writeOnly` are secret: they are kept encrypted and never given back."


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
    settings: dict[str, Any] = Field(description="Without the secret ones.")
    secrets: list[str] = Field(default_factory=list, description="Names of the secret settings that are set.")
    status: ConnectionStatus
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ConnectionCreate(Schema):
    """A new connection; `settings` must fit the kind's schema."""

    name: Name
    kind: str
    settings: dict[str, Any] = Field(repr=False, description=_WRITE_ONLY)


class ConnectionUpdate(Schema):
    """Changed parts of a connection."""

    name: Name | None = None
    settings: dict[str, Any] | None = Field(
        default=None,
        repr=False,
        description=f"All settings anew. {_WRITE_ONLY} One that is absent stays as it is, unless another setting "
        "changes: then it has to be given again. Null removes it.",
    )


class ConnectionTest(Schema):
    """Settings to test before they are saved."""

    kind: str
    settings: dict[str, Any] = Field(repr=False, description=_WRITE_ONLY)
    connection_id: Id | None = Field(
        default=None,
        description="The saved connection that these settings are for: its secrets are used where they are absent "
        "here, as long as no other setting differs.",
    )
