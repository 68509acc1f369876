"""SQLite's rows as Arrow batches. SQLite types values, not columns: a batch has the types that its values have."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa

from .base import Reading, ReadLimits

_INTEGER = re.compile(rb"[+-]?\d{1,18}\Z")
_REAL = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")


FIRST_ROWS = 1_000


class Moment(str):
    """Text from a column that is declared as a date or a timestamp."""

    __slots__ = ()


def _moment(raw: bytes) -> Any:
    """A value of such a column. The converter gets bytes whatever the value is: numbers are recognised again."""
    if raw[4:5] != b"-":  # 2020-01-31: the usual case needs no more than a look.
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
    timestamps: set[int] = set()
    rows = _Rows(connection, sql)
    first = rows.fetch(FIRST_ROWS)
    batch = _batch(first, rows.names, timestamps)

    def rest() -> Iterator[pa.RecordBatch]:
        made = batch
        while True:
            yield made
            with guard:
                found = rows.fetch(_fitting_rows(made, limits))
                if not found:
                    return
                made = _batch(found, rows.names, timestamps)

    return Reading(schema=batch.schema, batches=rest(), timestamps=timestamps)


class _Rows:
    """The rows of a statement. Text that isn't UTF-8 doesn't fail it.

    Decoding leniently takes a Python call for each text, so the statement runs strictly until that fails, and then once
    more from its start. The caller began a transaction: both runs see the same data.
    """

    def __init__(self, connection: sqlite3.Connection, sql: str) -> None:
        self._connection, self._sql = connection, sql
        self._read = 0
        self._lenient = False
        self._run(str)
        self.names = [column[0] for column in self._cursor.description or ()]

    def _run(self, text_factory: Callable[[bytes], str]) -> None:
        self._connection.text_factory = text_factory
        self._cursor = self._connection.execute(self._sql)

    def fetch(self, count: int) -> list[tuple[Any, ...]]:
        """The next rows; none at the end."""
        try:
            found = self._cursor.fetchmany(count)
        except sqlite3.OperationalError as error:
            if self._lenient or "Could not decode" not in str(error):
                raise
            self._lenient = True
            self._run(_decode)
            for _ in zip(range(self._read), self._cursor, strict=False):
                pass
            found = self._cursor.fetchmany(count)
        self._read += len(found)
        return found


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
