"""The answer in one line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from dataask_jupyter.charts import formats
from dataask_jupyter.charts.choose import ChartHints, choose
from dataask_jupyter.charts.sentence import describe

SENTENCES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a count": ({"n": [336776]}, {"measure_labels": {"n": "number of flights"}}, "There are 336,776 flights."),
    "an average": ({"a": [12.639]}, {"measure_labels": {"a": "average delay"}}, "Average delay: 12.6."),
    "nothing": ({"n": [None]}, {"measure_labels": {"n": "average delay"}}, "There is no value for average delay."),
    "the most": (
        {"city": ["Rome", "Oslo"], "n": [1, 2]},
        {"measure_labels": {"n": "number of shops"}},
        "Oslo has the most shops: 2.",
    ),
    "the highest": (
        {"city": ["Rome", "Oslo"], "t": [18.25, -2.5]},
        {"measure_labels": {"t": "average temperature"}},
        "Rome has the highest average temperature: 18.2.",
    ),
    "a course": (
        {"month": [1, 2, 3], "n": [4, 9, 1]},
        {"measure_labels": {"n": "sales"}},
        "Sales is highest in February: 9, and lowest in March: 1.",
    ),
    "a share": (
        {"city": ["Rome", "Oslo"], "n": [1, 3]},
        {"measure_labels": {"n": "sales"}, "share": True},
        "Oslo makes up 75% of sales.",
    ),
    "one row": ({"name": ["Ann"], "n": [3]}, {"measure_labels": {"n": "number of loans"}}, "Ann: number of loans 3."),
    "names": ({"name": ["Ann", "Bob"]}, {}, "2 rows: Ann, Bob."),
    "no rows": ({"n": pa.array([], pa.int64())}, {}, "No rows match."),
    "one of them": ({"n": [1]}, {"measure_labels": {"n": "number of flights"}}, "Number of flights: 1."),
    "a count that is a decimal": (
        {"n": [Decimal(336776)]}, {"measure_labels": {"n": "number of flights"}}, "There are 336,776 flights."
    ),
    "the most without a name": (
        {"city": ["Rome", None], "n": [1, 2]},
        {"measure_labels": {"n": "number of shops"}},
        "(empty) has the most shops: 2.",
    ),
    "a date": ({"last": [dt.date(2026, 11, 12)]}, {}, "Last: 12 Nov 2026."),
    "a moment": ({"last": [dt.datetime(2026, 11, 12, 9, 40, tzinfo=dt.UTC)]}, {}, "Last: 12 Nov 2026, 09:40."),
    "a course over dates": (
        {"month": ["2026-01", "2026-02"], "n": [4, 9]},
        {"measure_labels": {"n": "number of flights"}},
        "February 2026 has the most flights: 9, January 2026 the fewest: 4.",
    ),
    "a course over days": (
        {"day": [dt.date(2026, 1, 30), dt.date(2026, 1, 31)], "n": [4, 9]}, {"measure_labels": {"n": "sales"}},
        "Sales is highest on 31 Jan 2026: 9, and lowest on 30 Jan 2026: 4.",
    ),
    "several": (
        {"month": [1, 1, 2, 2], "city": ["R", "O", "R", "O"], "n": [1, 2, 3, 4]}, {"measure_labels": {"n": "sales"}},
        "Sales is highest for O in February: 4.",
    ),
    "a relation": ({"a": [1.5, 2.5, 4.5], "b": [3.0, 5.0, 9.0]}, {}, "3 pairs of a and b."),
    "a share of a count": (
        {"city": ["Rome", "Oslo"], "n": [1, 3]},
        {"measure_labels": {"n": "number of shops"}, "share": True},
        "Oslo makes up 75% of shops.",
    ),
    "a level line": ({"month": [1, 2], "n": [4, 4]}, {"measure_labels": {"n": "sales"}}, "Sales: 4 throughout."),
    "all alike": (
        {"city": ["Rome", "Oslo"], "n": [2, 2]},
        {"measure_labels": {"n": "sales"}},
        "All 2 have the same sales: 2.",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("columns", "hints", "expected"), SENTENCES.values(), ids=SENTENCES.keys())
def test_sentences(columns: dict[str, Any], hints: dict[str, Any], expected: str) -> None:
    table, given = pa.table(columns), ChartHints(**hints)
    assert describe(table, choose(table, given), given)[0] == expected


def test_details_say_the_other_end_and_the_change() -> None:
    def detail(columns: dict[str, Any]) -> str | None:
        table, given = pa.table(columns), ChartHints(measure_labels={"n": "sales"})
        return describe(table, choose(table, given), given)[1]

    assert detail({"city": ["Rome", "Oslo"], "n": [1, 2]}) == "Of the 2 shown, Rome has the lowest sales: 1."
    assert detail({"month": [3, 1, 2], "n": [8, 5, 9]}) == "From January to March it went from 5 to 8 (+60%)."
    assert detail({"month": [1, 2], "n": [8, 6]}) == "From January to February it went from 8 to 6 (−25%)."
    assert detail({"month": [1, 2], "n": [0, 6]}) == "From January to February it went from 0 to 6."


def test_a_strong_relation_is_told() -> None:
    for sign, word in ((1, "positive"), (-1, "negative")):
        table = pa.table({"a": [1.5e200, 2.5e200, 4.5e200], "b": [sign * 3.0, sign * 5.0, sign * 9.0]})
        assert f"strong {word}" in str(describe(table, choose(table, ChartHints()), ChartHints())[1])


def test_rows_that_are_not_at_hand_count() -> None:
    table, hints = pa.table({"a": ["x", "y"], "b": ["z", "z"]}), ChartHints()
    chart = choose(table, hints, total_rows=336_776)
    assert describe(table, chart, hints, total_rows=336_776) == ("There are 336,776 rows.", None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0, "0"),
        (2**53 + 1, "9.01 × 10¹⁵"),
        (1.5e-7, "1.5 × 10⁻⁷"),
        (float("inf"), "(empty)"),
        (1234567, "1,234,567"),
        (-3.14159, "−3.14"),
        (12.64, "12.6"),
        (0.012345, "0.0123"),
        (99999.5, "100,000"),
    ],
)
def test_numbers_read_well(value: float, text: str) -> None:
    assert formats.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (9999, "9,999"),
        (54635, "54.6k"),
        (999_960, "1M"),
        (999_940, "999.9k"),
        (1e18, "1 × 10¹⁸"),
        (-1_200_000, "−1.2M"),
        (3_000_000_000, "3B"),
        (None, ""),
    ],
)
def test_short_numbers(value: float | None, text: str) -> None:
    assert formats.short(value) == text


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([17283.0, 9705.0, 350.0], ["17.3k", "9.7k", "350"]),
        ([9705.0, 350.0], ["9,705", "350"]),
        ([20.2, 19.96, None], ["20.2", "20.0", ""]),
        ([3.5, 1.0, -0.004], ["3.5", "1.0", "0.0"]),
        ([3.5, 1.0], ["3.5", "1.0"]),
        ([], []),
    ],
)
def test_numbers_of_one_chart_look_alike(values: list[float | None], texts: list[str]) -> None:
    assert formats.shorts(values) == texts
