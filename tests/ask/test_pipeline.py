"""The pipeline: steps, the next reading when one fails, empty results, errors, clarifications."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from dataask_jupyter.ask.embedded import EmbeddedEngine
from dataask_jupyter.ask.engine import AskInput, Candidate, Candidates, Reading
from dataask_jupyter.ask.pipeline import Answered, NeedsClarification, RunResult, StepChanged, answer
from dataask_jupyter.errors import DataAskError, QueryTimeout, SqlInvalid
from dataask_jupyter.schemas.conversations import Confidence
from dataask_jupyter.schemas.results import ResultColumn, ResultPage

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)


class Runner:
    """Runs SQL on DuckDB as the services do, and remembers what it ran."""

    def __init__(self, place: Any) -> None:
        self.place = place
        self.ran: list[str] = []
        self.fail: dict[str, DataAskError] = {}

    async def __call__(self, sql: str) -> RunResult:
        self.ran.append(sql)
        if sql in self.fail:
            raise self.fail[sql]
        table = self.place.duckdb.execute(sql).to_arrow_table()
        rows = [list(row.values()) for row in table.to_pylist()]
        columns = [ResultColumn(name=f.name, type=str(f.type), kind="text") for f in table.schema]
        page = ResultPage(columns=columns, rows=rows, offset=0, total_rows=len(rows), truncated=False)
        return RunResult("0" * 32, page, table, len(rows), False, 1.0)


class Scripted:
    """An engine that says what the test wants."""

    name = "scripted"

    def __init__(self, candidates: tuple[Candidate, ...], repaired: Candidate | None = None) -> None:
        self.candidates = candidates
        self.repaired = repaired
        self.repairs = 0

    async def read(self, question: AskInput) -> Reading:
        return Candidates(self.candidates)

    async def repair(self, candidate: Candidate, error: DataAskError) -> Candidate | None:
        self.repairs += 1
        return self.repaired


async def events(question: str, place: Any, run: Runner, engine: Any = None) -> list[Any]:
    stream = answer(
        question,
        engine=engine or EmbeddedEngine(),
        model=place.models["duckdb"],
        dialect="duckdb",
        run=run,
        now=NOW,
        connection_name="shop",
    )
    return [event async for event in stream]


def candidate(place: Any, sql: str) -> Candidate:
    reading = EmbeddedEngine().read_now(AskInput("how many orders", place.models["duckdb"], "duckdb", NOW))
    assert isinstance(reading, Candidates)
    return replace(reading.items[0], sql=sql)


async def test_steps_come_in_order_and_the_answer_last(places: Callable[[str], Any]) -> None:
    found = await events("number of orders by status", places("shop"), Runner(places("shop")))
    steps = [(e.step.key, e.step.state) for e in found if isinstance(e, StepChanged)]
    assert steps == [(key, state) for key in ("read", "find", "run", "chart") for state in ("running", "done")]
    labels = [e.step.label for e in found if isinstance(e, StepChanged) and e.step.state == "done"]
    assert labels[:3] == ["Read as number of orders by status", "Found orders", "Ran on shop"]
    last = found[-1]
    assert isinstance(last, Answered)
    assert last.answer.chart.type == "bar"
    assert last.answer.understood == "Number of orders by status"
    assert last.answer.sentence == "Delivered has the most orders: 4."
    assert last.answer.result.total_rows == 3
    assert last.answer.confidence.level == "high"


async def test_a_clarification_runs_nothing(places: Callable[[str], Any]) -> None:
    run = Runner(places("shop"))
    found = await events("refunds per frobnicator", places("shop"), run)
    assert isinstance(found[-1], NeedsClarification)
    assert run.ran == []


async def test_rejected_sql_is_repaired_at_most_twice(places: Callable[[str], Any]) -> None:
    place = places("shop")
    run = Runner(place)
    run.fail = {"bad": SqlInvalid("no such column"), "worse": SqlInvalid("no such column")}
    good = Scripted((candidate(place, "bad"),), repaired=candidate(place, "SELECT count(*) AS n FROM orders"))
    assert isinstance((await events("x", place, run, good))[-1], Answered)
    assert good.repairs == 1
    run.ran.clear()
    flip = Scripted((candidate(place, "bad"),), repaired=candidate(place, "worse"))
    with pytest.raises(SqlInvalid):
        await events("x", place, run, flip)
    assert len(run.ran) <= 3


def unsure(found: Candidate, words: str) -> Candidate:
    """The candidate as a reading that isn't certain."""
    confidence = Confidence(level="some", score=0.7, reasons=["A guess"])
    return replace(found, confidence=confidence, understood=words)


