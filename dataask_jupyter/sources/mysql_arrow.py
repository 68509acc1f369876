"""MySQL's rows as Arrow batches. Cells come as the server writes them, and Arrow reads them column by column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from .arrow_numbers import exact, whole_or_float
from .base import ReadLimits

FIRST_ROWS, MOST_ROWS = 64, 8_192

_UNSIGNED = 32
_BIT, _YEAR, _TIME, _NEW_DECIMAL, _NULL = 16, 13, 11, 246, 6
_INTEGERS = {1: (pa.int8(), pa.uint8()), 2: (pa.int16(), pa.uint16()), 3: (pa.int32(), pa.uint32()),
             8: (pa.int64(), pa.uint64()), 9: (pa.int32(), pa.uint32())}  # fmt: skip
_DATES, _DATETIME, _TIMESTAMP = (10, 14), 12, 7
_ZERO = r"^0000|-00"
"""Dates that MySQL has and nobody else: 0000-00-00, and those without a month or a day."""
_WITHIN_A_DAY = r"^([01]\d|2[0-3]):"

Convert = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class _Column:
    name: str
    type: pa.DataType
    convert: Convert


class Plan:
    """How the columns of a result are read."""

    def __init__(
        self, described: Sequence[Any], flags: Sequence[int], converters: Sequence[Any], limits: ReadLimits
    ) -> None:
        self.columns = [_column(*about) for about in zip(described, flags, converters, strict=True)]
        self.limits = limits
        self.schema = pa.schema([pa.field(column.name, column.type) for column in self.columns])

    def batches(
        self, fetch: Callable[[int], tuple[tuple[Any, ...], ...]], guard: AbstractContextManager[Any]
    ) -> Iterator[pa.RecordBatch]:
        """Batches of about the wanted size: few rows first, until it is known how large they are."""
        count = FIRST_ROWS
        while True:
            with guard:
                rows = fetch(count)
                if not rows:
                    return
                cells = zip(*rows, strict=True)
                arrays = [
                    column.convert(column_cells) for column, column_cells in zip(self.columns, cells, strict=True)
                ]
            batch = pa.RecordBatch.from_arrays(arrays, names=self.schema.names)
            wanted = self.limits.batch_bytes // max(1, batch.nbytes // len(rows))
            count = max(1, min(count * 4, wanted, MOST_ROWS, self.limits.batch_rows))
            del rows, cells, arrays
            yield batch


def _column(described: Sequence[Any], flags: int, converter: Any) -> _Column:
    name, code, _, length, _, scale, _ = described
    if isinstance(name, bytes):
        name = name.decode("utf-8", "replace")
    type_, convert = _how(code, length, scale, flags, converter)
    return _Column(name, type_, convert)


def _how(code: int, length: int, scale: int, flags: int, converter: Any) -> tuple[pa.DataType, Convert]:
    unsigned = bool(flags & _UNSIGNED)
    if code in _INTEGERS:
        return _parsed(_INTEGERS[code][unsigned])
    if code == _YEAR:
        return _parsed(pa.int16())
    if code == _NEW_DECIMAL:
        # The length counts the sign and the point.
        return _decimal(length - (not unsigned) - (scale > 0), scale)
    if code in (4, 5):
        return _parsed(pa.float32() if code == 4 else pa.float64())
    if code in _DATES:
        return pa.date32(), lambda cells: _moments(cells, pa.date32())
    if code in (_DATETIME, _TIMESTAMP):
        # A TIMESTAMP is a moment, which the session has the server write in UTC; a DATETIME is what a clock shows.
        type_ = pa.timestamp("us", "UTC" if code == _TIMESTAMP else None)
        return type_, lambda cells: _moments(cells, type_)
    if code == _TIME:
        return pa.time64("us"), _times
    if code == _BIT:
        return (pa.bool_(), _bits) if length == 1 else (pa.uint64(), _bits_as_number)
    if code == _NULL or converter is str:
        return pa.string(), _texts
    return pa.binary(), lambda cells: pa.array(cells, pa.binary())


def _parsed(type_: pa.DataType) -> tuple[pa.DataType, Convert]:
    return type_, lambda cells: pc.cast(_ascii(cells), type_)


def _decimal(precision: int, scale: int) -> tuple[pa.DataType, Convert]:
    if scale == 0 and precision <= 18:
        return _parsed(pa.int64())
    if scale == 0:
        # Sums of integers: hardly ever as wide as they might be.
        return pa.int64(), lambda cells: whole_or_float(_ascii(cells))
    if scale > precision or precision > 76:
        return _parsed(pa.float64())
    type_ = pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
    return type_, lambda cells: exact(_ascii(cells), type_)


def _ascii(cells: Sequence[Any]) -> Any:
    """Cells that hold digits and the like, as Arrow text, without a Python text for each."""
    return pa.array(cells, pa.binary()).view(pa.string())


def _texts(cells: Sequence[Any]) -> Any:
    try:
        return pa.array(cells, pa.string())
    except pa.ArrowCapacityError:
        return pa.array(cells, pa.large_string())


def _moments(cells: Sequence[Any], type_: Any) -> Any:
    texts = _ascii(cells)
    zero = pc.match_substring_regex(texts, _ZERO)
    if pc.any(zero).as_py():
        texts = pc.if_else(pc.fill_null(zero, False), pa.scalar(None, pa.string()), texts)
    plain = type_ if pa.types.is_date(type_) else pa.timestamp("us")
    try:
        found = pc.cast(texts, plain)
    except pa.ArrowInvalid:
        found = pa.array([_moment(text, plain) for text in texts.to_pylist()], plain)  # 31 February and its kin.
    return found if plain == type_ else found.view(type_)


def _moment(text: str | None, type_: Any) -> date | datetime | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text) if pa.types.is_date(type_) else datetime.fromisoformat(text)
    except ValueError:
        return None


def _times(cells: Sequence[Any]) -> Any:
    """Times of day; text where one is a span of time, which MySQL's type may be too."""
    texts = _ascii(cells)
    if pc.all(pc.match_substring_regex(texts, _WITHIN_A_DAY), min_count=0).as_py():
        # Arrow reads moments from texts, but no times of day.
        moments = pc.cast(pc.binary_join_element_wise("1970-01-01", texts, " "), pa.timestamp("us"))
        return moments.view(pa.int64()).view(pa.time64("us"))
    return texts


def _bits(cells: Sequence[Any]) -> Any:
    return pa.array([None if cell is None else cell != b"\0" for cell in cells], pa.bool_())


def _bits_as_number(cells: Sequence[Any]) -> Any:
    return pa.array([None if cell is None else int.from_bytes(cell, "big") for cell in cells], pa.uint64())
