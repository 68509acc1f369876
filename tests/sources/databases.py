"""Databases of every kind for the tests of sources: the same tables in each of them."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa

from dataask_jupyter import sources
from dataask_jupyter.sources import ReadLimits, Session
from tests.servers import MariaDB, PostgreSQL

from .emulators import BigQueryDataset, Emulator, LowerCase, SnowflakeDatabase

KINDS = ("duckdb", "sqlite", "postgresql", "mysql", "bigquery", "snowflake")
SERVERS = ("postgresql", "mysql")
BYTES = {"postgresql": "BYTEA", "bigquery": "BYTES", "snowflake": "BINARY"}

SHOP = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL, joined DATE);
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY, customer_id INTEGER, total DECIMAL(10, 2), paid BOOLEAN, placed {moment},
        note VARCHAR(50), photo {bytes}, FOREIGN KEY (customer_id) REFERENCES customers (id)
    );
    CREATE TABLE order_lines (order_id INTEGER, number INTEGER, amount {double}, PRIMARY KEY (order_id, number));
    CREATE VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
    INSERT INTO customers VALUES (1, 'Ann', '2020-01-31'), (2, 'Bob', NULL), (3, 'Čenda', '2021-05-01');
    INSERT INTO orders VALUES
        (1, 1, 10.50, TRUE, '2024-03-01 10:00:00', 'gift', NULL), (2, 1, 20, FALSE, '2024-03-02 11:30:00', NULL, NULL),
        (3, 2, 5.25, TRUE, '2024-04-01 00:00:00', 'gift', NULL);
"""


@dataclass
class Database:
    """A database of one kind, and how to change it from outside."""

    kind: str
    settings: dict[str, Any]
    run: Callable[[str], None]
    server: PostgreSQL | MariaDB | Emulator | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def open(self, *, limits: dict[str, Any] | None = None, **settings: Any) -> Session:
        """A session as a worker has it."""
        session: Session = sources.get(self.kind).open({**self.settings, **settings}, ReadLimits(**(limits or {})))
        return LowerCase(session) if self.kind == "snowflake" else session

    def rows(self, sql: str, **settings: Any) -> list[dict[str, Any]]:
        """The rows of a statement, in a session of its own."""
        with self.open(**settings) as session:
            return rows(session, sql)

    def quote(self, name: str) -> str:
        """An identifier."""
        return f"`{name}`" if self.kind in ("mysql", "bigquery") else f'"{name}"'


def rows(session: Session, sql: str) -> list[dict[str, Any]]:
    """The rows of a statement."""
    return table(session, sql).to_pylist()


def table(session: Session, sql: str) -> pa.Table:
    """The rows of a statement as a table."""
    reading = session.read(sql)
    batches = list(reading.batches)
    return pa.Table.from_batches(batches, None if batches else reading.schema)


def shop(kind: str) -> str:
    """The script of the shop, in a kind's words."""
    return SHOP.format(
        moment="DATETIME" if kind in ("mysql", "bigquery") else "TIMESTAMP",
        bytes=BYTES.get(kind, "BLOB"),
        double="DOUBLE" if kind == "mysql" else "DOUBLE PRECISION",
    )


def create(kind: str, folder: Path, server: PostgreSQL | MariaDB | Emulator | None, script: str = "") -> Database:
    """A new database that the script was run in."""
    if isinstance(server, PostgreSQL):
        database = _postgresql(server)
    elif isinstance(server, MariaDB):
        database = _mysql(server)
    elif isinstance(server, Emulator):
        made = BigQueryDataset(server) if kind == "bigquery" else SnowflakeDatabase(server)
        database = Database(kind, made.settings(), made.run, server)
    else:
        path = folder / f"{uuid.uuid4().hex}.{kind}"
        run = _duckdb if kind == "duckdb" else _sqlite
        database = Database(kind, {"path": str(path)}, lambda sql: run(path, sql))
    database.run(script)
    return database


def _duckdb(path: Path, sql: str) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(sql)


def _sqlite(path: Path, sql: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(sql)
    connection.close()


def _postgresql(server: PostgreSQL) -> Database:
    url = server.create_database()

    def run(sql: str) -> None:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(sql)

    settings = {"host": "127.0.0.1", "port": server.port, "database": url.rpartition("/")[2], "user": "postgres"}
    return Database("postgresql", settings, run, server)


def _mysql(server: MariaDB) -> Database:
    name = server.create_database()
    settings = {"host": "127.0.0.1", "port": server.port, "database": name}
    settings |= {"user": server.user, "password": server.password}
    return Database("mysql", settings, lambda sql: _discard(server.execute(sql, name)), server)


def _discard(_: object) -> None:
    return None
