"""A result's columns as plain values, whatever Arrow types they have.

Whole columns are cast in Arrow: that is many times faster than making Python dates, never imports pandas, and never
fails on a date that Python doesn't know.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

if TYPE_CHECKING:
    import pyarrow as pa

_ZONE = r"(Z|[+-]\d{2}:?\d{2})$"
Made = TypeVar("Made")


class Columns:
    """The columns of one table, by position: names may repeat."""

    def __init__(self, table: pa.Table) -> None:
        self.rows: int = table.num_rows
        self.names: list[str] = list(table.column_names)
        self._table = table
        self._made: dict[tuple[str, int], Any] = {}

    # ---- In Arrow ----

    def raw(self, index: int) -> Any:
        """The column as it came, without wrappings: no dictionaries, no extension types."""
        return self._once("raw", index, lambda: _unwrapped(self._table.column(index)))

    def plain(self, index: int) -> Any:
        """The column with dates, times and intervals as ISO text."""
        return self._once("plain", index, lambda: _plain(self.raw(index)))

    def replace(self, index: int, column: Any) -> None:
        """Take this for the column from now on, e.g. the numbers that its text stands for."""
        self._made = {key: value for key, value in self._made.items() if key[1] != index}
        self._made["raw", index] = self._made["plain", index] = column

    def sortable(self, index: int) -> Any:
        """The column in the form that sorts fastest: dates and times as they came."""
        import pyarrow as pa

        raw = self.raw(index)
        return raw if pa.types.is_temporal(raw.type) else self.plain(index)

    def floats(self, index: int) -> Any:
        """A column of numbers as floats; null for NaN and infinities, which nobody can draw."""
        return self._once("floats", index, lambda: _floats(self.plain(index)))

    # ---- In Python ----

    def values(self, index: int) -> list[Any]:
        """The values: text, numbers, decimals, booleans, bytes, lists, None."""
        return self._once("values", index, lambda: _pylist(self.plain(index)))

    def first(self, index: int, count: int) -> list[Any]:
        """The first values only."""
        return _pylist(self.plain(index).slice(0, count))

    def taken(self, index: int, rows: Any) -> list[Any]:
        """The values of these rows."""
        return _pylist(self.plain(index).take(rows))

    def cell(self, index: int, row: int) -> Any:
        """One value."""
        return _pylist(self.plain(index).slice(row, 1))[0]

    def numbers(self, index: int) -> list[float | None]:
        """The values as floats; None for what can't be drawn."""
        return self._once("numbers", index, lambda: self.floats(index).to_pylist())

    # ---- Facts ----

    def any_number(self, index: int) -> bool:
        """Whether there is anything to draw: a column may hold nothing but nulls and NaN."""
        return bool(self.floats(index).null_count < self.rows)

    def range(self, index: int) -> tuple[float, float]:
        """The least and the greatest number. There must be one."""
        extremes = self._extremes(index)
        return extremes["min"].as_py(), extremes["max"].as_py()

    def where(self, index: int, end: Literal["min", "max"]) -> tuple[int, int]:
        """The first row with the least or the greatest number, and how many rows have it."""
        import pyarrow.compute as pc

        floats, value = self.floats(index), self._extremes(index)[end]
        return pc.index(floats, value).as_py(), pc.sum(pc.equal(floats, value)).as_py()

    def _extremes(self, index: int) -> Any:
        import pyarrow.compute as pc

        return self._once("extremes", index, lambda: pc.min_max(self.floats(index)))

    def total(self, index: int, rows: Any = None) -> float:
        """The sum, of all rows or of these."""
        import pyarrow.compute as pc

        floats = self.floats(index)
        return pc.sum(floats if rows is None else floats.take(rows)).as_py() or 0.0

    def combinations(self, first: int, second: int) -> int:
        """How many different pairs of values two columns have."""
        import pyarrow as pa
        import pyarrow.compute as pc

        coded = []
        for index in (first, second):
            column = self.sortable(index).combine_chunks().dictionary_encode(null_encoding="encode")
            coded.append((column.indices.cast(pa.int64()), len(column.dictionary)))
        (high, _), (low, size) = coded
        return int(pc.count_distinct(pc.add(pc.multiply(high, places([size])[0]), low)).as_py())

    def _once(self, what: str, index: int, make: Callable[[], Made]) -> Made:
        if (what, index) not in self._made:
            self._made[what, index] = make()
        found: Made = self._made[what, index]
        return found


def places(rows: Iterable[int]) -> Any:
    """Numbers of rows for Arrow. (`pyarrow.array` would import pandas, only to look whether it got some.)"""
    import pyarrow as pa

    packed = array("q", rows)
    return pa.Array.from_buffers(pa.int64(), len(packed), [None, pa.py_buffer(packed.tobytes())])


def _unwrapped(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        storage: Any = kind.storage_type
        return _unwrapped(pa.chunked_array([chunk.storage for chunk in column.chunks], storage))
    if pa.types.is_run_end_encoded(kind):
        return _unwrapped(pc.call_function("run_end_decode", [column]))
    if pa.types.is_dictionary(kind):
        return _unwrapped(column.cast(kind.value_type))
    if pa.types.is_string_view(kind) or pa.types.is_large_string(kind):
        return column.cast(pa.string())
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    return column


def _plain(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_timestamp(kind):
        # Text without nanoseconds and zone: what the wall clock of the column's zone showed.
        text = column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.string())
        text = pc.replace_substring_regex(text, _ZONE, "") if kind.tz else text
        return pc.replace_substring(text, ".000000", "")
    if pa.types.is_time(kind):
        return pc.replace_substring_regex(column.cast(pa.string()), r"(:00)?(\.0+)?$", "")
    if pa.types.is_date(kind) or pa.types.is_duration(kind):
        return column.cast(pa.string())
    if pa.types.is_interval(kind):
        return pa.chunked_array([pa.array([str(value) if value.is_valid else None for value in column], pa.string())])
    return column


def _floats(column: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    floats = pc.cast(column, pa.float64(), safe=False)
    return pc.if_else(pc.is_finite(floats), floats, pa.nulls(1, pa.float64())[0])


def _pylist(column: Any) -> list[Any]:
    import pyarrow as pa

    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:  # a file's text may claim to be UTF-8 and not be it
        raw = column.cast(pa.binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "replace") for value in raw]
    except (ValueError, OverflowError):  # a date inside a list or struct that Python doesn't know
        return [str(value) if value.is_valid else None for value in column]
    return values
