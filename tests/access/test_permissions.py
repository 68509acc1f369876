"""The one permission gate: every role, every action; and what can't be seen doesn't exist."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import pytest

from dataask_jupyter.access.identity import Principal
from dataask_jupyter.access.permissions import authorize
from dataask_jupyter.access.roles import PERMISSIONS, Action
from dataask_jupyter.errors import Forbidden, NotFound
from dataask_jupyter.schemas.workspaces import Role

ACTIONS: tuple[Action, ...] = get_args(Action)
READS: set[Action] = {"workspace.read", "connection.read", "query.read", "conversation.read"}
MAY: dict[Role, set[Action]] = {
    "viewer": READS,
    "editor": READS | {"query.run", "conversation.edit"},
    "admin": set(ACTIONS),
    "owner": set(ACTIONS),
}


@dataclass
class Thing:
    workspace_id: str
    private_to: str | None = None


def principal(**roles: Role) -> Principal:
    return Principal(user_id="ann", name="ann", display_name="Ann", roles=roles)


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("action", ACTIONS)
def test_every_role_and_action(role: Role, action: Action) -> None:
    if action in MAY[role]:
        authorize(principal(here=role), action, Thing("here"))
    else:
        with pytest.raises(Forbidden):
            authorize(principal(here=role), action, Thing("here"))


def test_every_role_is_listed() -> None:
    assert set(PERMISSIONS) == set(get_args(Role)) == set(MAY)


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_elsewhere_private_or_absent_is_the_same_error(action: Action) -> None:
    errors = []
    for target in (None, Thing("elsewhere"), Thing("here", private_to="bob"), Thing("elsewhere", private_to="ann")):
        with pytest.raises(NotFound) as caught:
            authorize(principal(here="owner"), action, target)
        errors.append(caught.value.problem())
    assert errors == [errors[0]] * 4


def test_ones_own_private_things() -> None:
    authorize(principal(here="editor"), "conversation.edit", Thing("here", private_to="ann"))
