"""What each column of a result is to a chart: a point in time, a category, a measure, or none of these."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from . import formats
from .columns import Columns
from .hints import ChartHints

Role = Literal["time", "part", "category", "measure", "id", "other"]
"""`part` has an order of its own without being a date: a month, a weekday, an hour, a number of engines."""

MAX_ORDINALS = 50
ORDINAL_SPREAD = 20
"""Numbers that name things lie close together; numbers that measure them don't."""

_DATE = r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?"
_MOMENT = rf"^{_DATE}(?:[ T](?:[01]\d|2[0-4]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]\d{{2}}:?\d{{2}})?)?$"
_PERIOD = r"^\d{4}[- ]?(?:[Qq][1-4]|[Ww](?:[0-4]\d|5[0-3]))$"
_READABLE = re.compile(r"\d{4}-\d{2}-\d{2}(?: \d|$)")
_WORDS = re.compile(r"[a-z]+|\d+")
_ID_WORDS = frozenset({"id", "ids", "uuid", "guid", "key", "pk"})
_CODE_WORDS = frozenset({"code", "no", "nr", "num", "number", "zip", "zipcode", "postcode", "phone", "fax"})
_MEASURE_WORDS = frozenset(
    "count counts total sum avg average mean median min max minimum maximum amount share percent pct ratio rate".split()
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
_COARSE = ("period", "year", "yr", "quarter", "month", "week", "day", "weekday", "dow", "hour", "minute")


@dataclass(frozen=True)
class ColumnRole:
    """A column and what it is to a chart."""

    index: int
    name: str
    role: Role
    distinct: int
    """Distinct values, nulls not counted."""
    nulls: int = 0
    part: str | None = None
    """Of a part: which one, e.g. `month`. Of a time: how fine it is, `year`, `month`, `day` or `moment`."""

    @property
    def groups(self) -> int:
        """Distinct values, all nulls counted as one."""
        return self.distinct + (self.nulls > 0)

    def label(self, value: Any) -> str:
        """The value as people read it on an axis."""
        if self.role == "time" and isinstance(value, str):
            return formats.moment(value, self.part)
        if self.role == "id" and isinstance(value, int):
            return str(value)
        return formats.label(value, self.part)

    def order(self, value: Any) -> tuple[int, Any]:
        """Sorts values of this column in the order they have by themselves; nulls come last."""
        if value is None:
            return 2, 0
        place = formats.ORDERED.get(value.casefold()) if isinstance(value, str) and self.part == "name" else None
        if place is not None:
            return 0, place
        return (1, str(value)) if isinstance(value, str | bool | bytes) else (0, value)


def words(name: str) -> list[str]:
    """The words of a column's name: `DepDelay` and `dep_delay` give `dep`, `delay`."""
    return _WORDS.findall(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower())


def roles(columns: Columns, hints: ChartHints) -> list[ColumnRole]:
    """The role of every column, in the result's order."""
    found = [_role(columns, index, hints) for index in range(len(columns.names))]
    return found if hints.measure_labels else _ordinals(columns, found)


def coarseness(column: ColumnRole) -> int:
    """Smaller for coarser parts of a date, so that years become series and months the axis."""
    return _COARSE.index(column.part) if column.part in _COARSE else len(_COARSE)


def _role(columns: Columns, index: int, hints: ChartHints) -> ColumnRole:
    import pyarrow as pa
    import pyarrow.compute as pc

    name, column = columns.names[index], columns.raw(index)
    kind = column.type
    try:
        distinct = int(pc.count_distinct(column, mode="only_valid").as_py())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return ColumnRole(index, name, "other", 0, column.null_count)
    found = ColumnRole(index, name, "other", distinct, column.null_count)
    if distinct == 0:
        return found
    if pa.types.is_boolean(kind) or pa.types.is_time(kind):
        return replace(found, role="category")
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return replace(found, role="time", part=_grain(columns.plain(index))) if _known(column) else found
    if pa.types.is_string(kind):
        return _text_role(columns, found, hints)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return _number_role(columns, found, hints)
    return found


def _text_role(columns: Columns, found: ColumnRole, hints: ChartHints) -> ColumnRole:
    """Text may be a date (SQLite has no other), a part of one, or names that have an order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    column = columns.plain(found.index)
    try:
        if _all_match(column, _MOMENT):
            return replace(found, role="time", part=_grain(column))
        if _all_match(column, _PERIOD):
            return replace(found, role="part", part="period")
        if _part_word(found.name) and _all_match(column, r"^\d{1,4}$"):
            numbers = column.cast(pa.int64())
            part = _part(found.name, numbers)
            if part is not None:
                columns.replace(found.index, numbers)
                return replace(found, role="part", part=part)
        if found.distinct <= len(formats.ORDERED):
            named = {str(value).casefold() for value in pc.unique(column).to_pylist() if value is not None}
            if named <= formats.MONTH_NAMES or named <= formats.DAY_NAMES:
                return replace(found, role="part", part="name")
    except (pa.ArrowInvalid, UnicodeDecodeError):
        pass  # not UTF-8: names without any order
    return replace(found, role="id" if found.name in hints.ids else "category")


def _number_role(columns: Columns, found: ColumnRole, hints: ChartHints) -> ColumnRole:
    import pyarrow as pa

    column, name = columns.plain(found.index), found.name
    whole = pa.types.is_integer(column.type)
    if name in hints.measure_labels:
        return replace(found, role="measure")
    if name in hints.ids or _is_id(name, unique=found.distinct == columns.rows, whole=whole):
        return replace(found, role="id")
    part = _part(name, column) if whole else None
    if part or hints.measure_labels:
        return replace(found, role="part", part=part)
    return replace(found, role="measure")


def _is_id(name: str, *, unique: bool, whole: bool) -> bool:
    spoken = words(name)
    if not whole or not spoken or set(spoken) & _MEASURE_WORDS:
        return False
    if spoken[-1] in _ID_WORDS:
        return True
    return spoken[-1] in _CODE_WORDS and unique and (len(spoken) > 1 or spoken[0] not in ("number", "num", "no"))


def _known(dates: Any) -> bool:
    """Whether all dates lie in the years 1 to 9999, which axes and people can read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    extremes = pc.min_max(dates)
    ends = [extremes[end].cast(pa.string()).as_py() for end in ("min", "max")]
    return all(_READABLE.match(end) for end in ends)


def _all_match(column: Any, pattern: str) -> bool:
    import pyarrow.compute as pc

    matching = pc.match_substring_regex(column.slice(0, 20), pattern)
    if pc.all(matching).as_py() is not True:
        return False
    return pc.all(pc.match_substring_regex(column, pattern)).as_py() is not False


def _grain(texts: Any) -> str:
    """How fine times are: a column of firsts of months is one of months."""
    import pyarrow.compute as pc

    midnight = r"^.{7}(?:.{3}(?:.00:00.*)?)?$"
    if not _all_match(texts, midnight):
        return "moment"
    texts = pc.unique(texts)
    if pc.any(pc.invert(pc.match_substring_regex(texts, r"^.{7}(?:-01.*)?$"))).as_py():
        return "day"
    januaries = pc.all(pc.match_substring_regex(texts, r"^.{5}01")).as_py()
    return "year" if januaries and len(texts) - texts.null_count > 1 else "month"


def _part_word(name: str) -> str | None:
    spoken = words(name)
    if set(spoken) & _MEASURE_WORDS:
        return None
    return next((word for word in reversed(spoken) if word in _PARTS), None)


def _part(name: str, column: Any) -> str | None:
    import pyarrow.compute as pc

    part = _part_word(name)
    if part is None:
        return None
    extremes = pc.min_max(column)
    low, high = _PARTS[part]
    return part if low <= extremes["min"].as_py() and extremes["max"].as_py() <= high else None


def _ordinals(columns: Columns, found: list[ColumnRole]) -> list[ColumnRole]:
    """Without hints: a first integer that is different in every row, next to a measure, is what it is grouped by."""
    import pyarrow as pa

    first = found[0]
    grouped = any(column.role in ("time", "category", "part") for column in found)
    if first.role != "measure" or grouped or sum(column.role == "measure" for column in found) < 2:
        return found
    values = columns.plain(first.index)
    if not pa.types.is_integer(values.type) or set(words(first.name)) & _MEASURE_WORDS:
        return found
    if not first.groups == columns.rows <= MAX_ORDINALS or _spread(columns.values(first.index)) > ORDINAL_SPREAD:
        return found
    return [replace(first, role="part"), *found[1:]]


def _spread(values: Iterable[Any]) -> float:
    known = [value for value in values if value is not None]
    return float((max(known) - min(known)) / len(known))
