"""What each column of a result is to a chart: a point in time, a category, a measure, or none of these."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .hints import ChartHints

if TYPE_CHECKING:
    import pyarrow as pa

Role = Literal["time", "part", "category", "measure", "id", "other"]
"""`part` is a number that orders a category: a month, a year, an hour, a number of engines."""

SAMPLE_ROWS = 1_000
MAX_ORDINALS = 50

_ISO = re.compile(r"\d{4}-\d{2}(-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?)?")
_WORDS = re.compile(r"[a-z]+|\d+")
_ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "key", "code", "zip", "zipcode", "postcode", "phone", "fax"})
_MEASURE_WORDS = frozenset(
    "count total sum avg average mean median min max minimum maximum amount number share percent pct ratio rate".split()
)
_PARTS = {
    "year": (1000, 2999),
    "yr": (1000, 2999),
    "quarter": (1, 4),
    "month": (1, 12),
    "week": (0, 53),
    "weekday": (0, 7),
    "dow": (0, 7),
    "day": (0, 366),
    "hour": (0, 24),
    "minute": (0, 60),
}
_COARSE = ("year", "yr", "quarter", "month", "week", "day", "weekday", "dow", "hour", "minute")


@dataclass(frozen=True)
class ColumnRole:
    """A column and what it is to a chart."""

    index: int
    name: str
    role: Role
    distinct: int
    """Distinct values, nulls not counted."""
    part: str | None = None
    """Which part of a date it is, e.g. `month`."""


def words(name: str) -> list[str]:
    """The words of a column's name: `DepDelay` and `dep_delay` give `dep`, `delay`."""
    return _WORDS.findall(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())


def roles(table: pa.Table, hints: ChartHints) -> list[ColumnRole]:
    """The role of every column, in the result's order."""
    found = [_role(table, index, hints) for index in range(table.num_columns)]
    if hints.measure_labels:
        return found
    return _ordinals(table, found)


def coarseness(column: ColumnRole) -> int:
    """Smaller for coarser parts of a date, so that years become series and months the axis."""
    return _COARSE.index(column.part) if column.part in _COARSE else len(_COARSE)


def _role(table: pa.Table, index: int, hints: ChartHints) -> ColumnRole:
    import pyarrow as pa
    import pyarrow.compute as pc

    name, column = table.column_names[index], table.column(index)
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = kind.value_type
    if pa.types.is_nested(kind) or pa.types.is_null(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return ColumnRole(index, name, "other", 0)
    try:
        distinct = int(pc.count_distinct(column, mode="only_valid").as_py())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return ColumnRole(index, name, "other", 0)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return ColumnRole(index, name, "time", distinct)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return ColumnRole(index, name, "time" if _is_iso(column) else "category", distinct)
    if pa.types.is_boolean(kind) or pa.types.is_time(kind):
        return ColumnRole(index, name, "category", distinct)
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        return ColumnRole(index, name, "other", distinct)
    if name in hints.measure_labels:
        return ColumnRole(index, name, "measure", distinct)
    if name in hints.ids:
        return ColumnRole(index, name, "id", distinct)
    part = _part(name, column) if pa.types.is_integer(kind) else None
    if part or hints.measure_labels:
        return ColumnRole(index, name, "part", distinct, part)
    if set(words(name)[-1:]) & _ID_WORDS and pa.types.is_integer(kind) and distinct == len(column):
        return ColumnRole(index, name, "id", distinct)
    return ColumnRole(index, name, "measure", distinct)


def _is_iso(column: Any) -> bool:
    values = [value for value in column.slice(0, SAMPLE_ROWS).to_pylist() if value is not None]
    return bool(values) and all(_ISO.fullmatch(value) for value in values)


def _part(name: str, column: Any) -> str | None:
    import pyarrow.compute as pc

    spoken = words(name)
    if set(spoken) & _MEASURE_WORDS:
        return None
    part = next((word for word in reversed(spoken) if word in _PARTS), None)
    if part is None or column.null_count == len(column):
        return None
    least, most = pc.min(column).as_py(), pc.max(column).as_py()
    low, high = _PARTS[part]
    return part if low <= least and most <= high else None


def _ordinals(table: pa.Table, found: list[ColumnRole]) -> list[ColumnRole]:
    """Without hints: a leading integer that is different in every row, next to a measure, is what it is grouped by."""
    import pyarrow as pa

    measures = [column for column in found if column.role == "measure"]
    if len(measures) < 2 or any(column.role in ("time", "category", "part") for column in found):
        return found
    first = measures[0]
    whole = pa.types.is_integer(table.column(first.index).type)
    unique = first.distinct == table.num_rows <= MAX_ORDINALS
    if first.index == 0 and whole and unique and not set(words(first.name)) & _MEASURE_WORDS:
        return [ColumnRole(c.index, c.name, "part", c.distinct) if c is first else c for c in found]
    return found
