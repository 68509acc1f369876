"""The tables, as typed classes. Migrations make them; this is what the code sees."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from dataask_jupyter.schemas.roles import Permission

from .base import Base, Json, new_id, now
from .uploads import Upload


class User(Base):
    """A person, known by the subject that the way in vouches for."""

    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(String(300), unique=True)
    name: Mapped[str] = mapped_column(String(300))
    display_name: Mapped[str] = mapped_column(String(300))
    # Not a foreign key: it is a memory, checked on use, and users and workspaces would refer to each other.
    last_workspace_id: Mapped[str | None] = mapped_column(String(32))
    # As typed, and folded for comparing; both null but for local accounts.
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(300))
    active: Mapped[bool] = mapped_column(default=True)
    is_admin: Mapped[bool] = mapped_column(default=False)
    last_seen_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Session(Base):
    """A device that is signed in: a family of refresh tokens, of which the newest is good."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str] = mapped_column(String(300), default="")
    address: Mapped[str] = mapped_column(String(64), default="")
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    last_used_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class RefreshToken(Base):
    """One link of a session's chain of refresh tokens, by the hash of its secret."""

    __tablename__ = "refresh_tokens"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class ApiToken(Base):
    """A personal token for scripts, by the hash of its secret."""

    __tablename__ = "api_tokens"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    hint: Mapped[str] = mapped_column(String(8))
    scope: Mapped[str] = mapped_column(String(8))
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class PasswordReset(Base):
    """A link that sets a new password, by the hash of its secret; good once."""

    __tablename__ = "password_resets"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class Workspace(Base):
    """Where connections and conversations live."""

    __tablename__ = "workspaces"
    READ: ClassVar[Permission] = "workspace.read"
    PRIVATE_TO: ClassVar[str | None] = None

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(120))
    personal_to: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    audit_days: Mapped[int | None] = mapped_column(Integer)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)

    @hybrid_property
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
    READ: ClassVar[Permission] = "member.read"
    PRIVATE_TO: ClassVar[str | None] = None

    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    # A built-in role's name, or the id of a row in `roles`.
    role: Mapped[str] = mapped_column(String(32))
    # "direct", or "group" where a JupyterHub group gives it.
    source: Mapped[str] = mapped_column(String(8), default="direct")
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)


class Role(Base):
    """A role that a workspace made for itself."""

    __tablename__ = "roles"
    READ: ClassVar[Permission] = "member.read"
    PRIVATE_TO: ClassVar[str | None] = None
    __table_args__ = (UniqueConstraint("workspace_id", "name"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    permissions: Mapped[list[str]]
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=now)
    updated_at: Mapped[datetime] = mapped_column(default=now)


class Invitation(Base):
    """A way into a workspace, by the hash of its link's secret."""

    __tablename__ = "invitations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    email: Mapped[str | None] = mapped_column(String(254))
    role: Mapped[str] = mapped_column(String(32))
    max_uses: Mapped[int] = mapped_column(Integer, default=1)
    uses: Mapped[int] = mapped_column(Integer, default=0)
    mail: Mapped[str] = mapped_column(String(8), default="none")
    mail_problem: Mapped[str | None] = mapped_column(String(500))
    # Which process is sending, and until when: how others know that it died. See `store/runner.py`.
    mail_runner: Mapped[str | None] = mapped_column(String(200))
    mail_deadline_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)
    expires_at: Mapped[datetime]


class Connection(Base):
    """A source with a name."""

    __tablename__ = "connections"
    READ: ClassVar[Permission] = "connection.read"
    PRIVATE_TO: ClassVar[str | None] = None
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


class ConnectionSecret(Base):
    """One secret of a connection, encrypted under a key that isn't in the database; see `services/secrets.py`."""

    __tablename__ = "connection_secrets"

    connection_id: Mapped[str] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    field: Mapped[str] = mapped_column(String(64), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(16))
    ciphertext: Mapped[bytes]
    # Another one with each secret that is given, the same when only the key changes.
    version: Mapped[str] = mapped_column(String(32), default=new_id)


