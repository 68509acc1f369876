"""Which chart a result gets, why, and what else it could be."""

from __future__ import annotations

import base64
import datetime as dt
import json
import subprocess
import sys
import time
from array import array
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataask_jupyter.charts.choose import ChartHints, choose
from dataask_jupyter.charts.sentence import describe
from dataask_jupyter.schemas.charts import Chart

MONTHS = [dt.date(2026, month, 1) for month in range(1, 13)]
TWELVE = list(range(100, 112))

CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no rows": ({"a": pa.array([], pa.int64())}, {}, "empty"),
    "one value": ({"n": [5]}, {}, "metric"),
    "one text": ({"name": ["Ann"]}, {}, "metric"),
    "one row of two": ({"name": ["Ann"], "n": [5]}, {}, "table"),
    "time and a number": ({"day": MONTHS, "sold": TWELVE}, {}, "line"),
    "time as text": ({"month": [f"2026-{m:02}" for m in range(1, 13)], "sold": TWELVE}, {}, "line"),
    "months as numbers": ({"month": list(range(1, 13)), "sold": TWELVE}, {}, "line"),
    "years as numbers": ({"year": [2021, 2022, 2023], "sold": [1, 2, 3]}, {}, "line"),
    "time and two numbers": ({"day": MONTHS, "sold": TWELVE, "returned": TWELVE}, {}, "line"),
    "category and a number": ({"city": ["Rome", "Oslo"], "sold": [1, 2]}, {}, "bar"),
    "category and two numbers": ({"city": ["Rome", "Oslo"], "sold": [1, 2], "kept": [2, 3]}, {}, "bar"),
    "a small ordinal": ({"rooms": [1, 2, 3, 4], "count": [9, 3, 3, 1]}, {}, "bar"),
    "fifty-one categories": ({"city": [f"c{n}" for n in range(51)], "sold": list(range(51))}, {}, "table"),
    "two categories": ({"city": ["R", "R", "O", "O"], "kind": ["a", "b", "a", "b"], "sold": [1, 2, 3, 4]}, {}, "bar"),
    "three categories": (
        {"a": ["x", "y"] * 4, "b": ["p", "p", "q", "q"] * 2, "c": ["k"] * 4 + ["l"] * 4, "n": TWELVE[:8]}, {}, "table"
    ),
    "two numbers": ({"height": [1.5, 1.6, 1.9], "weight": [50.5, 61.0, 80.0]}, {}, "scatter"),
    "weekdays by name": ({"day": ["Mon", "Tue", "Wed"], "sold": [5, 1, 3]}, {}, "bar"),
    "months as SQLite's text": ({"month": ["01", "02", "03"], "sold": [5, 1, 3]}, {}, "line"),
    "quarters": ({"quarter": ["2025-Q4", "2026-Q1", "2026-Q2"], "sold": [5, 1, 3]}, {}, "line"),
    "dates that are none": ({"day": ["2026-13-01", "2026-14-01"], "sold": [5, 1]}, {}, "bar"),
    "dates beyond the calendar": (
        {"day": pa.array([2**31 - 1, 5, 6], pa.int32()).cast(pa.date32()), "sold": [5, 1, 3]}, {}, "table"
    ),
    "a time with a gap": ({"day": [*MONTHS[:11], None], "sold": TWELVE}, {}, "line"),
    "several rows for each category": ({"city": ["Rome", "Rome", "Oslo"], "sold": [1, 2, 3]}, {}, "table"),
    "several rows for each time": ({"day": [MONTHS[0]] * 6 + MONTHS[:6], "sold": TWELVE}, {}, "table"),
    "several rows for each pair": (
        {"city": ["R", "R", "O", "O"], "kind": ["a", "a", "b", "b"], "sold": [1, 2, 3, 4]}, {}, "table"
    ),
    "six measures over time": ({"day": MONTHS, **{f"m{n}": TWELVE for n in range(6)}}, {}, "bar"),
    "numbers that are all missing": ({"city": ["Rome", "Oslo"], "sold": [float("nan"), None]}, {}, "table"),
    "an id that repeats": ({"customer_id": [7, 7, 8], "height": [1.5, 1.6, 1.9]}, {}, "table"),
    "a number of a thing": ({"flight_number": [1545, 1714, 1141], "late": [2, 4, 33]}, {}, "bar"),
    "yes and no": ({"late": [True, False], "flights": [2, 4]}, {}, "bar"),
    "decimals": ({"city": ["Rome", "Oslo"], "sold": [Decimal("1.50"), Decimal("2.25")]}, {}, "bar"),
    "huge whole numbers": ({"city": ["Rome", "Oslo"], "sold": pa.array([2**64 - 1, 3], pa.uint64())}, {}, "bar"),
    "lists": ({"tags": [["a"], ["b"]], "sold": [1, 2]}, {}, "table"),
    "only names": ({"first": ["a", "b"], "last": ["c", "d"]}, {}, "table"),
    "an id is no measure": ({"customer_id": [7, 8, 9], "name": ["a", "b", "c"]}, {}, "table"),
    "shares are asked for": ({"city": ["Rome", "Oslo"], "sold": [1, 2]}, {"share": True}, "pie"),
    "shares of averages": ({"city": ["Rome", "Oslo"], "sold": [1, 2]}, {"share": True, "additive": False}, "bar"),
    "shares below zero": ({"city": ["Rome", "Oslo"], "sold": [1, -2]}, {"share": True}, "bar"),
    "eight shares": ({"city": list("abcdefgh"), "sold": list(range(1, 9))}, {"share": True}, "bar"),
    "pie is asked for": ({"city": ["Rome", "Oslo"], "sold": [1, 2]}, {"wanted": "pie"}, "pie"),
    "impossible pie is asked for": ({"a": [1.5, 1.6, 1.9], "b": [5.5, 6.1, 8.2]}, {"wanted": "pie"}, "scatter"),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "hints", "expected"), CASES.values(), ids=CASES.keys())
