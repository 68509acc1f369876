"""BigQuery and Snowflake in the processes that queries run in: their limits, their small world, their end."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from dataask_jupyter.errors import QueryCancelled
from dataask_jupyter.execution import sandbox
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultStore
from dataask_jupyter.services.connection_settings import take_apart
from dataask_jupyter.sources import SourceSpec, endpoints, get
from dataask_jupyter.sql.gate import check

from .conftest import Create
from .databases import Database, shop
from .emulators import Emulator

KINDS = ["bigquery", "snowflake"]

pytestmark = pytest.mark.slow


def spec(database: Database) -> SourceSpec:
    """What a service hands to the workers."""
    given = take_apart(database.kind, database.settings)
    return SourceSpec(database.kind, given.settings, given.tried("c1"))


@pytest.mark.parametrize("kind", KINDS)
async def test_a_worker_reads_checks_and_describes_it(kind: str, create_database: Create, tmp_path: Path) -> None:
    database = create_database(kind, shop(kind))
    pool = WorkerPool(size=1, results=ResultStore(tmp_path, budget_bytes=10**8), limits=Limits())
    try:
        source = spec(database)
        status = await pool.check(source)
        assert (status.state, status.table_count, status.detail) == ("ok", 4, None)
        checked = check("SELECT id, name FROM customers ORDER BY id", get(kind).dialect)
        info = await pool.query(source, checked, "f" * 64)
        assert (info.row_count, [column.name.lower() for column in info.columns]) == (3, ["id", "name"])
        catalog = await pool.catalog(source)
        assert len(catalog.tables) == 4
        profile = await pool.profile(source, catalog)
        assert profile.complete
    finally:
        await pool.close()


async def test_a_key_is_in_no_answer_of_a_worker(create_database: Create, tmp_path: Path) -> None:
    database = create_database("bigquery")
    pool = WorkerPool(size=1, results=ResultStore(tmp_path, budget_bytes=10**8), limits=Limits())
    try:
        source = spec(database)
        status = await pool.check(SourceSpec("bigquery", source.settings | {"dataset": "nowhere"}, source.secrets))
        assert status.state == "failed"
        assert "nowhere" in (status.detail or "")
        assert "PRIVATE KEY" not in status.model_dump_json()
    finally:
        await pool.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_who_stops_a_query_waits_no_longer_for_it(kind: str, create_database: Create, tmp_path: Path) -> None:
    database = create_database(kind, shop(kind))
    pool = WorkerPool(size=1, results=ResultStore(tmp_path, budget_bytes=10**8), limits=Limits())
    many = "(SELECT a.id FROM customers a, customers b, customers c, customers d, customers e, customers f)"
    text = f"SELECT count(*) AS n FROM {many} u, {many} v, {many} w, {many} x, {many} y"
    text += " WHERE sin(u.id + v.id + w.id + x.id + y.id) > 2"
    try:
        await pool.check(spec(database))
        task = asyncio.create_task(pool.query(spec(database), check(text, get(kind).dialect), "e" * 64))
        await asyncio.sleep(1)
        started = time.monotonic()
        task.cancel()
        with pytest.raises((asyncio.CancelledError, QueryCancelled)):
            await task
        assert time.monotonic() - started < 5
    finally:
        await pool.close()


def test_a_worker_knows_where_emulators_are_and_no_other_address(
    bigquery_emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/etc/passwd")
    monkeypatch.setenv("SNOWFLAKE_HOME", "/tmp")
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    found = sandbox.environment()
    assert found[endpoints.BIGQUERY] == bigquery_emulator.address
    assert (
        not {"GOOGLE_APPLICATION_CREDENTIALS", "SNOWFLAKE_HOME", "BIGQUERY_EMULATOR_HOST", "HTTPS_PROXY"} & found.keys()
    )
