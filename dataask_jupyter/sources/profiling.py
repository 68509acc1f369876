"""What profiles of all kinds of sources have in common: the budget, and the shape of a value."""

from __future__ import annotations

import time
from datetime import date, datetime
from typing import Any

from dataask_jupyter.schemas.catalog import ColumnKind, Table

from .base import VALUES_PER_CATALOG, Budget

COMPARABLE: frozenset[ColumnKind] = frozenset({"integer", "number", "text", "date", "datetime", "time", "boolean"})
"""Kinds whose smallest and largest value mean something."""


class Allowance:
    """What is left of a profile's budget."""

    def __init__(self, budget: Budget) -> None:
        self._ends = time.monotonic() + budget.seconds
        self.rows = budget.rows
        self.values = VALUES_PER_CATALOG

    @property
    def spent(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() >= self._ends

    @property
    def seconds(self) -> float:
        """How long it may still take."""
        return max(0.0, self._ends - time.monotonic())


def quote(name: str) -> str:
    """An identifier in double quotes."""
    return '"' + name.replace('"', '""') + '"'


def quote_table(table: Table) -> str:
    """A table's full name, quoted."""
    return ".".join(quote(part) for part in (table.schema_name, table.name) if part)


def text(value: Any) -> str | None:
    """A smallest or largest value as text; ISO for dates."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return None
    return str(value)[:200]


def in_order(tables: list[Table]) -> list[Table]:
    """Small tables first: they hold the names that questions use, and cost little. Views last."""
    return sorted(tables, key=lambda table: (table.type == "view", table.row_estimate or 0, table.name))
