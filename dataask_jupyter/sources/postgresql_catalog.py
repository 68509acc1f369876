"""What a PostgreSQL database contains, in three statements whatever its size."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from dataask_jupyter.schemas.catalog import Catalog, Column, ColumnKind, Reference, Table

Rows = Callable[[str], list[dict[str, Any]]]

DEFAULT_SCHEMA = "public"
_LONGEST_TYPE = 200

_KINDS: dict[str, ColumnKind] = {
    **dict.fromkeys(("int2", "int4", "int8", "oid"), "integer"),
    **dict.fromkeys(("float4", "float8", "numeric", "money"), "number"),
    "bool": "boolean",
    "date": "date",
    **dict.fromkeys(("timestamp", "timestamptz"), "datetime"),
    **dict.fromkeys(("time", "timetz"), "time"),
    "bytea": "binary",
    **dict.fromkeys(("json", "jsonb", "hstore"), "json"),
    **dict.fromkeys(
        ("uuid", "inet", "cidr", "macaddr", "macaddr8", "bit", "varbit", "tsvector", "tsquery", "citext", "ltree"),
        "text"),
}  # fmt: skip
_CATEGORIES: dict[str, ColumnKind] = {"A": "json", "C": "json", "S": "text", "E": "text", "R": "text"}
"""Kinds by `typcategory`, for types that are not listed: arrays, composites, strings, enumerations, ranges."""

READABLE = """
    c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    AND has_schema_privilege(n.oid, 'USAGE')
    AND (has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT'))
"""
"""What the role may read. Partitions aren't shown: their table stands for them."""

_TABLES = f"""
    SELECT c.oid::bigint AS id, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
        CASE WHEN c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0 THEN c.reltuples::bigint END AS rows,
        d.description AS comment
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
    WHERE {READABLE}
"""  # noqa: S608 - constants
_COLUMNS = f"""
    SELECT a.attrelid::bigint AS id, a.attnum::int AS number, a.attname::text AS name,
        format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS filled, b.typname::text AS base,
        b.typcategory::text AS category, d.description AS comment
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_type t ON t.oid = a.atttypid
    JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
    LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND {READABLE}
        AND (has_table_privilege(c.oid, 'SELECT') OR has_column_privilege(c.oid, a.attnum, 'SELECT'))
    ORDER BY a.attrelid, a.attnum
"""  # noqa: S608 - constants
_KEYS = f"""
    SELECT k.contype::text AS type, k.conrelid::bigint AS id, k.conkey AS numbers,
        k.confrelid::bigint AS target, k.confkey AS target_numbers
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE k.contype IN ('p', 'f') AND {READABLE} ORDER BY k.conname DESC
"""  # noqa: S608 - constants


def catalog(rows: Rows) -> Catalog:
    """All tables and views that the role may read. Those of `public` have no schema name."""
    # Sorted here: the server's order depends on its collation.
    tables = sorted(rows(_TABLES), key=lambda row: (row["schema"] != DEFAULT_SCHEMA, row["schema"], row["name"]))
    columns = rows(_COLUMNS)
    names = {row["id"]: (_schema(row["schema"]), row["name"]) for row in tables}
    numbered = {(row["id"], row["number"]): row["name"] for row in columns}
    primary: set[tuple[int, int]] = set()
    foreign: dict[tuple[int, int], Reference] = {}
    for key in rows(_KEYS):
        if key["type"] == "p":
            primary.update((key["id"], number) for number in key["numbers"])
            continue
        for number, target in zip(key["numbers"], key["target_numbers"], strict=False):
            column = numbered.get((key["target"], target))
            if column is not None and key["target"] in names:
                schema, table = names[key["target"]]
                foreign[(key["id"], number)] = Reference(schema_name=schema, table=table, column=column)
    found: dict[int, list[Column]] = {}
    for row in columns:
        place = (row["id"], row["number"])
        found.setdefault(row["id"], []).append(
            Column(
                name=row["name"],
                type=short(row["type"]),
                kind=kind(row["base"], row["category"]),
                nullable=not row["filled"],
                primary_key=place in primary,
                references=foreign.get(place),
                comment=row["comment"],
            )
        )
    return Catalog(
        dialect="postgres",
        tables=[
            Table(
                schema_name=_schema(row["schema"]),
                name=row["name"],
                type="view" if row["kind"] in ("v", "m") else "table",
                columns=found.get(row["id"], []),
                row_estimate=row["rows"],
                comment=row["comment"],
            )
            for row in tables
        ],
        fetched_at=datetime.now(UTC),
    )


def kind(base: str, category: str) -> ColumnKind:
    """What a value of a type is, by the name and the category of the type that it is made from."""
    return _KINDS.get(base) or _CATEGORIES.get(category, "other")


def short(type_: str) -> str:
    """A type's name that isn't endless, as those of enumerations may be."""
    return type_ if len(type_) <= _LONGEST_TYPE else type_[: _LONGEST_TYPE - 1] + "…"


def _schema(name: str) -> str | None:
    return None if name == DEFAULT_SCHEMA else name
