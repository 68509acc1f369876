"""Facts about the values in a SQLite file."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile, Column, ColumnProfile, Table, TableProfile

from .base import VALUE_CHARACTERS, VALUES_PER_COLUMN, Budget
from .profiling import COMPARABLE, Allowance, in_order, quote, quote_table, text


def profile(
    connection: sqlite3.Connection, catalog: Catalog, budget: Budget, stopped: threading.Event
) -> CatalogProfile:
    """Profiles of the tables that the budget reaches, small tables first."""
    allowance = Allowance(budget)
    connection.set_progress_handler(lambda: int(stopped.is_set() or allowance.spent), 2_000)
    done: list[TableProfile] = []
    complete = True
    for table in in_order(catalog.tables):
        if allowance.spent:
            complete = False
            break
        try:
            done.append(_table(connection, table, allowance))
        except sqlite3.OperationalError:
            complete = False
            if stopped.is_set():
                raise
            # The budget ran out in the middle of this table, or it is a view that no longer fits its tables.
    return CatalogProfile(tables=done, complete=complete)


def _table(connection: sqlite3.Connection, table: Table, allowance: Allowance) -> TableProfile:
    name = quote_table(table)
    (rows,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 - quoted
    source = name if rows <= allowance.rows else f"(SELECT * FROM {name} LIMIT {allowance.rows})"  # noqa: S608 - quoted
    columns: dict[str, ColumnProfile] = {}
    for column in table.columns:
        found = _column(connection, column, source, whole=rows <= allowance.rows)
        if column.kind == "text" and found.distinct is not None and found.distinct <= VALUES_PER_COLUMN:
            values = _values(connection, column, source)
            if values is not None and len(values) <= allowance.values:
                allowance.values -= len(values)
                found = found.model_copy(update={"values": values, "distinct": len(values)})
        columns[column.name] = found
    return TableProfile(table=table.name, row_count=rows, columns=columns)


def _column(connection: sqlite3.Connection, column: Column, source: str, *, whole: bool) -> ColumnProfile:
    name = quote(column.name)
    comparable = column.kind in COMPARABLE
    bounds = f"min({name}), max({name})" if comparable else "NULL, NULL"
    # Counting stops beyond what is of use: an exact count of a key's values would cost a sort of the table.
    distinct = (
        f"(SELECT count(*) FROM (SELECT DISTINCT {name} AS v FROM {source} WHERE {name} IS NOT NULL"  # noqa: S608
        f" LIMIT {VALUES_PER_COLUMN * 20}))"
        if comparable
        else "NULL"
    )
    row: tuple[Any, ...] = connection.execute(
        f"SELECT count(*), count({name}), {distinct}, {bounds} FROM {source}"  # noqa: S608 - quoted
    ).fetchone()
    read, filled, count, low, high = row
    return ColumnProfile(distinct=count, nulls=read - filled if whole else None, minimum=text(low), maximum=text(high))


def _values(connection: sqlite3.Connection, column: Column, source: str) -> list[str] | None:
    """Distinct values of a text column, most frequent first; None when they are long."""
    name = quote(column.name)
    found = connection.execute(
        f"SELECT {name}, count(*) FROM {source} WHERE {name} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"  # noqa: S608
        f" LIMIT {VALUES_PER_COLUMN + 1}"
    ).fetchall()
    values = [value for value, _ in found if isinstance(value, str)]
    if len(found) > VALUES_PER_COLUMN or any(len(value) > VALUE_CHARACTERS for value in values):
        return None
    return values
