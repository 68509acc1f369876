"""One type for batches that came with different ones: integer widens to number, and anything else to text."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from .values import is_binary


def unify(first: pa.DataType, second: pa.DataType) -> pa.DataType:
    """The narrowest type that holds values of both."""
    if first == second or types.is_null(second):
        return first
    if types.is_null(first):
        return second
    pair = (first, second)
    if all(types.is_integer(type_) or types.is_decimal(type_) for type_ in pair):
        return first if types.is_decimal(first) else second
    if all(types.is_integer(type_) or types.is_floating(type_) for type_ in pair):
        return pa.float64()
    return pa.string()


def unify_schemas(first: pa.Schema, second: pa.Schema) -> pa.Schema:
    """The same for all columns, by position."""
    return pa.schema(
        [pa.field(one.name, unify(one.type, other.type)) for one, other in zip(first, second, strict=True)]
    )


def cast_batch(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the schema's types, which are as wide as its own or wider."""
    if batch.schema.equals(schema):
        return batch
    arrays = [_cast(array, field.type) for array, field in zip(batch.columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _cast(array: pa.Array[Any], type_: pa.DataType) -> pa.Array[Any]:
    if array.type == type_:
        return array
    if types.is_null(array.type):
        return pa.array([None] * len(array), type_)
    if types.is_string(type_) and is_binary(array.type):
        texts = [None if value is None else value.decode("utf-8", "replace") for value in array.to_pylist()]
        return pa.array(texts, type_)
    # Widening to floating point may round integers beyond 2**53, as the database itself does.
    cast: pa.Array[Any] = pc.cast(array, type_, safe=False)
    return cast


def unique_names(names: list[str]) -> list[str]:
    """Names that differ: the second `a` becomes `a_1`. A nameless column becomes `column`."""
    taken: set[str] = set()
    kept = set(names)
    found: list[str] = []
    for given in names:
        name = base = given or "column"
        number = 0
        while name in taken or (number and name in kept):
            number += 1
            name = f"{base}_{number}"
        taken.add(name)
        found.append(name)
    return found
