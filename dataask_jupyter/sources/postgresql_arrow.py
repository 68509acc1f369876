"""PostgreSQL's rows as Arrow batches of types that files and programs agree on.

ADBC gives types that it doesn't know as the bytes that went over the wire. Columns of such types are written as text by
the server: the statement then becomes the inner part of another, which names its columns by position.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from dataask_jupyter.errors import SqlInvalid

from .arrow_numbers import exact, whole_or_float

_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""1 January of the year 1 and 31 December 9999, as days since 1970: what dates of Python, pandas and browsers hold."""
_MICROSECONDS_A_DAY = 86_400_000_000
_ENDLESS_DAYS = pa.array([-2_147_472_692, -2_147_472_691], pa.int32())
_ENDLESS_MOMENTS = pa.array([-9_222_425_352_054_775_809, -9_222_425_352_054_775_808], pa.int64())
"""What ADBC makes of `infinity` and `-infinity`."""

_CASTS = {"money": "numeric", "oid": "bigint"}
_LISTS = frozenset({"_int2", "_int4", "_int8", "_float4", "_float8", "_text", "_varchar", "_bpchar", "_name", "_bool"})
"""Lists whose items need no closer look."""

Convert = Callable[[Any], Any]


@dataclass(frozen=True)
class _Column:
    name: str
    type: pa.DataType
    """The type to begin with: a batch may come with a wider one."""
    cast: str | None = None
    """How the server is to write it, where the driver can't read it: an expression with `{}` for the column."""
    convert: Convert | None = None
    is_list: bool = False


class Plan:
    """How the columns of a statement are read."""

    def __init__(self, described: pa.Schema) -> None:
        self.columns = [_column(field) for field in described]
        self.schema = pa.schema([pa.field(column.name, column.type) for column in self.columns])
        self.lists = [index for index, column in enumerate(self.columns) if column.is_list]

    def statement(self, sql: str) -> str:
        """The statement to run: the same text, unless the server has to write columns in another way."""
        if not self.lists and all(column.cast is None for column in self.columns):
            return sql
        names = [f"c{index}" for index in range(len(self.columns))]
        parts = [
            name if column.cast is None else column.cast.format(name)
            for name, column in zip(names, self.columns, strict=True)
        ]
        # The driver flattens arrays of arrays, so their dimensions come along.
        parts += [f"array_ndims({names[index]})" for index in self.lists]
        return f"SELECT {', '.join(parts)} FROM (\n{sql}\n) AS q ({', '.join(names)})"  # noqa: S608 - it passed the gate

    def batches(self, reader: Any, guard: AbstractContextManager[Any]) -> Iterator[pa.RecordBatch]:
        """The reader's batches, with plain types."""
        while True:
            with guard:
                try:
                    batch = reader.read_next_batch()
                except StopIteration:
                    return
                arrays = self._arrays(batch)
            yield pa.RecordBatch.from_arrays(arrays, names=self.schema.names)

    def _arrays(self, batch: pa.RecordBatch) -> list[Any]:
        given = batch.columns
        for index, dimensions in zip(self.lists, given[len(self.columns) :], strict=True):
            if (pc.max(dimensions).as_py() or 0) > 1:
                name = self.columns[index].name
                raise SqlInvalid(
                    f"The column {name[:60]} holds arrays of more than one dimension, which can't be read as they are."
                    " Select to_json(…) of it instead."
                )
        found = []
        for column, whole in zip(self.columns, given, strict=False):
            array: Any = whole
            if isinstance(array.type, pa.BaseExtensionType):
                array = array.storage
            try:
                found.append(array if column.convert is None else column.convert(array))
            except _OutOfRange:
                raise SqlInvalid(
                    f"The column {column.name[:60]} holds a date outside of the years 1 to 9999. Cast it to text."
                ) from None
        return found


