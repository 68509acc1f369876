"""Queries on servers that are stopped, whose worker dies, or whose server does."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from dataask_jupyter.errors import QueryCancelled, SourceUnavailable, WorkerLost
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultInfo, ResultStore
from dataask_jupyter.sources import Secrets, SourceSpec
from dataask_jupyter.sql.gate import CheckedQuery

from .databases import Database

ENDLESS = {"postgresql": "SELECT count(*) AS n FROM generate_series(1, 9) a WHERE pg_sleep(100) IS NULL"}
ENDLESS["mysql"] = "SELECT sleep(100) AS n /* endless */"
ENDLESS_COMPUTING = (
    "SELECT count(*) AS n FROM {0} a, {0} b, {0} c, {0} d, {0} e, {0} f, {0} g, {0} h, {0} i, {0} j, {0} k, {0} l,"
    " {0} m, {0} n, {0} o, {0} p, {0} q, {0} r, {0} s, {0} t, {0} u, {0} v, {0} w, {0} x WHERE a.id + b.id + x.id < 0"
)


class Given(Secrets):
    def __init__(self, password: str) -> None:
        self._password = password

    def reveal(self) -> dict[str, str]:
        return {"password": self._password}


def spec(database: Database) -> SourceSpec:
    settings = {name: value for name, value in database.settings.items() if name != "password"}
    return SourceSpec(database.kind, settings, Given(database.settings.get("password", "")))


@pytest_asyncio.fixture
async def pool(tmp_path: Path) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(size=1, results=ResultStore(tmp_path / "results", budget_bytes=10**9), limits=Limits(seconds=30))
    yield pool
    await pool.close()


Run = Callable[[str], Awaitable[ResultInfo]]


@pytest.fixture
def run(pool: WorkerPool, server_database: Database) -> Run:
    def start(sql: str) -> Awaitable[ResultInfo]:
        name = f"{abs(hash(sql)):064x}"
        return pool.query(spec(server_database), CheckedQuery(sql, server_database.kind, ()), name)

    return start


def running(database: Database) -> int:
    """How many of the endless queries run at the server."""
    with database.open() as session:
        if database.kind == "postgresql":
            sql = (
                "SELECT count(*) AS n FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
                " AND application_name = 'dataask' AND datname = current_database()"
            )
        else:
            sql = (
                "SELECT count(*) AS n FROM information_schema.PROCESSLIST WHERE COMMAND = 'Query'"
                " AND ID <> connection_id() AND DB = DATABASE()"
            )
        (batch,) = session.read(sql).batches
        return int(batch.column(0)[0].as_py())


async def until(database: Database, wanted: int, seconds: float) -> float:
    """How long it took until so many run."""
    started = time.monotonic()
    while await asyncio.to_thread(running, database) != wanted:
        assert time.monotonic() - started < seconds, f"not {wanted} after {seconds} s"
        await asyncio.sleep(0.05)
    return time.monotonic() - started


@pytest.fixture(params=["sleeping", "computing"])
def endless(request: pytest.FixtureRequest, server_database: Database) -> str:
    """A query that waits, and one that keeps a processor busy and sends nothing."""
    if request.param == "sleeping":
        return ENDLESS[server_database.kind]
    return ENDLESS_COMPUTING.format("customers")


async def test_cancelling_ends_the_query_at_the_server(run: Run, server_database: Database, endless: str) -> None:
    task = asyncio.ensure_future(run(endless))
    await until(server_database, 1, 10)
    started = time.monotonic()
    task.cancel()
    await asyncio.wait({task})
    assert time.monotonic() - started < 1
    assert await until(server_database, 0, 1) < 1


async def test_a_killed_worker_leaves_nothing_running_at_the_server(
    run: Run, pool: WorkerPool, server_database: Database, endless: str
) -> None:
    """R3: nobody is left who could cancel."""
    task = asyncio.ensure_future(run(endless))
    await until(server_database, 1, 10)
    (worker,) = pool._queries.started
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerLost):
        await task
    assert await until(server_database, 0, 10) < 10


async def test_a_connection_that_the_server_ends_is_a_typed_error(
    run: Run, server_database: Database, endless: str
) -> None:
    """X2."""
    task = asyncio.ensure_future(run(endless))
    await until(server_database, 1, 10)
    if server_database.kind == "postgresql":
        server_database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = 'dataask' AND datname = current_database()"
        )
    else:
        server_database.run(
            "SELECT CONCAT('KILL ', ID) INTO @kill FROM information_schema.PROCESSLIST WHERE DB = DATABASE()"
            " AND COMMAND = 'Query' AND ID <> connection_id(); EXECUTE IMMEDIATE @kill;"
        )
    started = time.monotonic()
    with pytest.raises(SourceUnavailable) as error:
        await task
    assert time.monotonic() - started < 5
    assert error.value.status == 502
    assert "The connection to 127.0.0.1" in error.value.detail
    assert (await run("SELECT count(*) AS n FROM customers")).row_count == 1


async def test_a_server_that_stops_is_a_typed_error_and_comes_back(
    run: Run, server_database: Database, endless: str
) -> None:
    """X2: killed like a machine that fails."""
    task = asyncio.ensure_future(run(endless))
    await until(server_database, 1, 10)
    server = server_database.server
    assert server is not None
    started = time.monotonic()
    await asyncio.to_thread(server.stop)
    try:
        with pytest.raises(SourceUnavailable) as error:
            await task
        assert time.monotonic() - started < 5
        assert error.value.status == 502
        with pytest.raises(SourceUnavailable, match="refused the connection"):
            await run("SELECT 1 AS a")
    finally:
        await asyncio.to_thread(server.start)
    assert (await run("SELECT count(*) AS n FROM customers")).row_count == 1


async def test_a_result_that_is_cut_ends_the_query_at_the_server(pool: WorkerPool, server_database: Database) -> None:
    sql = "SELECT a.id FROM " + ", ".join(f"customers {letter}" for letter in "abcdefghijklmnopqrst")
    started = time.monotonic()
    info = await pool.query(
        spec(server_database), CheckedQuery(sql, server_database.kind, ()), "c" * 64, limits=Limits(max_rows=1000)
    )
    assert (info.row_count, info.truncated) == (1000, True)
    assert time.monotonic() - started < 5
    assert await until(server_database, 0, 2) < 2


async def test_a_stopped_query_says_so(run: Run, pool: WorkerPool, server_database: Database) -> None:
    task = asyncio.ensure_future(run(ENDLESS[server_database.kind]))
    await until(server_database, 1, 10)
    await pool.close()
    with pytest.raises(QueryCancelled):
        await task


async def test_catalog_profile_and_check_go_through_workers(pool: WorkerPool, server_database: Database) -> None:
    source = spec(server_database)
    catalog = await pool.catalog(source)
    profile = await pool.profile(source, catalog)
    status = await pool.check(source)
    assert (len(catalog.tables), len(profile.tables), status.state, status.table_count) == (4, 4, "ok", 4)
    assert status.read_only is False
    assert "superuser" in (status.detail or "")
