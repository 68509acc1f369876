"""Roles: the built-in ones as data, own ones made from the same permissions; on both databases."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dataask_jupyter.errors import Conflict, Forbidden, NotFound, StaleVersion
from dataask_jupyter.schemas.members import InvitationCreate, MemberUpdate
from dataask_jupyter.schemas.queries import QueryExecute
from dataask_jupyter.schemas.roles import RoleCreate, RoleUpdate
from dataask_jupyter.services.container import Services
from dataask_jupyter.store.models import Event
from tests.services.conftest import ANN, BOB, connect
from tests.services.people import join, seen, user_id, workspace


async def test_built_in_roles_then_own_ones_by_name(both: Services) -> None:
    ws = await workspace(both, ANN)
    for name in ("Zoologist", "Analyst"):
        await both.roles.create(ANN, ws, RoleCreate(name=name, permissions=["query.run"]))
    await join(both, ws, ANN, "bob", "cid", role="viewer")
    found = (await both.roles.list(ANN, ws)).items
    assert [(each.name, each.built_in, each.members) for each in found] == [
        ("Owner", True, 1),
        ("Admin", True, 0),
        ("Editor", True, 0),
        ("Viewer", True, 2),
        ("Analyst", False, 0),
        ("Zoologist", False, 0),
    ]
    # Whoever has a role sees the workspace: the other permissions are of no use without that.
    assert found[4].permissions == ["workspace.read", "query.run"]


async def test_a_changed_role_counts_from_its_members_next_act(both: Services, shop) -> None:
    ws = await workspace(both, ANN)
    connection = await connect(both, shop, ANN)
    role = await both.roles.create(ANN, ws, RoleCreate(name="Analyst", permissions=["connection.read", "query.run"]))
    (bob,) = await join(both, ws, ANN, "bob", role=role.id)
    query = QueryExecute(connection_id=connection.id, sql="SELECT 1", wait_seconds=10)
    assert (await both.queries.execute(bob, query)).state == "succeeded"
    mine = await seen(both, bob, ws)
    assert (mine.role, mine.role_name) == (role.id, "Analyst")
    # What the role doesn't show isn't shown with the workspace either.
    assert (mine.members, mine.faces, mine.connections) == (0, [], 1)
    changed = await both.roles.update(ANN, ws, role.id, 1, RoleUpdate(permissions=["connection.read"]))
    assert (changed.version, changed.members) == (2, 1)
    with pytest.raises(Forbidden):
        await both.queries.execute(bob, query)
    none = await both.roles.update(ANN, ws, role.id, 2, RoleUpdate(permissions=["workspace.read"], name="Guest"))
    assert none.permissions == ["workspace.read"]
    with pytest.raises(Forbidden):
        await both.connections.list(bob, ws, None, 50)
    records = await both.store.read(
        lambda s: s.scalars(select(Event.payload).where(Event.action == "role.update").order_by(Event.sequence)).all()
    )
    assert [each["changes"] for each in records] == [
        {"permissions": [["workspace.read", "connection.read", "query.run"], ["workspace.read", "connection.read"]]},
        {"permissions": [["workspace.read", "connection.read"], ["workspace.read"]], "name": ["Analyst", "Guest"]},
    ]


async def test_two_editors_of_one_role(both: Services) -> None:
    ws = await workspace(both, ANN)
    role = await both.roles.create(ANN, ws, RoleCreate(name="Analyst", permissions=["query.run"]))
    await both.roles.update(ANN, ws, role.id, 1, RoleUpdate(name="First"))
    with pytest.raises(StaleVersion) as stale:
        await both.roles.update(ANN, ws, role.id, 1, RoleUpdate(name="Second"))
    assert stale.value.extra == {"version": 2}
    with pytest.raises(StaleVersion):
        await both.roles.delete(ANN, ws, role.id, 1)


async def test_a_role_in_use_stays(both: Services) -> None:
    ws = await workspace(both, ANN)
    role = await both.roles.create(ANN, ws, RoleCreate(name="Analyst", permissions=["query.run"]))
    made = await both.invitations.create(ANN, ws, InvitationCreate(role=role.id))
    with pytest.raises(Conflict, match="1 open invitation"):
        await both.roles.delete(ANN, ws, role.id, 1)
    await both.invitations.accept(BOB, made.link.partition("#")[2])
    with pytest.raises(Conflict, match="1 member has"):
        await both.roles.delete(ANN, ws, role.id, 1)
    await both.members.update(ANN, ws, await user_id(both, BOB), 1, MemberUpdate(role="viewer"))
    await both.roles.delete(ANN, ws, role.id, 1)
    assert all(each.built_in for each in (await both.roles.list(ANN, ws)).items)
    with pytest.raises(NotFound):
        await both.roles.delete(ANN, ws, role.id, 1)


async def test_nobody_makes_or_touches_a_role_above_their_own(both: Services) -> None:
    ws = await workspace(both, ANN)
    (admin,) = await join(both, ws, ANN, "adam", role="admin")
    above = await both.roles.create(ANN, ws, RoleCreate(name="Deleter", permissions=["workspace.delete"]))
    below = await both.roles.create(admin, ws, RoleCreate(name="Reader", permissions=["query.read"]))
    with pytest.raises(Forbidden):
        await both.roles.create(admin, ws, RoleCreate(name="Up", permissions=["workspace.delete"]))
    with pytest.raises(Forbidden):
        await both.roles.update(admin, ws, below.id, 1, RoleUpdate(permissions=["workspace.delete"]))
    with pytest.raises(Forbidden):
        await both.roles.update(admin, ws, above.id, 1, RoleUpdate(permissions=["query.read"]))
    with pytest.raises(Forbidden):
        await both.roles.delete(admin, ws, above.id, 1)
    # A member who may edit roles can't widen their own.
    builder = await both.roles.create(ANN, ws, RoleCreate(name="Builder", permissions=["role.edit", "member.edit"]))
    (bob,) = await join(both, ws, ANN, "bob", role=builder.id)
    with pytest.raises(Forbidden):
        await both.roles.update(bob, ws, builder.id, 1, RoleUpdate(permissions=["role.edit", "query.run"]))
    with pytest.raises(Forbidden):
        await both.members.update(bob, ws, await user_id(both, bob), 1, MemberUpdate(role="viewer"))


async def test_names(both: Services) -> None:
    ws = await workspace(both, ANN)
    role = await both.roles.create(ANN, ws, RoleCreate(name="Analyst", permissions=["query.run"]))
    other = await both.roles.create(ANN, ws, RoleCreate(name="Reader", permissions=["query.run"]))
    for taken in ("Analyst", "owner", "Viewer"):
        with pytest.raises(Conflict):
            await both.roles.create(ANN, ws, RoleCreate(name=taken, permissions=["query.run"]))
        with pytest.raises(Conflict):
            await both.roles.update(ANN, ws, other.id, 1, RoleUpdate(name=taken))
    assert (await both.roles.update(ANN, ws, role.id, 1, RoleUpdate(name="Analyst"))).version == 2
    theirs = await workspace(both, BOB)
    assert (await both.roles.create(BOB, theirs, RoleCreate(name="Analyst", permissions=["query.run"]))).id != role.id
    with pytest.raises(NotFound):
        await both.roles.update(BOB, theirs, role.id, 2, RoleUpdate(name="Mine"))
    with pytest.raises(NotFound):
        await both.roles.delete(BOB, theirs, role.id, 2)
