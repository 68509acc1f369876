"""Faults of the machine: full disks, locked and broken files."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from dataask_jupyter.errors import DataAskError, QueryTooBig, SourceLocked, SourceUnavailable, StorageFull
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultStore
from dataask_jupyter.sources import SourceSpec
from tests.execution.conftest import Runner

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

BIG = {
    "duckdb": "SELECT i, repeat('x', 100) AS s FROM range(500000) r(i)",
    "sqlite": "SELECT a.i, printf('%0100d', a.i) AS s FROM t a, (SELECT 1 UNION SELECT 2) b",
}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB. Where it can't be mounted the test fails: run it as root."""
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 4_096):
            pass


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
async def test_a_full_disk_is_said_and_nothing_is_lost(
    specs: dict[str, SourceSpec], small_disk: Path, kind: str
) -> None:
    """X5."""
    store = ResultStore(small_disk / "results", budget_bytes=10**9)
    pool = WorkerPool(size=1, results=store, limits=Limits(seconds=30))
    run = Runner(pool, pool.limits)
    try:
        kept = await run(specs[kind], "SELECT i FROM t ORDER BY i LIMIT 1000")
        with pytest.raises(StorageFull) as error:
            await run(specs[kind], BIG[kind])
        assert error.value.status == 507
        assert store.page(kept.fingerprint, 0, 2).rows == [[0], [1]]
        assert not list(store.folder.glob("*.tmp"))
        assert (await run(specs[kind], "SELECT 1")).row_count == 1, "the space was given back"
        leftover = small_disk / "filler"
        fill(leftover)
        with pytest.raises(StorageFull):
            await run(specs[kind], "SELECT i FROM t LIMIT 5000")
        assert store.page(kept.fingerprint, 0, 2).rows == [[0], [1]], "reads work on a full disk"
    finally:
        await pool.close()


async def test_a_full_disk_for_spilled_data_is_said(specs: dict[str, SourceSpec], small_disk: Path) -> None:
    """X5: a sort that needs more memory than there is."""
    store = ResultStore(small_disk / "results", budget_bytes=10**9)
    limits = Limits(seconds=30, memory_bytes=1024**3)
    pool = WorkerPool(size=1, results=store, limits=limits)
    try:
        sql = "SELECT i, hash(i) AS h, repeat('x', 40) AS s FROM range(20000000) r(i) ORDER BY h"
        with pytest.raises((StorageFull, QueryTooBig)):
            await Runner(pool, limits)(specs["duckdb"], sql)
    finally:
        await pool.close()


