"""Roles: named sets of permissions."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .common import Name, Schema, Timestamp

Permission = Literal[
    "workspace.read",
    "workspace.edit",
    "workspace.delete",
    "member.read",
    "member.edit",
    "invitation.edit",
    "role.edit",
    "audit.read",
    "connection.read",
    "connection.edit",
    "connection.test",
    "query.read",
    "query.run",
    "conversation.read",
    "conversation.edit",
]
"""What a role may allow, as `resource.act`."""

BuiltInRole = Literal["owner", "admin", "editor", "viewer"]

RoleId = Annotated[str, StringConstraints(pattern=r"^(owner|admin|editor|viewer|[0-9a-f]{32})$")]
"""A built-in role's name, or the id of a role that the workspace made."""


class Role(Schema):
    """A role of a workspace. Built-in roles are the same everywhere and don't change."""

    id: RoleId
    name: str
    built_in: bool
    permissions: list[Permission]
    members: int
    """How many members have it."""
    version: int
    created_at: Timestamp | None
    """Null for built-in roles."""


class RoleCreate(Schema):
    """A new role, made from the same permissions as the built-in ones."""

    name: Name
    permissions: Annotated[list[Permission], Field(min_length=1, max_length=64)]


class RoleUpdate(Schema):
    """Changes of a role; what is absent stays."""

    name: Name | None = None
    permissions: Annotated[list[Permission], Field(min_length=1, max_length=64)] | None = None
