"""Making a SQLAlchemy engine that behaves the same on SQLite and PostgreSQL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from dataask_jupyter.errors import DriverMissing, StoreUnavailable

WRITE = "dataask_write"
"""Execution option of transactions that will write: SQLite takes the write lock at once."""

BUSY_SECONDS = 10


def parse(url: str) -> URL:
    """The database address; plain `postgresql://` means the psycopg driver."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUnavailable(
            "DataAsk.database_url isn't an address. Use sqlite:////folder/file.db or postgresql://user@host/name."
        ) from None
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in {"sqlite", "postgresql+psycopg"}:
        raise StoreUnavailable(
            f"DataAsk keeps its data in SQLite or PostgreSQL; DataAsk.database_url names {parsed.drivername}."
        )
    if parsed.drivername == "sqlite" and parsed.database in {None, "", ":memory:"}:
        raise StoreUnavailable("DataAsk.database_url must name a file: sqlite:////folder/file.db.")
    return parsed


def place(url: URL) -> str:
    """The database's name for messages: no user, no password."""
    if url.drivername == "sqlite":
        return str(url.database)
    return f"{url.database} on {url.host or 'the local socket'}"


def make(url: URL, *, size: int) -> Engine:
    """An engine with at most `size` connections."""
    if url.drivername == "sqlite":
        return _sqlite(url, size)
    try:
        return create_engine(
            url,
            pool_size=size,
            max_overflow=0,
            pool_timeout=BUSY_SECONDS,
            pool_pre_ping=True,
            # What people asked and stored has no place in logs.
            hide_parameters=True,
            connect_args={"connect_timeout": 2, "application_name": "dataask"},
        )
    except ModuleNotFoundError:
        raise DriverMissing("PostgreSQL needs a driver: pip install 'dataask_jupyter[postgresql]'") from None


def _sqlite(url: URL, size: int) -> Engine:
    path = Path(str(url.database))
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made here rather than by SQLite, so that nobody else can ever read it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreUnavailable(f"{path} can't be opened: {error.strerror}.") from None
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # Transactions are begun below; the driver's own implicit BEGIN would be a deferred one.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            # An acknowledged write survives a power cut too.
            cursor.execute("PRAGMA synchronous = FULL")
            cursor.execute("PRAGMA foreign_keys = ON")
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
            cursor.execute("PRAGMA trusted_schema = OFF")
        finally:
            cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A deferred transaction that turns to writing fails at once when another writes (measured: 559 of 1,000).
        writing = connection.get_execution_options().get(WRITE, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine
