"""Values that more than one resource uses: the base model, identifiers, pages of a list, problems."""

from __future__ import annotations

from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""A resource's identifier: 128 random bits as 32 lower-case hexadecimal digits."""

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
"""A name that a person gave: 1 to 120 characters, outer white space removed."""

Timestamp = AwareDatetime
"""A moment in UTC, RFC 3339 on the wire."""

Item = TypeVar("Item")


class Schema(BaseModel):
    """Base of every value that crosses a boundary: unknown fields are errors, instances don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(Schema, Generic[Item]):
    """One page of a list; ``next_cursor`` is null on the last page."""

    items: list[Item]
    next_cursor: str | None = None


class FieldProblem(Schema):
    """What is wrong with one field of a request."""

    field: str = Field(description="Dotted path of the field, e.g. `settings.path`.")
    detail: str


class Problem(Schema):
    """An error, as RFC 9457 problem details (`application/problem+json`)."""

    type: str = Field(description="Stable name of the kind of problem, e.g. `/problems/sql-refused`.")
    title: str = Field(description="What happened, in a few words; the same for every problem of this type.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="What happened this time, why, and what to do.")
    errors: list[FieldProblem] = Field(default_factory=list)
    extra: dict[str, Any] = Field(default_factory=dict, description="Facts for programs, e.g. the SQL position.")
