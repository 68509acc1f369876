"""Roles as data: which permissions each holds, and what a way in leaves of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from dataask_jupyter.schemas.roles import BuiltInRole, Permission
from dataask_jupyter.schemas.users import Scope

_VIEWER: frozenset[Permission] = frozenset(
    {"workspace.read", "member.read", "connection.read", "query.read", "conversation.read"}
)
_EDITOR: frozenset[Permission] = _VIEWER | {"query.run", "conversation.edit"}
ALL: frozenset[Permission] = frozenset(get_args(Permission))

BUILT_IN: dict[BuiltInRole, frozenset[Permission]] = {
    "owner": ALL,
    "admin": ALL - {"workspace.delete"},
    "editor": _EDITOR,
    "viewer": _VIEWER,
}
"""From most to least."""

NAMES: dict[BuiltInRole, str] = {"owner": "Owner", "admin": "Admin", "editor": "Editor", "viewer": "Viewer"}

_ADMINISTRATION: frozenset[Permission] = frozenset(
    {"workspace.edit", "workspace.delete", "member.edit", "invitation.edit", "role.edit", "audit.read"}
)
IN_SCOPE: dict[Scope, frozenset[Permission]] = {
    "full": ALL,
    "work": ALL - _ADMINISTRATION,
    "read": frozenset(each for each in ALL - _ADMINISTRATION if each.endswith(".read")),
}
"""A token's scope takes away, it never adds."""


@dataclass(frozen=True)
class Grant:
    """A member's role in one workspace, with what it allows."""

    role: str
    """A built-in role's name or a custom role's id."""
    name: str
    permissions: frozenset[Permission]

    @staticmethod
    def built_in(role: BuiltInRole) -> Grant:
        """One of the four that every workspace has."""
        return Grant(role=role, name=NAMES[role], permissions=BUILT_IN[role])
