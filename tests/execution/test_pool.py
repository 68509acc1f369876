"""The pool: what queries give, and what becomes of those that are hostile, stopped, or whose process dies."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from dataask_jupyter.errors import (
    DataAskError,
    QueryCancelled,
    QueryTimeout,
    QueryTooBig,
    SourceUnavailable,
    SqlInvalid,
    WorkerLost,
)
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultStore
from dataask_jupyter.schemas.catalog import Catalog
from dataask_jupyter.sources import SourceSpec
from dataask_jupyter.sql.gate import CheckedQuery
from tests.execution.conftest import Runner

Specs = dict[str, SourceSpec]

RUNAWAY = {
    "duckdb": "SELECT count(*) FROM range(10000000) a(i), range(10000000) b(j) WHERE i * j = 7",
    "sqlite": "SELECT count(*) FROM t a, t b, t c WHERE a.i + b.i = c.i * 7 + 1",
}
KINDS = ["duckdb", "sqlite"]

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


def workers(pool: WorkerPool) -> list[int]:
    return [worker.pid for lane in pool._lanes or () for worker in lane.started]


async def until_running(pool: WorkerPool, *, seconds: float = 5) -> int:
    """The process that works, once one uses the processor."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for pid in workers(pool):
            if psutil.Process(pid).cpu_percent(0.05) > 50 and psutil.Process(pid).num_threads() > 1:
                return pid
        await asyncio.sleep(0.05)
    raise AssertionError("no worker works")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_query_gives_rows_and_columns(run: Runner, specs: Specs, store: ResultStore, kind: str) -> None:
    info = await run(specs[kind], "SELECT g, count(*) AS n, sum(i) AS total FROM t GROUP BY g ORDER BY g")
    assert [(column.name, column.kind) for column in info.columns] == [
        ("g", "integer"), ("n", "integer"), ("total", "integer"),
    ]  # fmt: skip
    page = store.page(info.fingerprint, 0, 2)
    assert page.rows == [[0, 14286, 714264285], [1, 14286, 714278571]]
    assert (page.total_rows, page.truncated, info.row_count) == (7, False, 7)


@pytest.mark.parametrize("kind", KINDS)
async def test_the_same_query_is_answered_from_its_file(run: Runner, specs: Specs, kind: str) -> None:
    first = await run(specs[kind], "SELECT * FROM t")
    # The same elapsed time too: it is the first run's result, not a second one.
    assert await run(specs[kind], "SELECT * FROM t -- again") == first


async def test_single_flight_runs_a_query_once(run: Runner, specs: Specs, pool: WorkerPool) -> None:
    sql = "SELECT g, count(*) FROM t a JOIN t b USING (g) WHERE a.i < 1000 GROUP BY g"
    found = await asyncio.gather(*(run(specs["duckdb"], sql) for _ in range(20)))
    assert len({info.elapsed_ms for info in found}) == 1
    assert len(workers(pool)) <= 2


async def test_single_flight_survives_one_who_leaves(run: Runner, specs: Specs) -> None:
    sql = "SELECT count(*) FROM t a JOIN t b USING (g) WHERE a.i < 3000"
    leaving = asyncio.create_task(run(specs["duckdb"], sql))
    staying = asyncio.create_task(run(specs["duckdb"], sql))
    await asyncio.sleep(0.05)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert (await staying).row_count == 1


@pytest.mark.parametrize(
    ("kind", "sql", "words"),
    [
        ("duckdb", "SELECT nope FROM t", '"nope" not found'),
        ("duckdb", "SELECT *\nFROM nope", "Table with name nope does not exist"),
        ("duckdb", "SELECT 'a'::INT FROM t", "Could not convert string 'a' to INT32"),
        ("duckdb", "SELECT error('bang')", "bang"),
        ("sqlite", "SELECT nope FROM t", "No such column: nope."),
        ("sqlite", "SELECT * FROM nope", "No such table: nope."),
        ("sqlite", "SELECT i FROM t GROUP BY 5", "1st GROUP BY term out of range"),
    ],
)
async def test_the_engine_says_what_is_wrong(run: Runner, specs: Specs, kind: str, sql: str, words: str) -> None:
    with pytest.raises(SqlInvalid) as error:
        await run(specs[kind], sql)
    assert words in error.value.detail
    assert "Error:" not in error.value.detail
    assert "LINE" not in error.value.detail
    if "FROM nope" in sql and kind == "duckdb":
        assert error.value.extra == {"line": 2, "column": 6}


