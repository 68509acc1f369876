"""Results as frames: the Arrow stream is read as it comes, then given in the library that was asked for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from dataask_jupyter.errors import DriverMissing, InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.schemas.results import ResultPage

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

ARROW_STREAM = "application/vnd.apache.arrow.stream"
ATTRIBUTE = "dataask"

FrameKind = Literal["pandas", "arrow", "polars"]
KINDS: tuple[FrameKind, ...] = ("pandas", "arrow", "polars")


class _Chunks(io.RawIOBase):
    """A file over an iterator of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._rest:
            following = next(self._chunks, None)
            if following is None:
                return 0
            self._rest = memoryview(following)
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def read_stream(chunks: Iterator[bytes]) -> pa.Table:
    """The table of an Arrow IPC stream."""
    import pyarrow as pa

    with io.BufferedReader(_Chunks(chunks), buffer_size=1 << 20) as file, pa.ipc.open_stream(file) as reader:
        return reader.read_all()


def from_page(page: ResultPage) -> pa.Table:
    """The table of a page of JSON rows, for answers that no query stands behind."""
    import pyarrow as pa

    columns = [[row[index] for row in page.rows] for index in range(len(page.columns))]
    return pa.Table.from_arrays([pa.array(values) for values in columns], [column.name for column in page.columns])


def check_kind(kind: str) -> None:
    """Refuses a kind of frame that can't be given, before a query runs for it."""
    if kind not in KINDS:
        raise InvalidInput(
            f'as_="{kind}" isn\'t known. Use "pandas", "arrow" or "polars".',
            errors=[FieldProblem(field="as_", detail="Unknown kind of frame.")],
        )
    if kind == "polars":
        _polars()


def as_frame(table: pa.Table, kind: str, facts: dict[str, Any]) -> Any:
    """The table as the wanted kind of frame; `facts` go along where the library has a place for them."""
    if kind == "pandas":
        frame = as_pandas(table)
        frame.attrs[ATTRIBUTE] = facts
        return frame
    if kind == "polars":
        return _polars().from_arrow(table)
    metadata = {**(table.schema.metadata or {}), ATTRIBUTE.encode(): json.dumps(facts).encode()}
    return table.replace_schema_metadata(metadata)


def as_pandas(table: pa.Table) -> pd.DataFrame:
    """The table in pandas: dates as datetime64, integers with gaps as Int64 (as floats they would lose digits)."""
    import pyarrow as pa

    frame: pd.DataFrame = table.to_pandas(date_as_object=False)
    for index, column in enumerate(table.columns):
        if column.null_count and pa.types.is_integer(column.type):
            frame.isetitem(index, column.to_pandas(types_mapper=_nullable).array)
    return frame


def _nullable(kind: pa.DataType) -> Any:
    import pandas as pd

    return pd.api.types.pandas_dtype(str(kind).replace("uint", "UInt").replace("int", "Int"))


def _polars() -> Any:
    try:
        return import_module("polars")
    except ImportError:
        raise DriverMissing(
            'polars isn\'t installed where this notebook runs. Run `pip install polars`, or use as_="pandas".'
        ) from None
