"""Who is asking."""

from __future__ import annotations

from typing import Literal

from .common import Id, Schema


class User(Schema):
    """A person who uses DataAsk."""

    id: Id
    name: str
    display_name: str


class ServerInfo(Schema):
    """Facts about the server that the front end adapts to."""

    version: str
    mode: Literal["solo"]


class Me(Schema):
    """The signed-in user, where they left off, and what server this is."""

    user: User
    workspace_id: Id
    """The workspace to open: the one last chosen, else the first that has a connection, else the personal one."""
    server: ServerInfo


class MeUpdate(Schema):
    """Remembers the workspace that the user switched to."""

    workspace_id: Id
