"""What a SQLite file contains."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

from dataask_jupyter.schemas.catalog import Catalog, Column, ColumnKind, Reference, Table

from .profiling import quote

_SAMPLE_ROWS = 200


def kind(declared: str) -> ColumnKind:
    """What a value of a declared type most likely is: SQLite's affinity, and the words that people use."""
    words = declared.upper()
    if "BOOL" in words:
        return "boolean"
    if "DATETIME" in words or "TIMESTAMP" in words:
        return "datetime"
    if "DATE" in words:
        return "date"
    if words.startswith("TIME"):
        return "time"
    if "JSON" in words:
        return "json"
    if "INT" in words and "POINT" not in words:
        return "integer"
    if any(part in words for part in ("CHAR", "CLOB", "TEXT", "UUID", "STRING", "ENUM")):
        return "text"
    if "BLOB" in words or "BINARY" in words:
        return "binary"
    if any(part in words for part in ("REAL", "FLOA", "DOUB", "NUMERIC", "DECIMAL", "MONEY", "NUMBER")):
        return "number"
    return "other"


def catalog(connection: sqlite3.Connection) -> Catalog:
    """All tables and views of the connection's main database."""
    statistics = _statistics(connection)
    found = connection.execute(
        "SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'view', 'virtual')"
        " AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    primary = {name: _primary(connection, name) for name, type_ in found if type_ == "table"}
    tables: list[Table] = []
    for name, type_ in found:
        try:
            columns = _columns(connection, name, primary)
        except sqlite3.OperationalError:
            continue  # A view on a table that is gone, or a virtual table whose module isn't loaded: unreadable.
        rows = statistics.get(name) if name in statistics else _estimate(connection, name, type_)
        tables.append(Table(name=name, type="view" if type_ == "view" else "table", columns=columns, row_estimate=rows))
    return Catalog(dialect="sqlite", tables=tables, fetched_at=datetime.now(UTC))


def _primary(connection: sqlite3.Connection, table: str) -> list[str]:
    rows = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,)).fetchall()
    return [name for (name,) in rows]


def _columns(connection: sqlite3.Connection, table: str, primary: dict[str, list[str]]) -> list[Column]:
    references = _references(connection, table, primary)
    rows = connection.execute(
        'SELECT name, type, "notnull", pk FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid', (table,)
    ).fetchall()
    untyped = [name for name, declared, _, _ in rows if kind(declared) == "other"]
    seen = _seen_kinds(connection, table, untyped) if untyped else {}
    return [
        Column(
            name=name,
            type=declared or "",
            kind=seen.get(name, "other") if kind(declared) == "other" else kind(declared),
            nullable=not not_null and not key,
            primary_key=bool(key),
            references=references.get(name),
        )
        for name, declared, not_null, key in rows
    ]


def _references(connection: sqlite3.Connection, table: str, primary: dict[str, list[str]]) -> dict[str, Reference]:
    found: dict[str, Reference] = {}
    names = {name.lower(): name for name in primary}
    for position, target, column, to in connection.execute(
        'SELECT seq, "table", "from", "to" FROM pragma_foreign_key_list(?) ORDER BY id DESC, seq', (table,)
    ).fetchall():
        target = names.get(target.lower(), target)
        # Without a column a foreign key means the target's primary key.
        keys = primary.get(target, [])
        to = to or (keys[position] if position < len(keys) else None)
        if to:
            found[column] = Reference(table=target, column=to)
    return found


def _seen_kinds(connection: sqlite3.Connection, table: str, columns: list[str]) -> dict[str, ColumnKind]:
    """Kinds of columns without a telling type, from the first values."""
    kinds: dict[str, ColumnKind] = {"integer": "integer", "real": "number", "text": "text", "blob": "binary"}
    found: dict[str, ColumnKind] = {}
    for column in columns:
        name = quote(column)
        types = {
            row[0]
            for row in connection.execute(
                f"SELECT DISTINCT typeof({name}) FROM (SELECT {name} FROM {quote(table)} LIMIT {_SAMPLE_ROWS})"  # noqa: S608
            )
        } - {"null"}
        if types == {"integer", "real"}:
            found[column] = "number"
        elif len(types) == 1:
            found[column] = kinds[types.pop()]
        elif types:
            found[column] = "text"
    return found


def _statistics(connection: sqlite3.Connection) -> dict[str, int]:
    """Row counts that ANALYZE left behind."""
    try:
        rows = connection.execute("SELECT tbl, stat FROM sqlite_stat1").fetchall()
    except sqlite3.OperationalError:
        return {}
    found: dict[str, int] = {}
    for table, stat in rows:
        first = str(stat).split(" ")[0]
        if first.isdigit():
            found[table] = max(found.get(table, 0), int(first))
    return found


def _estimate(connection: sqlite3.Connection, table: str, type_: str) -> int | None:
    """The largest row id: read from one page, and exact where nothing was deleted."""
    if type_ != "table":
        return None
    try:
        (largest,) = connection.execute(f"SELECT max(_rowid_) FROM {quote(table)}").fetchone()  # noqa: S608 - quoted
    except sqlite3.OperationalError:
        return None  # WITHOUT ROWID: counting would read the whole table.
    return largest if isinstance(largest, int) and largest >= 0 else 0
