"""Which audit records somebody wants, as conditions in SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, or_

from dataask_jupyter.schemas import audit as schemas
from dataask_jupyter.store.models import Event


class AuditFilter(Protocol):
    """What a record must be like; what is None doesn't matter."""

    @property
    def actor_id(self) -> str | None:
        """Who acted."""

    @property
    def action(self) -> str | None:
        """What they did."""

    @property
    def object_kind(self) -> str | None:
        """To what kind of thing."""

    @property
    def object_id(self) -> str | None:
        """To which thing."""

    @property
    def result(self) -> Literal["allowed", "refused"] | None:
        """Whether they could."""

    @property
    def search(self) -> str | None:
        """Part of a person's name, an action or an object's name."""

    @property
    def search_actions(self) -> str | None:
        """Actions, with commas between, that the searched words stand for in the reader's language."""

    @property
    def since(self) -> datetime | None:
        """The first moment."""

    @property
    def until(self) -> datetime | None:
        """The first moment that doesn't count any more."""


class AuditPage(AuditFilter, Protocol):
    """The same, and which page."""

    @property
    def cursor(self) -> str | None:
        """Where the page before ended."""

    @property
    def limit(self) -> int:
        """How many records a page has."""


_EQUAL = ("actor_id", "action", "object_kind", "object_id", "result")


def given(query: AuditFilter) -> dict[str, Any]:
    """What was asked for, for the record."""
    names = (*_EQUAL, "search", "search_actions", "since", "until")
    return {name: str(value) for name in names if (value := getattr(query, name)) is not None}


def conditions(chain: str, query: AuditFilter) -> list[ColumnElement[bool]]:
    """What a record of the chain must fulfil."""
    found = [Event.chain == chain]
    found += [getattr(Event, name) == value for name in _EQUAL if (value := getattr(query, name)) is not None]
    if query.search:
        columns = (Event.actor_name, Event.action, Event.object_name)
        hits = [column.icontains(query.search, autoescape=True) for column in columns]
        if query.search_actions:
            hits.append(Event.action.in_(query.search_actions.split(",")))
        found.append(or_(*hits))
    if query.since is not None:
        found.append(Event.at >= query.since)
    if query.until is not None:
        found.append(Event.at < query.until)
    return found


def present(row: Event) -> schemas.AuditRecord:
    """As clients see it."""
    return schemas.AuditRecord.model_validate(
        {name: getattr(row, name) for name in schemas.AuditRecord.model_fields}, strict=False
    )
