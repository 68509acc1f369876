"""The dialects that the gate knows. A new one is a new entry in `DIALECTS`, not a change to the gate."""

from __future__ import annotations

from dataask_jupyter.errors import InvalidInput

from .base import Dialect
from .bigquery import BIGQUERY
from .duckdb import DUCKDB
from .mysql import MYSQL
from .postgres import POSTGRES
from .snowflake import SNOWFLAKE
from .sqlite import SQLITE

DIALECTS: dict[str, Dialect] = {entry.name: entry for entry in (DUCKDB, SQLITE, POSTGRES, MYSQL, BIGQUERY, SNOWFLAKE)}


def get(name: str) -> Dialect:
    """The entry of a dialect; raises InvalidInput for one that the gate doesn't know."""
    try:
        return DIALECTS[name]
    except KeyError:
        raise InvalidInput(f"“{name}” isn't a dialect that DataAsk knows. Use one of {', '.join(DIALECTS)}.") from None


__all__ = ["DIALECTS", "Dialect", "get"]
