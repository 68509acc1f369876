"""The store of results: pages, streams, eviction, and values as JSON."""

from __future__ import annotations

import datetime as dt
import json
import os
import threading
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pyarrow as pa
import pyarrow.ipc
import pytest

from dataask_jupyter.errors import ResultGone
from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.results import ResultInfo, ResultStore, fingerprint
from dataask_jupyter.execution.values import cells, kind
from dataask_jupyter.execution.writer import BATCH_ROWS, ResultWriter
from dataask_jupyter.schemas.results import ResultColumn, ResultPage
from dataask_jupyter.sources import SourceSpec

NAME = "a" * 64
interval: Any = pa.MonthDayNano


@pytest.fixture
def results(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "r", budget_bytes=10**9)


def put(
    store: ResultStore,
    batches: list[pa.RecordBatch],
    name: str = NAME,
    *,
    max_rows: int = 10**9,
    max_bytes: int = 10**12,
    timestamps: set[int] | None = None,
) -> ResultInfo:
    """Write a result as a worker does."""
    writer = ResultWriter(
        store.file(name).with_suffix(".x.tmp"), batches[0].schema, max_rows=max_rows, max_bytes=max_bytes
    )
    for batch in batches:
        if not writer.write(batch):
            break
    writer.finish(timestamps or set())
    info = ResultInfo(
        fingerprint=name,
        columns=[ResultColumn(name=field.name, type=str(field.type), kind=kind(field.type)) for field in writer.schema],
        row_count=writer.rows,
        byte_count=writer.bytes,
        truncated=writer.truncated,
        elapsed_ms=1.0,
        starts=tuple(writer.starts),
    )
    store.file(name).with_suffix(".json").write_text(json.dumps(info.as_dict()))
    writer.path.rename(store.file(name))
    return info


def batch(**columns: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(columns)


class TestPages:
    def test_are_slices_across_batches(self, results: ResultStore) -> None:
        put(results, [batch(a=list(range(start, start + 100))) for start in range(0, 1000, 100)])
        assert results.page(NAME, 95, 10).rows == [[value] for value in range(95, 105)]
        assert results.page(NAME, 990, 100).rows == [[value] for value in range(990, 1000)]
        assert results.page(NAME, 5_000, 10).rows == []
        assert results.page(NAME, 0, 1_000).rows[-1] == [999]
        page = results.page(NAME, 0, 1)
        assert ResultPage.model_validate(page.model_dump(mode="json")) == page

    def test_of_an_empty_result_has_columns(self, results: ResultStore) -> None:
        put(results, [pa.RecordBatch.from_pylist([], schema=pa.schema([("a", pa.int64())]))])
        page = results.page(NAME, 0, 10)
        assert (page.rows, page.total_rows, page.columns[0].kind) == ([], 0, "integer")

    def test_with_duplicate_names_keep_all_columns(self, results: ResultStore) -> None:
        arrays = [pa.array([number]) for number in range(5)]
        info = put(results, [pa.RecordBatch.from_arrays(arrays, names=["a", "a", "a_1", "", "a"])])
        assert [column.name for column in info.columns] == ["a", "a_2", "a_1", "column", "a_3"]
        assert results.page(NAME, 0, 1).rows == [[0, 1, 2, 3, 4]]

    def test_cut_long_texts_and_stay_small(self, results: ResultStore) -> None:
        """R1: one huge cell."""
        put(results, [batch(a=["ä" * 50_000_000, "short", None], b=[b"x" * 10_000_000, b"y", None])])
        results.page(NAME, 1, 1)
        before = psutil.Process().memory_info().rss
        started = time.perf_counter()
        rows = results.page(NAME, 0, 3).rows
        assert time.perf_counter() - started < 0.5
        assert rows[0][0] == "ä" * 10_000 + "…"
        assert len(rows[0][1]) < 20_000
        assert rows[1:] == [["short", "eQ=="], [None, None]]
        assert psutil.Process().memory_info().rss - before < 20 * 1024**2

    def test_share_their_size_among_many_cells(self, results: ResultStore) -> None:
        put(results, [batch(a=["x" * 9_000] * 5_000)])
        assert len(json.dumps(results.page(NAME, 0, 5_000).rows)) < 8_000_000

    def test_do_not_read_huge_nested_values(self, results: ResultStore) -> None:
        put(results, [batch(a=[list(range(1_000_000)), [1, 2]])])
        assert results.page(NAME, 0, 2).rows == [["… (8.0 MB)"], ["[1,2]"]]

    def test_survive_another_process_that_made_the_result_again(self, results: ResultStore) -> None:
        put(results, [batch(a=[1, 2, 3, 4])])
        results.page(NAME, 0, 1)
        results._known[NAME] = ResultInfo.from_dict({**results._known[NAME].as_dict(), "starts": [0, 1]})
        assert results.page(NAME, 2, 2).rows == [[3], [4]]


class TestGone:
    @pytest.mark.parametrize("call", ["page", "table", "stream"])
    def test_is_said_at_once(self, results: ResultStore, call: str) -> None:
        arguments: dict[str, Any] = {"page": {"offset": 0, "limit": 1}, "table": {"max_rows": 1}}.get(call, {})
        with pytest.raises(ResultGone, match="Run the query again"):
            getattr(results, call)(NAME, **arguments)

    @pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 64 + "\n"])
    def test_is_what_a_strange_name_is(self, results: ResultStore, name: str) -> None:
        with pytest.raises(ResultGone):
            results.page(name, 0, 1)

    def test_is_a_result_without_a_description(self, results: ResultStore) -> None:
        put(results, [batch(a=[1])])
        results.file(NAME).with_suffix(".json").unlink()
        assert results.info(NAME) is None

    def test_is_a_damaged_result(self, results: ResultStore) -> None:
        """X6."""
        put(results, [batch(a=list(range(1000)))])
        file = results.file(NAME)
        file.write_bytes(file.read_bytes()[:500])
        with pytest.raises(ResultGone, match="damaged"):
            results.page(NAME, 0, 1)
        assert results.info(NAME) is None


