"""`jupyter dataask rotate-key`: killed anywhere, it leaves every secret readable, and the next run finishes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import func, select

from dataask_jupyter.errors import UnsafeSettings
from dataask_jupyter.services import keys, secrets
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.settings import Settings
from dataask_jupyter.store.models import Connection, ConnectionSecret, Event, new_id
from tests.guarded import guarded
from tests.services.conftest import MakeServices, home

__all__ = ["guarded"]

pytestmark = pytest.mark.usefixtures("guarded")
MANY = 600


async def fill(services: Services, count: int) -> dict[str, str]:
    """Many connections with a secret each, by id."""
    workspace_id = await home(services)
    plain = {new_id(): f"secret of {number}" for number in range(count)}

    def work(session: Any) -> None:
        for number, (id_, secret) in enumerate(plain.items()):
            row = Connection(
                id=id_, workspace_id=workspace_id, name=f"c{number}", kind="guarded", settings={}, status={}
            )
            session.add(row)
            session.flush()
            secrets.keep(session, id_, {"password": SecretStr(secret)}, frozenset())

    await services.store.write(work)
    return plain


async def readable(services: Services, plain: dict[str, str]) -> bool:
    """Whether this process, which began before the rotation, reads every secret."""

    def work(session: Any) -> dict[str, str]:
        rows = session.scalars(select(ConnectionSecret)).all()
        found = {}
        for row in rows:
            opened = services.vault.open(row.connection_id, row.field, row.key_id, row.ciphertext)
            found[row.connection_id] = opened.get_secret_value()
        return found

    return await services.store.read(work) == plain


async def under(services: Services) -> dict[str, int]:
    """How many secrets there are under each key."""
    count = select(ConnectionSecret.key_id, func.count()).group_by(ConnectionSecret.key_id)
    return dict(await services.store.read(lambda session: session.execute(count).all()))  # type: ignore[arg-type]


def start(settings: Settings, *arguments: str) -> subprocess.Popen[str]:
    """The command, as a process."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "DATAASK", "JPY_"))}
    places = {f"JUPYTER_{name}": str(settings.data_dir / name) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    return subprocess.Popen(
        [sys.executable, "-m", "dataask_jupyter.cli", "rotate-key", *arguments],
        env={**kept, **places, "DATAASK_DATA_DIR": str(settings.data_dir), "DATAASK_DATABASE_URL": settings.url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def until(condition: Callable[[], Any], process: subprocess.Popen[str]) -> None:
    """Wait for it, or for the process's end."""
    for _ in range(20_000):
        if process.poll() is not None or await condition():
            return
        time.sleep(0.001)


@pytest.mark.slow
async def test_killed_anywhere_it_goes_on(settings: Settings, make_services: MakeServices) -> None:
    services = make_services(settings)
    plain = await fill(services, MANY)
    before = services.vault.newest
    cut_off = 0
    for wanted in (0, 1, 150, 300, 450):

        async def moved_enough(wanted: int = wanted) -> bool:
            newest = keys.parse((settings.data_dir / "secret.key").read_bytes())
            return len(newest) > 1 and MANY - (await under(services)).get(before, 0) >= wanted

        process = start(settings)
        await until(moved_enough, process)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        cut_off += process.returncode == -signal.SIGKILL
        assert await readable(services, plain)
    assert cut_off >= 4
    # Cut off five times, it still is one rotation to one new key.
    assert len(keys.parse((settings.data_dir / "secret.key").read_bytes())) == 2
    process = start(settings)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert services.vault.newest in out
    assert await under(services) == {services.vault.newest: MANY}
    assert services.vault.newest != before
    assert await readable(services, plain)
    # A process that begins now reads them too, and the audit log is whole and tells of it.
    fresh = make_services(settings)
    assert await readable(fresh, plain)
    assert all(each.found.intact for each in fresh.audit.verify_all(only=None, head=None))
    acts = select(Event.payload).where(Event.action == "key.rotate")
    payloads = await services.store.read(lambda session: session.scalars(acts).all())
    assert sum(payload.get("count", 0) for payload in payloads) == MANY
    assert {payload["key"] for payload in payloads} == {services.vault.newest}
    assert any(payload.get("finished") for payload in payloads)


@pytest.mark.slow
async def test_a_key_that_somebody_made(on_sqlite: Settings, make_services: MakeServices, tmp_path: Path) -> None:
    services = make_services(on_sqlite)
    plain = await fill(services, 3)
    new = tmp_path / "new.key"
    new.write_bytes(keys.make() + b"\n")
    new.chmod(0o644)
    process = start(on_sqlite, "--new-key-file", str(new))
    assert "--new-key-file can be read by others" in process.communicate(timeout=60)[1]
    assert process.returncode == 1
    new.chmod(0o600)
    for moved in (3, 0):
        process = start(on_sqlite, "--new-key-file", str(new))
        out, err = process.communicate(timeout=60)
        assert (process.returncode, f"moved to it: {moved}" in out) == (0, True), out + err
    assert keys.parse((on_sqlite.data_dir / "secret.key").read_bytes())[0] == new.read_bytes().strip()
    assert await readable(services, plain)


async def test_what_no_key_reads_is_named_and_the_rest_moves(both: Services) -> None:
    services = both
    plain = await fill(services, 3)
    broken = next(iter(plain))

    def spoil(session: Any) -> None:
        row = session.get(ConnectionSecret, (broken, "password"))
        row.ciphertext = row.ciphertext[:-1] + bytes([row.ciphertext[-1] ^ 1])

    def add_another(session: Any) -> None:
        secrets.keep(session, broken, {"token": SecretStr("a token")}, frozenset())
        session.get(ConnectionSecret, (broken, "token")).key_id = "gone"

    await services.store.write(spoil)
    await services.store.write(add_another)
    rotated = services.rotation.run(services.settings.data_dir / "secret.key", None)
    assert (rotated.moved, rotated.new_key, rotated.unreadable, rotated.remaining) == (2, True, ["c0"], 0)


async def test_a_second_rotation_takes_another_key(services: Services) -> None:
    plain = await fill(services, 2)
    file = services.settings.data_dir / "secret.key"
    first, second = services.rotation.run(file, None), services.rotation.run(file, None)
    assert first.key_id != second.key_id
    assert (first.moved, second.moved) == (2, 2)
    assert len(keys.parse(file.read_bytes())) == 3
    assert await readable(services, plain)


async def test_a_server_that_runs_encrypts_with_the_new_key_at_once(
    on_sqlite: Settings, make_services: MakeServices
) -> None:
    running, shell = make_services(on_sqlite), make_services(on_sqlite)
    await fill(running, 1)
    shell.rotation.run(on_sqlite.data_dir / "secret.key", None)
    assert running.vault.newest == shell.vault.newest


async def test_a_damaged_key_file_is_not_replaced(services: Services) -> None:
    file = services.settings.data_dir / "secret.key"
    file.write_bytes(keys.HEADER + b"\nbase64:not base64!\n")
    with pytest.raises(UnsafeSettings, match="isn't a key"):
        services.rotation.run(file, None)
    assert b"not base64!" in file.read_bytes()
