"""One question, one answer, no conversation: what the shell asks."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.ask import pipeline
from dataask_jupyter.ask.embedded import EmbeddedEngine
from dataask_jupyter.errors import NoConnection, SourceUnavailable
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultInfo, ResultStore
from dataask_jupyter.schemas.connections import Connection
from dataask_jupyter.schemas.conversations import Answer, Clarification
from dataask_jupyter.schemas.results import ResultPage
from dataask_jupyter.semantic.model import SemanticModel
from dataask_jupyter.sources import SourceSpec, get, validate
from dataask_jupyter.store.models import now

from .container import Services
from .models import Models
from .profiles import Profiles
from .queries import Statement
from .runs import Runs

ROWS = 10_000
"""Rows that are handed over; more belong in a notebook."""
_ANSWER_ROWS = 200
_TABLE_ROWS = 50_000
_PROFILE_SECONDS = 20.0
"""A shell command can wait for what a person at a screen would not."""

_Execute = Callable[[str], Awaitable[tuple[str | None, ResultInfo]]]


@dataclass(frozen=True)
class Answered:
    """An answer with its rows."""

    answer: Answer
    page: ResultPage


async def ask_connection(services: Services, identity: Identity, question: str, name: str) -> Answered | Clarification:
    """Ask a connection of the current workspace: the named one, or the first."""
    workspace_id = (await services.accounts.me(identity)).workspace_id
    connection = await _connection(services, identity, workspace_id, name)
    spec = await services.connections.spec(identity, workspace_id, connection.id)

    async def execute(sql: str) -> tuple[str | None, ResultInfo]:
        query, info = await services.queries.run(
            identity, Statement(workspace_id=workspace_id, connection_id=connection.id, spec=spec, sql=sql)
        )
        return query.id, info

    model = await services.models.model(spec, wait_seconds=_PROFILE_SECONDS)
    return await _ask(question, spec, model, services.runs, execute, connection.id, connection.name)


async def ask_file(path: Path, question: str) -> Answered | Clarification:
    """Ask a database file that is no connection. Nothing of it is kept."""
    spec = await asyncio.to_thread(_spec_of, path)
    with tempfile.TemporaryDirectory(prefix="dataask-") as folder:
        results = ResultStore(Path(folder), budget_bytes=1024**4)
        limits = Limits()
        pool = WorkerPool(size=1, results=results, limits=limits)
        models = Models(pool, Profiles(None), profile_wait_seconds=_PROFILE_SECONDS)
        runs = Runs(pool, results, limits)

        async def execute(sql: str) -> tuple[str | None, ResultInfo]:
            checked = await runs.check(sql, get(spec.kind).dialect)
            info, _ = await runs.run(spec, checked, workspace_id="")
            return None, info

        try:
            model = await models.model(spec)
            return await _ask(question, spec, model, runs, execute, None, path.name)
        finally:
            await models.close()
            await pool.close()


async def _ask(
    question: str,
    spec: SourceSpec,
    model: SemanticModel,
    runs: Runs,
    execute: _Execute,
    connection_id: str | None,
    connection_name: str,
) -> Answered | Clarification:
    last: ResultInfo | None = None
    by_query: dict[str, ResultInfo] = {}

    async def run(sql: str) -> pipeline.RunResult:
        nonlocal last
        query_id, info = await execute(sql)
        last = by_query[sql] = info
        return pipeline.RunResult(
            query_id=query_id,
            page=await runs.page(info.fingerprint, 0, _ANSWER_ROWS),
            table=await runs.table(info.fingerprint, _TABLE_ROWS),
            total_rows=info.row_count,
            truncated=info.truncated,
            elapsed_ms=info.elapsed_ms,
        )

    events = pipeline.answer(
        question,
        engine=EmbeddedEngine(),
        model=model,
        dialect=get(spec.kind).dialect,
        run=run,
        now=now(),
        connection_id=connection_id,
        connection_name=connection_name,
    )
    async for event in events:
        match event:
            case pipeline.Answered(answer=answer):
                # Several readings may have been run; the answer's own rows are wanted.
                info = by_query.get(answer.sql, last)
                page = answer.result if info is None else await runs.page(info.fingerprint, 0, ROWS)
                return Answered(answer, page)
            case pipeline.NeedsClarification(clarification=clarification):
                return clarification
            case _:
                continue
    raise RuntimeError("The pipeline ended without an answer.")


async def _connection(services: Services, identity: Identity, workspace_id: str, name: str) -> Connection:
    if name:
        found = await services.connections.named(identity, workspace_id, name)
        if found is not None:
            return found
    page = await services.connections.list(identity, workspace_id, None, 200)
    if not page.items:
        raise NoConnection(
            "There is no connection to ask. Load the demo data with: jupyter dataask demo, "
            "or ask a file with: --database PATH"
        )
    if name:
        names = ", ".join(connection.name for connection in page.items)
        raise NoConnection(f"There is no connection named {name}. There is: {names}")
    return page.items[0]


def _spec_of(path: Path) -> SourceSpec:
    kind = _kind_of(path)
    return SourceSpec(kind, validate(kind, {"path": str(path.expanduser().absolute())}))


def _kind_of(path: Path) -> str:
    """What the file says it is; its name doesn't matter."""
    try:
        with path.expanduser().open("rb") as file:
            start = file.read(16)
    except FileNotFoundError:
        raise SourceUnavailable(f"{path} was not found. Check the path.") from None
    except OSError as error:
        raise SourceUnavailable(f"{path} can't be read: {error.strerror}.") from None
    if start.startswith(b"SQLite format 3\x00") or not start:
        return "sqlite"
    if start[8:12] == b"DUCK":
        return "duckdb"
    raise SourceUnavailable(f"{path} is neither a SQLite nor a DuckDB database.")