async def test_the_next_reading_is_tried_when_an_unsure_one_finds_nothing(places: Callable[[str], Any]) -> None:
    place = places("shop")
    empty = unsure(candidate(place, "SELECT order_id FROM orders WHERE false"), "Orders of nobody")
    full = candidate(place, "SELECT count(*) AS n FROM orders")
    found = (await events("x", place, Runner(place), Scripted((empty, full))))[-1].answer
    assert (found.sql, found.understood) == (full.sql, full.understood)
    assert found.assumptions == list(full.assumptions)
    assert found.confidence.level == "some"
    assert found.confidence.score <= 0.6
    assert found.confidence.reasons[0] == "The first reading of the question found no rows"
    found = (await events("x", place, Runner(place), Scripted((empty, empty))))[-1].answer
    assert found.chart.type == "empty"
    assert found.understood == "Orders of nobody"


async def test_a_sure_reading_without_rows_is_the_answer(places: Callable[[str], Any]) -> None:
    place = places("shop")
    run = Runner(place)
    empty = candidate(place, "SELECT order_id FROM orders WHERE false")
    full = candidate(place, "SELECT count(*) AS n FROM orders")
    found = (await events("x", place, run, Scripted((empty, full))))[-1].answer
    assert run.ran == [empty.sql]
    assert found.chart.type == "empty"
    assert found.sentence.startswith("No rows match")


async def test_a_reading_that_the_database_rejects_makes_way_as_before(places: Callable[[str], Any]) -> None:
    place = places("shop")
    run = Runner(place)
    run.fail = {"bad": SqlInvalid("no such column")}
    full = candidate(place, "SELECT count(*) AS n FROM orders")
    found = (await events("x", place, run, Scripted((candidate(place, "bad"), full))))[-1].answer
    assert found.sql == full.sql


async def test_a_result_that_was_cut_says_so(places: Callable[[str], Any]) -> None:
    place = places("shop")
    whole = Runner(place)

    async def cut(sql: str) -> RunResult:
        return replace(await whole(sql), truncated=True)

    found = (await events("list all orders", place, cut))[-1].answer  # type: ignore[arg-type]
    assert found.sentence == "The first 6 rows are shown; a limit cut the rest, or very long values."
    found = (await events("list all orders", place, whole))[-1].answer
    assert "a limit cut" not in found.sentence


async def test_the_step_names_the_connection(places: Callable[[str], Any]) -> None:
    found = await events("number of orders by customer name", places("shop"), Runner(places("shop")))
    labels = [e.step.label for e in found if isinstance(e, StepChanged)]
    assert "Running on shop" in labels
    assert "Ran on shop" in labels
    assert "Found orders and customers, joined on orders.customer_id" in labels


async def test_other_failures_are_raised_after_the_step_is_marked(places: Callable[[str], Any]) -> None:
    place = places("shop")
    run = Runner(place)
    run.fail = {"slow": QueryTimeout("too slow")}
    engine = Scripted((candidate(place, "slow"),))
    stream = answer("x", engine=engine, model=place.models["duckdb"], dialect="duckdb", run=run, now=NOW)
    seen = [await anext(stream) for _ in range(6)]
    assert (seen[-1].step.key, seen[-1].step.state) == ("run", "failed")
    with pytest.raises(QueryTimeout):
        await anext(stream)
