"""What a DuckDB file contains."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from dataask_jupyter.schemas.catalog import Catalog, Column, ColumnKind, Reference, Table

_KINDS: dict[str, ColumnKind] = {
    **dict.fromkeys(
        ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
         "UHUGEINT", "BIGNUM"), "integer"),
    **dict.fromkeys(("FLOAT", "DOUBLE", "DECIMAL"), "number"),
    **dict.fromkeys(("VARCHAR", "UUID", "ENUM", "BIT"), "text"),
    "BOOLEAN": "boolean",
    "DATE": "date",
    **dict.fromkeys(
        ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"), "datetime"),
    **dict.fromkeys(("TIME", "TIME_NS", "TIME WITH TIME ZONE"), "time"),
    "BLOB": "binary",
    **dict.fromkeys(("JSON", "STRUCT", "MAP", "UNION", "VARIANT"), "json"),
}  # fmt: skip

_TABLES = """
    SELECT schema_name, table_name, 'table', estimated_size, comment FROM duckdb_tables()
    WHERE NOT internal AND database_name = current_database()
    UNION ALL
    SELECT schema_name, view_name, 'view', NULL, comment FROM duckdb_views()
    WHERE NOT internal AND database_name = current_database()
    ORDER BY 1, 2
"""
_COLUMNS = """
    SELECT schema_name, table_name, column_name, data_type, is_nullable, comment FROM duckdb_columns()
    WHERE NOT internal AND database_name = current_database() ORDER BY schema_name, table_name, column_index
"""
_KEYS = """
    SELECT schema_name, table_name, constraint_type, constraint_column_names, referenced_table, referenced_column_names
    FROM duckdb_constraints()
    WHERE database_name = current_database() AND constraint_type IN ('PRIMARY KEY', 'FOREIGN KEY')
"""


def kind(data_type: str) -> ColumnKind:
    """What a value of DuckDB's type is."""
    if data_type.endswith("]"):
        return "json"
    return _KINDS.get(data_type.split("(")[0].strip().upper(), "other")


def catalog(connection: Any) -> Catalog:
    """All tables and views of the connection's database. Those of the default schema have no schema name."""
    primary, foreign = _keys(connection)
    columns: dict[tuple[str, str], list[Column]] = {}
    for schema, table, name, data_type, nullable, comment in connection.execute(_COLUMNS).fetchall():
        key = (schema, table)
        columns.setdefault(key, []).append(
            Column(
                name=name,
                type=data_type if len(data_type) <= 200 else data_type[:199] + "…",
                kind=kind(data_type),
                nullable=nullable,
                primary_key=name in primary.get(key, ()),
                references=foreign.get((*key, name)),
                comment=comment,
            )
        )
    tables = [
        Table(
            schema_name=_schema(schema),
            name=name,
            type=type_,
            columns=columns.get((schema, name), []),
            row_estimate=rows,
            comment=comment,
        )
        for schema, name, type_, rows, comment in connection.execute(_TABLES).fetchall()
    ]
    return Catalog(dialect="duckdb", tables=tables, fetched_at=datetime.now(UTC))


def _schema(name: str) -> str | None:
    return None if name == "main" else name


def _keys(connection: Any) -> tuple[dict[tuple[str, str], list[str]], dict[tuple[str, str, str], Reference]]:
    primary: dict[tuple[str, str], list[str]] = {}
    foreign: dict[tuple[str, str, str], Reference] = {}
    for schema, table, constraint, names, target, target_names in connection.execute(_KEYS).fetchall():
        if constraint == "PRIMARY KEY":
            primary[(schema, table)] = names
            continue
        # DuckDB doesn't tell the target's schema: a foreign key stays inside of one.
        for name, target_name in zip(names, target_names, strict=False):
            foreign[(schema, table, name)] = Reference(schema_name=_schema(schema), table=target, column=target_name)
    return primary, foreign
