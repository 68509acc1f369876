"""Workspaces: made, changed, left behind and deleted with all that is in them; on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import event, func, select

from dataask_jupyter.errors import Conflict, Forbidden, NotFound, StaleVersion
from dataask_jupyter.schemas.conversations import ConversationCreate
from dataask_jupyter.schemas.members import InvitationCreate
from dataask_jupyter.schemas.queries import QueryExecute
from dataask_jupyter.schemas.roles import RoleCreate
from dataask_jupyter.schemas.users import MeUpdate
from dataask_jupyter.schemas.workspaces import WorkspaceCreate, WorkspaceUpdate
from dataask_jupyter.services.container import Services
from dataask_jupyter.store.models import Base, Event, User
from tests.services.conftest import ANN, BOB, connect, converse, home
from tests.services.people import join, seen, workspace

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


async def test_a_new_workspace_is_its_makers_and_the_current_one(both: Services) -> None:
    made = await both.workspaces.create(ANN, WorkspaceCreate(name="Retail", time_zone="Europe/Berlin"))
    assert (made.role, made.personal, made.time_zone, made.members, made.connections) == (
        *("owner", False, "Europe/Berlin"),
        *(1, 0),
    )
    assert [face.display_name for face in made.faces] == ["Ann"]
    assert await home(both, ANN) == made.id
    assert await seen(both, ANN, made.id) == made
    # Names needn't be unique.
    assert (await both.workspaces.create(ANN, WorkspaceCreate(name="Retail"))).id != made.id
    with pytest.raises(NotFound):
        await both.workspaces.get(BOB, made.id)


@pytest.mark.parametrize("scope", ["work", "read"])
async def test_tokens_that_only_work_make_no_workspace(services: Services, scope) -> None:
    token = replace(ANN, scope=scope)
    with pytest.raises(Forbidden):
        await services.workspaces.create(token, WorkspaceCreate(name="Retail"))
    with pytest.raises(Forbidden):
        await services.workspaces.open(token, "Retail")
    assert not (await services.accounts.me(token)).server.workspace_creation
    assert (await services.accounts.me(ANN)).server.workspace_creation


async def test_settings_and_their_versions(both: Services) -> None:
    ws = await workspace(both, ANN)
    days = await both.workspaces.update(ANN, ws, 1, WorkspaceUpdate(name="Shops", audit_days=90))
    assert (days.name, days.audit_days, days.version) == ("Shops", 90, 2)
    # Absent is unchanged, null is for ever.
    zone = await both.workspaces.update(ANN, ws, 2, WorkspaceUpdate(time_zone="Asia/Tokyo"))
    assert (zone.name, zone.audit_days, zone.time_zone) == ("Shops", 90, "Asia/Tokyo")
    ever = await both.workspaces.update(ANN, ws, 3, WorkspaceUpdate(audit_days=None))
    assert (ever.audit_days, ever.version) == (None, 4)
    with pytest.raises(StaleVersion) as stale:
        await both.workspaces.update(ANN, ws, 3, WorkspaceUpdate(name="Late"))
    assert stale.value.extra == {"version": 4}
    changes = await both.store.read(
        lambda s: s.scalars(
            select(Event.payload).where(Event.action == "workspace.update").order_by(Event.sequence)
        ).all()
    )
    assert [each["changes"] for each in changes] == [
        {"name": ["Retail", "Shops"], "audit_days": [None, 90]},
        {"time_zone": ["UTC", "Asia/Tokyo"]},
        {"audit_days": [90, None]},
    ]


async def test_two_of_many_editors_at_once_change_it_and_the_others_are_told(both: Services) -> None:
    ws = await workspace(both, ANN)
    acknowledged = 0

    async def rename() -> None:
        """Read, add one, write; again when somebody was quicker."""
        nonlocal acknowledged
        for _ in range(5):
            while True:
                now = await seen(both, ANN, ws)
                count = int(now.name.partition(" ")[2] or 0) + 1
                try:
                    await both.workspaces.update(ANN, ws, now.version, WorkspaceUpdate(name=f"Count {count}"))
                except StaleVersion:
                    continue
                acknowledged += 1
                break

    await asyncio.gather(*(rename() for _ in range(4)))
    found = await seen(both, ANN, ws)
    assert (acknowledged, found.name, found.version) == (20, "Count 20", 21)


async def test_deleting_takes_everything_but_the_record(both: Services, shop) -> None:
    kept = await workspace(both, BOB, "Bob's")
    rows = await _rows(both)
    ws = await workspace(both, ANN)
    (bob,) = await join(both, ws, ANN, "bob")
    connection = await connect(both, shop, ANN)
    chat = await converse(both, connection, bob)
    ran = await both.queries.execute(bob, QueryExecute(connection_id=connection.id, sql="SELECT 1", wait_seconds=10))
    assert ran.state == "succeeded"
    await both.roles.create(ANN, ws, RoleCreate(name="Reader", permissions=["query.read"]))
    await both.invitations.create(ANN, ws, InvitationCreate(role="viewer"))
    assert await home(both, bob) == ws

    with pytest.raises(Forbidden):
        await both.workspaces.delete(bob, ws, 1, "Retail")
    with pytest.raises(StaleVersion):
        await both.workspaces.delete(ANN, ws, 2, "Retail")
    for wrong in ("retail", "Retail ", "Bob's"):
        with pytest.raises(Conflict):
            await both.workspaces.delete(ANN, ws, 1, wrong)
    assert (await seen(both, ANN, ws)).connections == 1

    await both.workspaces.delete(ANN, ws, 1, "Retail")
    for who in (ANN, bob):
        with pytest.raises(NotFound):
            await both.workspaces.get(who, ws)
        with pytest.raises(NotFound):
            await both.conversations.get(who, ws, chat)
        with pytest.raises(NotFound):
            await both.queries.get(who, ran.id)
        assert await home(both, who) != ws
    left = await _rows(both)
    # Ann is known now, with her own workspace; nothing else is left.
    grown = {"users", "workspaces", "memberships", "events", "chains"}
    assert {name for name, count in left.items() if count != rows[name]} == grown
    assert (left["workspaces"], left["memberships"]) == (rows["workspaces"] + 1, rows["memberships"] + 1)
    assert (await seen(both, BOB, kept)).name == "Bob's"
    actions = await both.store.read(
        lambda s: s.scalars(select(Event.action).where(Event.workspace_id == ws).order_by(Event.sequence)).all()
    )
    assert actions[0] == "workspace.create"
    assert "workspace.delete" in actions


async def test_what_is_added_while_it_is_deleted_is_told_so(both: Services, shop) -> None:
    for turn in range(3):
        ws = await workspace(both, ANN)
        connection = await connect(both, shop, ANN, name=f"shop {turn}")
        given = ConversationCreate(connection_id=connection.id)
        outcomes = await asyncio.gather(
            *(both.conversations.create(ANN, ws, given) for _ in range(6)),
            both.workspaces.delete(ANN, ws, 1, "Retail"),
            *(both.conversations.create(ANN, ws, given) for _ in range(6)),
            *(both.roles.create(ANN, ws, RoleCreate(name=f"R{n}", permissions=["query.run"])) for n in range(3)),
            return_exceptions=True,
        )
        assert outcomes[6] is None
        refused = [each for each in outcomes if isinstance(each, BaseException)]
        assert all(isinstance(each, NotFound) for each in refused), refused


async def test_the_personal_workspace_stays(both: Services) -> None:
    personal = await home(both, ANN)
    with pytest.raises(Conflict, match="personal"):
        await both.workspaces.delete(ANN, personal, 1, "Personal")
    with pytest.raises(Conflict, match="personal"):
        await both.members.leave(ANN, personal)


async def test_what_runs_in_a_deleted_workspace_ends(services: Services, shop) -> None:
    ws = await workspace(services, ANN)
    connection = await connect(services, shop, ANN)
    query = await services.queries.execute(ANN, QueryExecute(connection_id=connection.id, sql=ENDLESS, wait_seconds=0))
    assert query.state == "running"
    chat = (await services.conversations.create(ANN, ws, ConversationCreate(connection_id=connection.id))).id
    events = await services.asking.ask(ANN, ws, chat, "wait")
    job = services.queries._jobs[query.id]
    await services.workspaces.delete(ANN, ws, 1, "Retail")
    async with asyncio.timeout(10):
        last = [each async for each in events][-1]
        assert job.task is not None
        await job.task
    assert last.message is not None
    assert (last.message.state, job.query.state) == ("cancelled", "cancelled")
    # And a new one can use the worker.
    await workspace(services, ANN)
    other = await connect(services, shop, ANN)
    ran = await services.queries.execute(ANN, QueryExecute(connection_id=other.id, sql="SELECT 1", wait_seconds=20))
    assert ran.state == "succeeded"


async def test_the_switcher_forgets_a_workspace_that_one_has_left(both: Services) -> None:
    ws = await workspace(both, ANN)
    (bob,) = await join(both, ws, ANN, "bob")
    personal = next(each for each in (await both.workspaces.list(bob, None, 50)).items if each.personal)
    await both.accounts.update_me(bob, MeUpdate(workspace_id=personal.id))
    await both.accounts.update_me(bob, MeUpdate(workspace_id=ws))
    assert await home(both, bob) == ws
    await both.members.leave(bob, ws)
    assert await home(both, bob) == personal.id
    with pytest.raises(NotFound):
        await both.accounts.update_me(bob, MeUpdate(workspace_id=ws))


async def test_a_long_list_takes_as_many_queries_as_a_short_one(both: Services) -> None:
    with statements(both) as one:
        await both.workspaces.list(ANN, None, 50)
    ids = [await workspace(both, ANN, f"W{number}") for number in range(12)]
    await join(both, ids[0], ANN, "bob", "cid", "dan", "eve", "fay")
    await both.workspaces.list(ANN, None, 50)
    with statements(both) as short:
        await both.workspaces.list(ANN, None, 1)
    with statements(both) as many:
        page = await both.workspaces.list(ANN, None, 50)
    assert len(page.items) == 13
    assert len(many) == len(short), many
    assert len(one) >= 1
    shown = next(each for each in page.items if each.id == ids[0])
    assert (shown.members, len(shown.faces)) == (6, 4)
    assert shown.faces[0].display_name == "Ann"


@contextmanager
def statements(services: Services) -> Iterator[list[str]]:
    """The SQL that the store runs meanwhile."""
    seen: list[str] = []
    engine = services.store.open()

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def _rows(services: Services) -> dict[str, int]:
    """How many rows each table has."""
    await services.accounts.me(BOB)
    return await services.store.read(
        lambda s: {
            name: s.scalar(select(func.count()).select_from(table)) or 0 for name, table in Base.metadata.tables.items()
        }
    )


async def test_nobody_is_left_pointing_at_a_deleted_workspace(both: Services) -> None:
    ws = await workspace(both, ANN)
    await both.workspaces.delete(ANN, ws, 1, "Retail")
    assert await both.store.read(lambda s: s.scalars(select(User.last_workspace_id)).all()) == [None]
