"""What a database of MySQL or MariaDB contains, in three statements whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dataask_jupyter.schemas.catalog import Catalog, Column, ColumnKind, Reference, Table

Rows = Callable[[str], list[tuple[Any, ...]]]

_LONGEST_TYPE = 200

_KINDS: dict[str, ColumnKind] = {
    **dict.fromkeys(("tinyint", "smallint", "mediumint", "int", "integer", "bigint", "year"), "integer"),
    **dict.fromkeys(("float", "double", "decimal"), "number"),
    "bit": "integer",
    "date": "date",
    **dict.fromkeys(("datetime", "timestamp"), "datetime"),
    "time": "time",
    **dict.fromkeys(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"), "text"),
    **dict.fromkeys(("enum", "set", "uuid", "inet4", "inet6"), "text"),
    **dict.fromkeys(("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"), "binary"),
    "json": "json",
}  # fmt: skip
_BOOLEANS = frozenset({"tinyint(1)", "bit(1)"})

MANY_TABLES = 2_000
"""Of more tables the server isn't asked for their rows one by one: it would open each of them, for a second or more."""

_TABLES = """
    SELECT TABLE_NAME, TABLE_TYPE, TABLE_COMMENT FROM information_schema.TABLES
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
"""
_ROWS = "SELECT TABLE_NAME, TABLE_ROWS FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
_KEPT_ROWS = "SELECT table_name, n_rows FROM mysql.innodb_table_stats WHERE database_name = DATABASE()"
"""What InnoDB keeps in a table that few accounts may read."""
_COLUMNS = """
    SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE, COLUMN_KEY, COLUMN_COMMENT
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION
"""
_REFERENCES = """
    SELECT TABLE_NAME, COLUMN_NAME, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME,
        NULLIF(REFERENCED_TABLE_SCHEMA, DATABASE())
    FROM information_schema.KEY_COLUMN_USAGE
    WHERE TABLE_SCHEMA = DATABASE() AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY CONSTRAINT_NAME DESC
"""


def catalog(rows: Rows) -> Catalog:
    """All tables and views of the connection's database. None of them has a schema name."""
    references = {
        (table, column): Reference(schema_name=schema, table=target, column=target_column)
        for table, column, target, target_column, schema in rows(_REFERENCES)
    }
    columns: dict[str, list[Column]] = {}
    for table, name, type_, full, nullable, key, comment in rows(_COLUMNS):
        full = _text(full)
        columns.setdefault(table, []).append(
            Column(
                name=name,
                type=full if len(full) <= _LONGEST_TYPE else full[: _LONGEST_TYPE - 1] + "…",
                kind=kind(_text(type_), full),
                nullable=nullable == "YES",
                primary_key=key == "PRI",
                references=references.get((table, name)),
                comment=comment or None,
            )
        )
    tables = sorted(rows(_TABLES))  # The server's order depends on its collation.
    estimates = _estimates(rows, len(tables))
    return Catalog(
        dialect="mysql",
        tables=[
            Table(
                name=name,
                type="view" if type_ == "VIEW" else "table",
                columns=columns.get(name, []),
                row_estimate=estimates.get(name),
                # For views the server says “VIEW” here.
                comment=None if type_ == "VIEW" else comment or None,
            )
            for name, type_, comment in tables
        ],
        fetched_at=datetime.now(UTC),
    )


def _estimates(rows: Rows, tables: int) -> dict[str, int]:
    if tables <= MANY_TABLES:
        found = rows(_ROWS)
    else:
        try:
            found = rows(_KEPT_ROWS)
        except Exception as error:
            if not _is_denied(error):
                raise
            found = []
    return {name: int(count) for name, count in found if count is not None}


def _is_denied(error: Exception) -> bool:
    """Whether the account may not read a table. The driver isn't imported here, so its number tells."""
    return bool(error.args) and error.args[0] in (1142, 1044, 1146)


def kind(type_: str, full: str) -> ColumnKind:
    """What a value of a type is."""
    return "boolean" if full.lower() in _BOOLEANS else _KINDS.get(type_.lower(), "other")


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
