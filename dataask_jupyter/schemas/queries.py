"""Queries: SQL run on a connection."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .common import Id, Problem, Schema, Timestamp
from .results import ResultColumn

MAX_SQL_CHARACTERS = 100_000

QueryState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Sql = Annotated[str, StringConstraints(min_length=1, max_length=MAX_SQL_CHARACTERS)]
ParameterName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
ParameterType = Literal["text", "integer", "number", "boolean", "date", "timestamp"]
ParameterValue = str | int | float | bool | None


class Parameter(Schema):
    """A value for `:name` in the SQL. It is bound as a literal of its type, never pasted into the text.

    Dates and timestamps are ISO texts. A list stands for several values, as in `IN (:ids)`.
    """

    type: ParameterType
    value: ParameterValue | Annotated[list[ParameterValue], Field(min_length=1, max_length=1000)] = None


Parameters = Annotated[dict[ParameterName, Parameter], Field(max_length=64)]


class QueryExecute(Schema):
    """SQL to run. The answer is 200 with the finished query, or 202 when it takes longer than `wait_seconds`."""

    connection_id: Id
    sql: Sql
    parameters: Parameters = Field(default_factory=dict, description="A value for every `:name` in the SQL.")
    max_rows: int | None = Field(default=None, ge=1, description="Fewer rows than the server's own limit.")
    refresh: bool = Field(default=False, description="Run again even where a cached result exists.")
    wait_seconds: float = Field(default=10.0, ge=0, le=60)


class Query(Schema):
    """A query and where it stands."""

    id: Id
    workspace_id: Id
    connection_id: Id | None
    sql: str
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    state: QueryState
    columns: list[ResultColumn] | None = None
    row_count: int | None = None
    byte_count: int | None = None
    truncated: bool = False
    cached: bool = False
    elapsed_ms: float | None = None
    problem: Problem | None = None
    created_at: Timestamp
    finished_at: Timestamp | None = None


class RowRange(Schema):
    """Which rows of a result to return."""

    offset: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=10_000)] = 100
