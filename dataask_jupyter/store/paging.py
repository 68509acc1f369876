"""Pages of a list by keyset: stable while rows are added, and as quick at the end as at the start."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.common import FieldProblem

from .types import UtcDateTime

Row = TypeVar("Row")
Key = InstrumentedAttribute[Any]


def fetch(
    session: Session,
    query: Select[Row],
    order: tuple[Key, Key],
    *,
    cursor: str | None,
    limit: int,
    descending: bool = False,
) -> tuple[Sequence[Row], str | None]:
    """At most `limit` rows after the cursor, and the cursor of the next page."""
    keys = tuple_(*order)
    if cursor is not None:
        after: ColumnElement[Any] = tuple_(*_decode(cursor, order))
        query = query.where(keys < after if descending else keys > after)
    query = query.order_by(*(key.desc() if descending else key.asc() for key in order)).limit(limit + 1)
    rows = session.scalars(query).all()
    if len(rows) <= limit:
        return rows, None
    rows = rows[:limit]
    return rows, _encode([getattr(rows[-1], key.key) for key in order])


def _encode(values: list[Any]) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(cursor: str, order: tuple[Key, Key]) -> list[Any]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return [_typed(value, key) for value, key in zip(json.loads(text), order, strict=True)]
    except (ValueError, TypeError, RecursionError):
        raise InvalidInput(
            "The cursor isn't one that this list gave.",
            errors=[FieldProblem(field="cursor", detail="Take `next_cursor` from the page before.")],
        ) from None


def _typed(value: str, key: Key) -> Any:
    if isinstance(key.type, UtcDateTime):
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("A moment without a time zone.")
        return literal(moment, key.type)
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError("Not a text that the column can hold.")
    value.encode()
    return literal(value, key.type)
