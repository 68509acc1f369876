"""Secrets of connections: written but never read back, bound to their place, and mended one by one."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dataask_jupyter.errors import DataAskError, InvalidInput, SecretUnreadable, SourceUnavailable, UnsafeSettings
from dataask_jupyter.schemas.connections import Connection, ConnectionCreate, ConnectionTest, ConnectionUpdate
from dataask_jupyter.schemas.queries import QueryExecute
from dataask_jupyter.services import keys
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store.models import ConnectionSecret, Event
from tests.guarded import Guarded, guarded, set_password
from tests.services.conftest import ME, MakeServices, connect, home

__all__ = ["guarded"]

PASSWORD = "canary hunter2 'ü\\"
Kind = type[Guarded]
pytestmark = pytest.mark.usefixtures("guarded")


@pytest.fixture
def safe(shop: Path) -> Path:
    """The small database, behind the password."""
    set_password(shop, PASSWORD)
    return shop


async def save(services: Services, path: Path, *, name: str = "safe", **more: Any) -> Connection:
    """A connection with a password."""
    settings = {"path": str(path), "password": PASSWORD, **more}
    given = ConnectionCreate(name=name, kind="guarded", settings=settings)
    return await services.connections.create(ME, await home(services), given)


async def change(services: Services, saved: Connection, **settings: Any) -> Connection:
    """Other settings; those that aren't named stay as they were shown."""
    update = ConnectionUpdate(settings={**saved.settings, **settings})
    return await services.connections.update(ME, saved.workspace_id, saved.id, saved.version, update)


async def check(services: Services, saved: Connection) -> Connection:
    """The saved connection, checked now."""
    return await services.connections.test(ME, saved.workspace_id, saved.id)


async def run(services: Services, saved: Connection, sql: str = "SELECT count(*) FROM orders") -> Any:
    """The rows of a query, or its error."""
    query = await services.queries.execute(ME, QueryExecute(connection_id=saved.id, sql=sql, wait_seconds=30))
    if query.problem is not None:
        raise DataAskError.from_problem(query.problem)
    return (await services.queries.rows(ME, query.id, 0, 10)).rows


async def kept(services: Services) -> dict[tuple[str, str], ConnectionSecret]:
    """What the database keeps."""
    found = await services.store.read(lambda session: session.scalars(select(ConnectionSecret)).all())
    return {(row.connection_id, row.field): row for row in found}


# ---- Written, never read back --------------------------------------------------------------------------------------


async def test_a_secret_opens_the_source_and_is_never_given_back(both: Services, safe: Path) -> None:
    services = both
    saved = await save(services, safe)
    assert (saved.secrets, saved.status.state) == (["password"], "ok")
    assert "password" not in saved.settings
    listed = (await services.connections.list(ME, saved.workspace_id, None, 10)).items
    assert [each.secrets for each in listed] == [["password"]]
    assert (await check(services, saved)).status.state == "ok"
    assert await run(services, saved) == [[60]]
    catalog = await services.connections.schema(ME, saved.workspace_id, saved.id, refresh=True)
    assert {table.name for table in catalog.tables} == {"customers", "orders"}
    assert (await services.connections.sample(ME, saved.workspace_id, saved.id, "orders", None, 1)).rows
    [row] = (await kept(services)).values()
    assert PASSWORD.encode() not in row.ciphertext
    events = await services.store.read(lambda s: [e.payload for e in s.scalars(select(Event)) if "kind" in e.payload])
    assert events[0] == {"kind": "guarded", "secrets_set": ["password"]}
    await services.connections.delete(ME, saved.workspace_id, saved.id)
    assert await kept(services) == {}


async def test_absent_keeps_it_another_replaces_it_null_removes_it(both: Services, safe: Path) -> None:
    services = both
    saved = await save(services, safe)
    [before] = (await kept(services)).values()
    same = await change(services, saved)
    assert (same.secrets, same.status.state) == (["password"], "ok")
    assert [row.ciphertext for row in (await kept(services)).values()] == [before.ciphertext]
    wrong = await change(services, same, password="not this one", token="and a token")
    assert (wrong.secrets, wrong.status.state) == (["password", "token"], "failed")
    right = await change(services, wrong, password=PASSWORD)
    assert (right.secrets, right.status.state) == (["password", "token"], "ok")
    without = await change(services, right, password=None, token="")
    assert (without.secrets, without.status.state) == ([], "failed")
    assert await kept(services) == {}


async def test_a_name_alone_changes_without_the_secret(services: Services, safe: Path) -> None:
    saved = await save(services, safe)
    renamed = await services.connections.update(ME, saved.workspace_id, saved.id, 1, ConnectionUpdate(name="other"))
    assert (renamed.secrets, renamed.status.state) == (["password"], "ok")


