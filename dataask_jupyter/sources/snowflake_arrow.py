"""Snowflake's rows as Arrow batches of types that all parts of a result share."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pyarrow import types

from .base import Reading

if TYPE_CHECKING:
    from .snowflake_client import Client

_TYPES: dict[str, pa.DataType] = {
    "REAL": pa.float64(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP_NTZ": pa.timestamp("us"),
    "TIMESTAMP_LTZ": pa.timestamp("us", "UTC"),
    "TIMESTAMP_TZ": pa.timestamp("us", "UTC"),
    "BINARY": pa.binary(),
    "TIME": pa.time64("us"),
    "BOOLEAN": pa.bool_(),
}


def reading(client: Client, cursor: Any) -> Reading:
    """The rows of a query."""
    batches = _batches(client, cursor)
    first = next(batches, None)
    if first is None:
        return Reading(schema=described(cursor.description), batches=iter(()))
    return Reading(schema=first.schema, batches=itertools.chain([first], batches))


def _batches(client: Client, cursor: Any) -> Iterator[pa.RecordBatch]:
    # Moments of the year 9999 have no nanoseconds.
    tables: Iterator[Any] = client.call(lambda: cursor.fetch_arrow_batches(force_microsecond_precision=True))
    while True:
        table = client.call(lambda: next(tables, None))
        if table is None:
            return
        yield from plain(table).to_batches(max_chunksize=client.limits.batch_rows)


def plain(table: Any) -> Any:
    """The same rows with whole numbers of one width and moments in UTC: Snowflake makes each part as narrow as it can.

    Numbers that need more than 64 bits stay decimals.
    """
    columns, fields = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        type_ = _plain(field.type)
        columns.append(column if type_ == field.type else column.cast(type_))
        fields.append(pa.field(field.name, type_))
    return pa.Table.from_arrays(columns, schema=pa.schema(fields))


def _plain(type_: Any) -> Any:
    if types.is_integer(type_):
        return pa.int64()
    if types.is_timestamp(type_):
        return pa.timestamp("us", "UTC" if type_.tz else None)
    if types.is_time(type_):
        return pa.time64("us")
    return type_


def described(columns: Any) -> pa.Schema:
    """The columns of a result without rows."""
    from snowflake.connector.constants import FIELD_ID_TO_NAME

    fields = []
    for column in columns:
        name = FIELD_ID_TO_NAME.get(column.type_code, "")
        type_ = _TYPES.get(name, pa.string())
        if name == "FIXED":
            scale = column.scale or 0
            type_ = pa.decimal128(column.precision or 38, scale) if scale else pa.int64()
        fields.append(pa.field(column.name, type_))
    return pa.schema(fields)
