"""Pages of a cached result of a million rows, over HTTP from a running server, and what the server's memory does."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path
from typing import Any

import duckdb
import httpx

from .figures import Figure, percentile
from .startup import lab

API = "/dataask/api/v1"
ROWS = 1_000_000
PAGES = 400
PAGE_ROWS = 200
SQL = """
    SELECT i, i % 97 AS g, i * 1.5 AS x, 'customer ' || (i % 1000) AS name, DATE '2020-01-01' + (i % 2000)::INT AS day,
           TIMESTAMP '2020-01-01' + INTERVAL (i) SECOND AS at, i % 2 = 0 AS even, (i % 100)::DECIMAL(10, 2) AS price
    FROM t
"""


def run_query(client: httpx.Client, database: Path) -> str:
    """Connects the database, runs the query, and gives its id once the result is there."""
    workspace = client.get(f"{API}/auth/me").json()["workspace_id"]
    # As a script would: the token in the header stands for the browser's XSRF cookie.
    made = client.post(
        f"{API}/workspaces/{workspace}/connections",
        json={"name": "bench", "kind": "duckdb", "settings": {"path": str(database)}},
    )
    made.raise_for_status()
    asked = client.post(f"{API}/queries/execute", json={"connection_id": made.json()["id"], "sql": SQL}, timeout=60)
    asked.raise_for_status()
    query: dict[str, Any] = asked.json()
    while query["state"] in ("queued", "running"):
        time.sleep(0.1)
        query = client.get(f"{API}/queries/{query['id']}").json()
    if query["row_count"] != ROWS:
        raise RuntimeError(f"The query gave {query['row_count']} rows: {query['problem']}")
    return str(query["id"])


def measure() -> list[Figure]:
    """Random pages, one after the other; the first loads what pages need and counts in neither figure."""
    source = random.Random(1)
    times: list[float] = []
    with tempfile.TemporaryDirectory(prefix="dataask-bench-") as name:
        folder = Path(name)
        database = folder / "bench.duckdb"
        with duckdb.connect(str(database)) as connection:
            connection.execute(f"CREATE TABLE t AS SELECT i FROM range({ROWS}) r(i)")
        with lab(folder, extension=True) as (client, process, _):
            rows = f"{API}/queries/{run_query(client, database)}/rows"
            client.get(rows, params={"offset": 0, "limit": PAGE_ROWS}).raise_for_status()
            before = largest = process.memory_info().rss
            for _ in range(PAGES):
                offset = source.randrange(ROWS - PAGE_ROWS)
                begun = time.perf_counter()
                page = client.get(rows, params={"offset": offset, "limit": PAGE_ROWS})
                times.append((time.perf_counter() - begun) * 1000)
                if page.json()["rows"][0][0] != offset:
                    raise RuntimeError(f"The page at {offset} holds other rows")
                largest = max(largest, process.memory_info().rss)
    return [
        Figure(
            "cached page of 1,000,000 rows over HTTP, p95",
            percentile(times, 0.95),
            20,
            "ms",
            f"{PAGE_ROWS} rows a page; median {percentile(times, 0.5):.1f} ms",
        ),
        Figure("cached pages of 1,000,000 rows: server memory growth", (largest - before) / 1e6, 20, "MB"),
    ]