def test_the_result_decides(columns: dict[str, Any], hints: dict[str, Any], expected: str) -> None:
    chart = choose(pa.table(columns), ChartHints(**hints))
    assert chart.type == expected
    assert chart.reason
    assert chart.type not in [other.type for other in chart.alternatives]


def test_a_category_over_time_becomes_lines_up_to_eight() -> None:
    def result(kinds: int) -> pa.Table:
        rows = [(day, f"kind {kind}", kind + 1) for day in MONTHS for kind in range(kinds)]
        return pa.table(dict(zip(("day", "kind", "sold"), map(list, zip(*rows, strict=True)), strict=True)))

    assert (choose(result(8), ChartHints()).type, choose(result(8), ChartHints()).series) == ("line", "kind")
    assert choose(result(9), ChartHints()).type == "table"


def test_years_become_lines_and_months_the_axis() -> None:
    rows = [(month, year, month * year) for month in range(1, 13) for year in (2024, 2025, 2026)]
    month, year, sold = map(list, zip(*rows, strict=True))
    chart = choose(pa.table({"month": month, "year": year, "sold": sold}), ChartHints())
    assert (chart.type, chart.x, chart.series) == ("line", "month", "year")
    few = pa.table({"quarter": [1, 2, 3] * 3, "year": [2024] * 3 + [2025] * 3 + [2026] * 3, "sold": list(range(9))})
    assert choose(few, ChartHints()).x == "quarter"
    assert choose(few, ChartHints(x="year")).x == "year"


def test_a_measure_by_many_numbers_is_a_scatter_plot() -> None:
    miles = list(range(100, 2_000, 19))
    table = pa.table({"distance": miles, "minutes": [mile / 7 for mile in miles]})
    chart = choose(table, ChartHints(measure_labels={"minutes": "average air time"}))
    assert (chart.type, chart.x, chart.y) == ("scatter", "distance", ["minutes"])
    line = choose(table, ChartHints(measure_labels={"minutes": "average air time"}), locked="line")
    assert line.figure is not None
    assert line.figure["data"][0]["x"] == miles


def test_a_title_names_the_measure() -> None:
    table = pa.table({"dest": ["ORD", "ATL"], "n": [17283, 17215]})
    labels = {"n": "number of flights"}
    assert choose(table, ChartHints("Destination", measure_labels=labels)).title == "Destination by number of flights"
    assert choose(table, ChartHints("Flights by dest", measure_labels=labels)).title == "Flights by dest"
    assert choose(table, ChartHints(measure_labels=labels)).title == "Number of flights by dest"


def test_a_summary_says_the_extremes() -> None:
    table = pa.table({"name": ["Frontier", "US Airways Inc."], "delay": [20.2, 3.78]})
    assert choose(table, ChartHints()).summary == (
        "Bar chart: Delay by name. Highest 20.2 for Frontier, lowest 3.78 for US Airways Inc."
    )
    hours = pa.table({"hour": [8, 9], "n": [5, 4]})
    assert choose(hours, ChartHints()).summary == "Line chart: N by hour. Highest 5 at hour 8, lowest 4 at hour 9."


