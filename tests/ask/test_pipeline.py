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
    assert labels[:3] == ["Read as number of orders by status", "Found orders", "Ran on orders"]
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


async def test_the_next_reading_is_tried_when_one_finds_nothing(places: Callable[[str], Any]) -> None:
    place = places("shop")
    empty = candidate(place, "SELECT order_id FROM orders WHERE false")
    full = candidate(place, "SELECT count(*) AS n FROM orders")
    found = await events("x", place, Runner(place), Scripted((empty, full)))
    assert found[-1].answer.sql == full.sql
    found = await events("x", place, Runner(place), Scripted((empty, empty)))
    assert found[-1].answer.chart.type == "empty"


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
