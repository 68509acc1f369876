"""The audit log: nothing is missing, nothing can be changed unseen (U1), nobody's name breaks it (U2), order (X9)."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from dataask_jupyter.access.identity import Client, Principal
from dataask_jupyter.errors import AuditUnavailable, Forbidden, NotFound
from dataask_jupyter.handlers.parameters import AuditFilter, AuditQuery
from dataask_jupyter.schemas.audit import AuditRecord, AuditVerification
from dataask_jupyter.services import chain as chains
from dataask_jupyter.services import events, refusals, verification
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.heads import Heads
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Chain, Connection, Event, Membership, User, Workspace, now
from tests.services.conftest import ANN, BOB, ME, MakeServices, connect, home

SOMEBODY = Principal(user_id="5" * 32, name="ann", display_name="Ann", client=Client(address="10.0.0.1", agent="tests"))


async def fill(services: Services, count: int, *, workspace_id: str) -> None:
    """Acts of somebody in a workspace."""

    def work(session: Session) -> None:
        for number in range(count):
            events.record(
                session, SOMEBODY, "thing.make", "thing", None, object_name=f"thing {number}", workspace_id=workspace_id
            )

    await services.store.write(work)


async def numbers(services: Services, chain: str) -> list[int]:
    query = select(Event.number).where(Event.chain == chain).order_by(Event.number)
    return [number or 0 for number in await services.store.read(lambda session: session.scalars(query).all())]


async def attack(services: Services, *statements: str) -> None:
    """What somebody does who has the database and not the key: the triggers are no obstacle."""

    def work(session: Session) -> None:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE events DISABLE TRIGGER USER"))
        else:
            for (name,) in session.execute(text("SELECT name FROM sqlite_schema WHERE type = 'trigger'")).all():
                session.execute(text(f"DROP TRIGGER {name}"))
        for statement in statements:
            session.execute(text(statement))

    await services.store.write(work)


# ---- Recording -----------------------------------------------------------------------------------------------------


async def test_acts_of_one_workspace_stand_in_one_chain_in_their_order(both: Services) -> None:
    workspace_id = await home(both)
    before = len(await numbers(both, workspace_id))
    await fill(both, 5, workspace_id=workspace_id)
    page = await both.audit.list(ME, workspace_id, AuditQuery(limit=5))
    assert [record.object_name for record in page.items] == [f"thing {number}" for number in (4, 3, 2, 1, 0)]
    assert [record.number for record in page.items] == list(range(before + 5, before, -1))
    assert all(a.previous_hash == b.hash for a, b in zip(page.items, page.items[1:], strict=False))


async def test_fifty_at_once_leave_no_gap(both: Services) -> None:
    """50 threads with a connection each, as several servers on one database would have."""
    workspace_id = await home(both)
    start = len(await numbers(both, workspace_id))
    stores = [Store(both.settings.url, threads=1) for _ in range(10)]
    failures: list[Exception] = []
    for store in stores:
        store.info.update(both.store.info)

    def act(number: int) -> None:
        def work(session: Session) -> None:
            # Two chains, in either order: transactions that lock both must not wait for each other.
            for where in (workspace_id, None) if number % 2 else (None, workspace_id):
                events.record(session, SOMEBODY, "thing.make", "thing", None, workspace_id=where)

        try:
            for _ in range(4):
                stores[number % 10].run(work, write=True)
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=act, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    for store in stores:
        store.close_now()
    assert failures == []
    assert await numbers(both, workspace_id) == list(range(1, start + 201))
    assert [verified.found.intact for verified in both.audit.verify_all(only=None, head=None)] == [True, True]


async def test_a_savepoint_in_between_changes_nothing(both: Services) -> None:
    workspace_id = await home(both)
    before = await numbers(both, workspace_id)

    def work(session: Session) -> None:
        events.record(session, SOMEBODY, "thing.make", "thing", None, workspace_id=workspace_id)
        with session.begin_nested():
            session.add(User(subject="somebody", name="somebody", display_name="Somebody"))
        events.record(session, SOMEBODY, "thing.keep", "thing", None, workspace_id=workspace_id)
        raise RuntimeError("the act fails after all")

    with pytest.raises(RuntimeError):
        await both.store.write(work)
    assert await numbers(both, workspace_id) == before
    assert (await both.audit.verify(ME, workspace_id)).intact


async def test_order_is_by_number_when_the_clock_goes_backwards(
    both: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace_id = await home(both)
    for hours in (0, -1, 1):
        monkeypatch.setattr(events, "now", lambda hours=hours: now() + timedelta(hours=hours))
        await fill(both, 1, workspace_id=workspace_id)
    page = await both.audit.list(ME, workspace_id, AuditQuery(limit=3))
    moments = [record.at for record in page.items]
    assert moments[1] < moments[2] < moments[0]
    assert [record.number for record in page.items] == sorted((r.number for r in page.items), reverse=True)
    assert (await both.audit.verify(ME, workspace_id)).intact


HOSTILE = (
    'Robert\r\n{"action":"user.delete"}',
    "\x1b[2J\x1b[31mroot\x07",
    "n" * 1_000,
    "half \ud83d a pair \udc00",
    "nul \x00 inside",
    "=HYPERLINK('http://evil')",
    "",
)


@pytest.mark.parametrize("name", HOSTILE)
async def test_whatever_somebody_is_called_it_is_one_record(both: Services, name: str) -> None:
    workspace_id = await home(both)
    before = len(await numbers(both, workspace_id))
    hostile = Principal(user_id="6" * 32, name=name, display_name=name, client=Client(agent=name, address=name))
    payload = {"changes": {name: [name, {name: name}]}, "number": float("inf")}

    def work(session: Session) -> None:
        events.record(session, hostile, "x.y", "x", None, object_name=name, workspace_id=workspace_id, payload=payload)

    await both.store.write(work)
    parts = await both.audit.export(ME, workspace_id, AuditFilter(action="x.y"), "json")
    lines = b"".join([part async for part in parts]).decode().split("\n")
    assert lines[-1] == ""
    records = [AuditRecord.model_validate_json(line) for line in lines[:-1]]
    assert [record.action for record in records] == ["x.y"]
    assert "\x1b" not in lines[0]
    assert "\r" not in lines[0]
    assert len(await numbers(both, workspace_id)) == before + 2
    found = await both.audit.verify(ME, workspace_id)
    assert found.intact, found.detail


async def test_an_act_whose_record_fails_is_not_done(both: Services, shop: Path) -> None:
    """U2: one trigger that raises stands for all reasons why an insert can fail."""
    await home(both)

    def refuse(session: Session) -> None:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(
                text("CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$")
            )
            session.execute(text("CREATE TRIGGER no BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION no()"))
        else:
            session.execute(text("CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END"))

    await both.store.write(refuse)
    with pytest.raises(AuditUnavailable) as caught:
        await connect(both, shop)
    assert caught.value.status == 503
    assert await both.store.read(lambda session: session.scalars(select(Connection)).all()) == []


async def test_an_act_is_not_done_when_the_table_of_records_is_gone(both: Services, shop: Path) -> None:
    await home(both)
    await both.store.write(lambda session: session.execute(text("ALTER TABLE events RENAME TO elsewhere")))
    with pytest.raises(AuditUnavailable):
        await connect(both, shop)
    assert await both.store.read(lambda session: session.scalars(select(Connection)).all()) == []


# ---- The database keeps records ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda: update(Event).values(actor_name="Nobody"),
        lambda: delete(Event),
        lambda: delete(Event).where(Event.number == 1),
        lambda: text("INSERT INTO events SELECT * FROM events LIMIT 1"),
    ],
    ids=["update", "delete all", "delete one", "insert again"],
)
async def test_the_database_lets_no_record_be_changed_or_removed(both: Services, act: Callable[[], object]) -> None:
    workspace_id = await home(both)
    await fill(both, 3, workspace_id=workspace_id)
    before = await numbers(both, workspace_id)
    with pytest.raises(DatabaseError):
        await both.store.write(lambda session: session.execute(act()))  # type: ignore[call-overload]
    assert await numbers(both, workspace_id) == before


async def test_records_older_than_the_chain_are_kept_as_well(both: Services) -> None:
    row = {"action": "a.b", "object_kind": "a", "payload": {}}
    await both.store.write(lambda session: session.execute(insert(Event), [row]))
    for statement in (update(Event).values(chain="server", number=1), delete(Event)):
        with pytest.raises(DatabaseError):
            await both.store.write(lambda session, each=statement: session.execute(each))


async def test_nothing_is_replaced_or_emptied_at_once(both: Services) -> None:
    workspace_id = await home(both)
    before = await numbers(both, workspace_id)
    on_postgres = both.settings.database_url != ""
    sql = "TRUNCATE events" if on_postgres else "INSERT OR REPLACE INTO events SELECT * FROM events"
    with pytest.raises(DatabaseError):
        await both.store.write(lambda session: session.execute(text(sql)))
    assert await numbers(both, workspace_id) == before


# ---- The check (U1) ------------------------------------------------------------------------------------------------

SWAP = (
    "UPDATE events SET number = -4 WHERE chain = '{chain}' AND number = 4",
    "UPDATE events SET number = 4 WHERE chain = '{chain}' AND number = 6",
    "UPDATE events SET number = 6 WHERE chain = '{chain}' AND number = -4",
)
CUT = ("DELETE FROM events WHERE chain = '{chain}' AND number > 8",)
HASH = "(SELECT hash FROM events WHERE chain = '{chain}' AND number = %s)"
ROLL_BACK = (*CUT, f"UPDATE chains SET number = 8, hash = {HASH % 8} WHERE id = '{{chain}}'")
PRETEND_RETENTION = (
    f"UPDATE chains SET purged_number = 5, purged_hash = {HASH % 5} WHERE id = '{{chain}}'",
    "DELETE FROM events WHERE chain = '{chain}' AND number <= 5",
)


@pytest.mark.parametrize(
    ("statements", "first_bad", "words"),
    [
        (("UPDATE events SET actor_name = 'Eve' WHERE chain = '{chain}' AND number = 5",), 5, "was changed"),
        (("UPDATE events SET at = '2020-01-01 00:00:00' WHERE chain = '{chain}' AND number = 3",), 3, "was changed"),
        (("UPDATE events SET payload = '{{\"a\": true}}' WHERE chain = '{chain}' AND number = 7",), 7, "was changed"),
        (("UPDATE events SET payload = '7' WHERE chain = '{chain}' AND number = 7",), 7, "was changed"),
        (("UPDATE events SET hash = previous_hash WHERE chain = '{chain}' AND number = 2",), 2, "was changed"),
        (("UPDATE events SET chain = 'server', number = 999 WHERE chain = '{chain}' AND number = 6",), 6, "missing"),
        (("DELETE FROM events WHERE chain = '{chain}' AND number = 5",), 5, "missing"),
        (("DELETE FROM events WHERE chain = '{chain}' AND number = 1",), 1, "missing"),
        (SWAP, 4, "another record's place"),
        (CUT, 9, "ended with record 11"),
        (ROLL_BACK, 9, "ended with record 11"),
        (("DELETE FROM events WHERE chain = '{chain}'", "DELETE FROM chains WHERE id = '{chain}'"), 1, "ended with"),
        (PRETEND_RETENTION, 1, "no record says so"),
    ],
)
async def test_what_was_done_to_the_records_is_found(
    both: Services, statements: tuple[str, ...], first_bad: int, words: str
) -> None:
    workspace_id = await home(both)
    await fill(both, 11 - len(await numbers(both, workspace_id)), workspace_id=workspace_id)
    (sound,) = both.audit.verify_all(only=workspace_id, head=None)
    assert sound.found.intact, sound.found.detail
    await attack(both, *(statement.format(chain=workspace_id) for statement in statements))
    (verified,) = both.audit.verify_all(only=workspace_id, head=None)
    assert not verified.found.intact
    assert (verified.found.first_bad, words in verified.found.detail) == (first_bad, True), verified.found.detail


@pytest.mark.parametrize("column", ["payload", "at"])
async def test_what_cannot_even_be_read_is_found(services: Services, column: str) -> None:
    workspace_id = await home(services)
    await fill(services, 11, workspace_id=workspace_id)
    await attack(services, f"UPDATE events SET {column} = 'rubbish' WHERE chain = '{workspace_id}' AND number = 6")
    (verified,) = services.audit.verify_all(only=workspace_id, head=None)
    assert (verified.found.intact, verified.found.first_bad) == (False, 6)


async def test_a_cut_end_is_found_by_a_head_that_somebody_kept_though_the_file_was_replaced(both: Services) -> None:
    workspace_id = await home(both)
    await fill(both, 11 - len(await numbers(both, workspace_id)), workspace_id=workspace_id)
    (before,) = both.audit.verify_all(only=workspace_id, head=None)
    head = before.found.head
    await attack(both, *(statement.format(chain=workspace_id) for statement in ROLL_BACK))
    (both.settings.data_dir / "audit-heads" / f"{workspace_id}.json").unlink()
    (unseen,) = both.audit.verify_all(only=workspace_id, head=None)
    assert unseen.found.intact
    assert "No head was kept" in unseen.found.detail
    (seen,) = both.audit.verify_all(only=workspace_id, head=head)
    assert (seen.found.intact, seen.found.first_bad) == (False, 9)


async def test_another_key_finds_every_record_changed(both: Services) -> None:
    workspace_id = await home(both)
    key = b"\x01" * 32
    await fill(both, 2, workspace_id=workspace_id)
    heads = Heads(both.settings.data_dir / "none")
    found: AuditVerification = await both.store.read(lambda s: verification.verify(s, workspace_id, key, heads))
    assert (found.intact, found.first_bad) == (False, 1)
    assert "secret was changed" in found.detail


async def test_the_check_says_so_even_where_the_chain_takes_no_record_any_more(both: Services) -> None:
    workspace_id = await home(both)
    await fill(both, 5, workspace_id=workspace_id)
    await attack(both, f"UPDATE chains SET number = 3 WHERE id = '{workspace_id}'")
    assert not (await both.audit.verify(ME, workspace_id)).intact
    with pytest.raises(AuditUnavailable):
        await fill(both, 1, workspace_id=workspace_id)


@pytest.mark.slow
async def test_a_hundred_thousand_records_are_checked_in_seconds(both: Services) -> None:
    workspace_id = await home(both)
    for _ in range(10):
        await fill(both, 10_000, workspace_id=workspace_id)
    began = time.perf_counter()
    found = await both.audit.verify(ME, workspace_id)
    seconds = time.perf_counter() - began
    print(f"{found.records:,} records in {seconds:.1f} s: {found.records / seconds:,.0f}/s")
    assert found.intact
    assert found.records > 100_000
    assert seconds < 15


# ---- Retention -----------------------------------------------------------------------------------------------------


async def test_a_young_record_keeps_the_older_ones_behind_it(both: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that went backwards must not tear a hole into the chain."""
    workspace_id = await home(both)
    monkeypatch.setattr(events, "now", lambda: now() - timedelta(days=40))
    await fill(both, 4, workspace_id=workspace_id)
    monkeypatch.undo()
    before = await numbers(both, workspace_id)
    await both.store.write(lambda session: session.execute(update(Workspace).values(audit_days=30)))
    assert await both.retention.run() == 0
    assert await numbers(both, workspace_id) == before


async def test_records_are_removed_from_the_old_end_only(both: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "now", lambda: now() - timedelta(days=40))
    workspace_id = await home(both)
    await fill(both, 9, workspace_id=workspace_id)
    old = await numbers(both, workspace_id)
    monkeypatch.undo()
    await fill(both, 3, workspace_id=workspace_id)
    await both.store.write(lambda session: session.execute(update(Workspace).values(audit_days=30)))

    assert await both.retention.run() == len(old)
    assert await numbers(both, workspace_id) == [old[-1] + 1, old[-1] + 2, old[-1] + 3, old[-1] + 4]
    newest = (await both.audit.list(ME, workspace_id, AuditQuery(limit=1))).items[0]
    assert (newest.action, newest.actor_id, newest.actor_name) == ("audit.purge", None, "DataAsk")
    assert newest.payload["count"] == len(old)
    found = await both.audit.verify(ME, workspace_id)
    assert found.intact, found.detail
    assert await both.retention.run() == 0


# ---- Reading -------------------------------------------------------------------------------------------------------


async def test_pages_follow_each_other_while_records_are_added(both: Services) -> None:
    workspace_id = await home(both)
    await fill(both, 25, workspace_id=workspace_id)
    seen: list[int] = []
    cursor: str | None = None
    while True:
        page = await both.audit.list(ME, workspace_id, AuditQuery(limit=10, cursor=cursor))
        seen += [record.number for record in page.items]
        await fill(both, 1, workspace_id=workspace_id)
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == list(range(seen[0], 0, -1))


