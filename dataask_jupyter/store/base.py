"""What all tables have in common."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, MetaData
from sqlalchemy.orm import DeclarativeBase

from .types import UtcDateTime

Json = dict[str, Any]


def new_id() -> str:
    """A fresh identifier: 128 bits, 122 of them random, as 32 hexadecimal digits."""
    return uuid.uuid4().hex


def now() -> datetime:
    """This moment, as the store keeps it."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """Base of all tables. Named constraints, because SQLite can only change what has a name."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {
        datetime: UtcDateTime,
        Json: JSON(none_as_null=True),
        list[Json]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
    }
