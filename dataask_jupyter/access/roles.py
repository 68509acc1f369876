"""The built-in roles, as data: which actions each may take."""

from __future__ import annotations

from typing import Literal, get_args

from dataask_jupyter.schemas.workspaces import Role

Action = Literal[
    "workspace.read",
    "connection.read",
    "connection.edit",
    "connection.test",
    "query.read",
    "query.run",
    "conversation.read",
    "conversation.edit",
]

_VIEWER: frozenset[Action] = frozenset({"workspace.read", "connection.read", "query.read", "conversation.read"})
_EDITOR: frozenset[Action] = _VIEWER | {"query.run", "conversation.edit"}
_ALL: frozenset[Action] = frozenset(get_args(Action))

PERMISSIONS: dict[Role, frozenset[Action]] = {
    "viewer": _VIEWER,
    "editor": _EDITOR,
    "admin": _ALL,
    "owner": _ALL,
}