class TestStreams:
    def test_are_arrow_streams_in_small_pieces(self, results: ResultStore) -> None:
        put(results, [batch(a=list(range(50_000)), b=["x"] * 50_000) for _ in range(4)])
        pieces = list(results.stream(NAME))
        assert max(map(len, pieces)) <= 256 * 1024
        with pa.ipc.open_stream(b"".join(pieces)) as reader:
            assert reader.read_all().equals(results.table(NAME, max_rows=10**9))

    def test_of_an_empty_result_have_a_schema(self, results: ResultStore) -> None:
        put(results, [pa.RecordBatch.from_pylist([], schema=pa.schema([("a", pa.int64())]))])
        with pa.ipc.open_stream(b"".join(results.stream(NAME))) as reader:
            assert reader.read_all().schema.names == ["a"]

    def test_outlive_eviction(self, results: ResultStore) -> None:
        put(results, [batch(a=list(range(200_000)))])
        stream = results.stream(NAME)
        table = results.table(NAME, max_rows=10)
        results.budget_bytes = 0
        results.evict()
        assert results.info(NAME) is None
        with pa.ipc.open_stream(b"".join(stream)) as reader:
            assert reader.read_all().num_rows == 200_000
        assert table.column("a").to_pylist() == list(range(10))


class TestEviction:
    def test_removes_the_least_recently_used(self, results: ResultStore) -> None:
        names = [letter * 64 for letter in "abcd"]
        for age, name in enumerate(names):
            put(results, [batch(a=list(range(10_000)))], name)
            os.utime(results.file(name), (1_000_000 + age, 1_000_000 + age))
        size = results.file(names[0]).stat().st_size
        results.info(names[0])
        results.budget_bytes = size * 2
        results.evict()
        assert [results.info(name) is not None for name in names] == [True, False, False, True]
        assert len(list(results.folder.iterdir())) == 4

    def test_removes_what_dead_workers_left(self, results: ResultStore) -> None:
        stale, fresh = results.folder / "x.1.tmp", results.folder / "x.2.tmp"
        for file in (stale, fresh):
            file.write_bytes(b"x")
        os.utime(stale, (1, 1))
        results.evict()
        assert (stale.exists(), fresh.exists()) == (False, True)

    def test_happens_while_others_read(self, results: ResultStore) -> None:
        stop, failures = threading.Event(), list[BaseException]()

        def read() -> None:
            while not stop.is_set():
                try:
                    assert len(results.page(NAME, 0, 10).rows) == 10
                except ResultGone:
                    pass
                except BaseException as error:
                    failures.append(error)

        threads = [threading.Thread(target=read) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(40):
            put(results, [batch(a=list(range(1_000)))])
            results.budget_bytes = 0
            results.evict()
        stop.set()
        for thread in threads:
            thread.join()
        assert failures == []


class TestWriter:
    def test_widens_types_as_batches_come(self, results: ResultStore) -> None:
        put(
            results,
            [
                batch(a=[None], b=[1], c=[1], d=[None]),
                batch(a=[1], b=[2.5], c=["x"], d=[None]),
                batch(a=[2], b=[3], c=[b"\xff"], d=[None]),
            ],
        )
        assert results.table(NAME, max_rows=9).to_pylist() == [
            {"a": None, "b": 1.0, "c": "1", "d": None},
            {"a": 1, "b": 2.5, "c": "x", "d": None},
            {"a": 2, "b": 3.0, "c": "\ufffd", "d": None},
        ]

    def test_widens_huge_integers_to_decimals(self, results: ResultStore) -> None:
        big = pa.RecordBatch.from_arrays([pa.array([Decimal(2**100)], pa.decimal128(38, 0))], names=["a"])
        put(results, [batch(a=[1]), big, batch(a=[3])])
        assert results.page(NAME, 0, 3).rows == [["1"], [str(2**100)], ["3"]]

    def test_cuts_at_rows_and_at_bytes(self, results: ResultStore) -> None:
        many = [batch(a=list(range(BATCH_ROWS))) for _ in range(4)]
        info = put(results, many, max_rows=BATCH_ROWS + 5)
        assert (info.row_count, info.truncated) == (BATCH_ROWS + 5, True)
        info = put(results, many, "b" * 64, max_bytes=BATCH_ROWS * 8 * 2 + 80)
        assert (info.row_count, info.truncated, info.byte_count) == (BATCH_ROWS * 2 + 10, True, BATCH_ROWS * 16 + 80)
        info = put(results, many, "c" * 64, max_rows=BATCH_ROWS * 4)
        assert (info.row_count, info.truncated) == (BATCH_ROWS * 4, False)

    def test_keeps_batches_small(self, results: ResultStore) -> None:
        info = put(results, [batch(a=list(range(100_000)))])
        assert max(after - before for before, after in zip(info.starts, info.starts[1:], strict=False)) <= BATCH_ROWS

    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            (["2020-01-31", None], dt.date(2020, 1, 31)),
            (["2020-01-31 10:20:30", "2020-01-31"], "2020-01-31 10:20:30"),
            (["2020-01-31 10:20:30"], dt.datetime(2020, 1, 31, 10, 20, 30)),  # noqa: DTZ001
            (["2020-01-31T10:20:30.5Z"], dt.datetime(2020, 1, 31, 10, 20, 30, 500_000)),  # noqa: DTZ001
            (["2020-02-31"], "2020-02-31"),
            (["2020-01-31", "soon"], "2020-01-31"),
            ([None, None], None),
        ],
    )
    def test_makes_dates_of_texts_that_all_are(
        self, results: ResultStore, texts: list[str | None], expected: Any
    ) -> None:
        array = pa.array(texts, pa.string())
        put(results, [pa.RecordBatch.from_arrays([array, array], names=["a", "b"])], timestamps={0})
        row = results.table(NAME, max_rows=1).to_pylist()[0]
        assert row == {"a": expected, "b": texts[0]}