async def test_filters_find_what_they_say(both: Services, shop: Path) -> None:
    workspace_id = await home(both)
    await connect(both, shop, name="100%_sure")
    await fill(both, 2, workspace_id=workspace_id)

    async def found(**given: object) -> list[str]:
        query = AuditQuery.model_validate(given)
        return [record.action for record in (await both.audit.list(ME, workspace_id, query)).items]

    assert await found(action="connection.create") == ["connection.create"]
    assert await found(object_kind="thing") == ["thing.make"] * 2
    assert await found(actor_id=SOMEBODY.user_id) == ["thing.make"] * 2
    assert await found(search="0%_S") == ["connection.create"]
    assert await found(search="ANN") == ["thing.make"] * 2
    assert await found(search="thing.m") == ["thing.make"] * 2
    assert await found(search="made a thing", search_actions="thing.make,thing.lose") == ["thing.make"] * 2
    assert await found(result="refused") == []
    assert await found(until=now() - timedelta(hours=1)) == []
    assert await found(since=now() + timedelta(hours=1)) == []
    facets = await both.audit.facets(ME, workspace_id, AuditFilter(object_kind="thing"))
    assert {"connection.create", "thing.make", "workspace.create"} <= set(facets.actions)
    assert "Ann" in [actor.name for actor in facets.actors]
    assert (facets.total, facets.matching) == (len(await numbers(both, workspace_id)), 2)