def test_a_chart_says_what_it_leaves_out() -> None:
    gap = choose(pa.table({"city": ["Rome", "Oslo", "Bern"], "sold": [2, None, 5]}), ChartHints())
    assert gap.reason.endswith("1 row without a value is not drawn.")
    many = [n / 7 for n in range(20_000)]
    dots = choose(pa.table({"a": many, "b": many[::-1]}), ChartHints())
    assert (dots.type, dots.reason.endswith("5,000 of 20,000 rows are drawn.")) == ("scatter", True)


def test_the_first_rows_of_many_are_not_drawn_as_if_they_were_all() -> None:
    chart = choose(pa.table({"day": MONTHS, "sold": TWELVE}), ChartHints(), total_rows=90_000)
    assert (chart.type, chart.reason) == ("table", "90,000 rows are too many for a chart.")
    assert "Table of 90,000 rows" in chart.summary


def test_a_wish_that_cannot_be_drawn_is_answered() -> None:
    chart = choose(pa.table({"city": ["Rome", "Oslo"], "sold": [1, -2]}), ChartHints(wanted="pie"))
    assert (chart.type, "A pie needs" in chart.reason) == ("bar", True)


@pytest.mark.parametrize("locked", ["line", "area", "bar", "pie", "scatter", "metric", "table", "empty"])
def test_no_rows_stay_no_rows_whatever_is_chosen(locked: Any) -> None:
    chart = choose(
        pa.table({"city": pa.array([], pa.string()), "n": pa.array([], pa.int64())}), ChartHints(), locked=locked
    )
    assert (chart.type, chart.figure, chart.alternatives) == ("empty", None, [])


def test_every_peak_of_a_long_line_is_drawn() -> None:
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    values = [0.0] * 50_000
    values[31_337], values[44_444] = 99.0, -7.0
    times = [start + dt.timedelta(minutes=minute) for minute in range(50_000)]
    chart = choose(pa.table({"at": times, "v": values}), ChartHints())
    assert chart.figure is not None
    drawn = numbers(chart.figure["data"][0]["y"])
    assert len(drawn) <= 2_000
    assert {max(drawn), min(drawn)} == {99.0, -7.0}
    assert chart.figure["data"][0]["x"] == sorted(chart.figure["data"][0]["x"])


def numbers(packed: dict[str, str]) -> list[float]:
    """What Plotly reads from a typed array."""
    assert packed["dtype"] == "f8"
    return list(array("d", base64.b64decode(packed["bdata"])))


def test_rows_in_any_order_are_drawn_in_order() -> None:
    chart = choose(pa.table({"day": MONTHS[::-1], "sold": TWELVE}), ChartHints())
    assert chart.figure is not None
    assert chart.figure["data"][0]["x"] == [day.isoformat() for day in MONTHS]
    assert numbers(chart.figure["data"][0]["y"]) == [float(value) for value in TWELVE[::-1]]


def test_a_moment_is_what_the_clock_of_its_zone_showed() -> None:
    times = pa.array([1_357_016_400 * 10**9 + 1, 1_372_651_200 * 10**9], pa.timestamp("ns", "America/New_York"))
    chart = choose(pa.table({"at": times, "v": [1, 2]}), ChartHints())
    assert chart.figure is not None
    assert chart.figure["data"][0]["x"] == ["2013-01-01 00:00:00", "2013-07-01 00:00:00"]


ODD_COLUMNS = {
    "a dictionary": pa.array(["Rome", "Oslo"]).dictionary_encode(),
    "runs": pa.RunEndEncodedArray.from_arrays(pa.array([1, 2], pa.int32()), pa.array(["Rome", "Oslo"])),
    "views": pa.array(["Rome", "Oslo"], pa.string_view()),
    "large text": pa.array(["Rome", "Oslo"], pa.large_string()),
    "JSON": pa.ExtensionArray.from_storage(pa.json_(), pa.array(['"Rome"', '"Oslo"'])),
    "times of day": pa.array([dt.time(9), dt.time(17, 30)], pa.time64("ns")),
    "text that is not UTF-8": pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0\4\0\0\0"), pa.py_buffer(b"\xff\xfeOs")]
    ),
}


@pytest.mark.parametrize("column", ODD_COLUMNS.values(), ids=ODD_COLUMNS.keys())
def test_categories_of_every_arrow_type_are_drawn(column: pa.Array) -> None:
    table, hints = pa.table({"city": column, "sold": [1, 2]}), ChartHints()
    chart = choose(table, hints)
    assert (chart.type, chart.x) == ("bar", "city")
    assert describe(table, chart, hints)[0].endswith("has the highest sold: 2.")


