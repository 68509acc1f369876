"""Asking: a question is recorded, answered whoever listens, and always brought to an end."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize
from dataask_jupyter.ask import pipeline
from dataask_jupyter.ask.engine import AnswerEngine, Turn
from dataask_jupyter.errors import Conflict, DataAskError, NoConnection, QueryTimeout, WorkerLost
from dataask_jupyter.schemas import conversations as schemas
from dataask_jupyter.sources import SourceSpec, get
from dataask_jupyter.store import runner
from dataask_jupyter.store.models import Connection, Conversation, Message, Workspace, now

from . import connections, conversations, messages
from .answering import Answering
from .insist import Insistence
from .messages import CHART_ROWS, Messages
from .models import Models
from .queries import Queries, Statement
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

ANSWER_ROWS = 200
TURNS = 8
TITLE_CHARACTERS = 80
_STOP_SECONDS = 3.0
_log = logging.getLogger("dataask")


@dataclass(frozen=True)
class _Asked:
    """All that answering needs, read in the transaction that recorded the question."""

    message: schemas.Message
    workspace_id: str
    time_zone: str
    connection_id: str
    connection_name: str
    spec: SourceSpec
    turns: tuple[Turn, ...]


class Asking:
    """Answers questions of conversations."""

    def __init__(
        self,
        transactions: Transactions,
        *,
        engine: Callable[[], AnswerEngine],
        models: Models,
        queries: Queries,
        messages: Messages,
        deadline_seconds: float,
    ) -> None:
        self._transactions = transactions
        self._make_engine = engine
        self._engine: AnswerEngine | None = None
        self._models = models
        self._queries = queries
        self._messages = messages
        self._deadline = deadline_seconds
        self._insistence = Insistence()

    async def ask(
        self, identity: Identity, workspace_id: str, conversation_id: str, question: str
    ) -> AsyncIterator[schemas.AskEvent]:
        """Record the question and start to answer it; the events of the answer."""

        def work(session: Session, principal: Principal) -> _Asked:
            row = conversations.find(session, principal, workspace_id, conversation_id, "conversation.edit", lock=True)
            connection = _connection(session, principal, row)
            authorize(principal, "query.run", connection)
            self._refuse_second(session, row)
            message = _add_message(session, row, question, self._deadline)
            conversations.record(session, principal, "message.ask", row, message_id=message.id)
            return _Asked(
                message=messages.present(message),
                workspace_id=row.workspace_id,
                time_zone=session.get_one(Workspace, row.workspace_id).time_zone,
                connection_id=connection.id,
                connection_name=connection.name,
                spec=connections.spec_of(connection),
                turns=_turns(session, row, before=message.position),
            )

        asked = await self._transactions.write(identity, work)
        live = self._messages.live[asked.message.id] = Answering(asked.message)
        live.start(lambda answering: self._answer(answering, identity, asked))
        # A task that is cancelled before its first step never runs at all: its end would not be written down.
        await asyncio.sleep(0)
        return live.listen()

    async def stop(self, identity: Identity, message_id: str) -> schemas.Message:
        """Stop answering. A message that has ended stays as it is."""

        def look(session: Session, principal: Principal) -> schemas.Message:
            return messages.present(messages.find(session, principal, message_id, "conversation.edit"))

        def note(session: Session, principal: Principal) -> None:
            row = messages.find(session, principal, message_id, "conversation.edit")
            messages.record(session, principal, "message.stop", row)

        found = await self._transactions.read(identity, look)
        live = self._messages.live.get(message_id)
        if live is not None and live.task is not None:
            # Only while it works: cancelling it later would cancel the writing down of its end.
            if live.message.state == "running" and not live.stopped_by_user:
                await self._transactions.write(identity, note)
            if live.message.state == "running" and not live.stopped_by_user:
                live.stopped_by_user = True
                live.task.cancel()
            await asyncio.wait({live.task}, timeout=_STOP_SECONDS)
            return live.message
        if found.state != "running":
            return found

        def give_up(session: Session, principal: Principal) -> schemas.Message:
            row = messages.find(session, principal, message_id, "conversation.edit")
            if row.state == "running":
                # Another process answers it; its own end will not replace this.
                row.state = "cancelled"
                row.finished_at = now()
                messages.record(session, principal, "message.stop", row)
            return messages.present(row)

        return await self._transactions.write(identity, give_up)

    async def close(self) -> None:
        """End all answers and write down that they ended."""
        tasks = [live.task for live in self._messages.live.values() if live.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._insistence.close()

    def _refuse_second(self, session: Session, row: Conversation) -> None:
        running = session.scalars(
            select(Message.id).where(Message.conversation_id == row.id, Message.state == "running")
        )
        for message_id in running:
            live = self._messages.live.get(message_id)
            if live is None or not live.over:
                raise Conflict(
                    "The question before is still being answered. Wait for it, or stop it.",
                    extra={"message_id": message_id},
                )

    async def _answer(self, live: Answering, identity: Identity, asked: _Asked) -> None:
        """Answer to the end, whatever happens on the way."""
        try:
            async with asyncio.timeout(self._deadline):
                await self._run_pipeline(live, identity, asked)
        except TimeoutError:
            error = QueryTimeout(
                f"The answer took longer than {self._deadline:.0f} s, the limit of this server. Ask for less at once."
            )
            live.end("failed", error=error)
        except asyncio.CancelledError:
            # Swallowed on purpose: the end still has to be written down.
            if live.stopped_by_user:
                live.end("cancelled")
            else:
                live.end("failed", error=WorkerLost("The server stopped while it was answering. Ask again."))
        except DataAskError as error:
            live.end("failed", error=error)
        except Exception:
            _log.exception("An answer failed in a way that nobody foresaw")
            live.end("failed", error=DataAskError("The server met an error that it doesn't know. Ask again."))
        message_id = live.message.id
        try:
            await self._insistence.write(
                f"Message {message_id}", lambda: self._save(live), lambda: self._messages.live.pop(message_id, None)
            )
        finally:
            live.announce_end()

    async def _run_pipeline(self, live: Answering, identity: Identity, asked: _Asked) -> None:
        async def run(sql: str) -> pipeline.RunResult:
            return await self._run(identity, asked, sql)

        dialect = get(asked.spec.kind).dialect
        live.step(schemas.Step(key="read", label="Reading the question", state="running"))
        model = await self._models.model(asked.spec)
        async for event in pipeline.answer(
            asked.message.question,
            engine=self._answer_engine(),
            model=model,
            dialect=dialect,
            run=run,
            now=now(),
            time_zone=asked.time_zone,
            history=asked.turns,
            connection_id=asked.connection_id,
            connection_name=asked.connection_name,
        ):
            match event:
                case pipeline.StepChanged(step=step):
                    live.step(step)
                case pipeline.Answered(answer=answer):
                    live.hints = _hints(event)
                    live.end("answered", answer=answer)
                case pipeline.NeedsClarification(clarification=clarification):
                    live.end("clarify", clarification=clarification)
        if live.message.state == "running":
            raise RuntimeError("The pipeline ended without an answer.")

    def _answer_engine(self) -> AnswerEngine:
        """The engine; its words and rules are loaded by the first question."""
        if self._engine is None:
            self._engine = self._make_engine()
        return self._engine

    async def _run(self, identity: Identity, asked: _Asked, sql: str) -> pipeline.RunResult:
        statement = Statement(
            workspace_id=asked.workspace_id,
            connection_id=asked.connection_id,
            spec=asked.spec,
            sql=sql,
            message_id=asked.message.id,
        )
        query, info = await self._queries.run(identity, statement)
        page, table = await self._queries.look(info, rows=ANSWER_ROWS, table_rows=CHART_ROWS)
        return pipeline.RunResult(
            query_id=query.id,
            page=page,
            table=table,
            total_rows=info.row_count,
            truncated=info.truncated,
            elapsed_ms=query.elapsed_ms or info.elapsed_ms,
        )

    async def _save(self, live: Answering) -> None:
        message, hints = live.message, live.hints

        def work(session: Session) -> None:
            row = session.get(Message, message.id)
            if row is None or row.state != "running":
                return
            data = message.model_dump(mode="json")
            row.state = message.state
            row.steps = data["steps"]
            row.answer = data["answer"]
            row.clarification = data["clarification"]
            row.problem = data["problem"]
            row.hints = hints
            row.finished_at = message.finished_at
            row.runner = None

        await self._transactions.store.write(work)


def _connection(session: Session, principal: Principal, row: Conversation) -> Connection:
    """What the conversation asks. A deleted connection isn't replaced by another one behind the user's back."""
    found = session.get(Connection, row.connection_id) if row.connection_id is not None else None
    if found is None and row.connection_id is None and not _has_messages(session, row):
        found = connections.first(session, principal, row.workspace_id)
        row.connection_id = found.id if found is not None else None
    if found is None:
        raise NoConnection("This conversation has no connection to ask. Add one, or choose one for it.")
    return found


def _has_messages(session: Session, row: Conversation) -> bool:
    return session.scalar(select(Message.id).where(Message.conversation_id == row.id).limit(1)) is not None


def _add_message(session: Session, row: Conversation, question: str, deadline: float) -> Message:
    last = session.scalar(select(func.max(Message.position)).where(Message.conversation_id == row.id))
    moment = now()
    message = Message(
        conversation_id=row.id,
        position=(last or 0) + 1,
        question=question,
        state="running",
        runner=runner.me(),
        deadline_at=moment + timedelta(seconds=deadline),
        created_at=moment,
    )
    session.add(message)
    if not row.title:
        row.title = _title(question)
    # The version stays: a question is not an edit, and a rename that is being typed should still fit.
    row.updated_at = moment
    session.flush()
    return message


def _title(question: str) -> str:
    words = " ".join(question.split())
    if len(words) <= TITLE_CHARACTERS:
        return words
    return words[:TITLE_CHARACTERS].rsplit(" ", 1)[0].rstrip(",;:.") + "…"


def _turns(session: Session, row: Conversation, *, before: int) -> tuple[Turn, ...]:
    """The last questions that were answered, oldest first."""
    found = session.scalars(
        select(Message)
        .where(Message.conversation_id == row.id, Message.position < before, Message.state == "answered")
        .order_by(Message.position.desc())
        .limit(TURNS)
    ).all()
    return tuple(
        Turn(question=message.question, understood=message.answer["understood"], sql=message.answer["sql"])
        for message in reversed(found)
        if message.answer is not None
    )


def _hints(event: pipeline.Answered) -> dict[str, Any]:
    """What the reading knew of the result, as JSON."""
    known = asdict(event.hints)
    return {**known, "measure_labels": dict(known["measure_labels"]), "ids": sorted(known["ids"])}
