"""Conversations: kept questions and answers. The asking itself is in `asking`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, visible
from dataask_jupyter.errors import NotFound
from dataask_jupyter.schemas import conversations as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.store import paging
from dataask_jupyter.store.models import Conversation, Message

from . import connections, events, messages, workspaces
from .messages import Messages
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Conversations:
    """Questions about a connection, in order."""

    def __init__(self, transactions: Transactions, messages: Messages) -> None:
        self._transactions = transactions
        self._messages = messages

    async def list(
        self, identity: Identity, workspace_id: str, cursor: str | None, limit: int
    ) -> Page[schemas.Conversation]:
        """The principal's conversations in a workspace, the one last asked in first."""

        def work(session: Session, principal: Principal) -> Page[schemas.Conversation]:
            authorize(principal, "conversation.read", workspaces.find(session, principal, workspace_id))
            mine = select(Conversation).where(
                Conversation.workspace_id == workspace_id, visible(principal, Conversation)
            )
            order = (Conversation.updated_at, Conversation.id)
            rows, following = paging.fetch(session, mine, order, cursor=cursor, limit=limit, descending=True)
            return Page(items=[present(row) for row in rows], next_cursor=following)

        return await self._transactions.read(identity, work)

    async def create(
        self, identity: Identity, workspace_id: str, given: schemas.ConversationCreate
    ) -> schemas.Conversation:
        """A new conversation."""

        def work(session: Session, principal: Principal) -> schemas.Conversation:
            authorize(principal, "conversation.edit", workspaces.find(session, principal, workspace_id))
            if given.connection_id is not None:
                connections.find(session, principal, given.connection_id, "connection.read", workspace_id=workspace_id)
                chosen: str | None = given.connection_id
            else:
                found = connections.first(session, principal, workspace_id)
                chosen = found.id if found is not None else None
            row = Conversation(
                workspace_id=workspace_id,
                user_id=principal.user_id,
                connection_id=chosen,
                title=given.title or "",
            )
            session.add(row)
            session.flush()
            record(session, principal, "conversation.create", row)
            return present(row)

        return await self._transactions.write(identity, work)

    async def get(self, identity: Identity, workspace_id: str, conversation_id: str) -> schemas.ConversationDetail:
        """A conversation with its messages."""

        def work(session: Session, principal: Principal) -> schemas.ConversationDetail:
            row = find(session, principal, workspace_id, conversation_id, "conversation.read")
            found = session.scalars(
                select(Message).where(Message.conversation_id == conversation_id).order_by(Message.position)
            )
            shown = [messages.present(message) for message in found]
            return schemas.ConversationDetail(**present(row).model_dump(), messages=shown)

        detail = await self._transactions.read(identity, work)
        live = self._messages.live
        return detail.model_copy(
            update={"messages": [live[m.id].message if m.id in live else m for m in detail.messages]}
        )

    async def update(
        self,
        identity: Identity,
        workspace_id: str,
        conversation_id: str,
        version: int,
        given: schemas.ConversationUpdate,
    ) -> schemas.Conversation:
        """Rename it, or ask another connection from now on."""

        def work(session: Session, principal: Principal) -> schemas.Conversation:
            row = find(session, principal, workspace_id, conversation_id, "conversation.edit", lock=True)
            if row.version != version:
                raise connections.stale("conversation", row.version)
            facts: dict[str, Any] = {}
            if given.title is not None:
                facts["renamed"] = True
                row.title = given.title
            if given.connection_id is not None:
                connections.find(session, principal, given.connection_id, "connection.read", workspace_id=workspace_id)
                facts["changes"] = {"connection_id": [row.connection_id, given.connection_id]}
                row.connection_id = given.connection_id
            row.version += 1
            session.flush()
            record(session, principal, "conversation.update", row, **facts)
            return present(row)

        return await self._transactions.write(identity, work)

    async def delete(self, identity: Identity, workspace_id: str, conversation_id: str) -> None:
        """Delete it with its messages; what is being answered is stopped."""

        def work(session: Session, principal: Principal) -> None:
            row = find(session, principal, workspace_id, conversation_id, "conversation.edit")
            record(session, principal, "conversation.delete", row)
            session.delete(row)

        await self._transactions.write(identity, work)
        self._messages.stop_in([conversation_id])


def present(row: Conversation) -> schemas.Conversation:
    """As clients see it."""
    return schemas.Conversation(
        id=row.id,
        workspace_id=row.workspace_id,
        connection_id=row.connection_id,
        title=row.title,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def find(
    session: Session,
    principal: Principal,
    workspace_id: str,
    conversation_id: str,
    action: Any,
    *,
    lock: bool = False,
) -> Conversation:
    """The conversation, if the principal may do this to it."""
    row = session.get(Conversation, conversation_id, with_for_update=lock or None)
    if row is not None and row.workspace_id != workspace_id:
        row = None
    authorize(principal, action, row)
    if row is None:
        raise NotFound
    return row


def record(session: Session, principal: Principal, action: str, row: Conversation, **facts: Any) -> None:
    """Add the event of an act on a conversation."""
    name = messages.topic(session, row)
    events.record(
        session,
        principal,
        action,
        "conversation",
        row.id,
        object_name=name,
        workspace_id=row.workspace_id,
        payload=facts,
    )