async def test_a_table_of_records_runs_nothing_in_a_spreadsheet(both: Services) -> None:
    """F1."""
    workspace_id = await home(both)
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "plain", 'quo"te, and\nline'):

        def work(session: Session, name: str = name) -> None:
            events.record(session, SOMEBODY, "f.one", "f", None, object_name=name, workspace_id=workspace_id)

        await both.store.write(work)
    parts = await both.audit.export(ME, workspace_id, AuditFilter(action="f.one"), "csv")
    rows = list(csv.DictReader(io.StringIO(b"".join([part async for part in parts]).decode(), newline="")))
    assert [row["object_name"] for row in rows] == [
        "'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "plain", 'quo"te, and\nline',
    ]  # fmt: skip
    assert all(row["number"].isdigit() for row in rows)


async def test_an_export_is_recorded_and_complete(both: Services) -> None:
    workspace_id = await home(both)
    await fill(both, 2_500, workspace_id=workspace_id)
    parts = await both.audit.export(ME, workspace_id, AuditFilter(object_kind="thing"), "json")
    records = [json.loads(line) for line in b"".join([part async for part in parts]).splitlines()]
    assert [record["object_name"] for record in records] == [f"thing {number}" for number in range(2_500)]
    newest = (await both.audit.list(ME, workspace_id, AuditQuery(limit=1))).items[0]
    assert newest.action == "audit.export"
    assert newest.payload == {"format": "json", "filter": {"object_kind": "thing"}}