@pytest.mark.parametrize(
    ("kind", "sql", "expected"),
    [
        pytest.param("duckdb", "SELECT range(1000000000)", (QueryTooBig, QueryTimeout), id="D6-range"),
        pytest.param("duckdb", "SELECT repeat('x', 4000000000)", (QueryTooBig, QueryTimeout), id="D6-repeat"),
        pytest.param("duckdb", "SELECT list(i) FROM range(1000000000) r(i)", (QueryTooBig, QueryTimeout), id="D6-list"),
        pytest.param(
            "duckdb", "SELECT i, repeat('x', 1000000) FROM range(1000000) r(i)", (QueryTooBig,), id="D6-wide-rows"
        ),
        pytest.param("sqlite", "SELECT printf('%.*c', 900000000, 'x')", (QueryTooBig, None), id="Q10-printf-900MB"),
        pytest.param("sqlite", "SELECT hex(hex(hex(printf('%.*c', 90000000, 'x'))))", (QueryTooBig,), id="Q10-hex"),
    ],
)  # fmt: skip
async def test_what_needs_too_much_memory_ends_soon(
    run: Runner, specs: Specs, kind: str, sql: str, expected: tuple[type[DataAskError] | None, ...]
) -> None:
    before, started = psutil.Process().memory_info().rss, time.monotonic()
    try:
        await run(specs[kind], sql, Limits(seconds=9))
        found: type[DataAskError] | None = None
    except (QueryTooBig, QueryTimeout) as error:
        found = type(error)
    assert found in expected
    assert time.monotonic() - started < 10
    assert psutil.Process().memory_info().rss - before < 50 * 1024**2, "the server's memory stays flat"
    started = time.monotonic()
    assert (await run(specs[kind], "SELECT 1")).row_count == 1
    assert time.monotonic() - started < 2, "the next query finds a worker"


@pytest.mark.parametrize(
    ("kind", "sql"),
    [
        pytest.param("duckdb", "SELECT * FROM range(1000000000)", id="R1-D6-duckdb"),
        pytest.param("duckdb", "SELECT i, repeat('x', 1000) FROM range(1000000000) r(i)", id="R1-bytes-duckdb"),
        pytest.param("sqlite", "WITH r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i FROM r", id="R1-sqlite"),
    ],
)
async def test_a_huge_result_is_cut(run: Runner, specs: Specs, store: ResultStore, kind: str, sql: str) -> None:
    store.page((await run(specs[kind], "SELECT 1")).fingerprint, 0, 1)  # Arrow is loaded on the first page.
    before = psutil.Process().memory_info().rss
    limits = Limits(max_rows=300_000, max_bytes=50 * 1024**2)
    info = await run(specs[kind], sql, limits)
    assert info.truncated
    assert 40_000 < info.row_count <= 300_000
    assert info.byte_count <= limits.max_bytes
    page = store.page(info.fingerprint, info.row_count - 10, 100)
    assert len(page.rows) == 10
    assert page.truncated
    assert psutil.Process().memory_info().rss - before < 20 * 1024**2


@pytest.mark.parametrize("kind", KINDS)
async def test_a_runaway_ends_at_its_deadline(run: Runner, specs: Specs, pool: WorkerPool, kind: str) -> None:
    """D7."""
    started = time.monotonic()
    with pytest.raises(QueryTimeout, match="after 1 s"):
        await run(specs[kind], RUNAWAY[kind], Limits(seconds=1))
    assert time.monotonic() - started < 2
    await assert_nothing_works(pool)
    assert (await run(specs[kind], "SELECT 1")).row_count == 1


async def test_an_endless_recursion_ends_at_its_deadline(run: Runner, specs: Specs) -> None:
    """D7."""
    sql = "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r"
    for spec in specs.values():
        started = time.monotonic()
        with pytest.raises(QueryTimeout):
            await run(spec, sql, Limits(seconds=1))
        assert time.monotonic() - started < 2


async def assert_nothing_works(pool: WorkerPool) -> None:
    for pid in workers(pool):
        if psutil.pid_exists(pid):
            await asyncio.sleep(0.1)
            assert psutil.Process(pid).cpu_percent(0.3) < 50, "the worker still runs the query"


