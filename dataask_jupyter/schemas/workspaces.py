"""Workspaces: where connections and conversations live."""

from __future__ import annotations

from typing import Literal

from .common import Id, Schema, Timestamp

Role = Literal["owner", "admin", "editor", "viewer"]


class Workspace(Schema):
    """A workspace as one of its members sees it."""

    id: Id
    name: str
    personal: bool
    role: Role
    time_zone: str
    version: int
    created_at: Timestamp