async def test_a_result_beyond_the_file_limit_is_too_big(
    store: ResultStore, specs: dict[str, SourceSpec], tmp_path: Path
) -> None:
    """X5 without root: RLIMIT_FSIZE makes writing fail as a full disk does."""
    script = (
        "import resource, sys, pyarrow as pa\n"
        "from pathlib import Path\n"
        "from dataask_jupyter.execution.writer import ResultWriter\n"
        "from dataask_jupyter.errors import DataAskError\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "batch = pa.RecordBatch.from_pydict({'a': list(range(100000))})\n"
        "writer = ResultWriter(Path(sys.argv[1]), batch.schema, max_rows=10**9, max_bytes=10**12)\n"
        "try:\n"
        "    for _ in range(50): writer.write(batch)\n"
        "    writer.finish(set())\n"
        "except DataAskError as error:\n"
        "    print(error.kind)\n"
        "writer.discard()\n"
    )
    target = tmp_path / "x.tmp"
    found = subprocess.run([sys.executable, "-c", script, str(target)], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "query-too-big"
    assert not target.exists()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def run(pool: WorkerPool) -> Runner:
    return Runner(pool, pool.limits)


@pytest.fixture
def writer_process() -> Iterator[subprocess.Popen[str]]:
    """Another program with a Python of its own."""
    with subprocess.Popen(
        [sys.executable, "-u", "-i", "-q"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        yield process
        process.kill()


def tell(process: subprocess.Popen[str], code: str) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(code + "\nprint('done')\n")
    process.stdin.flush()
    while "done" not in process.stdout.readline():
        assert process.poll() is None


async def test_a_duckdb_file_that_another_process_writes_is_locked(
    run: Runner, tmp_path: Path, writer_process: subprocess.Popen[str]
) -> None:
    path = tmp_path / "x.duckdb"
    tell(writer_process, f"import duckdb; c = duckdb.connect({str(path)!r}); c.execute('CREATE TABLE t AS SELECT 1 a')")
    spec = SourceSpec("duckdb", {"path": str(path)})
    with pytest.raises(SourceLocked) as error:
        await run(spec, "SELECT * FROM t")
    assert error.value.status == 503
    assert error.value.detail == "x.duckdb is open for writing in another program. Close it there, then try again."
    assert (await run.pool.check(spec)).detail == error.value.detail
    tell(writer_process, "c.close()")
    assert (await run(spec, "SELECT * FROM t")).row_count == 1
    tell(writer_process, f"c = duckdb.connect({str(path)!r}); c.execute('INSERT INTO t VALUES (2)'); c.close()")
    assert (await run(spec, "SELECT * FROM t")).row_count == 2, "DataAsk doesn't hold the file, and sees the new rows"


async def test_a_sqlite_file_that_another_process_locks_is_locked(
    run: Runner, tmp_path: Path, writer_process: subprocess.Popen[str]
) -> None:
    path = tmp_path / "x.db"
    tell(
        writer_process,
        f"import sqlite3; c = sqlite3.connect({str(path)!r}, isolation_level=None)\n"
        "_ = c.execute('CREATE TABLE t (a)'); _ = c.execute('INSERT INTO t VALUES (1)')\n"
        "_ = c.execute('BEGIN EXCLUSIVE')",
    )
    spec = SourceSpec("sqlite", {"path": str(path)})
    with pytest.raises(SourceLocked, match=r"x\.db is locked by another program"):
        await run(spec, "SELECT * FROM t")
    tell(writer_process, "_ = c.execute('COMMIT')")
    assert (await run(spec, "SELECT * FROM t")).row_count == 1


async def test_a_wal_mode_sqlite_file_is_read_while_it_is_written(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "wal.db"
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1);")
        spec = SourceSpec("sqlite", {"path": str(path)})
        assert (await run(spec, "SELECT * FROM t")).row_count == 1
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO t VALUES (2)")
        assert (await run(spec, "SELECT a FROM t")).row_count == 1
        connection.execute("COMMIT")
        assert (await run(spec, "SELECT * FROM t")).row_count == 2
    finally:
        connection.close()


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize(
    "content", [b"hello, world\n" * 1000, b"x", b"PK\x03\x04" + b"\0" * 5000], ids=["text", "byte", "zip"]
)
async def test_a_file_that_is_no_database_is_unavailable(
    run: Runner, tmp_path: Path, kind: str, content: bytes
) -> None:
    path = tmp_path / "x.db"
    path.write_bytes(content)
    with pytest.raises(SourceUnavailable) as error:
        await run(SourceSpec(kind, {"path": str(path)}), "SELECT 1")
    assert "database" in error.value.detail
    assert path.read_bytes() == content


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
async def test_a_folder_or_a_file_of_the_other_kind_is_unavailable(
    run: Runner, tmp_path: Path, specs: dict[str, SourceSpec], kind: str
) -> None:
    with pytest.raises(SourceUnavailable, match="isn't a file"):
        await run(SourceSpec(kind, {"path": str(tmp_path)}), "SELECT 1")
    other = {"duckdb": "sqlite", "sqlite": "duckdb"}[kind]
    with pytest.raises(SourceUnavailable):
        await run(SourceSpec(kind, specs[other].settings), "SELECT 1")


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
async def test_a_damaged_database_is_said(run: Runner, tmp_path: Path, specs: dict[str, SourceSpec], kind: str) -> None:
    path = tmp_path / "broken.db"
    content = bytearray(Path(specs[kind].settings["path"]).read_bytes())
    start = 16_384 if kind == "duckdb" else 4_096
    content[start:] = os.urandom(len(content) - start)
    path.write_bytes(bytes(content))
    with pytest.raises(DataAskError) as error:
        await run(SourceSpec(kind, {"path": str(path)}), "SELECT * FROM t")
    assert error.value.kind in {"source-unavailable", "sql-invalid", "worker-lost"}


async def test_an_empty_file_is_an_empty_database_or_said(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    path.touch()
    assert (await run.pool.catalog(SourceSpec("sqlite", {"path": str(path)}))).tables == []
    with pytest.raises(SourceUnavailable):
        await run.pool.catalog(SourceSpec("duckdb", {"path": str(path)}))
    assert path.stat().st_size == 0
