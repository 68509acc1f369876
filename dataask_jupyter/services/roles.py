"""Roles of a workspace: the built-in ones, and those that it made from the same permissions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast, get_args

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, visible
from dataask_jupyter.access.roles import BUILT_IN, NAMES
from dataask_jupyter.errors import Conflict, NotFound
from dataask_jupyter.schemas import roles as schemas
from dataask_jupyter.schemas.common import FieldProblem, Page
from dataask_jupyter.schemas.roles import Permission
from dataask_jupyter.store.models import Invitation, Membership, Role, now

from . import events, grants, workspaces
from .connections import stale
from .giving import require_within
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ORDER: tuple[Permission, ...] = get_args(Permission)
LARGEST = 200
"""Roles that one workspace can make: more could not be told apart."""


class Roles:
    """Named sets of permissions. A changed role counts from its members' next act."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity, workspace_id: str) -> Page[schemas.Role]:
        """Built-in roles, then own ones by name."""

        def work(session: Session, principal: Principal) -> Page[schemas.Role]:
            authorize(principal, "member.read", workspaces.find(session, principal, workspace_id))
            own = session.scalars(
                select(Role)
                .where(Role.workspace_id == workspace_id, visible(principal, Role))
                .order_by(Role.name, Role.id)
            ).all()
            counts = _counts(session, workspace_id)
            return Page(items=[*_built_in(counts), *(_present(row, counts) for row in own)])

        return await self._transactions.read(identity, work)

    async def create(self, identity: Identity, workspace_id: str, given: schemas.RoleCreate) -> schemas.Role:
        """A new role. Whoever has it sees the workspace, whatever else it allows."""

        def work(session: Session, principal: Principal) -> schemas.Role:
            _permit(session, principal, workspace_id)
            permissions = _complete(given.permissions)
            require_within(principal, workspace_id, "role.edit", "This role", permissions)
            _refuse_built_in(given.name)
            count = select(func.count()).select_from(Role).where(Role.workspace_id == workspace_id)
            if (session.scalar(count) or 0) >= LARGEST:
                raise Conflict(f"This workspace has {LARGEST} roles of its own. Delete one that nobody has.")
            row = Role(workspace_id=workspace_id, name=given.name, permissions=permissions)
            session.add(row)
            session.flush()
            _record(session, principal, "role.create", row, {"permissions": permissions})
            return _present(row, {})

        return await self._write(identity, workspace_id, work, given.name)

    async def update(
        self, identity: Identity, workspace_id: str, role_id: str, version: int, change: schemas.RoleUpdate
    ) -> schemas.Role:
        """Another name or other permissions."""

        def work(session: Session, principal: Principal) -> schemas.Role:
            row = _touchable(session, principal, workspace_id, role_id)
            changes: dict[str, list[Any]] = {}
            if change.permissions is not None:
                permissions = _complete(change.permissions)
                require_within(principal, workspace_id, "role.edit", "This role", permissions)
                if permissions != row.permissions:
                    changes["permissions"] = [row.permissions, permissions]
            if change.name is not None and change.name != row.name:
                _refuse_built_in(change.name)
                changes["name"] = [row.name, change.name]
            if row.version != version:
                raise stale("role", row.version)
            for field, (_, after) in changes.items():
                setattr(row, field, after)
            row.version += 1
            row.updated_at = now()
            session.flush()
            _record(session, principal, "role.update", row, {"changes": changes})
            return _present(row, _counts(session, workspace_id))

        return await self._write(identity, workspace_id, work, change.name or "")

    async def delete(self, identity: Identity, workspace_id: str, role_id: str, version: int) -> None:
        """Delete a role that nobody has."""

        def work(session: Session, principal: Principal) -> None:
            row = _touchable(session, principal, workspace_id, role_id)
            if row.version != version:
                raise stale("role", row.version)
            # Invitations first: one that is accepted between the two questions is a member in the second.
            invited = _invitations(session, row)
            members = _counts(session, workspace_id).get(row.id, 0)
            if members or invited:
                who = " and ".join(
                    each for each in (_number(members, "member"), _number(invited, "open invitation")) if each
                )
                raise Conflict(
                    f"{who} {'has' if members + invited == 1 else 'have'} this role. Give them another one first, "
                    "and revoke its invitations.",
                    extra={"members": members, "invitations": invited},
                )
            _record(session, principal, "role.delete", row, {"permissions": row.permissions})
            session.delete(row)

        await self._transactions.write(identity, work, hold=workspace_id)

    async def _write(self, identity: Identity, workspace_id: str, work: Any, name: str) -> schemas.Role:
        try:
            return cast("schemas.Role", await self._transactions.write(identity, work, hold=workspace_id))
        except IntegrityError:
            raise _name_taken(name) from None


