"""From a membership's role, as the store keeps it, to what the permission gate decides on."""

from __future__ import annotations

from collections.abc import Iterable

from dataask_jupyter.access.roles import ALL, BUILT_IN, Grant


def of(role: str, name: str | None, permissions: Iterable[str] | None) -> Grant:
    """The grant of a built-in role, or of an own one with its name and permissions.

    A role that is neither gives nothing. Permissions that this release doesn't know are left out.
    """
    if role in BUILT_IN:
        return Grant.built_in(role)
    known = frozenset(each for each in ALL if each in set(permissions or ()))
    return Grant(role=role, name=name or "Unknown", permissions=known)