@pytest.mark.parametrize("kind", [pa.float16(), pa.decimal256(60, 2), pa.int8(), pa.uint64()])
def test_numbers_of_every_arrow_type_are_drawn(kind: pa.DataType) -> None:
    chart = choose(pa.table({"city": ["Rome", "Oslo"], "sold": pa.array([1, 2]).cast(kind)}), ChartHints())
    assert chart.figure is not None
    assert numbers(chart.figure["data"][0]["y"]) == [2.0, 1.0]


def test_columns_of_the_same_name_are_told_apart() -> None:
    table = pa.table([pa.array(["Rome", "Oslo"]), pa.array([1, 2])], names=["a", "a"])
    chart = choose(table, ChartHints())
    assert chart.type == "bar"
    assert describe(table, chart, ChartHints())[0] == "Oslo has the highest a: 2."


def test_fifty_thousand_rows_are_quick() -> None:
    values = [(n * 7_919) % 1_000 / 3 for n in range(50_000)]
    at = pa.array(range(50_000), pa.int64()).cast(pa.timestamp("s"))
    table, hints = pa.table({"at": at, "a": values}), ChartHints()

    def once() -> float:
        begun = time.perf_counter()
        describe(table, choose(table, hints), hints)
        return time.perf_counter() - begun

    # Measured 20 ms; the bound leaves room for a busy machine and none for a loop over all rows in Python.
    assert min(once() for _ in range(5)) < 0.15


def test_charts_load_nothing_heavy_until_they_are_asked_and_never_pandas() -> None:
    code = """
import sys
from dataask_jupyter.charts import choose, sentence
assert "pyarrow" not in sys.modules
import pyarrow as pa
from dataask_jupyter.charts.hints import ChartHints
reader = pa.ipc.open_stream(sys.stdin.buffer)  # making an array of a list would import pandas
table = reader.read_all()
chart = choose.choose(table, ChartHints())
assert chart.type == "line"
sentence.describe(table, chart, ChartHints())
assert not {"pandas", "plotly", "duckdb"} & set(sys.modules)
"""
    at = pa.array(range(5_000), pa.int64()).cast(pa.timestamp("ns", "UTC"))
    table = pa.table({"at": at, "kind": ["a", "b"] * 2_500, "v": [1.5] * 5_000})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    subprocess.run([sys.executable, "-c", code], input=sink.getvalue().to_pybytes(), check=True)


def test_bars_are_sorted_by_value_and_start_at_zero() -> None:
    chart = choose(pa.table({"city": ["Rome", "Oslo", "Bern"], "sold": [2, 9, 5]}), ChartHints())
    assert chart.figure is not None
    assert chart.figure["layout"]["xaxis"]["ticktext"] == ["Oslo", "Bern", "Rome"]
    assert chart.figure["layout"]["yaxis"]["rangemode"] == "tozero"


def test_many_or_long_categories_lie_down_and_months_keep_their_order() -> None:
    lying = choose(pa.table({"city": [f"town {n}" for n in range(12)], "sold": list(range(12))}), ChartHints())
    assert lying.figure is not None
    assert lying.figure["data"][0]["orientation"] == "h"
    months = choose(pa.table({"month": [3, 1, 2], "sold": [1, 2, 3]}), ChartHints(), locked="bar")
    assert months.figure is not None
    assert months.figure["layout"]["xaxis"]["ticktext"] == ["Jan", "Feb", "Mar"]


def test_a_choice_locks_and_an_impossible_one_says_why() -> None:
    table = pa.table({"city": [f"c{n}" for n in range(9)], "sold": list(range(9))})
    assert (choose(table, ChartHints(), locked="table").type, choose(table, ChartHints(), locked="table").locked) == (
        "table",
        True,
    )
    pie = choose(table, ChartHints(), locked="pie")
    assert pie.type == "table"
    assert "2 to 7 parts" in pie.reason
    assert [other.type for other in pie.alternatives][:1] == ["bar"]


def test_a_code_beside_its_name_is_not_a_second_category() -> None:
    table = pa.table({"code": ["UA", "F9"], "name": ["United", "Frontier"], "delay": [12.1, 20.2]})
    chart = choose(table, ChartHints(measure_labels={"delay": "delay"}))
    assert (chart.type, chart.x, chart.series) == ("bar", "name", None)


