"""Who works in a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, authorize_account, visible
from dataask_jupyter.access.roles import Grant
from dataask_jupyter.errors import Conflict, NotFound
from dataask_jupyter.schemas import members as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.store import paging
from dataask_jupyter.store.models import Membership, Role, User

from . import events, grants, owners, workspaces
from .connections import stale
from .giving import given_grant, require_within
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Members:
    """People and their roles. Each change holds the workspace: of many at once, one comes after the other."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity, workspace_id: str, cursor: str | None, limit: int) -> Page[schemas.Member]:
        """The members, by name."""

        def work(session: Session, principal: Principal) -> Page[schemas.Member]:
            authorize(principal, "member.read", workspaces.find(session, principal, workspace_id))
            people = (
                select(User)
                .join(Membership, Membership.user_id == User.id)
                .where(Membership.workspace_id == workspace_id, visible(principal, Membership))
            )
            order = (User.display_name, User.id)
            users, following = paging.fetch(session, people, order, cursor=cursor, limit=limit)
            return Page(items=_present(session, workspace_id, users), next_cursor=following)

        return await self._transactions.read(identity, work)

    async def update(
        self, identity: Identity, workspace_id: str, user_id: str, version: int, change: schemas.MemberUpdate
    ) -> schemas.Member:
        """Another role."""

        def work(session: Session, principal: Principal) -> schemas.Member:
            row, before = _touchable(session, principal, workspace_id, user_id)
            after = given_grant(session, workspace_id, change.role)
            require_within(principal, workspace_id, "member.edit", f"The role {after.name}", after.permissions)
            if row.version != version:
                raise stale("member", row.version)
            _require_direct(row)
            if row.role == "owner" and change.role != "owner":
                owners.require_another(session, workspace_id, user_id)
            user = session.get_one(User, user_id)
            if row.role != change.role:
                row.role = change.role
                row.version += 1
                session.flush()
                _record(session, principal, "member.update", row, user, [before.name, after.name])
            return _as_member(row, user, after)

        return await self._transactions.write(identity, work, hold=workspace_id)

    async def remove(self, identity: Identity, workspace_id: str, user_id: str) -> None:
        """Take somebody out. What they asked and ran here stays theirs, should they come back."""

        def work(session: Session, principal: Principal) -> None:
            row, before = _touchable(session, principal, workspace_id, user_id)
            _remove(session, principal, "member.remove", row, before)

        await self._transactions.write(identity, work, hold=workspace_id)

    async def leave(self, identity: Identity, workspace_id: str) -> None:
        """Go; the last owner can't."""

        def work(session: Session, principal: Principal) -> None:
            workspace = workspaces.find(session, principal, workspace_id)
            authorize_account(principal)
            if workspace.personal_to is not None:
                raise Conflict("This is your personal workspace. It can't be left.")
            row = session.get(Membership, (workspace_id, principal.user_id))
            if row is None:
                raise NotFound
            _remove(session, principal, "member.leave", row, principal.roles[workspace_id])

        await self._transactions.write(identity, work, hold=workspace_id)


def _touchable(session: Session, principal: Principal, workspace_id: str, user_id: str) -> tuple[Membership, Grant]:
    """The membership with its role, if the principal may change or end it."""
    authorize(principal, "member.edit", workspaces.find(session, principal, workspace_id))
    row = session.get(Membership, (workspace_id, user_id))
    if row is None:
        raise NotFound
    grant = _grants(session, [row])[row.role]
    require_within(principal, workspace_id, "member.edit", f"This member's role {grant.name}", grant.permissions)
    return row, grant


def _require_direct(row: Membership) -> None:
    if row.source == "group":
        raise Conflict(
            "A JupyterHub group gives this role, so it changes with the group. Ask whoever manages the Hub's groups."
        )


def _remove(session: Session, principal: Principal, action: str, row: Membership, grant: Grant) -> None:
    _require_direct(row)
    if row.role == "owner":
        owners.require_another(session, row.workspace_id, row.user_id)
    user = session.get_one(User, row.user_id)
    _record(session, principal, action, row, user, [grant.name, None])
    session.delete(row)
    if user.last_workspace_id == row.workspace_id:
        user.last_workspace_id = None


def _present(session: Session, workspace_id: str, users: Sequence[User]) -> list[schemas.Member]:
    ids = [user.id for user in users]
    rows = session.scalars(
        select(Membership).where(Membership.workspace_id == workspace_id, Membership.user_id.in_(ids))
    ).all()
    by_user = {row.user_id: row for row in rows}
    named = _grants(session, rows)
    return [_as_member(row, user, named[row.role]) for user in users if (row := by_user.get(user.id)) is not None]


def _grants(session: Session, rows: Sequence[Membership]) -> dict[str, Grant]:
    """The roles of these members, each looked up once."""
    given = {row.role for row in rows}
    own = {role.id: role for role in session.scalars(select(Role).where(Role.id.in_(given)))}
    found: dict[str, Grant] = {}
    for role in given:
        kept = own.get(role)
        found[role] = grants.of(role, kept.name if kept else None, kept.permissions if kept else None)
    return found


def _as_member(row: Membership, user: User, grant: Grant) -> schemas.Member:
    return schemas.Member.model_validate(
        {
            "user_id": user.id,
            "display_name": user.display_name,
            "email": user.email,
            "role": row.role,
            "role_name": grant.name,
            "source": row.source,
            "active": user.active,
            "version": row.version,
            "created_at": row.created_at,
        }
    )


def _record(
    session: Session, principal: Principal, action: str, row: Membership, user: User, change: list[str | None]
) -> None:
    payload: dict[str, Any] = {"changes": {"role": change}}
    events.record(
        session,
        principal,
        action,
        "member",
        user.id,
        object_name=user.display_name,
        workspace_id=row.workspace_id,
        payload=payload,
    )
