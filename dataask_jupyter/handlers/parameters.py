"""Query parameters that routes take; unknown and repeated ones are refused."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from dataask_jupyter.schemas.common import Id, Schema, Timestamp
from dataask_jupyter.schemas.uploads import FileName


def _written_out(value: object) -> object:
    """Pydantic would take a number for seconds since 1970."""
    if isinstance(value, str) and not _MOMENT.match(value):
        raise ValueError("Write it as in 2026-11-12T09:46:12Z.")
    return value


_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}")
Moment = Annotated[Timestamp, BeforeValidator(_written_out)]
"""A moment in RFC 3339, as text."""


class ListQuery(Schema):
    """Which page of a list."""

    cursor: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="`next_cursor` of the page before; absent for the first page."
    )
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class SchemaQuery(Schema):
    """How to read a connection's schema."""

    refresh: bool = Field(default=False, description="Read it from the source even when a copy is kept.")


class SampleQuery(Schema):
    """Which table to show rows of."""

    table: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    schema_name: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class UploadQuery(Schema):
    """What an uploaded file is called."""

    name: FileName = Field(description="The file's name. Its ending says which format to expect.")


class SuggestionsQuery(Schema):
    """What to suggest questions for."""

    connection_id: Id | None = Field(default=None, description="Absent: the workspace's first connection.")
    prefix: Annotated[str, StringConstraints(max_length=500)] = Field(default="", description="What was typed so far.")


class ConfirmQuery(Schema):
    """What the user typed to confirm."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=120)]


class AuditFilter(Schema):
    """Which audit records."""

    actor_id: Id | None = None
    action: Annotated[str, StringConstraints(max_length=64)] | None = None
    object_kind: Annotated[str, StringConstraints(max_length=32)] | None = None
    object_id: Id | None = None
    result: Literal["allowed", "refused"] | None = None
    search: Annotated[str, StringConstraints(max_length=200)] | None = Field(
        default=None, description="Part of a person's name, an action or an object's name."
    )
    since: Moment | None = None
    search_actions: Annotated[str, StringConstraints(max_length=8000, pattern=r"^[a-z_.]+(,[a-z_.]+)*$")] | None = (
        Field(
            default=None,
            description="Actions that the searched words stand for, with commas between: found as well.",
        )
    )
    until: Moment | None = None


class AuditQuery(AuditFilter):
    """Which audit records, and which page of them."""

    cursor: Annotated[str, StringConstraints(max_length=200)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class AuditExportQuery(AuditFilter):
    """Which audit records, and as what."""

    format: Literal["csv", "json"] = "csv"