async def test_who_may_not_read_it_is_told_so_and_that_is_recorded(both: Services) -> None:
    workspace_id = await home(both)
    ann = (await both.accounts.me(ANN)).user.id
    await both.store.write(
        lambda session: session.add(Membership(workspace_id=workspace_id, user_id=ann, role="editor"))
    )
    for call in (
        both.audit.list(ANN, workspace_id, AuditQuery()),
        both.audit.facets(ANN, workspace_id, AuditFilter()),
        both.audit.verify(ANN, workspace_id),
        both.audit.export(ANN, workspace_id, AuditFilter(), "csv"),
    ):
        with pytest.raises(Forbidden):
            await call
    with pytest.raises(NotFound):
        await both.audit.list(BOB, workspace_id, AuditQuery())
    refused = (await both.audit.list(ME, workspace_id, AuditQuery(result="refused"))).items
    assert [(record.actor_id, record.action, record.object_kind) for record in refused] == [
        (ann, "audit.read", "audit")
    ] * 4


async def test_the_servers_records_are_for_its_administrators(both: Services) -> None:
    await home(both)
    with pytest.raises(NotFound):
        await both.audit.list(ME, None, AuditQuery())
    await both.store.write(lambda session: session.execute(update(User).values(is_admin=True)))
    page = await both.audit.list(ME, None, AuditQuery())
    assert "user.create" in [record.action for record in page.items]


