"""Roles that the Hub's groups give."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.errors import NotFound
from dataask_jupyter.schemas.workspaces import Workspace
from dataask_jupyter.services import groups
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store.models import Event, Membership, Role, User
from tests.services.conftest import MakeServices

TEAM = "Retail analytics"
ROLES = {
    "analysts": {TEAM: "editor", "Finance": "viewer"},
    "managers": {TEAM: "owner"},
    "readers": {TEAM: "viewer"},
}


def member(name: str, *of: str) -> Identity:
    """Somebody of the Hub."""
    return Identity(subject=f"hub:{name}", name=name, display_name=name.title(), via="hub", groups=of)


@pytest.fixture
def hub(settings: Settings, make_services: MakeServices) -> Services:
    """Services whose settings give roles to groups."""
    return make_services(settings, group_roles=ROLES, admin_groups=("admins",))


async def mine(services: Services, identity: Identity) -> dict[str, Workspace]:
    """The workspaces that somebody sees."""
    return {each.name: each for each in (await services.workspaces.list(identity, None, 50)).items}


async def roles(services: Services, identity: Identity) -> dict[str, str]:
    """Their roles, but for the workspace of their own."""
    return {name: each.role for name, each in (await mine(services, identity)).items() if name != "Personal"}


async def give(services: Services, identity: Identity, workspace: str, role: str) -> None:
    """A membership that somebody gave by hand."""
    await services.accounts.me(replace(identity, groups=()))

    def work(session) -> None:
        user = session.scalars(select(User).where(User.subject == identity.subject)).one()
        session.add(Membership(workspace_id=workspace, user_id=user.id, role=role))

    await services.store.write(work)


async def test_the_first_of_a_group_makes_its_workspaces(hub: Services) -> None:
    assert await roles(hub, member("ann", "analysts")) == {TEAM: "editor", "Finance": "viewer"}
    assert await roles(hub, member("bob", "managers")) == {TEAM: "owner"}
    ann, bob = await mine(hub, member("ann", "analysts")), await mine(hub, member("bob", "managers"))
    assert ann[TEAM].id == bob[TEAM].id
    assert await roles(hub, member("eve", "strangers")) == {}


async def test_the_highest_of_several_groups_counts(hub: Services) -> None:
    assert (await roles(hub, member("ann", "readers", "managers", "analysts")))[TEAM] == "owner"


async def test_roles_follow_the_groups_at_the_next_request(hub: Services) -> None:
    assert (await roles(hub, member("ann", "analysts")))[TEAM] == "editor"
    assert await roles(hub, member("ann", "readers")) == {TEAM: "viewer"}
    assert await roles(hub, member("ann", "managers")) == {TEAM: "owner"}
    assert await roles(hub, member("ann")) == {}
    with pytest.raises(NotFound):
        await hub.workspaces.get(member("ann"), groups.workspace_id(TEAM))
    acts = await hub.store.read(
        lambda s: s.execute(
            select(Event.action, Event.payload).where(Event.chain == groups.workspace_id(TEAM)).order_by(Event.sequence)
        ).all()
    )
    assert [action for action, _ in acts] == [
        "workspace.create",
        "member.add",
        "member.update",
        "member.update",
        "member.remove",
    ]
    assert acts[2][1]["changes"] == {"role": ["editor", "viewer"]}


async def test_nothing_is_written_while_nothing_changes(hub: Services) -> None:
    ann = member("ann", "analysts")
    await mine(hub, ann)
    before = await hub.store.read(lambda s: s.scalars(select(Event.id)).all())
    await mine(hub, ann)
    assert await hub.store.read(lambda s: s.scalars(select(Event.id)).all()) == before


async def test_a_role_given_by_hand_is_never_weakened(hub: Services) -> None:
    await mine(hub, member("bob", "managers"))
    team = groups.workspace_id(TEAM)
    ann = member("ann", "readers")
    await give(hub, ann, team, "admin")
    assert await roles(hub, ann) == {TEAM: "admin"}
    assert await roles(hub, replace(ann, groups=())) == {TEAM: "admin"}


async def test_a_group_raises_a_role_given_by_hand_for_as_long_as_it_lasts(hub: Services) -> None:
    await mine(hub, member("bob", "managers"))
    ann = member("ann", "analysts")
    await give(hub, ann, groups.workspace_id(TEAM), "viewer")
    assert (await roles(hub, ann))[TEAM] == "editor"
    assert await roles(hub, replace(ann, groups=())) == {TEAM: "viewer"}


async def test_a_group_adds_to_an_own_role_of_the_workspace(hub: Services) -> None:
    await mine(hub, member("bob", "managers"))
    team = groups.workspace_id(TEAM)

    def auditors(session) -> str:
        role = Role(workspace_id=team, name="Auditor", permissions=["workspace.read", "audit.read"])
        session.add(role)
        session.flush()
        return role.id

    role = await hub.store.write(auditors)
    ann = member("ann", "analysts")
    await give(hub, ann, team, role)
    allowed = (await mine(hub, ann))[TEAM].permissions
    assert {"audit.read", "query.run"} <= set(allowed)


async def test_a_workspace_of_the_same_name_is_another_one(hub: Services) -> None:
    eve = member("eve")
    trap = await hub.workspaces.open(eve, TEAM)
    ann = await mine(hub, member("ann", "analysts"))
    assert ann[TEAM].id != trap.id
    assert trap.id not in {each.id for each in ann.values()}


async def test_a_renamed_workspace_is_still_the_groups(hub: Services) -> None:
    await mine(hub, member("bob", "managers"))

    def rename(session) -> None:
        from dataask_jupyter.store.models import Workspace as Row

        session.get_one(Row, groups.workspace_id(TEAM)).name = "Sales"

    await hub.store.write(rename)
    assert await roles(hub, member("ann", "readers")) == {"Sales": "viewer"}


async def test_where_no_group_owns_a_workspace_administrators_do(hub: Services) -> None:
    assert await roles(hub, member("root", "admins")) == {"Finance": "owner"}
    me = await hub.accounts.me(member("root", "admins"))
    assert me.user.is_admin
    assert not (await hub.accounts.me(member("root", "analysts"))).user.is_admin
    assert await roles(hub, member("root", "analysts")) == {TEAM: "editor", "Finance": "viewer"}


async def test_without_the_setting_the_hub_makes_nobody_an_administrator(
    settings: Settings, make_services: MakeServices
) -> None:
    services = make_services(settings, group_roles=ROLES)
    assert not (await services.accounts.me(member("root", "admins"))).user.is_admin


async def test_a_whole_group_comes_in_at_once(settings: Settings, make_services: MakeServices) -> None:
    processes = [make_services(settings, group_roles=ROLES) for _ in range(2)]
    people = [member(f"person{number}", "analysts") for number in range(8)]
    found = await asyncio.gather(*(mine(each, who) for each in processes for who in people))
    assert {each[TEAM].id for each in found} == {groups.workspace_id(TEAM)}
    assert {each[TEAM].role for each in found} == {"editor"}


async def test_people_whose_way_in_knows_no_groups_keep_what_they_have(hub: Services) -> None:
    ann = member("ann", "analysts")
    await mine(hub, ann)
    assert (await roles(hub, replace(ann, groups=None)))[TEAM] == "editor"
