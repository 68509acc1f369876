"""How PostgreSQL is asked about the values of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataask_jupyter.schemas.catalog import Column, Table

from .base import VALUE_CHARACTERS
from .postgresql_catalog import DEFAULT_SCHEMA
from .profiling import quote

if TYPE_CHECKING:
    from .postgresql import PostgreSQLSession

SAMPLED_FROM = 1_000_000
"""Tables with more rows are sampled by their pages. A view has no pages, and the first rows of a small table do."""
STATEMENTS_PER_TRANSACTION = 10
"""A transaction keeps a lock on each table that it read: many are more than a server has, and hold others up."""


class Asker:
    """See `server_profile.Asker`."""

    def __init__(self, session: PostgreSQLSession) -> None:
        self.session = session
        self._left = 0
        self._seconds = 0.0

    def ask(self, sql: str, seconds: float) -> list[tuple[Any, ...]]:
        """All rows of a statement."""
        with self.session.errors():
            try:
                if not self._left or seconds < self._seconds:
                    self.session.restart(seconds)
                    self._left, self._seconds = STATEMENTS_PER_TRANSACTION, seconds
                self._left -= 1
                return self._rows(sql)
            except Exception:
                self._left = 0
                raise

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        columns = [column.to_pylist() for column in self.session.stream(sql).read_all().columns]
        return list(zip(*columns, strict=True))

    def quote(self, name: str) -> str:
        """An identifier in double quotes."""
        return quote(name)

    def table(self, table: Table) -> str:
        """A table's full name."""
        return f"{quote(table.schema_name or DEFAULT_SCHEMA)}.{quote(table.name)}"

    def text(self, expression: str) -> str:
        """The first characters of a value, as text."""
        return f"left({expression}::text, {VALUE_CHARACTERS + 1})"

    def bound(self, function: str, column: Column) -> str:
        """A bound as text. Booleans and identifiers of rows have no order of their own in PostgreSQL."""
        name = quote(column.name)
        if column.kind == "boolean":
            return f"({function}({name}::int) = 1)::text"
        if column.kind == "text":
            return f"left({function}({name}::text), 200)"
        if column.kind == "datetime":
            return f"replace({function}({name})::text, ' ', 'T')"
        return f"{function}({name})::text"

    def sample(self, table: Table, columns: str, rows: int) -> str:
        """The first rows, or rows of pages from all over a large table."""
        name, part = self.table(table), ""
        estimate = table.row_estimate or 0
        if table.type == "table" and estimate >= SAMPLED_FROM:
            part = f" TABLESAMPLE SYSTEM ({min(100.0, 120 * rows / estimate):.6f}) REPEATABLE (1)"
        return f"(SELECT {columns} FROM {name}{part} LIMIT {rows}) AS q"  # noqa: S608 - quoted
