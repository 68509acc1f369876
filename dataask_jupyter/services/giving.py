"""Nobody gives, changes or takes a role that allows more than their own: else there would be a way up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dataask_jupyter.access.identity import Principal
from dataask_jupyter.access.roles import Grant
from dataask_jupyter.errors import Forbidden, InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.schemas.roles import Permission

from .joining import grant_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def given_grant(session: Session, workspace_id: str, role: str) -> Grant:
    """The same, for a role that somebody names."""
    grant = grant_of(session, workspace_id, role)
    if grant is None:
        detail = "This workspace has no such role."
        raise InvalidInput(detail, errors=[FieldProblem(field="role", detail=detail)])
    return grant


def require_within(
    principal: Principal, workspace_id: str, action: Permission, what: str, permissions: Iterable[Permission]
) -> None:
    """Raise unless the principal's own role holds all of these permissions."""
    own = principal.roles[workspace_id]
    beyond = sorted(set(permissions) - own.permissions)
    if beyond:
        raise Forbidden(
            f"Your role in this workspace is {own.name}. {what} allows more than yours: {', '.join(beyond)}. "
            "Ask an owner.",
            extra={"action": action},
            workspace_id=workspace_id,
        )
