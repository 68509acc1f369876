"""A workspace always has an owner who can act. Asked wherever one could stop being that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from dataask_jupyter.errors import Conflict
from dataask_jupyter.store.models import Membership, User, Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def require_another(session: Session, workspace_id: str, user_id: str) -> None:
    """Raise unless somebody else, whose account is active, owns the workspace. The act has to hold the workspace."""
    if not _has_another(session, workspace_id, user_id):
        raise Conflict("This is the workspace's last owner. Make somebody else an owner first.")


def alone_in(session: Session, user_id: str) -> Sequence[str]:
    """Names of the workspaces that would have no owner without this user. Holds them until the transaction ends.

    Personal workspaces aren't among them: they are for nobody else.
    """
    owned = session.execute(
        select(Workspace.id, Workspace.name)
        .join(Membership, Membership.workspace_id == Workspace.id)
        .where(Membership.user_id == user_id, Membership.role == "owner", Workspace.personal_to.is_(None))
        # Always in one order, or two such acts could wait for each other.
        .order_by(Workspace.id)
        .with_for_update(of=Workspace, key_share=True)
    ).all()
    return sorted(name for workspace_id, name in owned if not _has_another(session, workspace_id, user_id))


def _has_another(session: Session, workspace_id: str, user_id: str) -> bool:
    another = (
        select(Membership.user_id)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.workspace_id == workspace_id,
            Membership.role == "owner",
            Membership.user_id != user_id,
            User.active,
        )
        .limit(1)
    )
    return session.scalar(another) is not None
