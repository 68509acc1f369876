"""From a question to an answer, step by step. Knows engines, charts and a way to run SQL; no HTTP and no store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from ..charts.hints import ChartHints
from ..errors import DataAskError, QueryTooBig, SqlInvalid, SqlRefused
from ..schemas.charts import Chart
from ..schemas.conversations import Answer, Clarification, Confidence, Step
from ..schemas.results import ResultPage
from ..semantic.model import SemanticModel
from .engine import AnswerEngine, AskInput, Candidate, Clarified, Turn

if TYPE_CHECKING:
    import pyarrow as pa

MAX_REPAIRS = 2
"""How often an engine may mend SQL that the database rejected."""

MAX_CANDIDATES = 4
"""How many readings are run at most before one is taken as it is."""


SECOND_READING = 0.6
"""The most that a reading can be sure of when a better fitting one found no rows."""

FIRST_EMPTY = "The first reading of the question found no rows"


@dataclass
class RunResult:
    """What came back from running a candidate's SQL: a page to show and a bounded table to draw from."""

    query_id: str | None
    page: ResultPage
    table: pa.Table
    total_rows: int
    truncated: bool
    elapsed_ms: float


Run = Callable[[str], Awaitable[RunResult]]
"""Checks, runs and records a statement; raises `DataAskError`."""


@dataclass(frozen=True)
class StepChanged:
    """A step started, ended or failed."""

    step: Step


@dataclass(frozen=True)
class Answered:
    """The end: there is an answer. The hints are what another chart of it needs to know."""

    answer: Answer
    hints: ChartHints


@dataclass(frozen=True)
class NeedsClarification:
    """The end: the user has to say more."""

    clarification: Clarification


PipelineEvent = StepChanged | Answered | NeedsClarification
StepKey = Literal["read", "find", "run", "chart"]


