"""How Snowflake is asked about the values of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataask_jupyter.schemas.catalog import Column, Table

from .base import VALUE_CHARACTERS
from .profiling import quote
from .snowflake_catalog import named

if TYPE_CHECKING:
    from .snowflake_client import Client


class Asker:
    """See `server_profile.Asker`."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def ask(self, sql: str, seconds: float) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        cursor = self.client.execute(sql, seconds=seconds)
        return [tuple(row) for row in self.client.call(cursor.fetchall)]

    def quote(self, name: str) -> str:
        """An identifier in double quotes."""
        return quote(name)

    def table(self, table: Table) -> str:
        """A table's full name."""
        settings = self.client.settings
        schema = quote(table.schema_name) if table.schema_name else named(settings.schema_name or "PUBLIC")
        return f"{named(settings.database)}.{schema}.{quote(table.name)}"

    def text(self, expression: str) -> str:
        """The first characters of a value, as text."""
        return f"left({expression}::varchar, {VALUE_CHARACTERS + 1})"

    def bound(self, function: str, column: Column) -> str:
        """A bound as text."""
        name = quote(column.name)
        if column.kind == "boolean":
            return f"({function}({name}::int) = 1)::varchar"
        if column.kind == "text":
            return f"left({function}({name}), 200)"
        if column.kind == "datetime":
            return f"replace({function}({name})::varchar, ' ', 'T')"
        return f"{function}({name})::varchar"

    def sample(self, table: Table, columns: str, rows: int) -> str:
        """The first rows: Snowflake reads no more of a table than those."""
        return f"(SELECT {columns} FROM {self.table(table)} LIMIT {rows}) AS q"  # noqa: S608 - quoted
