"""The one permission gate. Deny by default; what a principal can't see doesn't exist for them."""

from __future__ import annotations

from typing import Protocol

from dataask_jupyter.errors import Forbidden, NotFound

from .identity import Principal
from .roles import PERMISSIONS, Action


class Protected(Protocol):
    """Anything that belongs to a workspace."""

    @property
    def workspace_id(self) -> str:
        """The workspace that it belongs to."""

    @property
    def private_to(self) -> str | None:
        """The user who alone may see it, or None for every member."""


def authorize(principal: Principal, action: Action, target: Protected | None) -> None:
    """Return when the principal may do this to the target, else raise.

    `None` stands for an id that wasn't found. It, an object of another workspace and another person's private
    object all raise the same error, so that ids can't be probed.
    """
    role = principal.roles.get(target.workspace_id) if target is not None else None
    if target is None or role is None or target.private_to not in {None, principal.user_id}:
        raise NotFound
    if action not in PERMISSIONS[role]:
        raise Forbidden(f"Your role in this workspace is {role}, which doesn't include this. Ask an owner.")
