"""The schema: made by migrations, the same on both databases, refused when it is newer or the file is damaged."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from dataask_jupyter.errors import DataAskError, StoreUnavailable
from dataask_jupyter.store import schema
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Base, User
from tests.store.conftest import MakeStore


def test_head_is_the_newest_migration() -> None:
    assert ScriptDirectory.from_config(schema.alembic_config()).get_heads() == [schema.HEAD]


def test_migrations_make_what_the_models_say(store: Store) -> None:
    with store.open().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_table_is_there(store: Store) -> None:
    tables = set(inspect(store.open()).get_table_names())
    assert tables == {*Base.metadata.tables, "alembic_version"}


def test_migrations_go_back(store: Store) -> None:
    from alembic import command

    config = schema.alembic_config()
    with store.open().begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(store.open()).get_table_names()) <= {"alembic_version"}
    # Nothing is left behind that would stand in the way of a new start: triggers, and the functions behind them.
    assert store.migrate() == (None, schema.HEAD)


def test_several_processes_open_an_empty_database_at_once(make_store: MakeStore) -> None:
    stores = [make_store() for _ in range(4)]
    failures: list[DataAskError] = []

    def start(store: Store) -> None:
        try:
            store.open()
        except DataAskError as error:
            failures.append(error)

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_newer_schema_is_refused_and_left_alone(make_store: MakeStore) -> None:
    first = make_store()
    first.run(lambda session: session.execute(text("UPDATE alembic_version SET version_num = '9999'")), write=True)
    second = make_store()
    with pytest.raises(StoreUnavailable, match=rf"newer DataAsk \(schema 9999; this one knows {schema.HEAD}\)"):
        second.open()
    found = first.run(lambda session: session.scalar(text("SELECT version_num FROM alembic_version")), write=False)
    assert found == "9999"


async def test_a_damaged_file_is_named_and_never_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "dataask.db"
    await _filled(path)
    content = bytearray(path.read_bytes())
    content[4096 : 4096 * 6] = b"\xff" * (4096 * 5)
    path.write_bytes(content)
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable, match="is damaged") as caught:
        await store.ping()
    await store.close()
    assert str(path) in caught.value.detail
    assert path.read_bytes() == bytes(content)


async def test_a_file_that_is_no_database_is_named_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "dataask.db"
    path.write_text("This is a letter to my aunt, not a database.\n" * 100)
    before = path.read_bytes()
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable, match="isn't a DataAsk database"):
        await store.ping()
    await store.close()
    assert path.read_bytes() == before


async def test_a_store_recovers_when_its_database_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "dataask.db"
    path.mkdir()
    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreUnavailable):
        await store.ping()
    path.rmdir()
    await store.ping()
    await store.close()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://root@127.0.0.1/x", "keeps its data in SQLite or PostgreSQL"),
        ("not an address", "isn't an address"),
        ("sqlite://", "must name a file"),
    ],
)
def test_an_address_that_cannot_work_is_refused(url: str, words: str) -> None:
    with pytest.raises(StoreUnavailable, match=words):
        Store(url)


async def test_an_absent_server_is_a_clear_error_without_the_password() -> None:
    store = Store("postgresql://ann:s3cret@127.0.0.1:1/team")
    with pytest.raises(StoreUnavailable, match=r"team on 127\.0\.0\.1 doesn't answer") as caught:
        await store.ping()
    await store.close()
    assert "s3cret" not in str(caught.value.problem())


def test_the_file_is_private(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'deep' / 'dataask.db'}")
    store.open()
    store.close_now()
    assert (tmp_path / "deep").stat().st_mode & 0o077 == 0
    assert (tmp_path / "deep" / "dataask.db").stat().st_mode & 0o077 == 0


async def _filled(path: Path) -> None:
    store = Store(f"sqlite:///{path}")
    await store.write(
        lambda session: session.add_all(
            User(subject=f"user {number}", name="n" * 200, display_name="d" * 200) for number in range(200)
        )
    )
    await store.close()
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
