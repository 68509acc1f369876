"""Queries: gate, run, record; cached, cancelled, killed, refused; and never lost."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import psutil
import pyarrow as pa
import pytest
from sqlalchemy import select

from dataask_jupyter.errors import (
    Busy,
    Conflict,
    NotFound,
    ResultGone,
    SqlInvalid,
    SqlRefused,
    TooLarge,
)
from dataask_jupyter.schemas.queries import Query, QueryExecute
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store import models
from dataask_jupyter.store.models import Event
from tests.services.conftest import ANN, ME, MakeServices, connect

pytestmark = pytest.mark.slow

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


async def run(services: Services, connection_id: str, sql: str, **more: object) -> Query:
    given = QueryExecute.model_validate({"connection_id": connection_id, "sql": sql, **more})
    return await services.queries.execute(ME, given)


async def test_run_look_and_look_again(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    query = await run(services, connection.id, "SELECT city, count(*) AS n FROM customers GROUP BY city")
    assert (query.state, query.row_count, query.cached, query.truncated) == ("succeeded", 2, False, False)
    assert [column.name for column in query.columns or []] == ["city", "n"]
    assert await services.queries.get(ME, query.id) == query
    assert (await services.queries.rows(ME, query.id, 0, 10)).rows == [["Oslo", 1], ["Paris", 2]]
    assert (await services.queries.rows(ME, query.id, 1, 10)).rows == [["Paris", 2]]
    parts = [part async for part in await services.queries.arrow(ME, query.id)]
    assert pa.ipc.open_stream(b"".join(parts)).read_all().to_pylist() == [
        {"city": "Oslo", "n": 1},
        {"city": "Paris", "n": 2},
    ]
    # Neither a query nor its events say more than they must.
    events = await services.store.read(
        lambda s: s.execute(
            select(Event.action, Event.payload).where(Event.object_id == query.id).order_by(Event.number)
        ).all()
    )
    facts = {"connection_id": connection.id}
    assert [tuple(event) for event in events] == [("query.run", facts), ("query.export", facts)]


async def test_the_second_run_is_cached_until_the_data_change(services: Services, shop: Path) -> None:
    import sqlite3

    connection = await connect(services, shop)
    sql = "SELECT count(*) FROM orders"
    assert [(await run(services, connection.id, sql)).cached for _ in range(2)] == [False, True]
    assert not (await run(services, connection.id, sql, refresh=True)).cached
    assert (await run(services, connection.id, sql)).cached
    writer = sqlite3.connect(shop)
    writer.execute("DELETE FROM orders WHERE id > 10")
    writer.commit()
    writer.close()
    query = await run(services, connection.id, sql)
    assert not query.cached
    assert (await services.queries.rows(ME, query.id, 0, 1)).rows == [[10]]


async def test_workspaces_never_share_results(services: Services, shop: Path) -> None:
    mine, hers = await connect(services, shop), await connect(services, shop, ANN)
    sql = "SELECT count(*) FROM orders"
    await run(services, mine.id, sql)
    given = QueryExecute(connection_id=hers.id, sql=sql)
    assert not (await services.queries.execute(ANN, given)).cached


async def test_fewer_rows_when_asked_for(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    query = await run(services, connection.id, "SELECT * FROM orders", max_rows=7)
    assert (query.row_count, query.truncated) == (7, True)


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("DELETE FROM orders", SqlRefused),
        ("SELECT 1; SELECT 2", SqlRefused),
        ("ATTACH '/tmp/x' AS x", SqlRefused),
        ("SELEC 1", SqlInvalid),
        ("SELECT " + "(" * 3000 + "1" + ")" * 3000, TooLarge),
    ],
)
async def test_what_the_gate_refuses_is_an_error_and_in_the_history(
    on_sqlite: Settings, make_services: MakeServices, shop: Path, sql: str, error: type[Exception]
) -> None:
    services = make_services(on_sqlite)
    connection = await connect(services, shop)
    started = time.monotonic()
    with pytest.raises(error):
        await run(services, connection.id, sql)
    assert time.monotonic() - started < 1.5
    history = (await services.queries.list(ME, connection.workspace_id, None, 10)).items
    assert [(query.state, query.sql) for query in history] == [("failed", sql)]


async def test_what_the_engine_refuses_is_a_failed_query_with_the_reason(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    query = await run(services, connection.id, "SELECT * FROM nothing_of_the_kind")
    assert query.state == "failed"
    assert query.problem is not None
    assert (query.problem.type, "nothing_of_the_kind" in query.problem.detail) == ("/problems/sql-invalid", True)
    with pytest.raises(Conflict, match="has no result"):
        await services.queries.rows(ME, query.id, 0, 10)


async def test_a_long_query_goes_on_and_can_be_cancelled(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    query = await run(services, connection.id, ENDLESS, wait_seconds=0)
    assert query.state == "running"
    assert (await services.queries.get(ME, query.id)).state == "running"
    with pytest.raises(Conflict, match="still running"):
        await services.queries.rows(ME, query.id, 0, 10)
    with pytest.raises(NotFound):
        await services.queries.cancel(ANN, query.id)
    started = time.monotonic()
    cancelled = await services.queries.cancel(ME, query.id)
    assert time.monotonic() - started < 2
    assert (cancelled.state, cancelled.problem and cancelled.problem.type) == (
        "cancelled",
        "/problems/query-cancelled",
    )
    assert await services.queries.cancel(ME, query.id) == await services.queries.get(ME, query.id)
    assert (await run(services, connection.id, "SELECT 1")).state == "succeeded"


async def test_the_deadline_ends_a_query(on_sqlite: Settings, make_services: MakeServices, shop: Path) -> None:
    services = make_services(on_sqlite, query_seconds=0.5)
    connection = await connect(services, shop)
    query = await run(services, connection.id, ENDLESS)
    assert query.state == "failed"
    assert query.problem is not None
    assert query.problem.type == "/problems/query-timeout"


async def test_a_killed_worker_is_a_typed_problem_and_the_next_query_runs(
    on_sqlite: Settings, make_services: MakeServices, shop: Path
) -> None:
    services = make_services(on_sqlite, workers=1)
    connection = await connect(services, shop)
    query = await run(services, connection.id, ENDLESS, wait_seconds=0.3)
    workers = [
        process
        for process in psutil.Process().children(recursive=True)
        if "dataask_jupyter.execution" in " ".join(process.cmdline()) and process.cpu_times().user > 0.1
    ]
    for worker in workers:
        os.kill(worker.pid, signal.SIGKILL)
    for _ in range(100):
        query = await services.queries.get(ME, query.id)
        if query.state != "running":
            break
        await asyncio.sleep(0.05)
    assert query.state == "failed"
    assert query.problem is not None
    assert query.problem.type == "/problems/worker-lost"
    started = time.monotonic()
    assert (await run(services, connection.id, "SELECT 1")).state == "succeeded"
    assert time.monotonic() - started < 3


async def test_one_person_cannot_take_all_slots(on_sqlite: Settings, make_services: MakeServices, shop: Path) -> None:
    services = make_services(on_sqlite, queries_per_user=3, workers=3)
    connection, hers = await connect(services, shop), await connect(services, shop, ANN)
    running = [await run(services, connection.id, f"{ENDLESS} -- {n}", wait_seconds=0) for n in range(3)]
    with pytest.raises(Busy, match="3 of your queries are running"):
        await run(services, connection.id, "SELECT 1", wait_seconds=0)
    theirs = await services.queries.execute(ANN, QueryExecute(connection_id=hers.id, sql="SELECT 1", wait_seconds=0))
    assert theirs.state == "running"
    for query in running:
        await services.queries.cancel(ME, query.id)
    assert (await run(services, connection.id, "SELECT 1")).state == "succeeded"


async def test_a_result_that_is_gone_says_so(services: Services, shop: Path) -> None:
    connection = await connect(services, shop)
    query = await run(services, connection.id, "SELECT 1 AS one")
    for file in services.settings.results_dir.iterdir():
        file.unlink()
    for act in (services.queries.rows(ME, query.id, 0, 10), services.queries.arrow(ME, query.id)):
        with pytest.raises(ResultGone, match="Run the query again"):
            await act


async def test_the_history_is_paged_newest_first_and_private(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    for number in range(5):
        await run(services, connection.id, f"SELECT {number}")
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await services.queries.list(ME, connection.workspace_id, cursor, 2)
        seen += [query.sql for query in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"SELECT {number}" for number in (4, 3, 2, 1, 0)]
    with pytest.raises(NotFound):
        await services.queries.list(ANN, connection.workspace_id, None, 10)
    with pytest.raises(NotFound):
        await services.queries.get(ANN, (await services.queries.list(ME, connection.workspace_id, None, 1)).items[0].id)


async def test_deleting_a_connection_keeps_the_history(both: Services, shop: Path) -> None:
    services = both
    connection = await connect(services, shop)
    query = await run(services, connection.id, "SELECT 1 AS one")
    await services.connections.delete(ME, connection.workspace_id, connection.id)
    kept = await services.queries.get(ME, query.id)
    assert (kept.connection_id, kept.sql) == (None, "SELECT 1 AS one")
    assert (await services.queries.rows(ME, query.id, 0, 10)).rows == [[1]]


async def test_the_end_of_the_server_ends_queries_and_says_so(
    settings: Settings, make_services: MakeServices, shop: Path
) -> None:
    services = make_services(settings)
    connection = await connect(services, shop)
    query = await run(services, connection.id, ENDLESS, wait_seconds=0)
    await services.close()
    again = make_services(settings)
    assert (await again.queries.get(ME, query.id)).state == "cancelled"


async def test_what_a_killed_server_left_running_is_ended(
    settings: Settings, make_services: MakeServices, shop: Path
) -> None:
    services = make_services(settings)
    connection = await connect(services, shop)
    query = await run(services, connection.id, "SELECT 1")
    dead = f"{models_runner().partition('/')[0]}/999999999/1.00"
    elsewhere = "another-machine/1/1.00"
    for runner in (dead, elsewhere):
        await services.store.write(lambda s, r=runner: _leave_running(s, query.id, r))
        found = await make_services(settings).queries.get(ME, query.id)
        # Only the owner of a process can know that it died; for others the deadline decides.
        assert found.state == ("failed" if runner == dead else "running")


def models_runner() -> str:
    from dataask_jupyter.store import runner

    return runner.me()


def _leave_running(session: object, query_id: str, runner: str) -> None:
    row = session.get(models.Query, query_id)  # type: ignore[attr-defined]
    row.state, row.runner, row.problem, row.finished_at = "running", runner, None, None