@pytest.mark.parametrize(
    ("array", "expected", "found_kind"),
    [
        (pa.array([2**53, 2**53 + 1, -(2**60), None]), [2**53, str(2**53 + 1), str(-(2**60)), None], "integer"),
        (pa.array([2**64 - 1], pa.uint64()), [str(2**64 - 1)], "integer"),
        (pa.array([1.5, float("nan"), float("inf"), None]), [1.5, None, None, None], "number"),
        (pa.array([0.1], pa.float32()), [0.1], "number"),
        (
            pa.array([Decimal("1.50"), Decimal("-0.00000001")], pa.decimal128(20, 8)),
            ["1.50000000", "-0.00000001"],
            "number",
        ),
        (pa.array([Decimal(5)], pa.decimal128(38, 0)), ["5"], "integer"),
        (pa.array([True, None]), [True, None], "boolean"),
        (pa.array([dt.date(2020, 2, 29)]), ["2020-02-29"], "date"),
        (pa.array([0], pa.timestamp("us")), ["1970-01-01T00:00:00"], "datetime"),
        (pa.array([1_500_000], pa.timestamp("us", tz="UTC")), ["1970-01-01T00:00:01.5Z"], "datetime"),
        (pa.array([123456789], pa.timestamp("ns")), ["1970-01-01T00:00:00.123456789"], "datetime"),
        (pa.array([10**17], pa.timestamp("us")), ["5138-11-16T09:46:40"], "datetime"),
        (pa.array([dt.time(10, 20, 30)]), ["10:20:30"], "time"),
        (pa.array([b"\x00\xff"]), ["AP8="], "binary"),
        (pa.array([b"ab"], pa.binary(2)), ["YWI="], "binary"),
        (pa.array(["x", None, "ä😀"]), ["x", None, "ä😀"], "text"),
        (pa.array(["x", "y", "x"]).dictionary_encode(), ["x", "y", "x"], "text"),
        (pa.array(["x"], pa.large_string()), ["x"], "text"),
        (pa.array([[1, None, 2**60]]), ['[1,null,"1152921504606846976"]'], "json"),
        (
            pa.array([{"a": Decimal("1.5"), "b": dt.date(2020, 1, 1), "c": float("nan")}]),
            ['{"a":"1.5","b":"2020-01-01","c":null}'],
            "json",
        ),
        (pa.array([[("k", 1), ("l", None)]], pa.map_(pa.string(), pa.int64())), ['{"k":1,"l":null}'], "json"),
        (pa.array([[], None], pa.list_(pa.int64())), ["[]", None], "json"),
        (
            pa.array([interval([14, 3, 4 * 3600 * 10**9 + 500_000_000])]),
            ["1 year 2 months 3 days 04:00:00.5"],
            "other",
        ),
        (pa.array([interval([0, -1, 0])]), ["-1 day"], "other"),
        (pa.array([90], pa.duration("s")), ["00:01:30"], "other"),
        (pa.nulls(2), [None, None], "other"),
    ],
    ids=lambda value: str(value.type)[:40] if isinstance(value, pa.Array) else None,
)
def test_values_are_safe_in_json(array: Any, expected: list[Any], found_kind: str) -> None:
    assert cells(array, characters=100) == expected
    assert kind(array.type) == found_kind
    json.dumps(cells(array, characters=100), allow_nan=False)
    doubled = pa.concat_arrays([array, array]).slice(len(array))
    assert cells(doubled, characters=100) == expected, "a slice gives the same"


def test_fingerprints_tell_apart_what_gives_other_rows() -> None:
    """Z7: the key has the source, its version, the limits and the rights."""
    base: dict[str, Any] = {
        "spec": SourceSpec("duckdb", {"path": "/a"}), "source_version": "1", "sql": "SELECT 1", "limits": Limits(),
    }  # fmt: skip
    changes: list[dict[str, Any]] = [
        {"spec": SourceSpec("sqlite", {"path": "/a"})},
        {"spec": SourceSpec("duckdb", {"path": "/b"})},
        {"source_version": "2"},
        {"sql": "SELECT 2"},
        {"limits": Limits(max_rows=5)},
        {"policy": "someone else"},
    ]
    names = {fingerprint(**base), *(fingerprint(**{**base, **change}) for change in changes)}
    assert len(names) == len(changes) + 1
    assert fingerprint(**base) == fingerprint(**{**base, "limits": Limits(seconds=1)}), "a deadline changes no rows"
