"""What the home page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, and_, false, or_, select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import may, visible
from dataask_jupyter.schemas.home import Activity, Home, Recent
from dataask_jupyter.schemas.roles import Permission
from dataask_jupyter.schemas.workspaces import Face
from dataask_jupyter.store.models import Conversation, Event, Query, Workspace

from . import workspaces
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

WORKSPACES: Final = 100
RECENT: Final = 10
"""Of each kind: a page that shows one kind only isn't left with few."""
ACTIVITY: Final = 10
_NAME_CHARACTERS: Final = 120

SHOWN: Final[Mapping[Permission, tuple[str, ...]]] = {
    "workspace.read": ("workspace.create", "workspace.update"),
    "member.read": (
        *("invitation.accept", "member.add", "member.update", "member.remove", "member.leave"),
        *("role.create", "role.update", "role.delete"),
    ),
    "connection.read": ("connection.create", "connection.update", "connection.delete"),
}
"""Acts that others are shown, by what one has to be allowed to see for it. Conversations and queries are private."""


class HomePage:
    """What to go on with, and what others did."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def get(self, identity: Identity) -> Home:
        """All of it."""

        def work(session: Session, principal: Principal) -> Home:
            mine = session.scalars(
                select(Workspace)
                .where(visible(principal, Workspace))
                .order_by(Workspace.name, Workspace.id)
                .limit(WORKSPACES)
            ).all()
            return Home(
                workspaces=workspaces.present_all(session, mine, principal),
                recent=_recent(session, principal),
                activity=_activity(session, principal),
            )

        return await self._transactions.read(identity, work)


def _recent(session: Session, principal: Principal) -> list[Recent]:
    conversations = session.execute(
        select(Conversation.id, Conversation.title, Conversation.updated_at, Workspace.id, Workspace.name)
        .join(Workspace, Workspace.id == Conversation.workspace_id)
        .where(visible(principal, Conversation), Conversation.user_id == principal.user_id)
        .order_by(Conversation.updated_at.desc(), Conversation.id.desc())
        .limit(RECENT)
    ).all()
    queries = session.execute(
        select(Query.id, Query.sql, Query.created_at, Workspace.id, Workspace.name)
        .join(Workspace, Workspace.id == Query.workspace_id)
        # Those of an answer belong to its conversation, which is here itself.
        .where(visible(principal, Query), Query.user_id == principal.user_id, Query.message_id.is_(None))
        .order_by(Query.created_at.desc(), Query.id.desc())
        .limit(RECENT)
    ).all()
    found = [
        Recent(kind="conversation", id=each[0], name=each[1], at=each[2], workspace_id=each[3], workspace_name=each[4])
        for each in conversations
    ]
    found += [
        Recent(kind="query", id=each[0], name=_line(each[1]), at=each[2], workspace_id=each[3], workspace_name=each[4])
        for each in queries
    ]
    return sorted(found, key=lambda each: (each.at, each.id), reverse=True)


def _activity(session: Session, principal: Principal) -> list[Activity]:
    events: Sequence[Event] = session.scalars(
        select(Event)
        .where(
            _may_see(principal),
            Event.result == "allowed",
            # Without an actor the server itself did it.
            or_(Event.actor_id.is_(None), Event.actor_id != principal.user_id),
        )
        .order_by(Event.sequence.desc())
        .limit(ACTIVITY)
    ).all()
    ids = {event.workspace_id for event in events}
    found = session.execute(select(Workspace.id, Workspace.name).where(Workspace.id.in_(ids)))
    names = {row[0]: row[1] for row in found}
    return [
        Activity(
            id=event.id,
            actor=Face(id=event.actor_id, display_name=event.actor_name) if event.actor_id is not None else None,
            action=event.action,
            object_kind=event.object_kind,
            object_id=event.object_id,
            object_name=event.object_name,
            workspace_id=event.workspace_id,
            workspace_name=names[event.workspace_id],
            at=event.at,
        )
        for event in events
        if event.workspace_id in names
    ]


def _may_see(principal: Principal) -> ColumnElement[bool]:
    """Acts in workspaces where the principal may see what they were done to."""
    allowed = [
        and_(Event.workspace_id.in_(places), Event.action.in_(actions))
        for permission, actions in SHOWN.items()
        if (places := [each for each in principal.roles if may(principal, permission, each)])
    ]
    return or_(*allowed) if allowed else false()


def _line(sql: str) -> str:
    """SQL as one line, for its own author."""
    words = " ".join(sql.split())
    return words if len(words) <= _NAME_CHARACTERS else words[: _NAME_CHARACTERS - 1] + "…"
