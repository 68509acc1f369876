"""What a source contains: tables, columns, keys, and a bounded profile of the values."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from .common import Schema, Timestamp

ColumnKind = Literal["integer", "number", "text", "boolean", "date", "datetime", "time", "binary", "json", "other"]
"""What a value of the column is, whatever the source calls its type."""


class Reference(Schema):
    """The column that a foreign key points to."""

    schema_name: str | None = None
    table: str
    column: str


class Column(Schema):
    """One column of a table."""

    name: str
    type: str = Field(description="The type in the source's own words.")
    kind: ColumnKind
    nullable: bool | None = None
    primary_key: bool = False
    references: Reference | None = None
    comment: str | None = None


class Table(Schema):
    """One table or view."""

    schema_name: str | None = None
    name: str
    type: Literal["table", "view"] = "table"
    columns: list[Column]
    row_estimate: int | None = None
    comment: str | None = None


class Catalog(Schema):
    """All tables that a connection can read."""

    dialect: str
    tables: list[Table]
    fetched_at: Timestamp


class ColumnProfile(Schema):
    """Facts about a column's values, from all rows or from a sample of them."""

    distinct: int | None = None
    nulls: int | None = None
    minimum: str | None = Field(default=None, description="Smallest value as text (ISO for dates).")
    maximum: str | None = None
    values: list[str] = Field(default_factory=list, description="Distinct text values, most frequent first, bounded.")


class TableProfile(Schema):
    """Profiles of a table's columns, by column name."""

    schema_name: str | None = None
    table: str
    row_count: int | None = None
    columns: dict[str, ColumnProfile]


class CatalogProfile(Schema):
    """Profiles of a catalog's tables. Tables that the budget did not reach are absent."""

    tables: list[TableProfile]
    complete: bool = True
