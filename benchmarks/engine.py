"""How long the embedded engine takes from a question to SQL on a schema of 200 tables × 20 columns.

`python -m benchmarks.engine` prints one JSON object: milliseconds at the median and the 95th percentile.
"""

from __future__ import annotations

import json
import random
import statistics
import time
from datetime import UTC, datetime
from typing import Any

from dataask_jupyter.ask.embedded import EmbeddedEngine
from dataask_jupyter.ask.engine import AskInput, Candidates
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
from dataask_jupyter.semantic.build import build

TABLES = 200
COLUMNS = 20
VALUES = 50
NOW = datetime(2026, 1, 1, tzinfo=UTC)

_THINGS = """customer order product invoice payment shipment supplier employee department project task ticket contract
asset branch region store campaign lead account visit claim""".split()
_AREAS = "sales finance support logistics hr marketing web legacy retail partner".split()
_PARTS: list[tuple[str, ColumnKind]] = [
    ("name", "text"), ("code", "text"), ("status", "text"), ("category", "text"), ("city", "text"), ("country", "text"),
    ("owner", "text"), ("channel", "text"), ("amount", "number"), ("price", "number"), ("quantity", "integer"),
    ("discount", "number"), ("score", "number"), ("weight", "number"), ("created_at", "datetime"),
    ("closed_date", "date"), ("year", "integer"), ("description", "text"),
]  # fmt: skip


def schema() -> tuple[Catalog, CatalogProfile]:
    """A synthetic schema with repeated column names, foreign keys and known values."""
    chance = random.Random(7)
    names = [f"{area}_{thing}" for area in _AREAS for thing in _THINGS][:TABLES]
    tables: list[Table] = []
    profiles: list[TableProfile] = []
    for index, name in enumerate(names):
        columns = [Column(name="id", type="BIGINT", kind="integer", primary_key=True)]
        target = names[chance.randrange(index)] if index else None
        if target:
            reference = Reference(table=target, column="id")
            columns.append(Column(name=f"{target}_id", type="BIGINT", kind="integer", references=reference))
        columns += [Column(name=part, type=kind.upper(), kind=kind) for part, kind in _PARTS][: COLUMNS - len(columns)]
        known = {
            c.name: ColumnProfile(
                distinct=VALUES,
                nulls=0,
                values=[f"{c.name} {chance.randrange(10**6):06}" for _ in range(VALUES)] if c.kind == "text" else [],
            )
            for c in columns
        }
        tables.append(Table(name=name, columns=columns, row_estimate=10_000))
        profiles.append(TableProfile(table=name, row_count=10_000, columns=known))
    return Catalog(dialect="duckdb", tables=tables, fetched_at=NOW), CatalogProfile(tables=profiles)


def questions() -> list[str]:
    """Questions of every kind that the engine reads, over many tables."""
    found: list[str] = []
    for area in _AREAS:
        for thing in _THINGS[:10]:
            noun = f"{area} {thing}s"
            found += [
                f"how many {noun} are there",
                f"average amount of {noun} by category",
                f"{noun} per month",
                f"top 5 {noun} by price",
                f"names and cities of {noun} with quantity greater than 10 sorted by score descending",
                f"which {area} {thing} has the highest amount in 2024",
            ]
    return found


def measure() -> dict[str, Any]:
    """The figures."""
    begun = time.perf_counter()
    model = build(*schema())
    built = time.perf_counter() - begun
    engine = EmbeddedEngine()
    asked = questions()
    engine.read_now(AskInput(asked[0], model, "duckdb", NOW))  # imports what is loaded late
    times: list[float] = []
    answered = 0
    for question in asked:
        begun = time.perf_counter()
        reading = engine.read_now(AskInput(question, model, "duckdb", NOW))
        times.append((time.perf_counter() - begun) * 1000)
        answered += isinstance(reading, Candidates)
    times.sort()
    return {
        "tables": TABLES,
        "columns": TABLES * COLUMNS,
        "questions": len(times),
        "answered": answered,
        "model_build_ms": round(built * 1000, 1),
        "ms_p50": round(statistics.median(times), 2),
        "ms_p95": round(times[int(0.95 * (len(times) - 1))], 2),
        "ms_max": round(times[-1], 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
