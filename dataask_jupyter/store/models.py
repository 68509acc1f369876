"""The tables, as typed classes. Migrations make them; this is what the code sees."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

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
    }


class User(Base):
    """A person, known by the subject that the way in vouches for."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(String(300), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    display_name: Mapped[str] = mapped_column(String(300))
    # Not a foreign key: it is a memory, checked on use, and users and workspaces would refer to each other.
    last_workspace_id: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Workspace(Base):
    """Where connections and conversations live."""

    __tablename__ = "workspaces"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    personal_to: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def workspace_id(self) -> str:
        """Itself: what the permission gate asks of every object."""
        return self.id

    @property
    def private_to(self) -> str | None:
        """Membership decides."""
        return None


class Membership(Base):
    """A user's role in a workspace."""

    __tablename__ = "memberships"

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Connection(Base):
    """A source with a name."""

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(64))
    settings: Mapped[Json]
    status: Mapped[Json] = mapped_column(default=dict)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def private_to(self) -> str | None:
        """Every member may see a workspace's connections."""
        return None


class Conversation(Base):
    """Questions about one connection, private to who asks them."""

    __tablename__ = "conversations"
    __table_args__ = (Index(None, "workspace_id", "user_id", "updated_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    connection_id: Mapped[str | None] = mapped_column(ForeignKey("connections.id", ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(String(300), default="")
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def private_to(self) -> str | None:
        """Nobody else's business."""
        return self.user_id


class Message(Base):
    """A question and what came of it."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "position"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    position: Mapped[int] = mapped_column(Integer)
    question: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    steps: Mapped[list[Json]] = mapped_column(default=list)
    answer: Mapped[Json | None]
    # What the reading knew about the result: to draw another chart of it later.
    hints: Mapped[Json | None]
    clarification: Mapped[Json | None]
    problem: Mapped[Json | None]
    rating: Mapped[str | None] = mapped_column(String(8))
    # Which process is at work, and until when: how others know that it died. See `store/runner.py`.
    runner: Mapped[str | None] = mapped_column(String(200))
    deadline_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]


class Query(Base):
    """SQL that was run, by a person or for an answer."""

    __tablename__ = "queries"
    __table_args__ = (Index(None, "workspace_id", "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    connection_id: Mapped[str | None] = mapped_column(ForeignKey("connections.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    sql: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    fingerprint: Mapped[str | None] = mapped_column(String(128))
    columns: Mapped[list[Json] | None]
    row_count: Mapped[int | None] = mapped_column(BigInteger)
    byte_count: Mapped[int | None] = mapped_column(BigInteger)
    truncated: Mapped[bool] = mapped_column(default=False)
    cached: Mapped[bool] = mapped_column(default=False)
    elapsed_ms: Mapped[float | None]
    problem: Mapped[Json | None]
    runner: Mapped[str | None] = mapped_column(String(200))
    deadline_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]

    @property
    def private_to(self) -> str | None:
        """A history is its owner's."""
        return self.user_id


class Event(Base):
    """Something that somebody did. Only ever added to."""

    __tablename__ = "events"
    # SQLite would give the number of a deleted last row again.
    __table_args__ = (Index(None, "workspace_id", "sequence"), {"sqlite_autoincrement": True})

    # SQLite counts up by itself only for INTEGER keys.
    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[str] = mapped_column(String(32), unique=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=now)
    # Not foreign keys: the record of an act outlives what it was done to.
    workspace_id: Mapped[str | None] = mapped_column(String(32))
    actor_id: Mapped[str | None] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str | None] = mapped_column(String(32))
    payload: Mapped[Json] = mapped_column(default=dict)
