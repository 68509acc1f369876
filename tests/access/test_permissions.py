"""The one permission gate: every role, every permission; and what can't be seen doesn't exist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import get_args

import pytest

from dataask_jupyter.access.identity import Principal
from dataask_jupyter.access.permissions import authorize, authorize_account, may
from dataask_jupyter.access.roles import BUILT_IN, IN_SCOPE, NAMES, Grant
from dataask_jupyter.errors import Forbidden, NotFound
from dataask_jupyter.schemas.roles import BuiltInRole, Permission
from dataask_jupyter.schemas.users import Scope

PERMISSIONS: tuple[Permission, ...] = get_args(Permission)
READS: set[Permission] = {"workspace.read", "member.read", "connection.read", "query.read", "conversation.read"}
MAY: dict[BuiltInRole, set[Permission]] = {
    "viewer": READS,
    "editor": READS | {"query.run", "conversation.edit"},
    "admin": set(PERMISSIONS) - {"workspace.delete"},
    "owner": set(PERMISSIONS),
}
WORK: set[Permission] = READS | {
    *("connection.edit", "connection.test", "query.run", "conversation.edit"),
}


@dataclass
class Thing:
    workspace_id: str
    private_to: str | None = None


def principal(**roles: BuiltInRole) -> Principal:
    grants = {workspace: Grant.built_in(role) for workspace, role in roles.items()}
    return Principal(user_id="ann", name="ann", display_name="Ann", roles=grants)


def allowed(who: Principal, action: Permission) -> bool:
    """What the gate says; `may` has to say the same."""
    if may(who, action, "here"):
        authorize(who, action, Thing("here"))
        return True
    with pytest.raises(Forbidden) as refused:
        authorize(who, action, Thing("here"))
    assert refused.value.workspace_id == "here"
    assert refused.value.extra == {"action": action}
    return False


@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("action", PERMISSIONS)
def test_every_role_and_permission(role: BuiltInRole, action: Permission) -> None:
    assert allowed(principal(here=role), action) == (action in MAY[role])


@pytest.mark.parametrize("held", [{"workspace.read"}, {"workspace.read", "query.run"}, set(PERMISSIONS), set()])
@pytest.mark.parametrize("action", PERMISSIONS)
def test_own_roles_allow_what_they_hold_and_no_more(held: Collection[Permission], action: Permission) -> None:
    grant = Grant(role="f" * 32, name="Analyst", permissions=frozenset(held))
    who = Principal(user_id="ann", name="ann", display_name="Ann", roles={"here": grant})
    assert allowed(who, action) == (action in held)


@pytest.mark.parametrize(("scope", "left"), [("full", set(PERMISSIONS)), ("work", WORK), ("read", READS)])
@pytest.mark.parametrize("action", PERMISSIONS)
def test_a_tokens_scope_takes_away_and_never_adds(scope: Scope, left: set[Permission], action: Permission) -> None:
    assert allowed(replace(principal(here="owner"), scope=scope), action) == (action in left)
    assert allowed(replace(principal(here="viewer"), scope=scope), action) == (action in left & READS)


def test_every_role_and_scope_is_listed() -> None:
    assert set(BUILT_IN) == set(get_args(BuiltInRole)) == set(MAY) == set(NAMES)
    assert set(IN_SCOPE) == set(get_args(Scope))


@pytest.mark.parametrize("action", PERMISSIONS)
def test_what_is_elsewhere_private_or_absent_is_the_same_error(action: Permission) -> None:
    errors = []
    for target in (None, Thing("elsewhere"), Thing("here", private_to="bob"), Thing("elsewhere", private_to="ann")):
        with pytest.raises(NotFound) as caught:
            authorize(principal(here="owner"), action, target)
        errors.append(caught.value.problem())
    assert errors == [errors[0]] * 4


def test_ones_own_private_things() -> None:
    authorize(principal(here="editor"), "conversation.edit", Thing("here", private_to="ann"))


def test_accounts_are_for_people_and_their_administrators() -> None:
    ann = principal(here="owner")
    authorize_account(ann)
    with pytest.raises(NotFound):
        authorize_account(ann, admin=True)
    authorize_account(replace(ann, is_admin=True), admin=True)
    for scope in ("work", "read"):
        for admin in (False, True):
            with pytest.raises(Forbidden):
                authorize_account(replace(ann, scope=scope, is_admin=True), admin=admin)


def test_a_servers_administrator_is_nobody_in_other_peoples_workspaces() -> None:
    with pytest.raises(NotFound):
        authorize(replace(principal(), is_admin=True), "workspace.read", Thing("here"))