def _column(field: pa.Field[Any]) -> _Column:
    metadata: dict[bytes, bytes] = field.metadata or {}
    name = metadata.get(b"POSTGRESQL:type", b"").decode()
    type_: Any = field.type
    if name in ("numeric", "money"):
        return _number(field.name, int(metadata.get(b"POSTGRESQL:typmod", b"-1")), cast=_cast(name))
    if name == "oid":
        return _Column(field.name, pa.int64(), cast=_cast(name))
    if name in ("json", "jsonb"):
        return _Column(field.name, pa.string())
    if types.is_struct(type_) or name == "record":
        return _Column(field.name, pa.string(), cast="to_json({})::text")
    if types.is_list(type_):
        return _list(field.name, name, type_)
    if isinstance(type_, pa.BaseExtensionType):
        # Cast to text an address would get the length of its net.
        shown = "CASE WHEN {0} IS NOT NULL THEN format('%s', {0}) END" if name == "inet" else "{}::text"
        return _Column(field.name, pa.string(), cast=shown)
    if types.is_date(type_):
        return _Column(field.name, type_, convert=_days)
    if types.is_timestamp(type_):
        return _Column(field.name, type_, convert=_moments)
    if types.is_time(type_):
        return _Column(field.name, type_, convert=_times)
    return _Column(field.name, type_)


def _cast(name: str) -> str | None:
    return f"{{}}::{_CASTS[name]}" if name in _CASTS else None


def _list(name: str, typename: str, type_: Any) -> _Column:
    if typename in _LISTS:
        return _Column(name, pa.list_(type_.value_type), is_list=True)
    if typename == "_numeric":
        return _Column(name, pa.list_(pa.float64()), cast="{}::float8[]", is_list=True)
    return _Column(name, pa.list_(pa.string()), cast="{}::text[]", is_list=True)


def _number(name: str, modifier: int, *, cast: str | None) -> _Column:
    precision, scale = (modifier - 4 >> 16) & 0xFFFF, (modifier - 4) & 0x7FF
    if modifier >= 4 and scale <= precision <= 38:
        if scale == 0 and precision <= 18:
            return _Column(name, pa.int64(), cast, lambda texts: exact(texts, pa.int64()))
        type_ = pa.decimal128(precision, scale)
        return _Column(name, type_, cast, lambda texts: exact(texts, type_))
    # The server doesn't say how many digits: sums of integers are whole numbers, averages have fractions.
    return _Column(name, pa.int64(), cast, whole_or_float)


class _OutOfRange(ValueError):
    pass


def _days(array: Any) -> Any:
    days = array.view(pa.int32())
    return _within(array, days, _FIRST_DAY, _LAST_DAY, _ENDLESS_DAYS)


def _moments(array: Any) -> Any:
    last = (_LAST_DAY + 1) * _MICROSECONDS_A_DAY - 1
    return _within(array, array.view(pa.int64()), _FIRST_DAY * _MICROSECONDS_A_DAY, last, _ENDLESS_MOMENTS)


def _within(array: Any, numbers: Any, first: int, last: int, endless: Any) -> Any:
    """The array without its endless values, which no program can show; raises for others that are out of range."""
    bounds = pc.min_max(numbers)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    if low is None or (low >= first and high <= last):
        return array
    array = pc.if_else(pc.is_in(numbers, endless), pa.scalar(None, array.type), array)
    bounds = pc.min_max(array.view(numbers.type))
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    if low is not None and (low < first or high > last):
        raise _OutOfRange
    return array


def _times(array: Any) -> Any:
    """Times of day; text where one of them is 24:00, which Arrow's type doesn't have."""
    numbers: Any = array.view(pa.int64())
    highest = pc.max(numbers).as_py()
    if highest is None or highest < _MICROSECONDS_A_DAY:
        return array
    end = pc.greater_equal(numbers, pa.scalar(_MICROSECONDS_A_DAY, pa.int64()))
    texts = pc.cast(pc.if_else(end, pa.scalar(None, array.type), array), pa.string())
    return pc.if_else(pc.fill_null(end, False), pa.scalar("24:00:00"), texts)
