"""The one permission gate. Deny by default; what a principal can't see doesn't exist for them."""

from __future__ import annotations

from typing import Any, Protocol

from sqlalchemy import ColumnElement, or_

from dataask_jupyter.errors import Forbidden, NotFound
from dataask_jupyter.schemas.roles import Permission

from .identity import Principal
from .roles import IN_SCOPE


class Protected(Protocol):
    """Anything that belongs to a workspace."""

    @property
    def workspace_id(self) -> str:
        """The workspace that it belongs to."""

    @property
    def private_to(self) -> str | None:
        """The user who alone may see it, or None for every member."""


def authorize(principal: Principal, action: Permission, target: Protected | None) -> None:
    """Return when the principal may do this to the target, else raise.

    `None` stands for an id that wasn't found. It, an object of another workspace and another person's private
    object all raise the same error, so that ids can't be probed.
    """
    grant = principal.roles.get(target.workspace_id) if target is not None else None
    if target is None or grant is None or target.private_to not in {None, principal.user_id}:
        raise NotFound
    if action not in grant.permissions:
        raise Forbidden(
            f"Your role in this workspace is {grant.name}, which doesn't include this. Ask an owner.",
            extra={"action": action},
            workspace_id=target.workspace_id,
        )
    if action not in IN_SCOPE[principal.scope]:
        raise Forbidden(
            f"You came with a token of the scope “{principal.scope}”, which doesn't include this. "
            "Sign in, or use a token that does.",
            extra={"action": action},
            workspace_id=target.workspace_id,
        )


def authorize_account(principal: Principal, *, admin: bool = False) -> None:
    """Return when the principal may manage their own account, or with `admin` the server's accounts."""
    if principal.scope != "full":
        raise Forbidden("A token can't do this. Sign in with your password.")
    if admin and not principal.is_admin:
        raise NotFound


def may(principal: Principal, action: Permission, workspace_id: str) -> bool:
    """Whether the principal has this permission in the workspace."""
    grant = principal.roles.get(workspace_id)
    return grant is not None and action in grant.permissions and action in IN_SCOPE[principal.scope]


def visible(principal: Principal, kind: Any) -> ColumnElement[bool]:
    """The same rule for lists, as a condition in SQL: the rows of a model that the principal may see.

    `kind` is a model class with the columns `workspace_id` and, where rows can be private, `user_id` as `private_to`.
    The action is the kind's `read`; a workspace in which the role lacks it shows nothing.
    """
    action: Permission = kind.READ
    ids = [each for each in principal.roles if may(principal, action, each)]
    condition: ColumnElement[bool] = kind.workspace_id.in_(ids)
    private = kind.PRIVATE_TO
    if private is not None:
        column = getattr(kind, private)
        condition = condition & or_(column.is_(None), column == principal.user_id)
    return condition