@pytest.mark.parametrize("kind", KINDS)
async def test_cancelling_stops_a_runaway_within_a_second(
    run: Runner, specs: Specs, pool: WorkerPool, store: ResultStore, kind: str
) -> None:
    """R3."""
    query = asyncio.create_task(run(specs[kind], RUNAWAY[kind]))
    await until_running(pool)
    started = time.monotonic()
    query.cancel()
    with pytest.raises(asyncio.CancelledError):
        await query
    assert time.monotonic() - started < 1
    await assert_nothing_works(pool)
    assert (await run(specs[kind], "SELECT 1")).row_count == 1
    await asyncio.sleep(0.2)
    assert not list(store.folder.glob("*.tmp")), "nothing is left of it"


async def test_a_worker_that_does_not_react_is_killed(run: Runner, specs: Specs, pool: WorkerPool) -> None:
    query = asyncio.create_task(run(specs["duckdb"], RUNAWAY["duckdb"], Limits(seconds=60)))
    pid = await until_running(pool)
    os.kill(pid, signal.SIGSTOP)
    started = time.monotonic()
    query.cancel()
    with pytest.raises(asyncio.CancelledError):
        await query
    assert time.monotonic() - started < 1.5
    assert not psutil.pid_exists(pid)


@pytest.mark.parametrize(
    "deadly", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT], ids=lambda value: f"X15-{value.name}"
)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_worker_that_dies_is_replaced(
    run: Runner, specs: Specs, pool: WorkerPool, store: ResultStore, kind: str, deadly: signal.Signals
) -> None:
    await run(specs[kind], "SELECT 0")
    query = asyncio.create_task(run(specs[kind], RUNAWAY[kind]))
    pid = await until_running(pool)
    os.kill(pid, deadly)
    with pytest.raises(WorkerLost) as error:
        await query
    assert error.value.status == 502
    started = time.monotonic()
    assert (await run(specs[kind], "SELECT 1")).row_count == 1
    assert time.monotonic() - started < 2
    assert pid not in workers(pool)


async def test_an_idle_worker_that_died_costs_nobody_an_error(run: Runner, specs: Specs, pool: WorkerPool) -> None:
    """X15."""
    await run(specs["duckdb"], "SELECT 0")
    for pid in workers(pool):
        os.kill(pid, signal.SIGKILL)
        psutil.Process(pid).wait(5) if psutil.pid_exists(pid) else None
    await asyncio.sleep(0.2)
    assert (await run(specs["duckdb"], "SELECT 1")).row_count == 1


async def test_a_query_killed_again_and_again_leaves_no_partial_result(
    run: Runner, specs: Specs, pool: WorkerPool, store: ResultStore
) -> None:
    """X6."""
    sql = "SELECT a.i, a.s, b.s AS other FROM t a JOIN t b ON a.i = b.i ORDER BY a.s"
    for attempt in range(4):
        query = asyncio.create_task(run(specs["duckdb"], f"{sql} LIMIT {90_000 + attempt}"))
        await asyncio.sleep(0.02 + attempt * 0.06)
        for pid in workers(pool):
            if psutil.pid_exists(pid):
                os.kill(pid, signal.SIGKILL)
        try:
            info = await query
            assert len(store.page(info.fingerprint, 0, 100_000).rows) == info.row_count
        except WorkerLost:
            pass
    for file in store.folder.glob("*.arrow"):
        known = store.info(file.stem)
        assert known is not None
        assert store.table(file.stem, max_rows=10**6).num_rows == known.row_count
    info = await run(specs["duckdb"], f"{sql} LIMIT 90000")
    assert info.row_count == 90_000


async def test_the_event_loop_stays_responsive_while_queries_run(run: Runner, specs: Specs) -> None:
    """Row 11 of performance.md, and X15's slots."""
    queries = [asyncio.create_task(run(specs[kind], RUNAWAY[kind], Limits(seconds=1.5))) for kind in KINDS]
    worst = 0.0
    while not all(query.done() for query in queries):
        started = time.perf_counter()
        await asyncio.sleep(0.005)
        worst = max(worst, time.perf_counter() - started - 0.005)
    for query in queries:
        assert isinstance(query.exception(), QueryTimeout)
    assert worst < 0.25


