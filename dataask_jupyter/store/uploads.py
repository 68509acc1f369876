"""The table of uploads."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from dataask_jupyter.schemas.roles import Permission

from .base import Base, Json, new_id, now


class Upload(Base):
    """A file that somebody brought. Its bytes are in DataAsk's folder, under the ids of the workspace and its own."""

    __tablename__ = "uploads"
    READ: ClassVar[Permission] = "connection.read"
    PRIVATE_TO: ClassVar[str | None] = None
    __table_args__ = (Index(None, "workspace_id", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id)
    workspace_id: Mapped[str] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    # A label only: nothing on the disk is called so.
    name: Mapped[str] = mapped_column(String(1000))
    format: Mapped[str | None] = mapped_column(String(16))
    byte_count: Mapped[int] = mapped_column(BigInteger)
    # With what was made of it; what the workspace's budget counts.
    stored_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16), index=True)
    preview: Mapped[Json | None]
    options: Mapped[Json] = mapped_column(default=dict)
    columns: Mapped[Json] = mapped_column(default=dict)
    problem: Mapped[Json | None]
    # Which process receives or reads it, and until when: how others know that it died. See `store/runner.py`.
    runner: Mapped[str | None] = mapped_column(String(200))
    deadline_at: Mapped[datetime | None]
    created_by: Mapped[str | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(default=now)

    @property
    def private_to(self) -> str | None:
        """Every member may see a workspace's uploads."""
        return None
