"""The answer in one line."""

from __future__ import annotations

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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
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
    ("value", "text"), [(9999, "9,999"), (54635, "54.6k"), (-1_200_000, "−1.2M"), (3_000_000_000, "3B"), (None, "")]
)
def test_short_numbers(value: float | None, text: str) -> None:
    assert formats.short(value) == text