async def test_queries_beyond_the_slots_wait_their_turn(run: Runner, specs: Specs, pool: WorkerPool) -> None:
    slow = [
        asyncio.create_task(run(specs["duckdb"], RUNAWAY["duckdb"] + f" AND i <> {n}", Limits(seconds=1)))
        for n in range(4)
    ]
    quick = asyncio.create_task(run(specs["duckdb"], "SELECT 1"))
    assert (await quick).row_count == 1
    for query in slow:
        with pytest.raises(QueryTimeout):
            await query
    assert len(workers(pool)) <= 2


async def test_a_profile_does_not_block_queries(pool: WorkerPool, run: Runner, tmp_path: Path) -> None:
    import duckdb

    path = tmp_path / "endless.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE VIEW endless AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i FROM r"
        )
    spec = SourceSpec("duckdb", {"path": str(path)})
    catalog = await pool.catalog(spec)
    profile = asyncio.create_task(pool.profile(spec, catalog, seconds=1.5))
    await asyncio.sleep(0.5)
    started = time.monotonic()
    assert (await run(spec, "SELECT 1")).row_count == 1
    assert time.monotonic() - started < 1.5
    assert not (await profile).complete


async def test_closing_ends_everything(store: ResultStore, specs: Specs) -> None:
    pool = WorkerPool(size=2, results=store)
    pool.warm()
    query = asyncio.create_task(Runner(pool, pool.limits)(specs["duckdb"], RUNAWAY["duckdb"]))
    await until_running(pool)
    known = workers(pool)
    await pool.close()
    with pytest.raises(QueryCancelled):
        await query
    assert not [pid for pid in known if psutil.pid_exists(pid)]
    with pytest.raises(QueryCancelled):
        await Runner(pool, pool.limits)(specs["duckdb"], "SELECT 2")


async def test_check_says_what_is_there(pool: WorkerPool, specs: Specs) -> None:
    for kind in KINDS:
        status = await pool.check(specs[kind])
        assert (status.state, status.table_count, status.read_only) == ("ok", 1, True)
        assert status.latency_ms is not None
        assert status.checked_at is not None
    status = await pool.check(SourceSpec("duckdb", {"path": "/nowhere/x.duckdb"}))
    assert status.state == "failed"
    assert status.detail == "/nowhere/x.duckdb was not found. Check the path, or restore the file."


async def test_a_source_that_is_gone_is_unavailable(pool: WorkerPool, tmp_path: Path) -> None:
    spec = SourceSpec("sqlite", {"path": str(tmp_path / "gone.db")})
    with pytest.raises(SourceUnavailable, match="was not found"):
        await pool.catalog(spec)
    with pytest.raises(SourceUnavailable, match="was not found"):
        await pool.query(spec, CheckedQuery("SELECT 1", "sqlite", ()), "0" * 64)
    with pytest.raises(SourceUnavailable, match="was not found"):
        await pool.profile(
            spec, Catalog.model_validate({"dialect": "sqlite", "tables": [], "fetched_at": "2026-01-01T00:00:00Z"})
        )


async def test_a_worker_has_limits_and_a_small_environment(
    store: ResultStore, specs: Specs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CANARY_TOKEN", "s3cret-canary")
    pool = WorkerPool(size=1, results=store)
    await Runner(pool, pool.limits)(specs["duckdb"], "SELECT 42")
    (pid,) = workers(pool)
    assert b"s3cret-canary" not in Path(f"/proc/{pid}/environ").read_bytes()
    limits = {line[:26].strip(): line[26:].split()[0] for line in Path(f"/proc/{pid}/limits").read_text().splitlines()}
    assert limits["Max address space"] == str(pool.limits.memory_bytes)
    assert limits["Max core file size"] == "0"
    assert limits["Max cpu time"] != "unlimited"
    assert limits["Max file size"] != "unlimited"
    await pool.close()


async def test_there_are_never_more_workers_than_slots(store: ResultStore, specs: Specs) -> None:
    """However they die, and while their replacements start."""
    pool = WorkerPool(size=2, results=store)
    run = Runner(pool, pool.limits)
    pool.warm()
    most = 0
    try:
        for turn in range(6):
            queries = [asyncio.create_task(run(specs["sqlite"], f"SELECT {turn * 10 + n}, 'lane'")) for n in range(4)]
            for pid in workers(pool)[: turn % 3]:
                os.kill(pid, signal.SIGKILL)
            await asyncio.gather(*queries, return_exceptions=True)
            most = max(most, len(workers(pool)))
        assert (await run(specs["sqlite"], "SELECT 'last'")).row_count == 1
    finally:
        await pool.close()
    assert most <= 2
