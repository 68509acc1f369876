"""Members: who may change whose role, and an owner who can act is always left; on both databases."""

from __future__ import annotations

import asyncio
import itertools

import pytest
from sqlalchemy import select, update

from dataask_jupyter.access.identity import Identity, named
from dataask_jupyter.ask.engine import AskInput, Reading
from dataask_jupyter.errors import Conflict, DataAskError, Forbidden, InvalidInput, NotFound, StaleVersion
from dataask_jupyter.schemas.members import MemberUpdate
from dataask_jupyter.schemas.queries import QueryExecute
from dataask_jupyter.schemas.roles import RoleCreate
from dataask_jupyter.services import owners
from dataask_jupyter.services.container import Services
from dataask_jupyter.store.models import Event, Membership, User
from tests.services.conftest import ANN, BOB, MakeServices, ScriptedEngine, connect, converse
from tests.services.people import join, member, seen, user_id, workspace


async def change(services: Services, who: Identity, ws: str, whom: Identity, role: str) -> None:
    """Give somebody a role, at the version that is there."""
    key = await user_id(services, whom)
    version = await services.store.read(lambda s: s.get_one(Membership, (ws, key)).version)
    await services.members.update(who, ws, key, version, MemberUpdate(role=role))


async def test_members_by_name_in_pages(both: Services) -> None:
    ws = await workspace(both, ANN)
    await join(both, ws, ANN, "dora", "carl", "bob", role="viewer")
    names, cursor = [], None
    while True:
        page = await both.members.list(ANN, ws, cursor, 2)
        names += [(each.display_name, each.role, each.role_name, each.source, each.active) for each in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    viewer = ("viewer", "Viewer", "direct", True)
    assert names == [("Ann", "owner", "Owner", "direct", True), *((each, *viewer) for each in ("Bob", "Carl", "Dora"))]
    with pytest.raises(NotFound):
        await both.members.list(named("eve", "Eve"), ws, None, 50)


async def test_a_changed_role_counts_from_the_next_act(both: Services, shop) -> None:
    ws = await workspace(both, ANN)
    connection = await connect(both, shop, ANN)
    (bob,) = await join(both, ws, ANN, "bob", role="editor")
    query = QueryExecute(connection_id=connection.id, sql="SELECT 1", wait_seconds=10)
    assert (await both.queries.execute(bob, query)).state == "succeeded"
    before = await member(both, ANN, ws, bob)
    after = await both.members.update(ANN, ws, before.user_id, before.version, MemberUpdate(role="viewer"))
    assert (after.role, after.version) == ("viewer", 2)
    with pytest.raises(Forbidden):
        await both.queries.execute(bob, query)
    assert "query.run" not in (await seen(both, bob, ws)).permissions
    await both.members.remove(ANN, ws, after.user_id)
    with pytest.raises(NotFound):
        await both.queries.execute(bob, query)
    records = await both.store.read(
        lambda s: s.execute(
            select(Event.action, Event.object_name, Event.payload)
            .where(Event.object_kind == "member")
            .order_by(Event.sequence)
        ).all()
    )
    assert [tuple(each) for each in records] == [
        ("member.update", "Bob", {"changes": {"role": ["Editor", "Viewer"]}}),
        ("member.remove", "Bob", {"changes": {"role": ["Viewer", None]}}),
    ]


async def test_an_answer_that_began_before_asks_again_whether_it_may(
    both: Services, engine: ScriptedEngine, shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = await workspace(both, ANN)
    connection = await connect(both, shop, ANN)
    (bob,) = await join(both, ws, ANN, "bob", role="editor")
    chat = await converse(both, connection, bob)
    reading, demoted = asyncio.Event(), asyncio.Event()
    read = engine.read

    async def slow(question: AskInput) -> Reading:
        reading.set()
        await demoted.wait()
        return await read(question)

    monkeypatch.setattr(engine, "read", slow)
    events = await both.asking.ask(bob, ws, chat, "sql: SELECT 1")
    async with asyncio.timeout(20):
        await reading.wait()
        await change(both, ANN, ws, bob, "viewer")
        demoted.set()
        last = [each async for each in events][-1]
    assert last.message is not None
    assert last.message.state == "failed"
    assert last.message.problem is not None
    assert last.message.problem.type == "/problems/forbidden"
    assert (await both.queries.list(bob, ws, None, 50)).items == []


async def test_two_editors_of_one_member(both: Services) -> None:
    ws = await workspace(both, ANN)
    (bob,) = await join(both, ws, ANN, "bob", role="editor")
    key = await user_id(both, bob)
    await both.members.update(ANN, ws, key, 1, MemberUpdate(role="viewer"))
    with pytest.raises(StaleVersion) as stale:
        await both.members.update(ANN, ws, key, 1, MemberUpdate(role="admin"))
    assert stale.value.extra == {"version": 2}
    with pytest.raises(NotFound):
        await both.members.update(ANN, ws, "0" * 32, 1, MemberUpdate(role="admin"))
    for absent in ("0" * 32, "f" * 32):
        with pytest.raises(InvalidInput):
            await both.members.update(ANN, ws, key, 2, MemberUpdate(role=absent))


async def test_nobody_gives_changes_or_takes_more_than_they_hold(both: Services) -> None:
    ws = await workspace(both, ANN)
    (admin,) = await join(both, ws, ANN, "adam", role="admin")
    (editor,) = await join(both, ws, ANN, "edith", role="editor")
    (bob,) = await join(both, ws, ANN, "bob", role="viewer")
    whole = await both.roles.create(
        ANN, ws, RoleCreate(name="Deleter", permissions=["workspace.delete", "workspace.read"])
    )
    for who, whom, role in (
        (admin, admin, "owner"),
        (admin, bob, "owner"),
        (admin, bob, whole.id),
        (admin, ANN, "viewer"),
        (editor, editor, "admin"),
        (editor, bob, "viewer"),
        (bob, bob, "owner"),
    ):
        with pytest.raises(Forbidden):
            await change(both, who, ws, whom, role)
    for who, whom in ((admin, ANN), (editor, bob), (bob, editor)):
        with pytest.raises(Forbidden):
            await both.members.remove(who, ws, await user_id(both, whom))
    # What they may.
    await change(both, admin, ws, bob, "admin")
    await change(both, admin, ws, bob, "viewer")
    await both.members.remove(admin, ws, await user_id(both, bob))
    roles = {each.display_name: each.role for each in (await both.members.list(ANN, ws, None, 50)).items}
    assert roles == {"Ann": "owner", "Adam": "admin", "Edith": "editor"}


async def test_another_workspaces_role_is_none(both: Services) -> None:
    theirs = await workspace(both, BOB)
    foreign = await both.roles.create(BOB, theirs, RoleCreate(name="All", permissions=["query.run"]))
    ws = await workspace(both, ANN)
    (cid,) = await join(both, ws, ANN, "cid")
    with pytest.raises(InvalidInput):
        await change(both, ANN, ws, cid, foreign.id)


async def test_the_last_owner_stays(both: Services) -> None:
    ws = await workspace(both, ANN)
    (bob,) = await join(both, ws, ANN, "bob", role="admin")
    ann = await user_id(both, ANN)
    for act in (
        lambda: both.members.leave(ANN, ws),
        lambda: both.members.remove(ANN, ws, ann),
        lambda: change(both, ANN, ws, ANN, "admin"),
    ):
        with pytest.raises(Conflict, match="last owner"):
            await act()
    assert await both.store.write(lambda s: owners.alone_in(s, ann)) == ["Retail"]
    await change(both, ANN, ws, bob, "owner")
    assert await both.store.write(lambda s: owners.alone_in(s, ann)) == []
    # An owner whose account is deactivated can't act, so doesn't count.
    await both.store.write(lambda s: s.execute(update(User).where(User.display_name == "Bob").values(active=False)))
    with pytest.raises(Conflict, match="last owner"):
        await both.members.leave(ANN, ws)
    await both.store.write(lambda s: s.execute(update(User).values(active=True)))
    await both.members.leave(ANN, ws)
    with pytest.raises(NotFound):
        await both.workspaces.get(ANN, ws)
    with pytest.raises(Conflict):
        await both.members.leave(bob, ws)


async def test_what_a_group_gives_is_changed_with_the_group(both: Services) -> None:
    ws = await workspace(both, ANN)
    (bob,) = await join(both, ws, ANN, "bob")
    await both.store.write(
        lambda s: s.execute(update(Membership).where(Membership.role == "editor").values(source="group"))
    )
    key = await user_id(both, bob)
    for act in (
        lambda: change(both, ANN, ws, bob, "viewer"),
        lambda: both.members.remove(ANN, ws, key),
        lambda: both.members.leave(bob, ws),
    ):
        with pytest.raises(Conflict, match="group"):
            await act()
    assert (await member(both, ANN, ws, bob)).source == "group"


@pytest.mark.slow
async def test_of_a_hundred_changes_at_once_an_owner_is_left(settings, make_services: MakeServices) -> None:
    """Two processes; ten owners demote each other and themselves, leave and remove each other."""
    processes = [make_services(settings), make_services(settings)]
    first = processes[0]
    ws = await workspace(first, ANN)
    people = [ANN, *await join(first, ws, ANN, *(f"o{number}" for number in range(9)), role="owner")]
    ids = [await user_id(first, each) for each in people]

    async def act(number: int) -> str:
        services = processes[number % 2]
        actor, target = people[number % 10], ids[(number // 10 + number) % 10]
        try:
            match number % 4:
                case 0 | 1:
                    await services.members.update(actor, ws, target, 1, MemberUpdate(role="viewer"))
                case 2:
                    await services.members.remove(actor, ws, target)
                case _:
                    await services.members.leave(actor, ws)
        except DataAskError as error:
            return error.kind
        return "done"

    outcomes = await asyncio.gather(*(act(number) for number in range(100)))
    assert "internal" not in outcomes
    assert "done" in outcomes
    left = await first.store.read(
        lambda s: s.scalars(
            select(Membership.user_id).where(Membership.workspace_id == ws, Membership.role == "owner")
        ).all()
    )
    assert len(left) >= 1
    # Whoever is left can't go either.
    last = people[ids.index(left[0])]
    for key in left[1:]:
        await first.members.remove(last, ws, key)
    with pytest.raises(Conflict):
        await first.members.leave(last, ws)


async def test_two_owners_who_demote_each_other_at_once(both: Services) -> None:
    for turn in range(10):
        ws = await workspace(both, ANN, f"W{turn}")
        (bob,) = await join(both, ws, ANN, "bob", role="owner")
        ann_id, bob_id = await user_id(both, ANN), await user_id(both, bob)
        outcomes = await asyncio.gather(
            both.members.update(ANN, ws, bob_id, 1, MemberUpdate(role="viewer")),
            both.members.update(bob, ws, ann_id, 1, MemberUpdate(role="viewer")),
            both.members.leave(ANN, ws),
            both.members.leave(bob, ws),
            return_exceptions=True,
        )
        assert all(not isinstance(each, BaseException) or isinstance(each, DataAskError) for each in outcomes)
        left = await both.store.read(
            lambda s, ws=ws: s.scalars(select(Membership.role).where(Membership.workspace_id == ws)).all()
        )
        assert list(itertools.chain(left)).count("owner") == 1, outcomes