class _Clock:
    """Times the steps."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self._step = self.begun

    def start(self, key: StepKey, label: str) -> StepChanged:
        self._step = time.perf_counter()
        return StepChanged(Step(key=key, label=label, state="running"))

    def end(self, key: StepKey, label: str, *, failed: bool = False) -> StepChanged:
        elapsed = (time.perf_counter() - self._step) * 1000
        return StepChanged(Step(key=key, label=label, state="failed" if failed else "done", elapsed_ms=elapsed))

    def total_ms(self) -> float:
        return (time.perf_counter() - self.begun) * 1000


async def answer(
    question: str,
    *,
    engine: AnswerEngine,
    model: SemanticModel,
    dialect: str,
    run: Run,
    now: datetime,
    time_zone: str = "UTC",
    history: Sequence[Turn] = (),
    connection_id: str | None = None,
    connection_name: str = "",
) -> AsyncIterator[PipelineEvent]:
    """Answer a question. The last event is `Answered` or `NeedsClarification`; failures raise `DataAskError`."""
    clock = _Clock()
    yield clock.start("read", "Reading the question")
    asked = AskInput(question, model, dialect, now, time_zone, tuple(history))
    reading = await engine.read(asked)
    if isinstance(reading, Clarified):
        yield clock.end("read", "Read the question")
        yield NeedsClarification(reading.clarification)
        return
    first = reading.items[0]
    yield clock.end("read", f"Read as {_lower_first(first.understood)}")

    yield clock.start("find", "Finding the data")
    yield clock.end("find", _found(first))

    place = connection_name or _listed(first.tables)
    yield clock.start("run", f"Running on {place}")
    try:
        chosen, result = await _run_best(engine, reading.items, run)
    except DataAskError:
        yield clock.end("run", f"Running on {place}", failed=True)
        raise
    yield clock.end("run", f"Ran on {place}")

    yield clock.start("chart", "Choosing a chart and writing the answer")
    built = await asyncio.to_thread(_present, chosen, result)
    yield clock.end("chart", "Chose a chart and wrote the answer")
    chart, sentence, detail = built
    yield Answered(
        Answer(
            understood=chosen.understood,
            sentence=sentence,
            detail=detail,
            sql=chosen.sql,
            dialect=dialect,
            connection_id=connection_id,
            connection_name=connection_name,
            query_id=result.query_id,
            tables=list(chosen.tables),
            result=result.page,
            chart=chart,
            confidence=chosen.confidence,
            assumptions=list(chosen.assumptions),
            suggestions=list(chosen.suggestions),
            elapsed_ms=clock.total_ms(),
        ),
        chosen.chart_hints,
    )


async def _run_best(engine: AnswerEngine, candidates: Sequence[Candidate], run: Run) -> tuple[Candidate, RunResult]:
    """The first reading that runs. Only when it was unsure and finds nothing may a later one, that says so, answer.

    That a sure reading finds no rows is the answer; another reading's rows would answer another question.
    """
    empty: tuple[Candidate, RunResult] | None = None
    failure: DataAskError | None = None
    for candidate in candidates[:MAX_CANDIDATES]:
        try:
            ran = await _run_repaired(engine, candidate, run)
        except (SqlInvalid, SqlRefused, QueryTooBig) as error:
            failure = failure or error
            continue
        if empty is None and (not is_empty(ran[1]) or candidate.confidence.level == "high"):
            return ran
        if empty is not None and not is_empty(ran[1]):
            return _second(ran[0]), ran[1]
        empty = empty or ran
    if empty is not None:
        return empty
    if failure is None:
        raise SqlInvalid("The question was read, but no query came of it. Say it in other words.")
    raise failure


def _second(candidate: Candidate) -> Candidate:
    """A reading that is taken because the first one found nothing: its own words, but never more than half sure."""
    confidence = candidate.confidence
    reasons = [FIRST_EMPTY, *(r for r in confidence.reasons if r != FIRST_EMPTY)]
    level: Literal["some", "low"] = "low" if confidence.level == "low" else "some"
    bounded = Confidence(level=level, score=min(confidence.score, SECOND_READING), reasons=reasons)
    return replace(candidate, confidence=bounded)


async def _run_repaired(engine: AnswerEngine, candidate: Candidate, run: Run) -> tuple[Candidate, RunResult]:
    """Run a candidate; when the database rejects it, let the engine mend it."""
    for attempt in range(MAX_REPAIRS + 1):
        try:
            return candidate, await run(candidate.sql)
        except SqlInvalid as error:
            if attempt == MAX_REPAIRS:
                raise
            repaired = await engine.repair(candidate, error)
            if repaired is None or repaired.sql == candidate.sql:
                raise
            candidate = repaired
    raise AssertionError("unreachable")  # the loop returns or raises


def is_empty(result: RunResult) -> bool:
    """Whether a result says nothing: no rows, or one row of nulls (an aggregate over no rows)."""
    rows = result.page.rows
    return result.total_rows == 0 or (result.total_rows == 1 and bool(rows) and all(v is None for v in rows[0]))


def _present(candidate: Candidate, result: RunResult) -> tuple[Chart, str, str | None]:
    """The chart and the words for a result. Imported here: charts pull in Plotly's and Arrow's weight."""
    from ..charts.choose import choose
    from ..charts.sentence import describe

    chart = choose(result.table, candidate.chart_hints, total_rows=result.total_rows)
    sentence, detail = describe(result.table, chart, candidate.chart_hints, total_rows=result.total_rows)
    if result.truncated:
        # Whatever was said of the rows holds for the first ones only, so that is what the sentence says.
        said = f"The first {result.total_rows:,} rows are shown; a limit cut the rest, or very long values."
        return chart, said, None
    return chart, sentence, detail


def _found(candidate: Candidate) -> str:
    return candidate.found or (f"Found {_listed(candidate.tables)}" if candidate.tables else "Found the data")


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _lower_first(text: str) -> str:
    """`Average delay by carrier` inside a sentence; acronyms stay as they are."""
    return text if len(text) > 1 and text[1].isupper() else text[:1].lower() + text[1:]
