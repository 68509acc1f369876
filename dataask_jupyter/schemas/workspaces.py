"""Workspaces: where connections and conversations live, and who works in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from .common import Id, Name, Schema, Timestamp
from .roles import Permission, RoleId


def _known_zone(value: str) -> str:
    from zoneinfo import available_timezones

    if value not in available_timezones():
        raise ValueError("Not a time zone of the IANA list, such as Europe/Berlin.")
    return value


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_zone)]
"""An IANA time zone, e.g. `Europe/Berlin`."""


class Face(Schema):
    """A person, as much as an avatar needs."""

    id: Id
    display_name: str


class Workspace(Schema):
    """A workspace as one of its members sees it."""

    id: Id
    name: str
    personal: bool
    role: RoleId
    role_name: str
    permissions: list[Permission]
    """What you may do here: the front end shows no button that would be refused."""
    time_zone: str
    audit_days: int | None
    """How long audit records are kept; null: for ever."""
    members: int
    faces: list[Face]
    """The first four members."""
    connections: int
    version: int
    created_at: Timestamp


class WorkspaceCreate(Schema):
    """A new workspace; whoever makes it is its owner."""

    name: Name
    time_zone: TimeZone = "UTC"


class WorkspaceUpdate(Schema):
    """Changes of a workspace's settings; what is absent stays."""

    name: Name | None = None
    time_zone: TimeZone | None = None
    audit_days: Annotated[int, Field(ge=30, le=36_500)] | None = None
    """Null means for ever; absent means unchanged."""
