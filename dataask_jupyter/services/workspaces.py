"""Workspaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize
from dataask_jupyter.access.roles import IN_SCOPE, Grant
from dataask_jupyter.errors import NotFound
from dataask_jupyter.schemas import workspaces as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.store import paging
from dataask_jupyter.store.models import Connection, Membership, User, Workspace

from .accounts import add_workspace
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Workspaces:
    """Where connections and conversations live."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity, cursor: str | None, limit: int) -> Page[schemas.Workspace]:
        """The workspaces that the principal is a member of, by name."""

        def work(session: Session, principal: Principal) -> Page[schemas.Workspace]:
            mine = (
                select(Workspace)
                .join(Membership, Membership.workspace_id == Workspace.id)
                .where(Membership.user_id == principal.user_id)
            )
            rows, following = paging.fetch(session, mine, (Workspace.name, Workspace.id), cursor=cursor, limit=limit)
            return Page(items=[present(session, row, principal) for row in rows], next_cursor=following)

        return await self._transactions.read(identity, work)

    async def get(self, identity: Identity, workspace_id: str) -> schemas.Workspace:
        """One workspace."""

        def work(session: Session, principal: Principal) -> schemas.Workspace:
            return present(session, find(session, principal, workspace_id), principal)

        return await self._transactions.read(identity, work)

    async def open(self, identity: Identity, name: str) -> schemas.Workspace:
        """The principal's own workspace of that name, made when there is none, and from now on the current one."""

        def work(session: Session, principal: Principal) -> schemas.Workspace:
            found = session.scalar(
                select(Workspace)
                .join(Membership, Membership.workspace_id == Workspace.id)
                .where(Membership.user_id == principal.user_id, Membership.role == "owner", Workspace.name == name)
                .order_by(Workspace.created_at)
                .limit(1)
            )
            workspace = found if found is not None else add_workspace(session, principal, name)
            session.get_one(User, principal.user_id).last_workspace_id = workspace.id
            owner = Principal(
                user_id=principal.user_id,
                name=principal.name,
                display_name=principal.display_name,
                roles={**principal.roles, workspace.id: Grant.built_in("owner")},
            )
            return present(session, workspace, owner)

        return await self._transactions.write(identity, work)

    async def create(self, identity: Identity, given: schemas.WorkspaceCreate) -> schemas.Workspace:
        """A new workspace with its owner, who is in it from now on."""
        raise NotImplementedError

    async def update(
        self, identity: Identity, workspace_id: str, version: int, given: schemas.WorkspaceUpdate
    ) -> schemas.Workspace:
        """Change settings."""
        raise NotImplementedError

    async def delete(self, identity: Identity, workspace_id: str, version: int, name: str) -> None:
        """Delete it with all that is in it."""
        raise NotImplementedError


def find(session: Session, principal: Principal, workspace_id: str) -> Workspace:
    """The workspace, if the principal may see it."""
    workspace = session.get(Workspace, workspace_id)
    authorize(principal, "workspace.read", workspace)
    if workspace is None:
        raise NotFound
    return workspace


def present(session: Session, workspace: Workspace, principal: Principal) -> schemas.Workspace:
    """As the principal sees it."""
    grant = principal.roles[workspace.id]
    faces = session.execute(
        select(User.id, User.display_name)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.workspace_id == workspace.id)
        .order_by(Membership.created_at, User.id)
        .limit(4)
    ).all()
    return schemas.Workspace(
        id=workspace.id,
        name=workspace.name,
        personal=workspace.personal_to is not None,
        role=grant.role,
        role_name=grant.name,
        permissions=sorted(grant.permissions & IN_SCOPE[principal.scope]),
        time_zone=workspace.time_zone,
        audit_days=workspace.audit_days,
        members=_count(session, Membership, workspace.id),
        faces=[schemas.Face(id=user_id, display_name=name) for user_id, name in faces],
        connections=_count(session, Connection, workspace.id),
        version=workspace.version,
        created_at=workspace.created_at,
    )


def _count(session: Session, kind: type[Membership] | type[Connection], workspace_id: str) -> int:
    return session.scalar(select(func.count()).select_from(kind).where(kind.workspace_id == workspace_id)) or 0