class Conversation(Base):
    """Questions about one connection, private to who asks them."""

    __tablename__ = "conversations"
    READ: ClassVar[Permission] = "conversation.read"
    PRIVATE_TO: ClassVar[str | None] = "user_id"
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
    READ: ClassVar[Permission] = "query.read"
    PRIVATE_TO: ClassVar[str | None] = "user_id"
    __table_args__ = (Index(None, "workspace_id", "user_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    connection_id: Mapped[str | None] = mapped_column(ForeignKey("connections.id", ondelete="SET NULL"), index=True)
    message_id: Mapped[str | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    sql: Mapped[str] = mapped_column(Text)
    parameters: Mapped[Json | None]
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


class Chain(Base):
    """The head of one chain of events: of a workspace, or of the server itself."""

    __tablename__ = "chains"

    # A workspace's id, or "server". Not a foreign key: the record outlives the workspace.
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, default=0)
    hash: Mapped[str] = mapped_column(String(64), default="")
    # Where the chain begins now: what retention removed ends with this record.
    purged_number: Mapped[int] = mapped_column(BigInteger, default=0)
    purged_hash: Mapped[str] = mapped_column(String(64), default="")


class Event(Base):
    """Something that somebody did, or was refused. Only ever added to; triggers of the database see to that."""

    __tablename__ = "events"
    # SQLite would give the number of a deleted last row again.
    __table_args__ = (
        Index(None, "workspace_id", "sequence"),
        UniqueConstraint("chain", "number"),
        {"sqlite_autoincrement": True},
    )

    # SQLite counts up by itself only for INTEGER keys.
    sequence: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    id: Mapped[str] = mapped_column(String(32), unique=True, default=new_id)
    at: Mapped[datetime] = mapped_column(default=now)
    # Not foreign keys: the record of an act outlives what it was done to. So it also keeps their names.
    workspace_id: Mapped[str | None] = mapped_column(String(32))
    actor_id: Mapped[str | None] = mapped_column(String(32))
    actor_name: Mapped[str] = mapped_column(String(300), default="")
    via: Mapped[str] = mapped_column(String(8), default="none")
    action: Mapped[str] = mapped_column(String(64))
    object_kind: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str | None] = mapped_column(String(32))
    object_name: Mapped[str] = mapped_column(String(300), default="")
    result: Mapped[str] = mapped_column(String(8), default="allowed")
    payload: Mapped[Json] = mapped_column(default=dict)
    address: Mapped[str | None] = mapped_column(String(64))
    agent: Mapped[str | None] = mapped_column(String(300))
    request_id: Mapped[str | None] = mapped_column(String(64))
    # Null in rows that are older than the chain.
    chain: Mapped[str | None] = mapped_column(String(32))
    number: Mapped[int | None] = mapped_column(BigInteger)
    hash: Mapped[str | None] = mapped_column(String(64))
    previous_hash: Mapped[str | None] = mapped_column(String(64))


class IdempotencyKey(Base):
    """A request that a client marked as one, with its answer once there is one."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("subject", "key"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    subject: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = mapped_column(String(255))
    # Hash of method, path and body.
    request: Mapped[str] = mapped_column(String(64))
    # "open" until the act's transaction commits, "acted" then, "answered" when the answer is kept too.
    state: Mapped[str] = mapped_column(String(8), default="open")
    status: Mapped[int | None] = mapped_column(Integer)
    headers: Mapped[Json | None]
    body: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)
    expires_at: Mapped[datetime]


__all__ = [
    "ApiToken",
    "Base",
    "Chain",
    "Connection",
    "ConnectionSecret",
    "Conversation",
    "Event",
    "IdempotencyKey",
    "Invitation",
    "Json",
    "Membership",
    "Message",
    "PasswordReset",
    "Query",
    "RefreshToken",
    "Role",
    "Session",
    "Upload",
    "User",
    "Workspace",
    "new_id",
    "now",
]
