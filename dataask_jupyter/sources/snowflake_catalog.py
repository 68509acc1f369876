"""What a Snowflake database contains, in four statements whatever its size."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import QueryCancelled, SqlInvalid, SqlRefused
from dataask_jupyter.schemas.catalog import Catalog, Column, ColumnKind, Reference, Table

from .profiling import quote

if TYPE_CHECKING:
    from .snowflake_client import Client

Rows = list[dict[str, Any]]

_KINDS: dict[str, ColumnKind] = {
    **dict.fromkeys(("FLOAT", "REAL", "DOUBLE", "DECFLOAT"), "number"),
    **dict.fromkeys(("TEXT", "VARCHAR", "STRING", "CHAR", "UUID"), "text"),
    "BOOLEAN": "boolean",
    "DATE": "date",
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP_LTZ", "TIMESTAMP_TZ", "DATETIME"), "datetime"),
    "TIME": "time",
    **dict.fromkeys(("BINARY", "VARBINARY"), "binary"),
    **dict.fromkeys(("VARIANT", "OBJECT", "ARRAY", "MAP", "VECTOR"), "json"),
}
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*")
_VIEWS = frozenset({"VIEW", "MATERIALIZED VIEW"})

COUNT = (
    "SELECT count(*) AS found FROM (SELECT DISTINCT table_schema, table_name FROM {database}.information_schema.columns"
    " WHERE table_schema <> 'INFORMATION_SCHEMA'{schema})"
)
_TABLES = (
    "SELECT table_schema, table_name, table_type, row_count, comment FROM {database}.information_schema.tables"
    " WHERE table_schema <> 'INFORMATION_SCHEMA'{schema}"
)
_COLUMNS = (
    "SELECT table_schema, table_name, column_name, data_type, is_nullable, numeric_precision, numeric_scale,"
    " character_maximum_length, comment FROM {database}.information_schema.columns"
    " WHERE table_schema <> 'INFORMATION_SCHEMA'{schema} ORDER BY table_schema, table_name, ordinal_position"
)
_UNTOLD: dict[str, Any] = {"table_type": "VIEW", "row_count": None, "comment": None}
_LONGEST_TEXT = 16_777_216


def catalog(client: Client) -> Catalog:
    """All tables and views. Those of the connection's schema have no schema name."""
    found = tables(
        client.rows(within(client, _TABLES)),
        client.rows(within(client, _COLUMNS)),
        primary=_keys(client, "PRIMARY"),
        imported=_keys(client, "IMPORTED"),
        default=folded(client.settings.schema_name),
    )
    return Catalog(dialect="snowflake", tables=found, fetched_at=datetime.now(UTC))


def tables(facts: Rows, columns: Rows, *, primary: Rows, imported: Rows, default: str | None) -> list[Table]:
    """Tables from what Snowflake tells of tables, columns and keys."""
    told = {(row["table_schema"], row["table_name"]): row for row in facts}
    parts: dict[tuple[str, str], Rows] = {place: [] for place in told}
    for row in columns:
        parts.setdefault((row["table_schema"], row["table_name"]), []).append(row)
    own = {(key["schema_name"], key["table_name"], key["column_name"]) for key in primary}
    foreign = {
        (key["fk_schema_name"], key["fk_table_name"], key["fk_column_name"]): Reference(
            schema_name=_schema(key["pk_schema_name"], default),
            table=key["pk_table_name"],
            column=key["pk_column_name"],
        )
        for key in imported
        if key["pk_database_name"] == key["fk_database_name"]
    }
    found = []
    for (schema, name), rows in sorted(parts.items()):
        fact = told.get((schema, name), _UNTOLD)
        view = fact["table_type"] in _VIEWS
        found.append(
            Table(
                schema_name=_schema(schema, default),
                name=name,
                type="view" if view else "table",
                columns=[_column(row, (schema, name), own, foreign) for row in rows],
                row_estimate=None if view or fact["row_count"] is None else int(fact["row_count"]),
                comment=fact["comment"] or None,
            )
        )
    return found


def _column(row: dict[str, Any], table: tuple[str, str], own: set[Any], foreign: dict[Any, Reference]) -> Column:
    place = (*table, row["column_name"])
    return Column(
        name=row["column_name"],
        type=_type(row),
        kind=_kind(row),
        nullable=row["is_nullable"] == "YES",
        primary_key=place in own,
        references=foreign.get(place),
        comment=row["comment"] or None,
    )


def within(client: Client, sql: str) -> str:
    """A statement about the connection's database, or its schema."""
    schema = folded(client.settings.schema_name)
    text = "" if schema is None else " AND table_schema = '" + schema.replace("\\", "\\\\").replace("'", "''") + "'"
    return sql.format(database=named(client.settings.database), schema=text)


def named(name: str) -> str:
    """A name from the settings, as an identifier."""
    return quote(folded(name) or "")


def folded(name: str | None) -> str | None:
    """A name from the settings as Snowflake keeps it: in capitals, unless it was typed in quotes."""
    if name is None or not _PLAIN.fullmatch(name):
        quoted = name is not None and len(name) > 2 and name[0] == name[-1] == '"'
        return name[1:-1].replace('""', '"') if name is not None and quoted else name
    return name.upper()


def _keys(client: Client, which: str) -> Rows:
    place = f"DATABASE {named(client.settings.database)}"
    if client.settings.schema_name is not None:
        place = f"SCHEMA {named(client.settings.database)}.{named(client.settings.schema_name)}"
    try:
        return client.rows(f"SHOW {which} KEYS IN {place}")
    except QueryCancelled:
        raise
    except (SqlInvalid, SqlRefused):
        return []  # A role may read tables without seeing this.


def _type(row: dict[str, Any]) -> str:
    """A type as SQL writes it."""
    name: str = row["data_type"]
    if name == "NUMBER":
        return f"NUMBER({row['numeric_precision']},{row['numeric_scale'] or 0})"
    length = row["character_maximum_length"]
    if name == "TEXT":
        return "VARCHAR" if not length or int(length) >= _LONGEST_TEXT else f"VARCHAR({length})"
    return name[:200]


def _kind(row: dict[str, Any]) -> ColumnKind:
    name = row["data_type"].partition("(")[0]
    if name == "NUMBER":
        return "number" if row["numeric_scale"] else "integer"
    return _KINDS.get(name, "other")


def _schema(name: str, default: str | None) -> str | None:
    return None if name == default else name
