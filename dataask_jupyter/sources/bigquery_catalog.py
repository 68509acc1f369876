"""What a BigQuery project contains.

Facts about single tables cost nothing but a request each, and tell rows, keys and comments. Where there are many
tables, the columns of a whole dataset come from its INFORMATION_SCHEMA in one query, without those facts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.schemas.catalog import Catalog, Column, ColumnKind, Reference, Table

if TYPE_CHECKING:
    from .bigquery_client import Client

MAX_TABLES = 20_000
SINGLY = 400
"""Up to so many tables are asked for one by one."""
AT_ONCE = 8
_LONGEST_TYPE = 200

_KINDS: dict[str, ColumnKind] = {
    **dict.fromkeys(("INTEGER", "INT64"), "integer"),
    **dict.fromkeys(("FLOAT", "FLOAT64", "NUMERIC", "BIGNUMERIC"), "number"),
    **dict.fromkeys(("BOOLEAN", "BOOL"), "boolean"),
    "STRING": "text",
    "DATE": "date",
    **dict.fromkeys(("TIMESTAMP", "DATETIME"), "datetime"),
    "TIME": "time",
    "BYTES": "binary",
    **dict.fromkeys(("JSON", "RECORD", "STRUCT", "ARRAY"), "json"),
}
_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "RECORD": "STRUCT"}
"""What the API calls types otherwise than SQL does."""
_VIEWS = frozenset({"VIEW", "MATERIALIZED_VIEW", "MATERIALIZED VIEW"})


@dataclass(frozen=True)
class Listed:
    """One table as the list of a dataset has it."""

    dataset: str
    name: str
    type: str
    reference: Any


def references(client: Client) -> list[Listed]:
    """All tables and views, by dataset and name."""
    if client.settings.dataset:
        datasets = [client.settings.dataset]
    else:
        datasets = sorted(
            each.dataset_id for each in client.call(lambda: list(client.api.list_datasets(**client.patience())))
        )
    found: list[Listed] = []
    for part in _beside(client, datasets, lambda dataset: _tables(client, dataset)):
        found += part
    return found[:MAX_TABLES]


def _tables(client: Client, dataset: str) -> list[Listed]:
    try:
        with client.guard():
            listed = list(
                itertools.islice(
                    client.api.list_tables(f"{client.settings.project}.{dataset}", **client.patience()), MAX_TABLES
                )
            )
    except DataAskError:
        if client.settings.dataset:
            raise
        return []  # The account may see that there is a dataset, and no more.
    return sorted(
        (Listed(dataset, each.table_id, each.table_type, each.reference) for each in listed), key=lambda each: each.name
    )


def _beside(client: Client, items: list[Any], do: Any) -> list[Any]:
    """Do it for all items, some at once, until the deadline."""

    def work() -> list[Any]:
        with ThreadPoolExecutor(AT_ONCE, "catalog") as pool:
            return list(pool.map(lambda item: None if client.waiting.stopped.is_set() else do(item), items))

    return client.call(work)


def catalog(client: Client) -> Catalog:
    """Tables with their columns. Those of the connection's dataset have no schema name."""
    listed = references(client)
    if len(listed) <= SINGLY:
        tables = [table for table in _beside(client, listed, lambda each: _one(client, each)) if table is not None]
    else:
        datasets = sorted({each.dataset for each in listed})
        rows = itertools.chain.from_iterable(_beside(client, datasets, lambda dataset: _columns(client, dataset)))
        tables = many(listed, rows, client.settings.dataset)
    return Catalog(dialect="bigquery", tables=tables, fetched_at=datetime.now(UTC))


def _one(client: Client, listed: Listed) -> Table | None:
    try:
        with client.guard():
            found = client.api.get_table(listed.reference, **client.patience())
    except DataAskError:
        return None  # It was dropped since, or isn't for this account.
    return one(found.to_api_repr(), client.settings.project, client.settings.dataset)


def one(resource: dict[str, Any], project: str, default: str | None) -> Table:
    """A table from what the API tells of it."""
    place = resource["tableReference"]
    constraints = resource.get("tableConstraints") or {}
    primary = set((constraints.get("primaryKey") or {}).get("columns") or ())
    foreign: dict[str, Reference] = {}
    for key in constraints.get("foreignKeys") or ():
        target = key.get("referencedTable") or {}
        for pair in key.get("columnReferences") or ():
            if target.get("projectId") == project:
                foreign[pair["referencingColumn"]] = Reference(
                    schema_name=_schema(target["datasetId"], default),
                    table=target["tableId"],
                    column=pair["referencedColumn"],
                )
    view = resource.get("type") in _VIEWS
    rows = resource.get("numRows")
    return Table(
        schema_name=_schema(place["datasetId"], default),
        name=place["tableId"],
        type="view" if view else "table",
        columns=[
            Column(
                name=field["name"],
                type=short(_type(field)),
                kind="json" if field.get("mode") == "REPEATED" else _KINDS.get(field["type"], "other"),
                nullable=field.get("mode") != "REQUIRED",
                primary_key=field["name"] in primary,
                references=foreign.get(field["name"]),
                comment=field.get("description") or None,
            )
            for field in (resource.get("schema") or {}).get("fields") or ()
        ],
        row_estimate=None if view or rows is None else int(rows),
        comment=resource.get("description") or None,
    )


def _type(field: dict[str, Any]) -> str:
    """A type as SQL writes it."""
    name = _NAMES.get(field["type"], field["type"])
    if name == "STRUCT":
        parts = ", ".join(f"{inner['name']} {_type(inner)}" for inner in field.get("fields") or ())
        name = f"STRUCT<{parts}>"
    elif field.get("precision"):
        scale = f", {field['scale']}" if field.get("scale") else ""
        name = f"{name}({field['precision']}{scale})"
    elif field.get("maxLength"):
        name = f"{name}({field['maxLength']})"
    return f"ARRAY<{name}>" if field.get("mode") == "REPEATED" else name


def _columns(client: Client, dataset: str) -> list[dict[str, Any]]:
    sql = (
        "SELECT table_schema, table_name, column_name, data_type, is_nullable "  # noqa: S608 - checked names
        f"FROM `{client.settings.project}`.`{dataset}`.INFORMATION_SCHEMA.COLUMNS "
        "WHERE is_hidden = 'NO' ORDER BY table_name, ordinal_position"
    )
    with client.guard():
        return client.rows(sql)


def many(listed: Iterable[Listed], rows: Iterable[dict[str, Any]], default: str | None) -> list[Table]:
    """Tables from what INFORMATION_SCHEMA tells of their columns."""
    columns: dict[tuple[str, str], list[Column]] = {}
    for row in rows:
        type_ = row["data_type"]
        columns.setdefault((row["table_schema"], row["table_name"]), []).append(
            Column(
                name=row["column_name"],
                type=short(type_),
                kind=_KINDS.get(type_.partition("<")[0].partition("(")[0], "other"),
                nullable=row["is_nullable"] == "YES",
            )
        )
    return [
        Table(
            schema_name=_schema(each.dataset, default),
            name=each.name,
            type="view" if each.type in _VIEWS else "table",
            columns=columns.get((each.dataset, each.name), []),
        )
        for each in listed
    ]


def short(type_: str) -> str:
    """A type's name that isn't endless, as those of structures may be."""
    return type_ if len(type_) <= _LONGEST_TYPE else type_[: _LONGEST_TYPE - 1] + "…"


def _schema(dataset: str, default: str | None) -> str | None:
    return None if dataset == default else dataset