def _permit(session: Session, principal: Principal, workspace_id: str) -> None:
    authorize(principal, "role.edit", workspaces.find(session, principal, workspace_id))


def _touchable(session: Session, principal: Principal, workspace_id: str, role_id: str) -> Role:
    """The role, if the principal may change or delete it."""
    _permit(session, principal, workspace_id)
    row = session.get(Role, role_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound
    held = grants.of(row.id, row.name, row.permissions).permissions
    require_within(principal, workspace_id, "role.edit", "This role", held)
    return row


def _complete(permissions: Iterable[Permission]) -> list[Permission]:
    """Each once and in order, and with the one without which the others are of no use."""
    wanted = {*permissions, "workspace.read"}
    return [each for each in _ORDER if each in wanted]


def _counts(session: Session, workspace_id: str) -> Mapping[str, int]:
    rows = session.execute(
        select(Membership.role, func.count()).where(Membership.workspace_id == workspace_id).group_by(Membership.role)
    )
    return {row[0]: row[1] for row in rows}


def _invitations(session: Session, row: Role) -> int:
    """How many invitations would still let somebody in with this role."""
    count = (
        select(func.count())
        .select_from(Invitation)
        .where(
            Invitation.workspace_id == row.workspace_id,
            Invitation.role == row.id,
            Invitation.revoked_at.is_(None),
            Invitation.uses < Invitation.max_uses,
            Invitation.expires_at > now(),
        )
    )
    return session.scalar(count) or 0


def _built_in(counts: Mapping[str, int]) -> list[schemas.Role]:
    return [
        schemas.Role(
            id=role,
            name=NAMES[role],
            built_in=True,
            permissions=[each for each in _ORDER if each in permissions],
            members=counts.get(role, 0),
            version=1,
            created_at=None,
        )
        for role, permissions in BUILT_IN.items()
    ]


def _present(row: Role, counts: Mapping[str, int]) -> schemas.Role:
    held = grants.of(row.id, row.name, row.permissions).permissions
    return schemas.Role(
        id=row.id,
        name=row.name,
        built_in=False,
        permissions=[each for each in _ORDER if each in held],
        members=counts.get(row.id, 0),
        version=row.version,
        created_at=row.created_at,
    )


def _record(session: Session, principal: Principal, action: str, row: Role, payload: Mapping[str, Any]) -> None:
    events.record(
        session,
        principal,
        action,
        "role",
        row.id,
        object_name=row.name,
        workspace_id=row.workspace_id,
        payload=payload,
    )


def _refuse_built_in(name: str) -> None:
    if name.casefold() in {each.casefold() for each in NAMES.values()}:
        raise _name_taken(name)


def _name_taken(name: str) -> Conflict:
    detail = f"This workspace has a role named {name} already. Choose another name."
    return Conflict(detail, errors=[FieldProblem(field="name", detail=detail)])


def _number(count: int, thing: str) -> str:
    return "" if not count else f"{count} {thing}" if count == 1 else f"{count} {thing}s"
