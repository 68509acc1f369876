"""The home page: what to go on with, and of others only what one may know."""

from __future__ import annotations

from dataask_jupyter.schemas.conversations import ConversationCreate
from dataask_jupyter.schemas.members import MemberUpdate
from dataask_jupyter.schemas.queries import QueryExecute
from dataask_jupyter.schemas.roles import RoleCreate
from dataask_jupyter.services.container import Services
from tests.services.conftest import ANN, BOB, connect, home
from tests.services.people import join, user_id, workspace


async def test_what_i_did_last_newest_first(both: Services, shop) -> None:
    ws = await workspace(both, ANN)
    connection = await connect(both, shop, ANN)
    for number in range(12):
        await both.conversations.create(ANN, ws, ConversationCreate(connection_id=connection.id, title=f"C{number}"))
        query = QueryExecute(connection_id=connection.id, sql=f"SELECT\n {number}", wait_seconds=10)
        await both.queries.execute(ANN, query)
    found = await both.home.get(ANN)
    assert [each.name for each in found.workspaces] == ["Personal", "Retail"]
    expected = [name for number in range(11, 1, -1) for name in (f"SELECT {number}", f"C{number}")]
    assert [each.name for each in found.recent] == expected
    assert {each.workspace_name for each in found.recent} == {"Retail"}
    # Of others, not of oneself.
    assert found.activity == []


async def test_others_see_acts_but_neither_questions_nor_sql(both: Services, shop) -> None:
    ws = await workspace(both, ANN)
    (bob,) = await join(both, ws, ANN, "bob", role="editor")
    connection = await connect(both, shop, ANN)
    await both.conversations.create(ANN, ws, ConversationCreate(connection_id=connection.id, title="secret plan"))
    await both.queries.execute(ANN, QueryExecute(connection_id=connection.id, sql="SELECT 'secret'", wait_seconds=10))
    await both.members.update(ANN, ws, await user_id(both, bob), 1, MemberUpdate(role="viewer"))
    seen = await both.home.get(bob)
    assert "secret" not in seen.model_dump_json()
    assert [(each.action, each.object_name, each.workspace_name) for each in seen.activity] == [
        ("member.update", "Bob", "Retail"),
        ("connection.create", "shop", "Retail"),
        ("workspace.create", "Retail", "Retail"),
    ]
    assert {each.actor.display_name for each in seen.activity if each.actor} == {"Ann"}
    mine = await both.home.get(ANN)
    assert [(each.action, each.actor and each.actor.display_name) for each in mine.activity] == [
        ("invitation.accept", "Bob")
    ]


async def test_only_what_the_role_shows(both: Services, shop) -> None:
    ws = await workspace(both, ANN)
    await connect(both, shop, ANN)
    role = await both.roles.create(ANN, ws, RoleCreate(name="Guest", permissions=["workspace.read"]))
    (bob,) = await join(both, ws, ANN, "bob", role=role.id)
    assert [each.action for each in (await both.home.get(bob)).activity] == ["workspace.create"]
    await both.members.remove(ANN, ws, await user_id(both, bob))
    assert (await both.home.get(bob)).activity == []
    assert [each.personal for each in (await both.home.get(bob)).workspaces] == [True]


async def test_a_stranger_sees_their_own_alone(both: Services, shop) -> None:
    await workspace(both, ANN)
    await connect(both, shop, ANN)
    found = await both.home.get(BOB)
    assert [each.id for each in found.workspaces] == [await home(both, BOB)]
    assert (found.recent, found.activity) == ([], [])
