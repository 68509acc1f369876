"""A cached page of a 1,000,000-row result: how long it takes at the store, and how much the process grows.

Goals: p95 under 20 ms, growth under 20 MB. `python -m benchmarks.results_page` prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import psutil

from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultStore, fingerprint
from dataask_jupyter.sources import SourceSpec, source_version
from dataask_jupyter.sql.gate import check

ROWS = 1_000_000
PAGES = 400
PAGE_ROWS = 200
SQL = """
    SELECT i, i % 97 AS g, i * 1.5 AS x, 'customer ' || (i % 1000) AS name, DATE '2020-01-01' + (i % 2000)::INT AS day,
           TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND AS at, i % 2 = 0 AS even, (i % 100)::DECIMAL(10, 2) AS price
    FROM t
"""


async def run(folder: Path) -> tuple[ResultStore, str]:
    """A result of a million rows, made by a worker."""
    path = folder / "bench.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE TABLE t AS SELECT i FROM range({ROWS}) r(i)")
    store = ResultStore(folder / "results", budget_bytes=2 * 1024**3)
    pool = WorkerPool(size=1, results=store)
    spec = SourceSpec("duckdb", {"path": str(path)})
    checked = check(SQL, "duckdb")
    name = fingerprint(spec=spec, source_version=source_version(spec), sql=checked.sql, limits=Limits())
    info = await pool.query(spec, checked, name)
    await pool.close()
    assert info.row_count == ROWS
    return store, name


def measure(store: ResultStore, name: str) -> dict[str, float]:
    """Random pages; the first one, which loads Arrow, is left out of both figures."""
    store.page(name, 0, PAGE_ROWS)
    process = psutil.Process()
    source = random.Random(1)
    before = largest = process.memory_info().rss
    times: list[float] = []
    for _ in range(PAGES):
        offset = source.randrange(ROWS - PAGE_ROWS)
        started = time.perf_counter()
        page = store.page(name, offset, PAGE_ROWS)
        times.append((time.perf_counter() - started) * 1000)
        assert page.rows[0][0] == offset
        largest = max(largest, process.memory_info().rss)
    return {
        "rows": ROWS,
        "page_rows": PAGE_ROWS,
        "pages": PAGES,
        "p50_ms": round(statistics.median(times), 2),
        "p95_ms": round(statistics.quantiles(times, n=20)[-1], 2),
        "rss_growth_mb": round((largest - before) / 1024**2, 1),
        "file_mb": round(store.file(name).stat().st_size / 1024**2, 1),
    }


def main() -> None:
    """Make the result, read its pages, print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        store, name = asyncio.run(run(Path(folder)))
        print(json.dumps(measure(store, name)))


if __name__ == "__main__":
    main()