# ---- Refusals ------------------------------------------------------------------------------------------------------


async def test_hammering_at_a_closed_door_does_not_flood_the_log(
    on_sqlite: Settings, make_services: MakeServices
) -> None:
    services = make_services(on_sqlite)
    workspace_id = await home(services)
    ann = (await services.accounts.me(ANN)).user.id
    await services.store.write(
        lambda session: session.add(Membership(workspace_id=workspace_id, user_id=ann, role="viewer"))
    )
    for _ in range(40):
        with pytest.raises(Forbidden):
            await services.audit.list(ANN, workspace_id, AuditQuery())
    await services.close()
    again = make_services(on_sqlite)
    refused = (await again.audit.list(ME, workspace_id, AuditQuery(result="refused"))).items
    assert len(refused) == refusals.EACH + 1
    assert refused[0].payload == {"count": 40 - refusals.EACH}


async def test_a_refusal_stays_one_when_it_cannot_be_recorded(both: Services) -> None:
    workspace_id = await home(both)
    ann = (await both.accounts.me(ANN)).user.id
    await both.store.write(
        lambda session: session.add(Membership(workspace_id=workspace_id, user_id=ann, role="viewer"))
    )
    await both.store.write(lambda session: session.execute(text("ALTER TABLE events RENAME TO elsewhere")))
    with pytest.raises(Forbidden):
        await both.audit.list(ANN, workspace_id, AuditQuery())


# ---- Every act -----------------------------------------------------------------------------------------------------


async def test_the_newest_number_is_the_chains_and_the_files(both: Services) -> None:
    workspace_id = await home(both)
    await fill(both, 3, workspace_id=workspace_id)
    head = await both.store.read(lambda session: session.get_one(Chain, workspace_id))
    kept = json.loads((both.settings.data_dir / "audit-heads" / f"{workspace_id}.json").read_text())
    assert (kept["number"], kept["hash"]) == (head.number, head.hash)
    newest = await both.store.read(
        lambda s: s.scalar(select(func.max(Event.number)).where(Event.chain == workspace_id))
    )
    assert newest == head.number


def test_a_record_is_written_down_in_one_way_only() -> None:
    record = dict.fromkeys(chains.FIELDS) | {"at": now(), "payload": {"b": 1, "a": [1.5, "é"]}, "number": 1}
    turned = dict(reversed(record.items())) | {"payload": {"a": [1.5, "é"], "b": 1}}
    assert chains.digest(b"k", record) == chains.digest(b"k", turned)
    assert chains.digest(b"k", record) != chains.digest(b"l", record)
    assert all(
        chains.digest(b"k", record | {name: "other" if name != "at" else now() + timedelta(1)})
        != chains.digest(b"k", record)
        for name in chains.FIELDS
    )
