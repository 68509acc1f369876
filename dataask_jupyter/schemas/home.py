"""The home page: what to go on with, and what others did."""

from __future__ import annotations

from typing import Literal

from .common import Id, Schema, Timestamp
from .workspaces import Face, Workspace


class Recent(Schema):
    """Something to go on with."""

    kind: Literal["conversation", "query"]
    id: Id
    name: str
    workspace_id: Id
    workspace_name: str
    at: Timestamp


class Activity(Schema):
    """What somebody did in one of your workspaces."""

    id: Id
    actor: Face | None
    action: str
    object_kind: str
    object_id: Id | None
    object_name: str
    workspace_id: Id
    workspace_name: str
    at: Timestamp


class Home(Schema):
    """All that the home page shows, in one answer."""

    workspaces: list[Workspace]
    recent: list[Recent]
    """Yours, newest first, at most ten."""
    activity: list[Activity]
    """Of others, newest first, at most ten."""
