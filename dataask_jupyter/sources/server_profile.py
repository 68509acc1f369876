"""Facts about the values in a server's tables: of all rows of small tables, and of a sample of large ones."""

from __future__ import annotations

from typing import Any, Protocol

from dataask_jupyter.errors import DataAskError, QueryCancelled, QueryTimeout, SourceUnavailable
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile, Column, ColumnProfile, Table, TableProfile

from .base import VALUE_CHARACTERS, VALUES_PER_COLUMN, Budget
from .profiling import COMPARABLE, Allowance, in_order, text

SAMPLE_ROWS = 100_000
"""So many rows of a table are read: a server has others to serve, and its rows travel."""
COLUMNS_PER_STATEMENT = 40
SECONDS_PER_STATEMENT = 5.0


class Asker(Protocol):
    """How to ask a server, in its own SQL."""

    def ask(self, sql: str, seconds: float) -> list[tuple[Any, ...]]:
        """All rows of a statement, within so many seconds. After an error it may be asked again."""

    def quote(self, name: str) -> str:
        """An identifier."""

    def table(self, table: Table) -> str:
        """A table's full name."""

    def text(self, expression: str) -> str:
        """The first characters of a value, as text."""

    def bound(self, function: str, column: Column) -> str:
        """The smallest or the largest value of a column, as text."""

    def sample(self, table: Table, columns: str, rows: int) -> str:
        """A table expression of so many rows."""


def profile(asker: Asker, catalog: Catalog, budget: Budget) -> CatalogProfile:
    """Profiles of the tables that the budget reaches, small tables first."""
    allowance = Allowance(budget)
    done: list[TableProfile] = []
    complete = True
    for table in in_order(catalog.tables):
        if allowance.spent:
            return CatalogProfile(tables=done, complete=False)
        try:
            done.append(_Reader(asker, table, allowance).profile())
        except (QueryCancelled, SourceUnavailable):
            raise
        except QueryTimeout:
            complete = False
        except DataAskError:
            # A view that no longer fits its tables, or a row that the role may not see: the rest can be profiled.
            complete = False
    return CatalogProfile(tables=done, complete=complete)


class _Reader:
    def __init__(self, asker: Asker, table: Table, allowance: Allowance) -> None:
        self.asker, self.table, self.allowance = asker, table, allowance
        self.rows = min(SAMPLE_ROWS, allowance.rows)

    def profile(self) -> TableProfile:
        columns: dict[str, ColumnProfile] = {}
        count: int | None = None
        for start in range(0, len(self.table.columns), COLUMNS_PER_STATEMENT):
            read, found = self._facts(self.table.columns[start : start + COLUMNS_PER_STATEMENT])
            count = read
            columns |= found
        whole = count is not None and count < self.rows
        for column in self.table.columns:
            distinct = columns[column.name].distinct
            if column.kind == "text" and distinct is not None and distinct <= VALUES_PER_COLUMN:
                values = self._values(column)
                if values is not None and len(values) <= self.allowance.values:
                    self.allowance.values -= len(values)
                    columns[column.name] = columns[column.name].model_copy(update={"values": values})
        return TableProfile(
            schema_name=self.table.schema_name,
            table=self.table.name,
            row_count=count if whole else self.table.row_estimate,
            columns=columns,
        )

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        if self.allowance.spent:
            raise QueryTimeout("The time for the profile is over.")
        return self.asker.ask(sql, min(self.allowance.seconds, SECONDS_PER_STATEMENT))

    def _facts(self, columns: list[Column]) -> tuple[int, dict[str, ColumnProfile]]:
        parts = ["count(*)"]
        for column in columns:
            name = self.asker.quote(column.name)
            parts.append(f"count({name})")
            if column.kind in COMPARABLE:
                parts.append(f"count(DISTINCT {name})")
                parts += [self.asker.bound("min", column), self.asker.bound("max", column)]
            else:
                parts += ["NULL", "NULL", "NULL"]
        # One row more than wanted tells whether these are all.
        names = ", ".join(self.asker.quote(column.name) for column in columns)
        source = self.asker.sample(self.table, names, self.rows)
        ((read, *facts),) = self._ask(f"SELECT {', '.join(parts)} FROM {source}")  # noqa: S608 - quoted
        read = int(read)
        found: dict[str, ColumnProfile] = {}
        for index, column in enumerate(columns):
            filled, distinct, low, high = facts[index * 4 : index * 4 + 4]
            found[column.name] = ColumnProfile(
                distinct=None if distinct is None else int(distinct),
                nulls=read - int(filled) if read < self.rows else None,
                minimum=text(low),
                maximum=text(high),
            )
        return read, found

    def _values(self, column: Column) -> list[str] | None:
        """Distinct values, most frequent first; None when there are too many or they are long."""
        name = self.asker.quote(column.name)
        found = self._ask(
            f"SELECT {self.asker.text(name)}, count(*) FROM {self.asker.sample(self.table, name, self.rows)}"  # noqa: S608
            f" WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {VALUES_PER_COLUMN + 1}"
        )
        if len(found) > VALUES_PER_COLUMN or any(len(value) > VALUE_CHARACTERS for value, _ in found):
            return None
        return [value for value, _ in found]
