"""Which chart a result gets, why, and what else it could be."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataask_jupyter.charts.choose import ChartHints, choose
from dataask_jupyter.charts.sentence import describe

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
            st.sampled_from(["id", "month", "count", "name", "a b", ""]), min_size=len(columns), max_size=len(columns)
        )
    )
    return pa.table(columns, names=names)


@settings(max_examples=300, deadline=None)
@given(any_table(), st.sampled_from([None, "line", "area", "bar", "pie", "scatter", "metric", "table"]))
def test_any_result_gets_a_chart_that_is_valid_json_and_words(table: pa.Table, locked: Any) -> None:
    chart = choose(table, ChartHints(), locked=locked)
    json.dumps(chart.model_dump(), allow_nan=False)
    sentence, _ = describe(table, chart, ChartHints())
    assert sentence.endswith(".")
    assert chart.type == "empty" or chart.type == "table" or chart.type == "metric" or chart.figure is not None
