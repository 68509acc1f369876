"""Small worlds to ask about, each as a catalog with a profile, a DuckDB and a SQLite database."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb
import pytest

from dataask_jupyter.schemas.catalog import (
    Catalog,
    CatalogProfile,
    Column,
    ColumnProfile,
    Reference,
    Table,
    TableProfile,
)
from dataask_jupyter.semantic.build import build
from dataask_jupyter.semantic.model import SemanticModel

NOW = datetime(2024, 5, 15, 12, tzinfo=UTC)
KINDS = {"INTEGER": "integer", "DOUBLE": "number", "TEXT": "text", "DATE": "date", "BOOLEAN": "boolean"}

# name: (columns, rows); a column is "name TYPE", "*" marks the primary key, "-> table.column" a foreign key.
World = dict[str, tuple[list[str], list[tuple[Any, ...]]]]

SHOP: World = {
    "customers": (
        ["*customer_id INTEGER", "name TEXT", "city TEXT", "country TEXT", "age INTEGER", "vip_yn TEXT"],
        [
            (1, "Ada Berg", "Oslo", "Norway", 34, "Y"),
            (2, "Ben Falk", "Bergen", "Norway", 51, "N"),
            (3, "Cleo Roux", "Lyon", "France", 28, "N"),
            (4, "Dan Petit", "Paris", "France", 45, "Y"),
            (5, "Eve Stone", "York", "United Kingdom", 62, "N"),
        ],
    ),
    "suppliers": (
        ["*supplier_id INTEGER", "supplier_name TEXT", "country TEXT"],
        [(1, "Nordic Goods", "Norway"), (2, "Maison Bleue", "France")],
    ),
    "products": (
        [
            "*product_id INTEGER",
            "product_name TEXT",
            "category TEXT",
            "price DOUBLE",
            "supplier_id INTEGER -> suppliers.supplier_id",
        ],
        [
            (1, "Lamp", "Home", 40.0, 1),
            (2, "Chair", "Home", 120.0, 1),
            (3, "Scarf", "Clothing", 25.0, 2),
            (4, "Coat", "Clothing", 180.0, 2),
            (5, "Mug", "Kitchen", 8.0, 2),
        ],
    ),
    "orders": (
        [
            "*order_id INTEGER",
            "customer_id INTEGER -> customers.customer_id",
            "order_date DATE",
            "status TEXT",
            "shipping_cost DOUBLE",
        ],
        [
            (1, 1, "2024-01-10", "delivered", 5.0),
            (2, 1, "2024-02-03", "delivered", 7.5),
            (3, 2, "2024-02-20", "returned", 5.0),
            (4, 3, "2024-04-05", "delivered", 9.0),
            (5, 3, "2024-04-18", "pending", 4.0),
            (6, 3, "2023-12-24", "delivered", 6.0),
        ],
    ),
    "order_items": (
        ["*order_id INTEGER -> orders.order_id", "*product_id INTEGER -> products.product_id", "quantity INTEGER"],
        [(1, 1, 2), (1, 3, 1), (2, 2, 1), (3, 1, 1), (4, 4, 1), (4, 3, 3), (5, 1, 4), (6, 5, 10)],
    ),
}

HOSPITAL: World = {
    "department": (
        ["*DeptNo INTEGER", "DeptName TEXT", "floor INTEGER", "budget_in_millions DOUBLE"],
        [(1, "Cardiology", 2, 4.5), (2, "Surgery", 3, 9.0), (3, "Pediatrics", 1, 3.0)],
    ),
    "physician": (
        ["*physician_id INTEGER", "first_name TEXT", "last_name TEXT", "salary DOUBLE",
         "dept_no INTEGER -> department.DeptNo"],
        [
            (1, "Ines", "Kuhn", 9000.0, 1),
            (2, "Omar", "Said", 12000.0, 2),
            (3, "Lena", "Voss", 8000.0, 3),
            (4, "Raj", "Patel", 11000.0, 2),
        ],
    ),
    "patient": (
        ["*patient_id INTEGER", "name TEXT", "gender TEXT", "birth_date DATE", "weight DOUBLE"],
        [
            (1, "Mia", "female", "1990-03-02", 61.0),
            (2, "Tom", "male", "1975-08-20", 90.0),
            (3, "Zoe", "female", "2015-01-30", 20.0),
            (4, "Ian", "male", "1960-11-11", 77.0),
        ],
    ),
    "appointment": (
        ["*id INTEGER", "patient_id INTEGER -> patient.patient_id", "physician_id INTEGER -> physician.physician_id",
         "visit_date DATE", "fee DOUBLE"],
        [
            (1, 1, 1, "2024-03-01", 100.0),
            (2, 1, 2, "2024-03-09", 250.0),
            (3, 2, 2, "2024-04-02", 300.0),
            (4, 3, 3, "2024-04-22", 80.0),
            (5, 1, 1, "2024-05-02", 120.0),
        ],
    ),
}  # fmt: skip

# No declared keys, short names, parts of dates as numbers, a planned and an actual time.
TRAINS: World = {
    "trips": (
        ["year INTEGER", "month INTEGER", "day INTEGER", "sched_dep_time INTEGER", "dep_time INTEGER",
         "dep_delay DOUBLE",
         "operator TEXT", "unit TEXT", "orig TEXT", "dest TEXT", "dist DOUBLE"],
        [
            (2023, 1, 5, 800, 810, 10.0, "NX", "u1", "ABC", "DEF", 90.0),
            (2023, 1, 6, 900, 900, 0.0, "NX", "u2", "ABC", "GHI", 40.0),
            (2023, 6, 1, 700, None, None, "NX", "u1", "DEF", "ABC", 90.0),
            (2023, 6, 2, 700, None, None, "RV", "u3", "GHI", "ABC", 40.0),
            (2023, 6, 9, 1200, 1500, 180.0, "RV", "u3", "ABC", "DEF", 90.0),
            (2023, 7, 4, 1300, 1330, 30.0, "RV", "u3", "DEF", "GHI", 70.0),
            (2023, 7, 5, 1300, 1301, 1.0, "TT", "u9", "ABC", "DEF", 90.0),
        ],
    ),
    "operators": (
        ["operator TEXT", "name TEXT"],
        [("NX", "North Express"), ("RV", "River Lines"), ("TT", "Tiny Trains")],
    ),
    "stops": (
        ["code TEXT", "name TEXT", "alt DOUBLE"],
        [("ABC", "Abbey", 10.0), ("DEF", "Deford", 200.0), ("GHI", "Gill", 55.0), ("XYZ", "Xylo", 5.0)],
    ),
}  # fmt: skip

WORLDS = {"shop": SHOP, "hospital": HOSPITAL, "trains": TRAINS}


@dataclass
class Place:
    """A world with its two databases."""

    catalog: Catalog
    profile: CatalogProfile
    duckdb: duckdb.DuckDBPyConnection
    sqlite: sqlite3.Connection
    models: dict[str, SemanticModel]

    def rows(self, dialect: str, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, in comparable form."""
        connection: Any = self.duckdb if dialect == "duckdb" else self.sqlite
        return [tuple(_plain(v) for v in row) for row in connection.execute(sql).fetchall()]


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()[:10]
    return round(float(value), 6) if isinstance(value, (int, float)) else value