HOSTILE = [
    '<a href="javascript:alert(1)">x</a>',
    "<img src=x onerror=alert(1)>",
    r"$\href{javascript:alert(1)}{x}$",
    "%{y}",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_text_from_data_is_inert_in_figures(name: str) -> None:
    for table in (
        pa.table({name: [name, "b"], "n": [1, 2]}),
        pa.table({"day": MONTHS * 2, name: [name] * 12 + ["b"] * 12, "n": TWELVE * 2}),
        pa.table({name: [1.5, 2.5, 4.5], "n": [1.5, 2.5, 9.5]}),
    ):
        text = json.dumps(choose(table, ChartHints()).figure)
        assert "<a" not in text
        assert "<img" not in text
        assert "$" not in text
        assert "%{y}" not in text.replace('"hovertemplate": "%{y:', "") or name == "%{y}"


def any_column(rows: int) -> st.SearchStrategy[pa.Array]:
    kinds = {
        pa.int64(): st.integers(-(2**63), 2**63 - 1),
        pa.float64(): st.floats(),
        pa.string(): st.text(max_size=12),
        pa.bool_(): st.booleans(),
        pa.date32(): st.dates(),
        pa.timestamp("us", "UTC"): st.datetimes(timezones=st.just(dt.UTC)),
        pa.decimal128(20, 4): st.decimals(-1000, 1000, places=4).map(lambda value: Decimal(value)),
        pa.list_(pa.int64()): st.lists(st.integers(0, 5), max_size=2),
        pa.time64("us"): st.times(),
        pa.binary(): st.binary(max_size=4),
        pa.null(): st.none(),
        pa.uint8(): st.integers(0, 13),
        pa.duration("ns"): st.timedeltas(dt.timedelta(0), dt.timedelta(9)),
        pa.dictionary(pa.int32(), pa.string()): st.sampled_from(["Jan", "may", "2026-01", "2026-02-30", "", "<b>"]),
    }
    return st.sampled_from(sorted(kinds, key=str)).flatmap(
        lambda kind: st.lists(st.none() | kinds[kind], min_size=rows, max_size=rows).map(
            lambda values: pa.array(values, kind)
        )
    )


@st.composite
def any_table(draw: st.DrawFn) -> pa.Table:
    rows = draw(st.integers(0, 12))
    columns = draw(st.lists(any_column(rows), min_size=1, max_size=4))
    names = draw(
        st.lists(
            st.sampled_from(["id", "month", "count", "name", "a b", "", "$<b>%{x}"]),
            min_size=len(columns),
            max_size=len(columns),
        )
    )
    return pa.table(columns, names=names)


def any_hints() -> st.SearchStrategy[ChartHints]:
    names = st.sampled_from(["id", "month", "count", "name", "a b", ""])
    return st.builds(
        ChartHints,
        title=st.sampled_from(["", "Flights by month"]),
        wanted=st.sampled_from([None, "pie", "bar", "scatter"]),
        share=st.booleans(),
        measure_labels=st.dictionaries(names, st.sampled_from(["number of flights", "average delay"]), max_size=2),
        x=st.none() | names,
        ids=st.frozensets(names, max_size=1),
        additive=st.booleans(),
    )


@settings(max_examples=300, deadline=None)
@given(any_table(), any_hints(), st.sampled_from([None, "line", "area", "bar", "pie", "scatter", "metric", "table"]))
def test_any_result_gets_a_chart_that_is_valid_json_and_words(table: pa.Table, hints: ChartHints, locked: Any) -> None:
    chart = choose(table, hints, locked=locked)
    assert Chart.model_validate_json(json.dumps(chart.model_dump(), allow_nan=False)) == chart
    assert (chart.figure is None) == (chart.type in ("empty", "table", "metric"))
    assert chart.reason.endswith(".")
    assert chart.summary.endswith(".")
    assert "<b>" not in json.dumps(chart.figure)
    for text in describe(table, chart, hints):
        assert text is None or text.endswith(".")


def test_what_has_no_date_is_a_bar_but_not_a_point_of_a_line() -> None:
    table = pa.table({"day": [MONTHS[0], None, MONTHS[1]], "sold": [1, 2, 3]})
    line = choose(table, ChartHints())
    assert (line.type, line.reason.endswith("1 row without a value is not drawn.")) == ("line", True)
    bars = choose(table, ChartHints(), locked="bar")
    assert bars.figure is not None
    assert bars.figure["layout"]["xaxis"]["ticktext"] == ["Jan 2026", "Feb 2026", "(empty)"]
    assert numbers(bars.figure["data"][0]["y"]) == [1.0, 3.0, 2.0]
