"""Facts about the values in a DuckDB file."""

from __future__ import annotations

import threading
from typing import Any

from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile, Column, ColumnProfile, Table, TableProfile

from .base import VALUE_CHARACTERS, VALUES_PER_COLUMN, Budget
from .profiling import COMPARABLE, Allowance, in_order, quote, quote_table, text

COLUMNS_PER_STATEMENT = 40


def profile(connection: Any, catalog: Catalog, budget: Budget) -> CatalogProfile:
    """Profiles of the tables that the budget reaches, small tables first."""
    import duckdb

    allowance = Allowance(budget)
    done: list[TableProfile] = []
    complete = True
    for table in in_order(catalog.tables):
        if allowance.spent:
            complete = False
            break
        stop = threading.Timer(allowance.seconds, connection.interrupt)
        stop.start()
        try:
            done.append(_table(connection, table, allowance))
        except duckdb.InterruptException:
            complete = False
            if not allowance.spent:
                raise  # Somebody else stopped it.
        except (duckdb.OutOfMemoryException, MemoryError):
            complete = False
        except duckdb.Error:
            if table.type == "table":
                raise
            complete = False  # A view that no longer fits its tables can't be profiled; the rest can.
        finally:
            stop.cancel()
            stop.join()
    return CatalogProfile(tables=done, complete=complete)


def _table(connection: Any, table: Table, allowance: Allowance) -> TableProfile:
    name = quote_table(table)
    (rows,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 - quoted
    # A large table is sampled by its first rows: a random sample would read all of it.
    source = name if rows <= allowance.rows else f"(FROM {name} LIMIT {allowance.rows})"
    columns: dict[str, ColumnProfile] = {}
    for start in range(0, len(table.columns), COLUMNS_PER_STATEMENT):
        columns |= _columns(connection, table.columns[start : start + COLUMNS_PER_STATEMENT], source, rows)
    for column in table.columns:
        found = columns[column.name]
        if column.kind == "text" and found.distinct is not None and found.distinct <= VALUES_PER_COLUMN * 1.1:
            values = _values(connection, column, source)
            if values is not None and len(values) <= allowance.values:
                allowance.values -= len(values)
                columns[column.name] = found.model_copy(update={"values": values, "distinct": len(values)})
    return TableProfile(schema_name=table.schema_name, table=table.name, row_count=rows, columns=columns)


def _columns(connection: Any, columns: list[Column], source: str, rows: int) -> dict[str, ColumnProfile]:
    parts: list[str] = []
    for column in columns:
        name = quote(column.name)
        parts.append(f"count({name})")
        parts.append(f"approx_count_distinct({name})" if column.kind in COMPARABLE else "NULL")
        if column.kind in COMPARABLE:
            parts += [f"min({name})", f"max({name})"]
        else:
            parts += ["NULL", "NULL"]
    row = connection.execute(f"SELECT count(*), {', '.join(parts)} FROM {source}").fetchone()  # noqa: S608 - quoted
    read, facts = row[0], row[1:]
    found: dict[str, ColumnProfile] = {}
    for index, column in enumerate(columns):
        filled, distinct, low, high = facts[index * 4 : index * 4 + 4]
        found[column.name] = ColumnProfile(
            distinct=None if distinct is None else min(distinct, filled),
            nulls=read - filled if read == rows else None,
            minimum=text(low),
            maximum=text(high),
        )
    return found


def _values(connection: Any, column: Column, source: str) -> list[str] | None:
    """Distinct values of a text column, most frequent first; None when there are too many or they are long."""
    name = quote(column.name)
    found = connection.execute(
        f"SELECT {name}::VARCHAR, count(*) FROM {source} WHERE {name} IS NOT NULL"  # noqa: S608 - quoted
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {VALUES_PER_COLUMN + 1}"
    ).fetchall()
    if len(found) > VALUES_PER_COLUMN or any(len(value) > VALUE_CHARACTERS for value, _ in found):
        return None
    return [value for value, _ in found]
