"""Uploads: files that people bring, as tables."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from .catalog import ColumnKind
from .common import Id, Problem, Schema, Timestamp

MAX_COLUMNS = 2_000
PREVIEW_ROWS = 50

FileFormat = Literal["csv", "tsv", "parquet", "json", "excel"]
Encoding = Literal["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"]
ColumnType = Literal["text", "integer", "number", "boolean", "date", "datetime", "time", "json"]
"""A type that a person may choose for a column."""
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=500)]
ColumnTypes = Annotated[dict[ColumnName, ColumnType], Field(max_length=MAX_COLUMNS)]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Delimiter = Annotated[str, StringConstraints(pattern=r"^[\t ,;:|^~!#$%&*+=/\\\x01-\x08\x1c-\x1f]$")]
Sheet = Annotated[str, StringConstraints(min_length=1, max_length=100)]


class UploadOptions(Schema):
    """How a file is read. What is null is found out from the file."""

    delimiter: Delimiter | None = Field(default=None, description="What separates the fields of a CSV file.")
    header: bool | None = Field(default=None, description="Whether the first row holds the names of the columns.")
    sheet: Sheet | None = Field(default=None, description="Which sheet of an Excel workbook.")
    encoding: Encoding | None = Field(default=None, description="How a text file is encoded.")


class UploadColumn(Schema):
    """One column, as queries will see it."""

    name: str
    type: str = Field(description="DuckDB's name of the type.")
    kind: ColumnKind


class UploadTable(Schema):
    """A file as a table."""

    name: str = Field(description="A name for the table, made from the file's.")
    options: UploadOptions = Field(description="How it was read: what was asked for, and what was found out.")
    sheets: list[str] = Field(description="The sheets of an Excel workbook; else empty.")
    columns: list[UploadColumn]
    rows: list[list[Any]] = Field(description=f"The first rows, at most {PREVIEW_ROWS}; values as in results.")
    row_count: int


class Upload(Schema):
    """A file that somebody brought."""

    id: Id
    workspace_id: Id
    name: str = Field(description="What the file was called.")
    format: FileFormat | None = Field(description="Null until it is known.")
    byte_count: int
    state: Literal["receiving", "reading", "ready", "failed"]
    table: UploadTable | None = None
    columns: dict[str, ColumnType] = Field(default_factory=dict, description="Types that somebody chose, by column.")
    problem: Problem | None = Field(default=None, description="Why it can't be read with these options.")
    created_at: Timestamp


class UploadPreview(Schema):
    """Read an upload in another way."""

    options: UploadOptions = Field(default_factory=UploadOptions)
    columns: ColumnTypes = Field(default_factory=dict, description="Types to use instead of those found, by column.")