async def test_a_request_doesnt_show_its_secrets(services: Services) -> None:
    settings = {"path": "/x", "password": PASSWORD}
    for given in (
        ConnectionCreate(name="x", kind="guarded", settings=settings),
        ConnectionUpdate(settings=settings),
        ConnectionTest(kind="guarded", settings=settings),
    ):
        assert "canary" not in repr(given)


async def test_a_wrong_field_is_named_without_the_secret(services: Services, safe: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        await save(services, safe, port="none", password=["canary"])
    assert {problem.field for problem in caught.value.errors} == {"settings.port", "settings.password"}
    assert "canary" not in str(caught.value.problem())


# ---- K2: a changed server needs the secret again -----------------------------------------------------------------

OTHERS: dict[str, Any] = {
    "host": "elsewhere.example.com",
    "port": 5433,
    "user": "other",
    "database": "other",
    "ssl_mode": "disable",
    "ssl_root_cert": "-----BEGIN CERTIFICATE-----",
}


@pytest.mark.parametrize("name", OTHERS)
async def test_a_changed_server_needs_the_secret_again(services: Services, safe: Path, name: str) -> None:
    saved = await save(services, safe)
    changed = {name: OTHERS[name]}
    tried = ConnectionTest(kind="guarded", settings={**saved.settings, **changed}, connection_id=saved.id)
    for act in (change(services, saved, **changed), services.connections.test_settings(ME, saved.workspace_id, tried)):
        with pytest.raises(InvalidInput, match=f"Enter the password again because the {name.replace('_', ' ')}") as e:
            await act
        assert [problem.field for problem in e.value.errors] == ["settings.password"]
    assert await services.connections.get(ME, saved.workspace_id, saved.id) == saved
    assert (await change(services, saved, **changed, password=PASSWORD)).status.state == "ok"


async def test_each_secret_has_to_be_given_again_or_dropped(services: Services, safe: Path) -> None:
    saved = await save(services, safe, token="a token")
    with pytest.raises(InvalidInput) as caught:
        await change(services, saved, host="other", password=PASSWORD)
    assert [problem.field for problem in caught.value.errors] == ["settings.token"]
    assert (await change(services, saved, host="other", password=PASSWORD, token=None)).secrets == ["password"]


async def test_settings_of_a_saved_connection_are_tried_with_its_secret(services: Services, safe: Path) -> None:
    saved = await save(services, safe)
    ws = saved.workspace_id
    tried = ConnectionTest(kind="guarded", settings=saved.settings, connection_id=saved.id)
    assert (await services.connections.test_settings(ME, ws, tried)).state == "ok"
    other = ConnectionTest(
        kind="guarded", settings={**saved.settings, "password": "another one"}, connection_id=saved.id
    )
    assert (await services.connections.test_settings(ME, ws, other)).state == "failed"
    unsaved = ConnectionTest(kind="guarded", settings={**saved.settings, "password": PASSWORD})
    assert (await services.connections.test_settings(ME, ws, unsaved)).state == "ok"
    wrong_kind = ConnectionTest(kind="sqlite", settings={"path": str(safe)}, connection_id=saved.id)
    with pytest.raises(InvalidInput, match="another kind"):
        await services.connections.test_settings(ME, ws, wrong_kind)


# ---- K3, X11: ciphertexts that can't be read ----------------------------------------------------------------------


async def test_a_moved_or_changed_ciphertext_stops_only_its_connection(both: Services, safe: Path) -> None:
    services = both
    first, second, third, fourth = [await save(services, safe, name=f"safe {n}") for n in range(4)]

    def tamper(session: Any) -> None:
        rows = {row.connection_id: row for row in session.scalars(select(ConnectionSecret))}
        one, other, flipped = rows[first.id], rows[second.id], rows[third.id]
        one.ciphertext, other.ciphertext = other.ciphertext, one.ciphertext
        flipped.ciphertext = flipped.ciphertext[:-1] + bytes([flipped.ciphertext[-1] ^ 1])

    await services.store.write(tamper)
    for broken in (first, second, third):
        with pytest.raises(SecretUnreadable, match="changed, or moved here") as caught:
            await services.connections.schema(ME, broken.workspace_id, broken.id, refresh=True)
        assert (caught.value.status, caught.value.problem().type) == (409, "/problems/secret-unreadable")
        with pytest.raises(SecretUnreadable):
            await run(services, broken, "SELECT 1 AS one")
        status = (await check(services, broken)).status
        assert (status.state, "Enter the password again" in (status.detail or "")) == ("failed", True)
    assert await run(services, fourth, "SELECT 2 AS two") == [[2]]
    current = await services.connections.get(ME, first.workspace_id, first.id)
    assert (await change(services, current, password=PASSWORD)).status.state == "ok"


@pytest.mark.parametrize("ciphertext", [b"", b"short", bytes(12), bytes(200)])
async def test_rubbish_is_no_ciphertext(services: Services, safe: Path, ciphertext: bytes) -> None:
    saved = await save(services, safe)

    def spoil(session: Any) -> None:
        session.scalars(select(ConnectionSecret)).one().ciphertext = ciphertext

    await services.store.write(spoil)
    with pytest.raises(SecretUnreadable):
        await run(services, saved)


async def test_a_secret_doesnt_fit_another_field(services: Services, safe: Path) -> None:
    saved = await save(services, safe, token="a token")

    def swap(session: Any) -> None:
        one, other = session.scalars(select(ConnectionSecret))
        one.ciphertext, other.ciphertext = other.ciphertext, one.ciphertext

    await services.store.write(swap)
    with pytest.raises(SecretUnreadable):
        await run(services, saved)


async def test_a_lost_key_asks_for_the_secrets_again(
    settings: Settings, make_services: MakeServices, safe: Path
) -> None:
    before = make_services(settings)
    saved = await save(before, safe)
    open_to_all = await connect(before, safe, name="plain")
    await before.close()
    (settings.data_dir / "secret.key").unlink()
    services = make_services(settings)
    found = await services.connections.get(ME, saved.workspace_id, saved.id)
    assert (found.secrets, found.status.state) == (["password"], "failed")
    assert "Enter the password again" in (found.status.detail or "")
    with pytest.raises(SecretUnreadable, match="key that it was encrypted with"):
        await run(services, saved)
    assert await run(services, open_to_all) == [[60]]
    mended = await change(services, found, password=PASSWORD)
    assert mended.status.state == "ok"
    assert await run(services, saved) == [[60]]


# ---- What was read with one secret isn't for another --------------------------------------------------------------


async def test_a_wrong_password_doesnt_find_what_the_right_one_read(services: Services, safe: Path) -> None:
    right = await save(services, safe)
    assert await run(services, right) == [[60]]
    await services.connections.schema(ME, right.workspace_id, right.id, refresh=False)
    wrong = await save(services, safe, name="wrong", password="guessed")
    with pytest.raises(SourceUnavailable):
        await run(services, wrong)
    with pytest.raises(SourceUnavailable):
        await services.connections.schema(ME, wrong.workspace_id, wrong.id, refresh=False)


# ---- Keys ----------------------------------------------------------------------------------------------------------


def test_a_file_without_the_header_is_one_key_whatever_is_in_it(tmp_path: Path) -> None:
    for content in (b"x" * 40, b"two\nlines", os.urandom(64)):
        assert keys.parse(content) == (content,)


def test_keys_of_any_bytes_survive_being_put_behind_another(tmp_path: Path) -> None:
    path = tmp_path / "key"
    binary = b"\x00\nbinary \xff" + os.urandom(40)
    path.write_bytes(binary)
    path.chmod(0o600)
    assert keys.put_first(path, b"base64:looks-encoded-but-is-not-at-all")
    assert keys.put_first(path, b"n" * 20 + b"ewest-key-of-them-all")
    assert not keys.put_first(path, b"n" * 20 + b"ewest-key-of-them-all")
    newest, middle, oldest = keys.parse(path.read_bytes())
    assert (newest, middle, oldest) == (
        b"n" * 20 + b"ewest-key-of-them-all",
        b"base64:looks-encoded-but-is-not-at-all",
        binary,
    )
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["key"]


async def test_the_environment_holds_older_keys_in_a_variable_of_their_own(
    on_sqlite: Settings, make_services: MakeServices, safe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (keys.make().decode() for _ in range(2))
    monkeypatch.setenv(keys.VARIABLE, old)
    first = make_services(on_sqlite)
    saved = await save(first, safe)
    with pytest.raises(UnsafeSettings, match=keys.OLDER):
        first.rotation.run(None, keys.make())
    await first.close()
    monkeypatch.setenv(keys.VARIABLE, new)
    monkeypatch.setenv(keys.OLDER, old)
    second = make_services(on_sqlite)
    assert await run(second, saved) == [[60]]
    assert second.rotation.run(None, None).moved == 1
    await second.close()
    # Only the audit log needs the old one now.
    monkeypatch.delenv(keys.OLDER)
    third = make_services(replace(on_sqlite))
    assert await run(third, saved, "SELECT 3 AS three") == [[3]]


def test_an_old_key_of_the_environment_is_checked_too(on_sqlite: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(keys.VARIABLE, keys.make().decode())
    monkeypatch.setenv(keys.OLDER, "changeme")
    with pytest.raises(UnsafeSettings, match=keys.OLDER):
        keys.load(on_sqlite)
