"""Workspaces: where connections and conversations live."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select, update

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, authorize_account, may, visible
from dataask_jupyter.access.roles import IN_SCOPE, Grant
from dataask_jupyter.errors import Conflict, NotFound, StaleVersion
from dataask_jupyter.schemas import workspaces as schemas
from dataask_jupyter.schemas.common import FieldProblem, Page
from dataask_jupyter.store import paging
from dataask_jupyter.store.models import Connection, Conversation, Membership, User, Workspace, now

from . import events
from .accounts import add_workspace
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from .messages import Messages
    from .queries import Queries
    from .upload_files import UploadFiles

FACES = 4
"""Members that are shown with a workspace."""


class Workspaces:
    """Where connections and conversations live."""

    def __init__(
        self, transactions: Transactions, queries: Queries, messages: Messages, uploads: UploadFiles | None = None
    ) -> None:
        self._transactions = transactions
        self._queries = queries
        self._messages = messages
        self._uploads = uploads

    async def list(self, identity: Identity, cursor: str | None, limit: int) -> Page[schemas.Workspace]:
        """The workspaces that the principal is a member of, by name."""

        def work(session: Session, principal: Principal) -> Page[schemas.Workspace]:
            mine = select(Workspace).where(visible(principal, Workspace))
            rows, following = paging.fetch(session, mine, (Workspace.name, Workspace.id), cursor=cursor, limit=limit)
            return Page(items=present_all(session, rows, principal), next_cursor=following)

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
                .where(
                    Membership.user_id == principal.user_id,
                    Membership.role == "owner",
                    Workspace.name == name,
                    visible(principal, Workspace),
                )
                .order_by(Workspace.created_at)
                .limit(1)
            )
            if found is None:
                return _make(session, principal, name)
            session.get_one(User, principal.user_id).last_workspace_id = found.id
            return present(session, found, principal)

        return await self._transactions.write(identity, work)

    async def create(self, identity: Identity, given: schemas.WorkspaceCreate) -> schemas.Workspace:
        """A new workspace with its owner, who is in it from now on. Names needn't be unique."""

        def work(session: Session, principal: Principal) -> schemas.Workspace:
            return _make(session, principal, given.name, given.time_zone)

        return await self._transactions.write(identity, work)

    async def update(
        self, identity: Identity, workspace_id: str, version: int, given: schemas.WorkspaceUpdate
    ) -> schemas.Workspace:
        """Change settings."""

        def work(session: Session, principal: Principal) -> schemas.Workspace:
            workspace = find(session, principal, workspace_id)
            authorize(principal, "workspace.edit", workspace)
            if workspace.version != version:
                raise _stale(workspace)
            wanted: dict[str, Any] = given.model_dump(exclude_none=True)
            if "audit_days" in given.model_fields_set:
                # Here null says something: for ever.
                wanted["audit_days"] = given.audit_days
            changes = {
                field: [getattr(workspace, field), value]
                for field, value in wanted.items()
                if getattr(workspace, field) != value
            }
            for field, (_, value) in changes.items():
                setattr(workspace, field, value)
            workspace.version += 1
            workspace.updated_at = now()
            session.flush()
            _record(session, principal, "workspace.update", workspace, {"changes": changes})
            return present(session, workspace, principal)

        return await self._transactions.write(identity, work, hold=workspace_id)

    async def delete(self, identity: Identity, workspace_id: str, version: int, name: str) -> None:
        """Delete it with all that is in it, and end what runs there. The record of what was done there stays."""

        def work(session: Session, principal: Principal) -> Sequence[str]:
            workspace = find(session, principal, workspace_id)
            authorize(principal, "workspace.delete", workspace)
            if workspace.personal_to is not None:
                raise Conflict("This is a personal workspace. It stays as long as its owner's account.")
            if workspace.version != version:
                raise _stale(workspace)
            if name != workspace.name:
                detail = "This isn't the workspace's name. Type it exactly as it is to delete the workspace."
                raise Conflict(detail, errors=[FieldProblem(field="name", detail=detail)])
            conversations = session.scalars(
                select(Conversation.id).where(Conversation.workspace_id == workspace_id)
            ).all()
            counts = {"members": _members(session, workspace_id), "conversations": len(conversations)}
            _record(session, principal, "workspace.delete", workspace, counts)
            session.execute(update(User).where(User.last_workspace_id == workspace_id).values(last_workspace_id=None))
            # What is in it goes with it: the database sees to that.
            session.execute(delete(Workspace).where(Workspace.id == workspace_id))
            return conversations

        conversations = await self._transactions.write(identity, work, hold=workspace_id)
        self._messages.stop_in(conversations)
        self._queries.stop_in(workspace_id)
        if self._uploads is not None:
            await self._uploads.remove(workspace_id)


