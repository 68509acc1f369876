"""What must survive: processes killed while they write (X6), full disks (X5), databases that stop (X1)."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from dataask_jupyter.errors import StorageFull, StoreUnavailable
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Event, User
from tests.servers import PostgreSQL

pytestmark = pytest.mark.slow

KILLS = 60

# Imports once and then forks writers, so that many can be started and killed in little time.
NURSERY = """
import os, sys
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Event, User

def write_for_ever(number):
    store, ledger = Store(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
    while True:
        number += 1
        def add(session):
            session.add(User(subject=f"user {number}", name="n" * 3000, display_name=""))
            session.add(Event(action="user.create", object_kind="user", object_id=str(number)))
        store.run(add, write=True)
        # Acknowledged: from here on it must never be lost.
        os.write(ledger, f"{number}\\n".encode())

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        write_for_ever(int(line))
    print(pid, flush=True)
    os.waitpid(pid, 0)
    print("dead", flush=True)
"""


def test_no_acknowledged_write_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    path, ledger = tmp_path / "dataask.db", tmp_path / "ledger"
    ledger.touch()
    Store(f"sqlite:///{path}").open().dispose()
    chance = random.Random(20261123)
    command = [sys.executable, "-c", NURSERY, f"sqlite:///{path}", str(ledger)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        for kill in range(KILLS):
            before = ledger.stat().st_size
            print(kill * 1_000_000, file=nursery.stdin, flush=True)
            writer = int(nursery.stdout.readline())
            deadline = time.monotonic() + 20
            while ledger.stat().st_size == before:
                assert time.monotonic() < deadline, "the writer wrote nothing"
                time.sleep(0.001)
            time.sleep(chance.random() * 0.03)
            os.kill(writer, signal.SIGKILL)
            assert nursery.stdout.readline() == "dead\n"
        nursery.stdin.close()
    connection = sqlite3.connect(path)
    kept = {int(subject.split()[1]) for (subject,) in connection.execute("SELECT subject FROM users")}
    events = {int(number) for (number,) in connection.execute("SELECT object_id FROM events")}
    integrity = connection.execute("PRAGMA integrity_check").fetchall()
    connection.close()
    acknowledged = {int(line) for line in ledger.read_text().split()}
    assert integrity == [("ok",)]
    assert acknowledged <= kept
    assert len(acknowledged) > KILLS
    # An act and its event are one: both or neither, also of a write that was never acknowledged.
    assert kept == events


async def test_a_full_disk_is_a_clear_error_and_loses_nothing(small_disk: Path) -> None:
    store = Store(f"sqlite:///{small_disk / 'dataask.db'}")
    await store.write(lambda session: session.add(_user(0)))
    number = 0
    with pytest.raises(StorageFull, match="Free some space") as caught:  # noqa: PT012 - until the disk is full
        while True:
            number += 1
            await store.write(lambda session, number=number: session.add(_user(number)))
    assert caught.value.status == 507
    assert str(small_disk) in caught.value.detail
    # Reading goes on, and every acknowledged write is there.
    assert await store.read(lambda session: session.scalar(select(func.count()).select_from(User))) == number
    assert await store.read(_integrity) == "ok"
    await store.close()
    # Opening it again needs no space either.
    again = Store(f"sqlite:///{small_disk / 'dataask.db'}")
    assert await again.read(lambda session: session.scalar(select(func.count()).select_from(User))) == number
    assert await again.read(_integrity) == "ok"
    await again.close()


async def test_space_that_comes_back_is_used(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    store = Store(f"sqlite:///{small_disk / 'dataask.db'}")
    await store.ping()
    with pytest.raises(OSError, match="No space left"):
        ballast.write_bytes(b"x" * 3_000_000)
    with pytest.raises(StorageFull):  # noqa: PT012 - until the pages that are left are used
        for number in range(100):
            await store.write(lambda session, number=number: session.add(_user(number)))
    ballast.unlink()
    await store.write(lambda session: session.add(_user(1000)))
    assert await store.read(_integrity) == "ok"
    await store.close()


async def test_a_locked_file_is_waited_for_and_then_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataask_jupyter.store.engine.BUSY_SECONDS", 0.2)
    path = tmp_path / "dataask.db"
    store = Store(f"sqlite:///{path}")
    await store.ping()
    other = sqlite3.connect(path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreUnavailable, match="Another program is writing"):
        await store.write(lambda session: session.add(_user(1)))
    # Readers don't wait for writers.
    assert await store.read(lambda session: session.scalar(select(func.count()).select_from(User))) == 0
    other.rollback()
    other.close()
    await store.write(lambda session: session.add(_user(1)))
    await store.close()


async def test_many_writers_at_once_all_succeed(store: Store) -> None:
    await asyncio.gather(*(store.write(lambda session, n=n: session.add(_user(n, 100))) for n in range(100)))
    assert await store.read(lambda session: session.scalar(select(func.count()).select_from(User))) == 100


async def test_a_write_that_fails_leaves_nothing(store: Store) -> None:
    def half(session: Session) -> None:
        session.add(_user(1, 100))
        session.add(Event(action="x", object_kind="user"))
        session.flush()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await store.write(half)
    assert await store.read(lambda session: session.scalar(select(func.count()).select_from(User))) == 0
    assert await store.read(lambda session: session.scalar(select(func.count()).select_from(Event))) == 0


async def test_a_server_that_stops_and_comes_back(postgresql: PostgreSQL) -> None:
    store = Store(postgresql.create_database())
    await store.ping()
    postgresql.stop()
    try:
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="doesn't answer"):
            await store.ping()
        assert time.monotonic() - started < 2.5
    finally:
        postgresql.start()
    await store.ping()
    await store.close()


def _user(number: int, size: int = 20_000) -> User:
    return User(subject=f"user {number}", name="n" * size, display_name="")


def _integrity(session: Session) -> str:
    return str(session.scalar(text("PRAGMA integrity_check")))
