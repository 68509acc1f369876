"""DuckDB's rows as Arrow batches of types that files and programs agree on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_HUGE = pa.decimal128(38, 0)


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """The types that `batches` gives. Integers of 128 bits begin as 64: a batch that doesn't fit widens them."""
    return pa.schema([pa.field(field.name, _plain_type(field.type)) for field in schema])


def _plain_type(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        value: pa.DataType = type_.value_type
        return value
    return pa.int64() if type_ == _HUGE else type_


def batches(reader: Any, guard: AbstractContextManager[Any]) -> Iterator[pa.RecordBatch]:
    """The reader's batches; enumerations become text, and integers of 128 bits become 64 where they fit."""
    while True:
        with guard:
            try:
                batch = reader.read_next_batch()
            except StopIteration:
                return
            columns = [_plain(column) for column in batch.columns]
        yield pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _plain(column: pa.Array[Any]) -> pa.Array[Any]:
    if pa.types.is_dictionary(column.type):
        return column.cast(column.type.value_type)
    if column.type == _HUGE:
        # sum() of integers is 128 bits wide in DuckDB, though it hardly ever needs to be.
        try:
            return pc.cast(column, pa.int64())
        except pa.ArrowInvalid:
            return column
    return column
