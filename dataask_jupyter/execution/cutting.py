"""Cuts huge cells of a result, so that one value can't make a file, a page or a chart as large as itself."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from .values import is_binary, is_text

CELL_BYTES = 4 * 1024**2
"""What a result's file keeps of a text or of bytes: a document or a picture whole, a runaway value not.

Pages show far less of it (`results.CELL_CHARACTERS`), but charts and programs take cells of the file whole, and charts
are made inside of the server.
"""


def cut_cells(batch: pa.RecordBatch, size: int = CELL_BYTES) -> pa.RecordBatch:
    """The batch with every text and binary value cut to so many bytes; the same object when none is longer.

    A cut value is the beginning of the whole one; of text it ends between two characters. Lists, structs and maps stay
    as they are: a piece of one would be another value, so only the size of the whole result limits them.
    """
    whole = batch.columns
    columns = [_cut_column(column, size) for column in whole]
    if all(new is old for new, old in zip(columns, whole, strict=True)):
        return batch
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _cut_column(array: Any, size: int) -> Any:
    """The same object where no value is too long."""
    if array.nbytes <= size:  # No value is larger than all of them: most columns need no closer look.
        return array
    type_ = array.type
    if isinstance(type_, pa.BaseExtensionType):
        storage = array.storage
        cut = _cut_column(storage, size)
        return array if cut is storage else type_.wrap_array(cut)
    if types.is_string_view(type_) or types.is_binary_view(type_):  # Arrow can't take the lengths of these.
        plain = pc.cast(array, pa.large_string() if is_text(type_) else pa.large_binary())
        cut = _cut_column(plain, size)
        return array if cut is plain else pc.cast(cut, type_)
    if types.is_fixed_size_binary(type_) or not (is_text(type_) or is_binary(type_)):
        return array
    lengths = pc.binary_length(array)
    long: list[Any] = pc.indices_nonzero(pc.greater(lengths, pa.scalar(size, lengths.type))).to_pylist()
    if not long:
        return array
    # Everything between the long values is taken as it lies; a batch can't hold many values of this size.
    parts, start = [], 0
    for index in long:
        parts += [array.slice(start, index - start), _start_of(array.slice(index, 1), size)]
        start = index + 1
    return pa.concat_arrays([*parts, array.slice(start)])


def _start_of(one: Any, size: int) -> Any:
    """The first bytes of an array's only value, without a copy of the whole."""
    wide = types.is_large_string(one.type) or types.is_large_binary(one.type)
    raw = one.view(pa.large_binary() if wide else pa.binary())
    start = pc.binary_slice(raw, 0, size)[0].as_py()
    if is_text(one.type):
        # The cut may have split the last character: what is left of it doesn't decode.
        start = start.decode("utf-8", "ignore").encode("utf-8")
    return pa.array([start], raw.type).view(one.type)
