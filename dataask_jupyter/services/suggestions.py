"""Questions to offer while typing: those asked before, and those that the schema surely answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqlalchemy import select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, visible
from dataask_jupyter.errors import DataAskError
from dataask_jupyter.schemas.conversations import Suggestion, Suggestions
from dataask_jupyter.sources import SourceSpec
from dataask_jupyter.store.models import Conversation, Message

from . import connections, workspaces
from .models import Models
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

OFFERED = 8
FROM_HISTORY = 3
_RECENT = 500
_WAIT_SECONDS = 3.0


class SuggestedQuestions:
    """What somebody could ask."""

    def __init__(self, transactions: Transactions, models: Models) -> None:
        self._transactions = transactions
        self._models = models

    async def offer(self, identity: Identity, workspace_id: str, connection_id: str | None, prefix: str) -> Suggestions:
        """Questions that begin with or contain what was typed, best first."""
        typed = " ".join(prefix.split())

        def work(session: Session, principal: Principal) -> tuple[list[Suggestion], SourceSpec | None]:
            authorize(principal, "conversation.read", workspaces.find(session, principal, workspace_id))
            if connection_id is not None:
                row = connections.find(session, principal, connection_id, "connection.read", workspace_id=workspace_id)
            else:
                found = connections.first(session, principal, workspace_id)
                if found is None:
                    return [], None
                row = found
            asked = session.scalars(
                select(Message.question)
                .join(Conversation, Conversation.id == Message.conversation_id)
                .where(
                    visible(principal, Conversation),
                    Conversation.connection_id == row.id,
                    Message.state == "answered",
                )
                .order_by(Message.created_at.desc())
                .limit(_RECENT)
            ).all()
            return _from_history(asked, typed), connections.spec_of(row)

        history, spec = await self._transactions.read(identity, work)
        if spec is None:
            return Suggestions(items=history)
        known = {item.text.casefold() for item in history}
        fresh = [
            Suggestion(text=text, source="schema")
            for text in await self._from_schema(spec, typed)
            if text.casefold() not in known
        ]
        return Suggestions(items=[*history, *fresh][:OFFERED])

    async def _from_schema(self, spec: SourceSpec, typed: str) -> list[str]:
        """None rather than late ones: these are asked for on every key."""
        from dataask_jupyter.ask.suggest import suggest

        try:
            model = await asyncio.wait_for(self._models.model(spec), _WAIT_SECONDS)
            return await asyncio.to_thread(suggest, model, typed, OFFERED)
        except (TimeoutError, DataAskError):
            return []


def _from_history(questions: Iterable[str], typed: str) -> list[Suggestion]:
    """The most frequent first; among equals the most recent."""
    counts: Counter[str] = Counter()
    wording: dict[str, str] = {}
    for question in questions:
        key = question.casefold()
        counts[key] += 1
        wording.setdefault(key, question)
    matching = [key for key, _ in counts.most_common() if typed.casefold() in key and key != typed.casefold()]
    matching.sort(key=lambda key: not key.startswith(typed.casefold()))
    return [Suggestion(text=wording[key], source="history", times_asked=counts[key]) for key in matching[:FROM_HISTORY]]