def find(session: Session, principal: Principal, workspace_id: str) -> Workspace:
    """The workspace, if the principal may see it."""
    workspace = session.get(Workspace, workspace_id)
    authorize(principal, "workspace.read", workspace)
    if workspace is None:
        raise NotFound
    return workspace


def present(session: Session, workspace: Workspace, principal: Principal) -> schemas.Workspace:
    """As the principal sees it."""
    return present_all(session, [workspace], principal)[0]


def present_all(session: Session, rows: Sequence[Workspace], principal: Principal) -> list[schemas.Workspace]:
    """The same for many, in as many queries as for one."""
    ids = [row.id for row in rows]
    peopled = [each for each in ids if may(principal, "member.read", each)]
    connected = [each for each in ids if may(principal, "connection.read", each)]
    members, connections = _counts(session, Membership, peopled), _counts(session, Connection, connected)
    faces = _faces(session, peopled)
    return [
        schemas.Workspace(
            id=row.id,
            name=row.name,
            personal=row.personal_to is not None,
            role=principal.roles[row.id].role,
            role_name=principal.roles[row.id].name,
            permissions=sorted(principal.roles[row.id].permissions & IN_SCOPE[principal.scope]),
            time_zone=row.time_zone,
            audit_days=row.audit_days,
            members=members.get(row.id, 0),
            faces=faces.get(row.id, []),
            connections=connections.get(row.id, 0),
            version=row.version,
            created_at=row.created_at,
        )
        for row in rows
    ]


def _make(session: Session, principal: Principal, name: str, time_zone: str = "UTC") -> schemas.Workspace:
    """A new workspace, in which the principal is from now on."""
    authorize_account(principal)
    workspace = add_workspace(session, principal, name)
    workspace.time_zone = time_zone
    session.get_one(User, principal.user_id).last_workspace_id = workspace.id
    owner = replace(principal, roles={**principal.roles, workspace.id: Grant.built_in("owner")})
    session.flush()
    return present(session, workspace, owner)


def _counts(
    session: Session, kind: type[Membership] | type[Connection], workspace_ids: Sequence[str]
) -> dict[str, int]:
    rows = session.execute(
        select(kind.workspace_id, func.count()).where(kind.workspace_id.in_(workspace_ids)).group_by(kind.workspace_id)
    )
    return {row[0]: row[1] for row in rows}


def _members(session: Session, workspace_id: str) -> int:
    return _counts(session, Membership, [workspace_id]).get(workspace_id, 0)


def _faces(session: Session, workspace_ids: Sequence[str]) -> dict[str, list[schemas.Face]]:
    """The first members of each workspace."""
    place = func.row_number().over(
        partition_by=Membership.workspace_id, order_by=(Membership.created_at, Membership.user_id)
    )
    first = (
        select(Membership.workspace_id, Membership.user_id, place.label("place"))
        .where(Membership.workspace_id.in_(workspace_ids))
        .subquery()
    )
    rows = session.execute(
        select(first.c.workspace_id, User.id, User.display_name)
        .join(User, User.id == first.c.user_id)
        .where(first.c.place <= FACES)
        .order_by(first.c.workspace_id, first.c.place)
    )
    found: dict[str, list[schemas.Face]] = {}
    for workspace_id, user_id, name in rows:
        found.setdefault(workspace_id, []).append(schemas.Face(id=user_id, display_name=name))
    return found


def _stale(workspace: Workspace) -> StaleVersion:
    return StaleVersion(
        f"This workspace was changed in between; its version is {workspace.version} now. Look at it again before you "
        "save.",
        extra={"version": workspace.version},
    )


def _record(
    session: Session, principal: Principal, action: str, workspace: Workspace, payload: Mapping[str, Any]
) -> None:
    events.record(
        session,
        principal,
        action,
        "workspace",
        workspace.id,
        object_name=workspace.name,
        workspace_id=workspace.id,
        payload=payload,
    )
