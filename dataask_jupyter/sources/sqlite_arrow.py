"""SQLite's rows as Arrow batches. SQLite types values, not columns: a batch has the types that its values have."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa

from .base import Reading, ReadLimits

_INTEGER = re.compile(rb"[+-]?\d{1,18}\Z")
_REAL = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")


class Moment(str):
    """Text from a column that is declared as a date or a timestamp."""

    __slots__ = ()


def _moment(raw: bytes) -> Any:
    """A value of such a column. The converter gets bytes whatever the value is: numbers are recognised again."""
    if _INTEGER.match(raw):
        return int(raw)
    if _REAL.match(raw):
        return float(raw)
    return Moment(raw.decode("utf-8", "replace"))


for _type in ("DATE", "DATETIME", "TIMESTAMP", "TIMESTAMPTZ"):
    sqlite3.register_converter(_type, _moment)


def _decode(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def reading(
    connection: sqlite3.Connection, sql: str, limits: ReadLimits, guard: AbstractContextManager[Any]
) -> Reading:
    """Run the SQL; its first batch is there when this returns, so errors come now."""
    # Text that isn't UTF-8 must not fail the whole query.
    connection.text_factory = _decode
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or ()]
    timestamps: set[int] = set()
    first = cursor.fetchmany(1_000)
    batch = _batch(first, names, timestamps)

    def rest() -> Iterator[pa.RecordBatch]:
        yield batch
        rows = _fitting_rows(batch, limits)
        while True:
            with guard:
                found = cursor.fetchmany(rows)
                if not found:
                    return
                made = _batch(found, names, timestamps)
            yield made
            rows = _fitting_rows(made, limits)

    return Reading(schema=batch.schema, batches=rest(), timestamps=timestamps)


def _fitting_rows(batch: pa.RecordBatch, limits: ReadLimits) -> int:
    """How many rows the next batch should have, judging by this one."""
    if not batch.num_rows:
        return 1
    per_row = max(1, batch.nbytes // batch.num_rows)
    return int(max(1, min(limits.batch_rows, limits.batch_bytes // per_row)))


def _batch(rows: list[tuple[Any, ...]], names: list[str], timestamps: set[int]) -> pa.RecordBatch:
    columns = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in names]
    arrays = [_array(column, index, timestamps) for index, column in enumerate(columns)]
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _array(values: list[Any], index: int, timestamps: set[int]) -> pa.Array[Any]:
    types = set(map(type, values))
    types.discard(type(None))
    if Moment in types:
        timestamps.add(index)
        if types == {Moment}:
            return pa.array(values, pa.string())
        types = (types - {Moment}) | {str}
    if not types:
        return pa.nulls(len(values))
    if types == {int}:
        return pa.array(values, pa.int64())
    if types <= {int, float}:
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if types == {str}:
        return pa.array(values, pa.string())
    if types == {bytes}:
        return pa.array(values, pa.binary())
    return pa.array([None if value is None else _as_text(value) for value in values], pa.string())


def _as_text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