def _column(text: str) -> Column:
    head, _, target = text.partition(" -> ")
    name, kind = head.lstrip("*").split()
    table, _, column = target.partition(".")
    return Column(
        name=name,
        type=kind,
        kind=KINDS[kind],  # type: ignore[arg-type]
        primary_key=head.startswith("*"),
        references=Reference(table=table, column=column) if target else None,
    )


def _profile(column: Column, values: list[Any]) -> ColumnProfile:
    known = [v for v in values if v is not None]
    texts = [v for v, _ in Counter(known).most_common()] if column.kind == "text" else []
    return ColumnProfile(
        distinct=len(set(known)),
        nulls=len(values) - len(known),
        minimum=str(min(known)) if known else None,
        maximum=str(max(known)) if known else None,
        values=texts,
    )


def make(world: World) -> Place:
    """Both databases of a world, and its models."""
    duck = duckdb.connect(":memory:")
    lite = sqlite3.connect(":memory:")
    tables: list[Table] = []
    profiles: list[TableProfile] = []
    for name, (texts, rows) in world.items():
        columns = [_column(t) for t in texts]
        definition = ", ".join(f"{c.name} {c.type}" for c in columns)
        marks = ", ".join("?" for _ in columns)
        for connection in (duck, lite):
            connection.execute(f"CREATE TABLE {name} ({definition})")
            connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        tables.append(Table(name=name, columns=columns, row_estimate=len(rows)))
        found = {c.name: _profile(c, [r[i] for r in rows]) for i, c in enumerate(columns)}
        profiles.append(TableProfile(table=name, row_count=len(rows), columns=found))
    profile = CatalogProfile(tables=profiles)
    catalog = Catalog(dialect="duckdb", tables=tables, fetched_at=NOW)
    models = {d: build(catalog.model_copy(update={"dialect": d}), profile) for d in ("duckdb", "sqlite")}
    return Place(catalog, profile, duck, lite, models)


@pytest.fixture(scope="session")
def places() -> Iterator[Callable[[str], Place]]:
    """Worlds by name, made on first use."""
    made: dict[str, Place] = {}

    def get(name: str) -> Place:
        if name not in made:
            made[name] = make(WORLDS[name])
        return made[name]

    yield get
    for place in made.values():
        place.duckdb.close()
        place.sqlite.close()
