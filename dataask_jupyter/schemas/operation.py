"""What operators and their probes ask the server."""

from __future__ import annotations

from typing import Literal

from .common import Schema


class Health(Schema):
    """The process answers."""

    status: Literal["ok"] = "ok"


class Ready(Schema):
    """The server can do its work: its database answers."""

    status: Literal["ready"] = "ready"
    version: str
