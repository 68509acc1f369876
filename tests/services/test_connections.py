"""Connections: checked, versioned, theirs only; and every way in which a database file can fail."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from dataask_jupyter.errors import (
    Conflict,
    InvalidInput,
    NotFound,
    SourceUnavailable,
    StaleVersion,
)
from dataask_jupyter.schemas.connections import ConnectionCreate, ConnectionTest, ConnectionUpdate
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store.models import Connection, Event
from tests.services.conftest import ANN, ME, MakeServices, connect, home


async def test_from_creation_to_deletion(both: Services, shop: Path) -> None:
    services = both
    saved = await connect(services, shop)
    ws = saved.workspace_id
    assert (saved.status.state, saved.status.table_count, saved.dialect, saved.version) == ("ok", 2, "sqlite", 1)
    assert await services.connections.get(ME, ws, saved.id) == saved
    renamed = await services.connections.update(ME, ws, saved.id, 1, ConnectionUpdate(name="store"))
    assert (renamed.name, renamed.version, renamed.status) == ("store", 2, saved.status)
    checked = await services.connections.test(ME, ws, saved.id)
    assert (checked.status.state, checked.version) == ("ok", 2)
    assert [c.name for c in (await services.connections.list(ME, ws, None, 10)).items] == ["store"]
    await services.connections.delete(ME, ws, saved.id)
    with pytest.raises(NotFound):
        await services.connections.get(ME, ws, saved.id)
    actions = await services.store.read(lambda s: list(s.scalars(select(Event.action).order_by(Event.sequence))))
    assert actions[2:] == ["connection.create", "connection.update", "connection.test", "connection.delete"]


async def test_a_name_is_taken_once_in_a_workspace(both: Services, shop: Path) -> None:
    services = both
    first = await connect(services, shop)
    with pytest.raises(Conflict, match="named shop already") as caught:
        await connect(services, shop)
    assert caught.value.errors[0].field == "name"
    second = await connect(services, shop, name="other")
    with pytest.raises(Conflict):
        await services.connections.update(ME, first.workspace_id, second.id, 1, ConnectionUpdate(name="shop"))
    # Elsewhere it is free.
    await connect(services, shop, ANN)


async def test_many_changes_at_once_lose_nothing(both: Services, shop: Path) -> None:
    services = both
    saved = await connect(services, shop)

    async def rename(number: int) -> int:
        change = ConnectionUpdate(name=f"name {number}")
        try:
            return (await services.connections.update(ME, saved.workspace_id, saved.id, 1, change)).version
        except StaleVersion as error:
            return -int(error.extra["version"])

    assert sorted(await asyncio.gather(*(rename(number) for number in range(10)))) == [*[-2] * 9, 2]
    assert (await services.connections.get(ME, saved.workspace_id, saved.id)).version == 2


async def test_nobody_elses_connection_exists(services: Services, shop: Path) -> None:
    saved = await connect(services, shop, ANN)
    mine = await home(services)
    for ws, id_ in ((saved.workspace_id, saved.id), (mine, saved.id), (mine, "0" * 32)):
        for act in (
            services.connections.get(ME, ws, id_),
            services.connections.test(ME, ws, id_),
            services.connections.delete(ME, ws, id_),
            services.connections.update(ME, ws, id_, 1, ConnectionUpdate(name="mine")),
            services.connections.schema(ME, ws, id_, refresh=False),
            services.connections.sample(ME, ws, id_, "orders", None, 5),
        ):
            with pytest.raises(NotFound) as caught:
                await act
            assert caught.value.problem() == NotFound().problem()


@pytest.mark.parametrize(
    ("kind", "given", "field"),
    [
        ("oracle", {}, "kind"),
        ("sqlite", {}, "settings.path"),
        ("sqlite", {"path": "relative.db"}, "settings.path"),
        ("sqlite", {"path": "file:///etc/passwd"}, "settings.path"),
        ("duckdb", {"path": "/x.duckdb", "config": {"enable_external_access": True}}, "settings.config"),
    ],
)
async def test_settings_that_do_not_fit(
    on_sqlite: Settings, make_services: MakeServices, kind: str, given: dict[str, object], field: str
) -> None:
    services = make_services(on_sqlite)
    ws = await home(services)
    for act in (
        services.connections.create(ME, ws, ConnectionCreate(name="x", kind=kind, settings=given)),
        services.connections.test_settings(ME, ws, ConnectionTest(kind=kind, settings=given)),
    ):
        with pytest.raises(InvalidInput) as caught:
            await act
        assert [problem.field for problem in caught.value.errors] == [field]


async def test_the_own_database_is_no_source(on_sqlite: Settings, make_services: MakeServices, tmp_path: Path) -> None:
    services = make_services(on_sqlite)
    ws = await home(services)
    link = tmp_path / "innocent.db"
    link.symlink_to(on_sqlite.data_dir / "dataask.db")
    for path in (on_sqlite.data_dir / "dataask.db", link):
        with pytest.raises(InvalidInput, match="DataAsk's own database"):
            await services.connections.test_settings(
                ME, ws, ConnectionTest(kind="sqlite", settings={"path": str(path)})
            )


async def test_files_that_are_missing_or_no_database(
    on_sqlite: Settings, make_services: MakeServices, tmp_path: Path
) -> None:
    services = make_services(on_sqlite)
    ws = await home(services)
    letter = tmp_path / "letter.db"
    letter.write_text("Dear aunt, " * 1000)
    for kind in ("sqlite", "duckdb"):
        for path in (tmp_path / "absent.db", letter, tmp_path):
            given = ConnectionTest(kind=kind, settings={"path": str(path)})
            status = await services.connections.test_settings(ME, ws, given)
            assert (status.state, str(path) in (status.detail or "")) == ("failed", True), status


async def test_a_file_that_goes_away_and_comes_back(services: Services, shop: Path) -> None:
    saved = await connect(services, shop)
    ws = saved.workspace_id
    away = shop.rename(shop.with_suffix(".away"))
    with pytest.raises(SourceUnavailable, match="was not found"):
        await services.connections.schema(ME, ws, saved.id, refresh=False)
    assert (await services.connections.test(ME, ws, saved.id)).status.state == "failed"
    away.rename(shop)
    assert (await services.connections.test(ME, ws, saved.id)).status.state == "ok"
    assert len((await services.connections.schema(ME, ws, saved.id, refresh=False)).tables) == 2


async def test_a_duckdb_file_that_another_program_holds(
    on_sqlite: Settings, make_services: MakeServices, tmp_path: Path
) -> None:
    services = make_services(on_sqlite)
    path = tmp_path / "held.duckdb"
    program = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); c.execute('CREATE TABLE t AS SELECT 1 AS one'); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        saved = await connect(services, path, kind="duckdb")
        assert saved.status.state == "failed"
        assert "lock" in (saved.status.detail or "").lower() or "another program" in (saved.status.detail or "")
        holder.communicate()
    assert (await services.connections.test(ME, saved.workspace_id, saved.id)).status.state == "ok"


async def test_schema_and_sample(services: Services, shop: Path) -> None:
    saved = await connect(services, shop)
    catalog = await services.connections.schema(ME, saved.workspace_id, saved.id, refresh=False)
    assert [table.name for table in catalog.tables] == ["customers", "orders"]
    again = await services.connections.schema(ME, saved.workspace_id, saved.id, refresh=False)
    assert again.fetched_at == catalog.fetched_at
    fresh = await services.connections.schema(ME, saved.workspace_id, saved.id, refresh=True)
    assert fresh.fetched_at > catalog.fetched_at
    page = await services.connections.sample(ME, saved.workspace_id, saved.id, "customers", None, 2)
    assert page.rows == [[1, "Ann", "Paris"], [2, "Bob", "Oslo"]]
    for name in ("nothing", "customers; DROP TABLE orders", 'x" UNION SELECT 1 --'):
        with pytest.raises(NotFound, match="shop has no table"):
            await services.connections.sample(ME, saved.workspace_id, saved.id, name, None, 2)


async def test_the_stored_record_holds_nothing_but_names(services: Services, shop: Path) -> None:
    await connect(services, shop)
    payloads = await services.store.read(lambda s: list(s.scalars(select(Event.payload))))
    assert str(shop) not in json.dumps(payloads)
    assert await services.store.read(lambda s: s.scalar(select(Connection.created_by))) is not None
