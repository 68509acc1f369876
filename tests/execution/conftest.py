"""Real database files, a store of results and a pool of workers."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import pytest_asyncio

from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultInfo, ResultStore, fingerprint
from dataask_jupyter.sources import SourceSpec, source_version
from dataask_jupyter.sql.gate import check

ROWS = 100_000


@pytest.fixture(scope="session")
def duckdb_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("duckdb") / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t (i BIGINT, g INTEGER, s VARCHAR, d DATE)")
        connection.execute(
            f"INSERT INTO t SELECT i, i % 7, 'v' || i, DATE '2020-01-01' + (i % 365)::INT FROM range({ROWS}) r(i)"
        )
    return path


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "shop.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (i INTEGER, g INTEGER, s TEXT, d DATE)")
    connection.executemany(
        "INSERT INTO t VALUES (?, ?, ?, ?)", ((i, i % 7, f"v{i}", f"2020-{1 + i % 12:02}-01") for i in range(ROWS))
    )
    connection.commit()
    connection.close()
    return path


@pytest.fixture(scope="session")
def specs(duckdb_file: Path, sqlite_file: Path) -> dict[str, SourceSpec]:
    return {
        "duckdb": SourceSpec("duckdb", {"path": str(duckdb_file)}),
        "sqlite": SourceSpec("sqlite", {"path": str(sqlite_file)}),
    }


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ResultStore:
    return ResultStore(tmp_path_factory.mktemp("results"), budget_bytes=4 * 1024**3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pool(store: ResultStore) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(size=2, results=store, limits=Limits(seconds=20))
    pool.warm()
    yield pool
    await pool.close()


@dataclass
class Runner:
    """Runs SQL as the services do: gate, fingerprint, pool."""

    pool: WorkerPool
    limits: Limits

    async def __call__(
        self, spec: SourceSpec, sql: str, limits: Limits | None = None, *, policy: str = ""
    ) -> ResultInfo:
        limits = limits or self.limits
        checked = check(sql, spec.kind)
        name = fingerprint(
            spec=spec, source_version=source_version(spec), sql=checked.sql, limits=limits, policy=policy
        )
        return await self.pool.query(spec, checked, name, limits=limits)


Run = Callable[..., Awaitable[ResultInfo]]


@pytest.fixture(scope="module")
def run(pool: WorkerPool) -> Runner:
    return Runner(pool, pool.limits)
