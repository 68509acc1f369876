"""Results of queries, as pages of JSON rows. Programs take Arrow instead."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from .catalog import ColumnKind
from .common import Schema


class ResultColumn(Schema):
    """A column of a result."""

    name: str
    type: str = Field(description="The Arrow type, e.g. `int64`.")
    kind: ColumnKind


class ResultPage(Schema):
    """Rows `offset` to `offset + len(rows)` of a result.

    Integers beyond 2**53 and decimals come as strings, dates and times as ISO strings, binary as base64,
    NaN and infinities as null.
    """

    columns: list[ResultColumn]
    rows: list[list[Any]]
    offset: int
    total_rows: int
    truncated: bool = Field(description="True when a row or byte limit cut the result.")
