"""Catalog and profile of a suite's SQLite database, with the labels and keys that its `schema.json` adds."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dataask_jupyter.schemas.catalog import (
    Catalog,
    CatalogProfile,
    Column,
    ColumnKind,
    ColumnProfile,
    Reference,
    Table,
    TableProfile,
)

MAX_VALUES = 5_000
MAX_LENGTH = 80


def kind_of(declared: str) -> ColumnKind:
    """What a declared type holds, by SQLite's rules of affinity and the common names of dates."""
    low = declared.lower()
    for words, kind in (
        (("datetime", "timestamp"), "datetime"), (("date",), "date"), (("time",), "time"), (("bool",), "boolean"),
        (("int",), "integer"), (("real", "floa", "doub", "num", "dec"), "number"), (("blob",), "binary"),
    ):  # fmt: skip
        if any(w in low for w in words):
            return kind  # type: ignore[return-value]
    return "text"


def load(path: Path) -> tuple[Catalog, CatalogProfile]:
    """Everything the semantic model is built from."""
    extra: dict[str, Any] = {}
    described = path.with_suffix("").with_suffix(".schema.json")
    if described.exists():
        extra = json.loads(described.read_text(encoding="utf-8"))
    labels = {t["name"].lower(): t for t in extra.get("tables", ())}
    references = {tuple(a.lower().split(".", 1)): b.split(".", 1) for a, b in extra.get("foreign_keys", ())}
    tables: list[Table] = []
    profiles: list[TableProfile] = []
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        names = [r[0] for r in connection.execute("select name from sqlite_master where type in ('table','view')")]
        for name in names:
            if name.startswith("sqlite_"):
                continue
            table, profile = _table(connection, name, labels.get(name.lower(), {}), references)
            tables.append(table)
            profiles.append(profile)
    now = datetime.now(UTC)
    return Catalog(dialect="sqlite", tables=tables, fetched_at=now), CatalogProfile(tables=profiles)


def _table(
    connection: sqlite3.Connection, name: str, label: dict[str, Any], references: dict[tuple[str, ...], list[str]]
) -> tuple[Table, TableProfile]:
    said = {c["name"].lower(): c for c in label.get("columns", ())}
    quoted = '"' + name.replace('"', '""') + '"'
    rows = connection.execute(f"select count(*) from {quoted}").fetchone()[0]
    declared = {r[3]: (r[2], r[4]) for r in connection.execute(f"pragma foreign_key_list({quoted})") if r[4]}
    columns: list[Column] = []
    profiles: dict[str, ColumnProfile] = {}
    for _, column, kind, notnull, _, key in connection.execute(f"pragma table_info({quoted})").fetchall():
        about = said.get(column.lower(), {})
        target = references.get((name.lower(), column.lower())) or declared.get(column)
        columns.append(
            Column(
                name=column, type=kind or "", kind=kind_of(kind or ""), nullable=not notnull,
                primary_key=bool(key) or bool(about.get("pk")), comment=about.get("label"),
                references=Reference(table=target[0], column=target[1]) if target else None,
            )
        )  # fmt: skip
        profiles[column] = _profile(connection, quoted, column, columns[-1].kind)
    return (
        Table(name=name, columns=columns, row_estimate=rows, comment=label.get("label")),
        TableProfile(table=name, row_count=rows, columns=profiles),
    )


def _profile(connection: sqlite3.Connection, table: str, column: str, kind: ColumnKind) -> ColumnProfile:
    name = '"' + column.replace('"', '""') + '"'
    low, high, distinct, nulls = connection.execute(
        f"select min({name}), max({name}), count(distinct {name}), sum({name} is null) from {table}"
    ).fetchone()
    values: list[str] = []
    if kind in ("text", "boolean", "other", "date", "datetime"):
        found = connection.execute(
            f"select {name} from {table} where typeof({name}) = 'text' and length({name}) between 1 and {MAX_LENGTH}"
            f" group by 1 order by count(*) desc limit {MAX_VALUES}"
        )
        values = [r[0] for r in found]
    return ColumnProfile(
        distinct=distinct, nulls=nulls or 0, minimum=None if low is None else str(low)[:100],
        maximum=None if high is None else str(high)[:100], values=values,
    )  # fmt: skip
