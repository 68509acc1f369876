"""Asking: streamed to whoever listens, kept for those who don't, and always brought to an end."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from dataask_jupyter.errors import (
    Conflict,
    NoConnection,
    NotFound,
    ResultGone,
    StaleVersion,
    StorageFull,
)
from dataask_jupyter.schemas.conversations import ConversationCreate, ConversationUpdate
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store import models, runner
from dataask_jupyter.store.models import Event
from tests.services.conftest import ANN, ME, MakeServices, ScriptedEngine, ask, connect, converse, home
from tests.services.test_queries import ENDLESS

pytestmark = pytest.mark.slow

CITIES = "sql: SELECT city, count(*) AS customers FROM customers GROUP BY city ORDER BY city"


async def test_a_question_from_start_to_end(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    events = [event async for event in await services.asking.ask(ME, connection.workspace_id, conversation, CITIES)]
    assert [event.type for event in (events[0], events[-1])] == ["message", "message"]
    first, last = events[0].message, events[-1].message
    assert first is not None
    assert last is not None
    assert (first.state, first.steps, last.state, last.problem) == ("running", [], "answered", None)
    steps = [(e.step.key, e.step.state) for e in events[1:-1] if e.step is not None]
    assert steps == [(key, state) for key in ("read", "find", "run", "chart") for state in ("running", "done")]
    assert [step.state for step in last.steps] == ["done"] * 4
    answer = last.answer
    assert answer is not None
    assert answer.result.rows == [["Oslo", 1], ["Paris", 2]]
    assert (answer.connection_id, answer.connection_name) == (connection.id, "shop")
    assert answer.query_id is not None
    assert (await services.queries.rows(ME, answer.query_id, 0, 9)).rows == answer.result.rows
    assert await services.messages.get(ME, last.id) == last
    detail = await services.conversations.get(ME, connection.workspace_id, conversation)
    assert detail.messages == [last]
    assert detail.title == f"{CITIES[:77]}…"


async def test_the_next_question_knows_the_one_before(services: Services, engine: ScriptedEngine, shop: Path) -> None:
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    for question in (CITIES, "what?", "sql: SELECT 1 AS one"):
        await ask(services, connection, conversation, question)
    turns = engine.read_with[-1].history
    assert [(turn.question, turn.understood) for turn in turns] == [(CITIES, "What was asked")]
    detail = await services.conversations.get(ME, connection.workspace_id, conversation)
    assert [message.state for message in detail.messages] == ["answered", "clarify", "answered"]


async def test_an_unclear_question_is_asked_back(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    message = await ask(services, connection, await converse(services, connection), "what?")
    assert (message.state, message.answer) == ("clarify", None)
    assert message.clarification is not None
    assert message.clarification.message == "Say it in other words."


async def test_an_engine_that_breaks_shows_nothing_of_the_inside(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    message = await ask(services, connection, await converse(services, connection), "boom")
    assert message.state == "failed"
    assert message.problem is not None
    assert message.problem.type == "/problems/internal"
    assert "hunter2" not in message.model_dump_json()
    assert [step.state for step in message.steps] == ["failed"]


async def test_a_table_that_is_not_there(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    message = await ask(services, connection, await converse(services, connection), "sql: SELECT * FROM ghosts")
    assert message.state == "failed"
    assert message.problem is not None
    assert "ghosts" in message.problem.detail
    assert {step.key: step.state for step in message.steps}["run"] == "failed"


async def test_a_file_that_is_gone(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    shop.unlink()
    message = await ask(services, connection, conversation, CITIES)
    assert message.state == "failed"
    assert message.problem is not None
    assert (message.problem.type, str(shop) in message.problem.detail) == ("/problems/source-unavailable", True)


async def test_stop_ends_the_query_too(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    events = await services.asking.ask(ME, connection.workspace_id, conversation, f"sql: {ENDLESS}")
    async for event in events:
        if event.message is not None:
            message = event.message
        if event.step is not None and event.step.key == "run":
            break
    with pytest.raises(NotFound):
        await services.asking.stop(ANN, message.id)
    await asyncio.sleep(0.2)
    started = time.monotonic()
    stopped = await services.asking.stop(ME, message.id)
    assert time.monotonic() - started < 2
    assert (stopped.state, stopped.answer, stopped.problem) == ("cancelled", None, None)
    assert await services.messages.get(ME, message.id) == stopped
    history = (await services.queries.list(ME, connection.workspace_id, None, 5)).items
    assert [query.state for query in history] == ["cancelled"]
    # What has ended stays as it is.
    assert await services.asking.stop(ME, message.id) == stopped


async def test_stop_while_it_reads(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    events = await services.asking.ask(ME, connection.workspace_id, conversation, "wait")
    message = (await anext(events)).message
    assert message is not None
    await asyncio.sleep(0.3)
    stopped = await services.asking.stop(ME, message.id)
    assert stopped.state == "cancelled"
    assert [event.message.state async for event in events if event.message] == ["cancelled"]


async def test_it_goes_on_when_nobody_listens(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    events = await services.asking.ask(ME, connection.workspace_id, conversation, CITIES)
    message = (await anext(events)).message
    assert message is not None
    await events.aclose()  # type: ignore[attr-defined]
    for _ in range(200):
        found = await services.messages.get(ME, message.id)
        if found.state != "running":
            break
        await asyncio.sleep(0.02)
    assert found.state == "answered"


async def test_only_one_answer_at_a_time(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    events = await services.asking.ask(ME, connection.workspace_id, conversation, "wait")
    message = (await anext(events)).message
    assert message is not None
    with pytest.raises(Conflict, match="still being answered") as caught:
        await services.asking.ask(ME, connection.workspace_id, conversation, CITIES)
    assert caught.value.extra == {"message_id": message.id}
    await services.asking.stop(ME, message.id)
    assert (await ask(services, connection, conversation, CITIES)).state == "answered"


async def test_the_deadline_is_always_an_end(on_sqlite: Settings, make_services: MakeServices, shop: Path) -> None:
    services = make_services(on_sqlite, ask_seconds=1.0)
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    for question in ("wait", f"sql: {ENDLESS}"):
        message = await ask(services, connection, conversation, question)
        assert message.state == "failed"
        assert message.problem is not None
        assert message.problem.type == "/problems/query-timeout"


async def test_a_server_that_ends_says_so_in_the_message(
    settings: Settings, make_services: MakeServices, shop: Path
) -> None:
    services = make_services(settings)
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    events = await services.asking.ask(ME, connection.workspace_id, conversation, "wait")
    message = (await anext(events)).message
    assert message is not None
    await services.close()
    found = await make_services(settings).messages.get(ME, message.id)
    assert found.state == "failed"
    assert found.problem is not None
    assert "Ask again" in found.problem.detail


async def test_what_a_killed_server_left_running_is_ended(
    settings: Settings, make_services: MakeServices, shop: Path
) -> None:
    services = make_services(settings)
    connection = await connect(services, shop)
    message = await ask(services, connection, await converse(services, connection), CITIES)
    machine = runner.me().partition("/")[0]
    past, future = models.now() - timedelta(hours=1), models.now() + timedelta(hours=1)
    for at_work, deadline, state in (
        (f"{machine}/999999999/1.00", future, "failed"),
        ("another-machine/1/1.00", past, "failed"),
        ("another-machine/1/1.00", future, "running"),
        (runner.me(), future, "running"),
    ):

        def leave(session, at_work=at_work, deadline=deadline) -> None:
            row = session.get(models.Message, message.id)
            row.state, row.runner, row.deadline_at = "running", at_work, deadline
            row.steps = [{"key": "read", "label": "Reading", "state": "running", "elapsed_ms": None}]

        await services.store.write(leave)
        found = await make_services(settings).messages.get(ME, message.id)
        assert found.state == state
        if state == "failed":
            assert found.problem is not None
            assert [step.state for step in found.steps] == ["failed"]


async def test_a_full_disk_at_the_end_loses_neither_answer_nor_state(
    on_sqlite: Settings, make_services: MakeServices, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = make_services(on_sqlite)
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    real, full = services.store.write, True

    async def write(work):
        if full and "_save" in work.__qualname__:
            raise StorageFull("The disk is full.")
        return await real(work)

    monkeypatch.setattr(services.store, "write", write)
    message = await ask(services, connection, conversation, CITIES)
    assert message.state == "answered"
    assert (await services.messages.get(ME, message.id)).state == "answered"
    full = False
    await asyncio.sleep(1.0)
    kept = await make_services(on_sqlite).messages.get(ME, message.id)
    assert kept == message


async def test_another_chart_of_the_same_answer(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    message = await ask(services, connection, conversation, CITIES)
    chart = await services.messages.choose_chart(ME, message.id, "pie")
    assert (chart.type, chart.locked) == ("pie", True)
    found = await services.messages.get(ME, message.id)
    assert found.answer is not None
    assert found.answer.chart == chart
    with pytest.raises(NotFound):
        await services.messages.choose_chart(ANN, message.id, "bar")
    unclear = await ask(services, connection, conversation, "what?")
    with pytest.raises(Conflict, match="no answer"):
        await services.messages.choose_chart(ME, unclear.id, "bar")
    for file in services.settings.results_dir.iterdir():
        file.unlink()
    with pytest.raises(ResultGone):
        await services.messages.choose_chart(ME, message.id, "bar")


async def test_feedback_is_given_and_taken_back(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    message = await ask(services, connection, await converse(services, connection), CITIES)
    assert (await services.messages.give_feedback(ME, message.id, "down")).rating == "down"
    assert (await services.messages.get(ME, message.id)).rating == "down"
    assert (await services.messages.give_feedback(ME, message.id, None)).rating is None
    with pytest.raises(NotFound):
        await services.messages.give_feedback(ANN, message.id, "up")


async def test_conversations_are_listed_changed_and_deleted(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    ws = connection.workspace_id
    older, newer = await converse(services, connection), await converse(services, connection)
    await ask(services, connection, older, CITIES)
    listed = (await services.conversations.list(ME, ws, None, 10)).items
    assert [conversation.id for conversation in listed] == [older, newer]
    changed = await services.conversations.update(ME, ws, older, 1, ConversationUpdate(title="Cities"))
    assert (changed.title, changed.version) == ("Cities", 2)
    with pytest.raises(StaleVersion) as caught:
        await services.conversations.update(ME, ws, older, 1, ConversationUpdate(title="Towns"))
    assert caught.value.extra == {"version": 2}
    message = (await services.conversations.get(ME, ws, older)).messages[0]
    await services.conversations.delete(ME, ws, older)
    for act in (services.conversations.get(ME, ws, older), services.messages.get(ME, message.id)):
        with pytest.raises(NotFound):
            await act
    actions = await services.store.read(lambda s: list(s.scalars(select(Event.action).order_by(Event.sequence))))
    assert actions[-2:] == ["conversation.update", "conversation.delete"]


async def test_a_deleted_conversation_stops_its_answer(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    events = await services.asking.ask(ME, connection.workspace_id, conversation, "wait")
    await anext(events)
    await services.conversations.delete(ME, connection.workspace_id, conversation)
    assert [event.message.state async for event in events if event.message] == ["cancelled"]


async def test_nobody_elses_conversation_exists(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    ws, conversation = connection.workspace_id, await converse(services, connection)
    hers = await home(services, ANN)
    for where, which in ((ws, conversation), (hers, conversation), (hers, "0" * 32)):
        for act in (
            services.conversations.get(ANN, where, which),
            services.conversations.update(ANN, where, which, 1, ConversationUpdate(title="x")),
            services.conversations.delete(ANN, where, which),
            services.asking.ask(ANN, where, which, CITIES),
        ):
            with pytest.raises(NotFound) as caught:
                await act
            assert caught.value.problem() == NotFound().problem()
    with pytest.raises(NotFound):
        await services.conversations.create(ANN, hers, ConversationCreate(connection_id=connection.id))
    assert (await services.conversations.list(ANN, hers, None, 5)).items == []


async def test_without_a_connection_there_is_nothing_to_ask(services: Services, shop: Path) -> None:
    ws = await home(services)
    conversation = (await services.conversations.create(ME, ws, ConversationCreate())).id
    with pytest.raises(NoConnection):
        await services.asking.ask(ME, ws, conversation, CITIES)
    # The first connection that comes is the one.
    connection = await connect(services, shop)
    assert (await ask(services, connection, conversation, CITIES)).state == "answered"
    await services.connections.delete(ME, ws, connection.id)
    with pytest.raises(NoConnection):
        await services.asking.ask(ME, ws, conversation, CITIES)


async def test_questions_asked_before_are_suggested(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    conversation = await converse(services, connection)
    for question in (CITIES, CITIES.upper().replace("SQL", "sql"), "sql: SELECT 1 AS one"):
        await ask(services, connection, conversation, question)
    offered = await services.suggestions.offer(ME, connection.workspace_id, connection.id, "sql: select c")
    history = [(item.text.casefold(), item.times_asked) for item in offered.items if item.source == "history"]
    assert history == [(CITIES.casefold(), 2)]
    with pytest.raises(NotFound):
        await services.suggestions.offer(ANN, connection.workspace_id, None, "")
    assert (await services.suggestions.offer(ANN, await home(services, ANN), None, "")).items == []
