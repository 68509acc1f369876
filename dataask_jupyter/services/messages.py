"""Messages: an answer looked at again, shown as another chart, and judged."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Literal

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize
from dataask_jupyter.errors import Conflict, NotFound
from dataask_jupyter.execution.results import ResultStore
from dataask_jupyter.schemas import conversations as schemas
from dataask_jupyter.schemas.charts import Chart, ChartType
from dataask_jupyter.store.models import Connection, Conversation, Message, Query

from . import events
from .answering import Answering
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

CHART_ROWS = 50_000
"""As many rows as a chart is drawn from."""


class Messages:
    """Questions and what came of them."""

    def __init__(self, transactions: Transactions, results: ResultStore) -> None:
        self._transactions = transactions
        self._results = results
        self.live: dict[str, Answering] = {}
        """Messages that this process is answering, or has answered but not saved yet."""

    async def get(self, identity: Identity, message_id: str) -> schemas.Message:
        """A message as it stands."""

        def work(session: Session, principal: Principal) -> schemas.Message:
            return present(find(session, principal, message_id, "conversation.read"))

        found = await self._transactions.read(identity, work)
        live = self.live.get(message_id)
        return live.message if live is not None else found

    async def choose_chart(self, identity: Identity, message_id: str, wanted: ChartType) -> Chart:
        """Draw the stored result as another chart, and keep it so."""

        def look(session: Session, principal: Principal) -> tuple[str | None, schemas.Answer, dict[str, Any]]:
            row = find(session, principal, message_id, "conversation.edit")
            answer = _answer(row)
            query = session.get(Query, answer.query_id) if answer.query_id is not None else None
            return (query.fingerprint if query is not None else None), answer, row.hints or {}

        fingerprint, answer, hints = await self._transactions.read(identity, look)
        if fingerprint is None:
            raise Conflict("The rows of this answer are no longer known. Ask the question again.")
        chart = await asyncio.to_thread(self._draw, fingerprint, answer, hints, wanted)

        def save(session: Session, principal: Principal) -> Chart:
            row = find(session, principal, message_id, "conversation.edit")
            row.answer = {**_answer(row).model_dump(mode="json"), "chart": chart.model_dump(mode="json")}
            record(session, principal, "message.chart", row, type=wanted)
            return chart

        return await self._transactions.write(identity, save)

    async def give_feedback(
        self, identity: Identity, message_id: str, rating: Literal["up", "down"] | None
    ) -> schemas.Message:
        """Keep a thumb, or take it back."""

        def work(session: Session, principal: Principal) -> schemas.Message:
            row = find(session, principal, message_id, "conversation.edit")
            if row.state == "running":
                raise Conflict("This question is still being answered. Judge the answer when it is there.")
            row.rating = rating
            record(session, principal, "message.feedback", row, rating=rating)
            return present(row)

        return await self._transactions.write(identity, work)

    def stop_in(self, conversation_ids: Collection[str]) -> None:
        """Stop what is being answered in conversations that are no more."""
        for live in list(self.live.values()):
            if live.message.conversation_id in conversation_ids and live.message.state == "running" and live.task:
                live.stopped_by_user = True
                live.task.cancel()

    def _draw(self, fingerprint: str, answer: schemas.Answer, hints: dict[str, Any], wanted: ChartType) -> Chart:
        from dataask_jupyter.charts.choose import ChartHints, choose

        table = self._results.table(fingerprint, max_rows=CHART_ROWS)
        given = {**hints, "ids": frozenset(hints.get("ids", ()))} if hints else {"title": answer.chart.title}
        return choose(table, ChartHints(**given), locked=wanted, total_rows=answer.result.total_rows)


def find(
    session: Session,
    principal: Principal,
    message_id: str,
    action: Literal["conversation.read", "conversation.edit"],
) -> Message:
    """The message, if the principal may do this to its conversation."""
    row = session.get(Message, message_id)
    authorize(principal, action, session.get(Conversation, row.conversation_id) if row is not None else None)
    if row is None:
        raise NotFound
    return row


def present(row: Message) -> schemas.Message:
    """As clients see it."""
    return schemas.Message.model_validate(
        {
            "id": row.id,
            "conversation_id": row.conversation_id,
            "question": row.question,
            "state": row.state,
            "steps": row.steps,
            "answer": row.answer,
            "clarification": row.clarification,
            "problem": row.problem,
            "rating": row.rating,
            "created_at": row.created_at,
            "finished_at": row.finished_at,
        }
    )


def _answer(row: Message) -> schemas.Answer:
    if row.answer is None:
        raise Conflict("This message has no answer that could be drawn.")
    return schemas.Answer.model_validate(row.answer)


def record(session: Session, principal: Principal, action: str, row: Message, **facts: Any) -> None:
    """Add the event of an act on a message."""
    conversation = session.get_one(Conversation, row.conversation_id)
    events.record(
        session,
        principal,
        action,
        "message",
        row.id,
        object_name=topic(session, conversation),
        workspace_id=conversation.workspace_id,
        payload=facts,
    )


def topic(session: Session, row: Conversation) -> str:
    """What a conversation is about, for the record: the connection's name. Its title is private like its questions."""
    connection = session.get(Connection, row.connection_id) if row.connection_id is not None else None
    return connection.name if connection is not None else ""
