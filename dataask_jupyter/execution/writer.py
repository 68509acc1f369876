"""Writes a result: Arrow batches into one IPC file of bounded batches, with one type a column."""

from __future__ import annotations

import contextlib
import errno
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from dataask_jupyter.errors import QueryTooBig, StorageFull

from .cutting import cut_cells
from .unify import cast_batch, unify_schemas, unique_names

BATCH_ROWS = 16_384
"""Rows a batch of the file at most: a page of a result touches one or two batches."""

_DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
_MOMENT = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?Z?$"


class ResultWriter:
    """Collects a result in a temporary file beside its final place.

    A batch may come with wider types than those before it; what is written then is written again, once a widening.
    `truncated` says that rows were left out, or that a cell was cut: see `cutting`.
    """

    def __init__(self, path: Path, schema: pa.Schema, *, max_rows: int, max_bytes: int) -> None:
        self.path = path
        self.max_rows, self.max_bytes = max_rows, max_bytes
        self.names = unique_names(list(schema.names))
        self.starts: list[int] = []
        self.rows = self.bytes = 0
        self.truncated = False
        self._open(self._named(schema))

    def _named(self, schema: pa.Schema) -> pa.Schema:
        return pa.schema([pa.field(name, field.type) for name, field in zip(self.names, schema, strict=True)])

    def _open(self, schema: pa.Schema) -> None:
        self.schema = schema
        self.starts = []
        self.rows = self.bytes = 0
        with disk_errors():
            self._sink = pa.OSFile(str(self.path), "wb")
            self._writer = pa.ipc.new_file(self._sink, schema)

    def write(self, batch: pa.RecordBatch) -> bool:
        """Add a batch; False when the result is full, and what didn't fit is left out."""
        if not batch.num_rows:
            return True
        # First of all, so that nothing below copies a huge value.
        cut = cut_cells(batch)
        self.truncated = self.truncated or cut is not batch
        batch = pa.RecordBatch.from_arrays(cut.columns, names=self.names)
        if not batch.schema.equals(self.schema):
            wider = unify_schemas(self.schema, batch.schema)
            if not wider.equals(self.schema):
                self._rewrite(wider)
            batch = cast_batch(batch, self.schema)
        for start in range(0, batch.num_rows, BATCH_ROWS):
            if not self._add(batch.slice(start, BATCH_ROWS)):
                self.truncated = True
                return False
        return True

    def _add(self, batch: pa.RecordBatch) -> bool:
        rows = min(batch.num_rows, self.max_rows - self.rows)
        size, left = batch.nbytes, self.max_bytes - self.bytes
        if size > left:
            rows = min(rows, _rows_within(batch, left))
        if rows:
            part = batch if rows == batch.num_rows else batch.slice(0, rows)
            with disk_errors():
                self._writer.write_batch(part)
            self.starts.append(self.rows)
            self.rows += rows
            self.bytes += part.nbytes
        return rows == batch.num_rows

    def _rewrite(self, schema: pa.Schema) -> None:
        """Write what is there again, with wider types."""
        self._close_file()
        old = self.path.with_suffix(".old")
        self.path.rename(old)
        try:
            self._open(schema)
            for batch in _batches(old):
                self._add(cast_batch(batch, schema))
        finally:
            old.unlink(missing_ok=True)

    def finish(self, timestamps: set[int]) -> None:
        """Close the file. Text columns at these positions become dates or timestamps where every value is one."""
        self._close_file()
        types = {index: type_ for index in timestamps if (type_ := self._moment_type(index)) is not None}
        if types:
            old = self.path.with_suffix(".old")
            self.path.rename(old)
            fields = [pa.field(f.name, types.get(index, f.type)) for index, f in enumerate(self.schema)]
            try:
                self._open(pa.schema(fields))
                for batch in _batches(old):
                    self._add(_with_moments(batch, self.schema, types))
                self._close_file()
            finally:
                old.unlink(missing_ok=True)

    def _moment_type(self, index: int) -> pa.DataType | None:
        """Date or timestamp, when all values of a text column are written as such; None otherwise."""
        if not pa.types.is_string(self.schema.field(index).type):
            return None
        possible = {"date": re.compile(_DATE), "moment": re.compile(_MOMENT)}
        seen = False
        for batch in _batches(self.path):
            column = batch.column(index).drop_null()
            seen = seen or len(column) > 0
            for name in list(possible):
                if not pc.all(pc.match_substring_regex(column, possible[name].pattern), min_count=0).as_py():
                    del possible[name]
            if not possible:
                return None
        if not seen:
            return None
        type_ = pa.date32() if "date" in possible else pa.timestamp("us")
        try:
            for batch in _batches(self.path):
                _parse(batch.column(index), type_)
        except pa.ArrowInvalid:
            return None  # 31 February and its kin.
        return type_

    def _close_file(self) -> None:
        with disk_errors():
            try:
                self._writer.close()
            finally:
                self._sink.close()

    def discard(self) -> None:
        """Give up: close and remove what was written."""
        with contextlib.suppress(OSError):  # The disk may be full; the file goes anyway.
            self._sink.close()
        self.path.unlink(missing_ok=True)
        self.path.with_suffix(".old").unlink(missing_ok=True)


def _rows_within(batch: pa.RecordBatch, size: int) -> int:
    """How many of the first rows take at most so many bytes."""
    low, high = 0, batch.num_rows
    while low < high:
        middle = (low + high + 1) // 2
        if batch.slice(0, middle).nbytes <= size:
            low = middle
        else:
            high = middle - 1
    return low


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
        for index in range(reader.num_record_batches):
            yield reader.get_batch(index)


def _with_moments(batch: pa.RecordBatch, schema: pa.Schema, types: dict[int, pa.DataType]) -> pa.RecordBatch:
    arrays = [_parse(array, types[index]) if index in types else array for index, array in enumerate(batch.columns)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _parse(array: pa.Array[Any], type_: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_timestamp(type_):
        # Zulu time and time without a zone mean the same here: results are in UTC.
        array = pc.replace_substring_regex(array, pattern="Z$", replacement="")
    return pc.cast(array, type_)


class disk_errors:  # noqa: N801 - it is used as a function
    """A context that turns a full disk and a full quota into DataAsk's errors."""

    def __enter__(self) -> disk_errors:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if not isinstance(error, OSError):
            return
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFull("The disk of DataAsk's results is full. Free some space, then try again.") from error
        if error.errno == errno.EFBIG:
            raise QueryTooBig("The result is larger than a file may get. Filter or group the rows.") from error
