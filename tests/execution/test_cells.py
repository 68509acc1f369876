"""Huge cells: what is kept of them, and that the server never holds one."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pytest

from dataask_jupyter.execution.cutting import CELL_BYTES, cut_cells
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.results import CELL_CHARACTERS, ResultStore
from dataask_jupyter.execution.writer import ResultWriter
from dataask_jupyter.sources import SourceSpec
from tests.execution.conftest import Runner

TEXTS = ["aé" * 5, None, "b", "é" * 5, "", "€" * 9]
CUT_TEXTS = ["aéaé", None, "b", "ééé", "", "€€"]
BYTES = [b"0123456789", None, b"\xc3\xa9" * 3, b"x" * 7]
CUT_BYTES = [b"012345", None, b"\xc3\xa9" * 3, b"x" * 6]


def one_column(array: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([array], names=["a"])


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        *((pa.array(TEXTS).cast(type_), CUT_TEXTS) for type_ in (pa.string(), pa.large_string(), pa.string_view())),
        *((pa.array(BYTES, type_), CUT_BYTES) for type_ in (pa.binary(), pa.large_binary(), pa.binary_view())),
        (pa.json_(pa.string()).wrap_array(pa.array(TEXTS)), CUT_TEXTS),
    ],
    ids=lambda value: str(value.type) if hasattr(value, "type") else "",
)
def test_texts_and_bytes_are_cut_between_characters(array: Any, expected: list[Any]) -> None:
    cut = cut_cells(one_column(array), 6)
    assert cut.schema == one_column(array).schema
    assert cut.column(0).to_pylist() == expected
    assert cut_cells(one_column(array).slice(1, 3), 6).column(0).to_pylist() == expected[1:4]
    cut.validate(full=True)


def test_what_is_short_stays_the_same_object() -> None:
    batch = pa.RecordBatch.from_pydict({"a": TEXTS, "b": list(range(len(TEXTS)))})
    assert cut_cells(batch, 27) is batch
    assert cut_cells(batch) is batch
    assert cut_cells(batch, 26) is not batch


def test_nested_values_are_not_cut() -> None:
    batch = pa.RecordBatch.from_pydict({"a": [["x" * 100, "y"], None], "b": [{"k": "z" * 100}, None]})
    assert cut_cells(batch, 6) is batch


def test_a_result_with_a_cut_cell_is_truncated_but_has_all_rows(tmp_path: Path) -> None:
    batch = pa.RecordBatch.from_pydict({"a": ["short", "ä" * CELL_BYTES, "last"], "n": [1, 2, 3]})
    # Other types in the next batch make what is there be written again: it stays cut.
    wider = pa.RecordBatch.from_pydict({"a": ["x"], "n": [0.5]})
    writer = ResultWriter(tmp_path / "x.tmp", batch.schema, max_rows=100, max_bytes=10**9)
    assert writer.write(batch)
    assert writer.write(wider)
    writer.finish({0})
    assert (writer.truncated, writer.rows) == (True, 4)
    with pa.memory_map(str(writer.path)) as source:
        table = pa.ipc.open_file(source).read_all()
        assert table["a"].to_pylist() == ["short", "ä" * (CELL_BYTES // 2), "last", "x"]
        assert table["n"].to_pylist() == [1.0, 2.0, 3.0, 0.5]


HUGE = {
    "duckdb": {
        "text": "SELECT 1 AS i, repeat('x', 500000000) AS big",
        "characters": "SELECT 1 AS i, repeat('xé€', 83333333) AS big",
        "binary": "SELECT 1 AS i, repeat('x', 500000000)::BLOB AS big",
    },
    "sqlite": {
        "text": "SELECT 1 AS i, printf('%.*c', 500000000, 'x') AS big",
        "characters": "SELECT 1 AS i, replace(printf('%.*c', 250000000, 'x'), 'x', 'é') AS big",
        "binary": "SELECT 1 AS i, CAST(printf('%.*c', 500000000, 'x') AS BLOB) AS big",
    },
}


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("what", ["text", "characters", "binary"])
@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
async def test_a_cell_of_500_mb_is_cut(
    run: Runner, specs: dict[str, SourceSpec], store: ResultStore, kind: str, what: str
) -> None:
    """R1."""
    store.page((await run(specs[kind], "SELECT 1")).fingerprint, 0, 1)  # Arrow is loaded on the first page.
    before = psutil.Process().memory_info().rss
    info = await run(specs[kind], HUGE[kind][what])
    started = time.monotonic()
    page = store.page(info.fingerprint, 0, 10)
    assert time.monotonic() - started < 0.5
    assert (info.truncated, info.row_count, page.truncated, page.total_rows) == (True, 1, True, 1)
    assert CELL_BYTES - 10 < info.byte_count < CELL_BYTES + 100
    ((number, cell),) = page.rows
    assert number == 1
    assert CELL_CHARACTERS <= len(cell) <= CELL_CHARACTERS * 4 / 3 + 4
    assert store.table(info.fingerprint, max_rows=10).num_rows == 1
    assert sum(len(piece) for piece in store.stream(info.fingerprint)) < CELL_BYTES + 10_000
    assert psutil.Process().memory_info().rss - before < 100 * 1024**2, "the server never holds the value"


@pytest.mark.slow
@pytest.mark.asyncio(loop_scope="module")
async def test_a_huge_nested_value_is_within_the_limit_of_bytes(
    run: Runner, specs: dict[str, SourceSpec], store: ResultStore
) -> None:
    """R1."""
    limits = Limits(seconds=20, max_bytes=50 * 1024**2)
    sql = "SELECT [i::VARCHAR, repeat('x', CASE WHEN i < 3 THEN 10 ELSE 100000000 END)] AS l FROM range(6) r(i)"
    before = psutil.Process().memory_info().rss
    info = await run(specs["duckdb"], sql, limits)
    assert (info.truncated, info.row_count) == (True, 3)
    assert store.page(info.fingerprint, 2, 10).rows == [['["2","xxxxxxxxxx"]']]
    assert psutil.Process().memory_info().rss - before < 100 * 1024**2
