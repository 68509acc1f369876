"""How MySQL and MariaDB are asked about the values of their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dataask_jupyter.schemas.catalog import Column, Table

from .base import VALUE_CHARACTERS

if TYPE_CHECKING:
    from .mysql import MySQLSession


class Asker:
    """See `server_profile.Asker`."""

    def __init__(self, session: MySQLSession) -> None:
        self.session = session
        self._seconds = float("inf")

    def ask(self, sql: str, seconds: float) -> list[tuple[Any, ...]]:
        """All rows of a statement, as texts."""
        with self.session.errors():
            if seconds < self._seconds:
                self.session.set_timeout(seconds)
                self._seconds = seconds
            return [tuple(map(_text, row)) for row in self.session.rows(sql)]

    def quote(self, name: str) -> str:
        """An identifier in backticks."""
        return "`" + name.replace("`", "``") + "`"

    def table(self, table: Table) -> str:
        """A table's full name."""
        return ".".join(self.quote(part) for part in (table.schema_name, table.name) if part)

    def text(self, expression: str) -> str:
        """The first characters of a value, as text."""
        return f"LEFT(CAST({expression} AS CHAR), {VALUE_CHARACTERS + 1})"

    def bound(self, function: str, column: Column) -> str:
        """A bound as text."""
        value = f"LEFT(CAST({function}({self.quote(column.name)}) AS CHAR), 200)"
        if column.kind == "boolean":
            return f"IF({function}({self.quote(column.name)} + 0) > 0, 'true', 'false')"
        return f"REPLACE({value}, ' ', 'T')" if column.kind == "datetime" else value

    def sample(self, table: Table, columns: str, rows: int) -> str:
        """The first rows: these servers have no other sample that doesn't read the whole table."""
        return f"(SELECT {columns} FROM {self.table(table)} LIMIT {rows}) AS q"  # noqa: S608 - quoted


def _text(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
