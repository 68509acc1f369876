"""The real servers as the fuzz and rebuild tests use them: a powerful user, several statements at once allowed."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.servers import MariaDB, PostgreSQL

from .server_cases import SETUP

CANARY = "CANARY-5bd1e995"


class ServerError(Exception):
    """The server refused a statement."""


class Engine(Protocol):
    """A scratch database on a real server."""

    folder: Path
    """A folder that the server may write to; a file named `canary` is in it."""

    def run(self, sql: str) -> Any:
        """Its rows, of all results; raises ServerError."""

    def state(self) -> Any:
        """Everything that a statement could have changed."""


class Postgres:
    """A superuser, over the simple protocol, which runs several statements at once."""

    def __init__(self, server: PostgreSQL) -> None:
        self.folder = _folder(server.folder / "data")
        self._connection = psycopg.connect(server.create_database(), autocommit=True, prepare_threshold=None)
        self._connection.execute(SETUP["postgres"])
        self._connection.execute("SET statement_timeout = '2s'")
        self._watch = psycopg.connect(self._connection.info.dsn, autocommit=True)
        self._watch.execute("SET statement_timeout = 0")

    def run(self, sql: str) -> Any:
        """Its rows."""
        rows: list[Any] = []
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql.encode())
                while True:
                    if cursor.description:
                        rows += cursor.fetchmany(50)
                    if not cursor.nextset():
                        return rows
        except (psycopg.Error, UnicodeError) as error:
            raise ServerError(type(error).__name__) from error

    def state(self) -> Any:
        """Rows, catalogue, sequences, large objects, settings, locks, transaction and files."""
        inside = self._connection
        read = [
            "SELECT * FROM public.t ORDER BY a", "SELECT * FROM public.u ORDER BY a",
            "SELECT last_value, is_called FROM public.s", "SELECT oid FROM pg_largeobject_metadata",
            "SELECT count(*), md5(string_agg(oid::text, ',' ORDER BY oid)) FROM pg_class",
            "SELECT count(*) FROM pg_proc", "SELECT count(*) FROM pg_roles", "SELECT count(*) FROM pg_database",
        ]  # fmt: skip
        session = [
            "SELECT md5(string_agg(name || coalesce(setting, ''), ',' ORDER BY name)) FROM pg_catalog.pg_settings",
            "SELECT count(*) FROM pg_catalog.pg_locks WHERE locktype = 'advisory'",
            "SELECT count(*) FROM pg_catalog.pg_prepared_statements", "SELECT count(*) FROM pg_catalog.pg_cursors",
            "SELECT count(*) FROM pg_catalog.pg_listening_channels()",
        ]  # fmt: skip
        found = [self._watch.execute(sql).fetchall() for sql in read]
        found += [inside.execute(sql).fetchall() for sql in session]
        return [*found, inside.info.transaction_status, _files(self.folder)]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
        self._watch.close()


class Maria:
    """A user with every right, over a connection that may run several statements at once."""

    def __init__(self, server: MariaDB, mode: str | None = None) -> None:
        import MySQLdb

        self.folder = _folder(server.folder)
        self._errors = MySQLdb.Error
        self.database = server.create_database()
        server.execute(SETUP["mysql"], self.database)
        address = {"host": "127.0.0.1", "port": server.port, "user": server.user, "password": server.password}
        self._connection = MySQLdb.connect(**address, db=self.database, charset="utf8mb4", autocommit=True)
        self._watch = MySQLdb.connect(**address, db=self.database, charset="utf8mb4", autocommit=True)
        self._ask(self._connection, "SET max_statement_time = 2, lock_wait_timeout = 2")
        if mode is not None:
            self._ask(self._connection, f"SET sql_mode = '{mode}'")

    def run(self, sql: str) -> Any:
        """Its rows."""
        rows: list[Any] = []
        cursor = self._connection.cursor()
        try:
            cursor.execute(sql)
            while True:
                rows += cursor.fetchmany(50) if cursor.description else []
                if not cursor.nextset():
                    return rows
        except (self._errors, UnicodeError) as error:
            raise ServerError(str(error.args[0])) from error
        finally:
            with contextlib.suppress(self._errors):
                cursor.close()

    def state(self) -> Any:
        """Rows, catalogue, sequence, settings, locks and files."""
        read = [
            "SELECT * FROM t ORDER BY a", "SELECT * FROM u ORDER BY a", "SELECT next_not_cached_value FROM s",
            "SELECT count(*) FROM information_schema.tables WHERE table_schema NOT IN ('information_schema', 'sys')",
            "SELECT count(*) FROM mysql.global_priv", "SELECT count(*) FROM information_schema.routines",
            "SELECT IS_USED_LOCK('a')",
        ]  # fmt: skip
        found = [self._ask(self._watch, sql) for sql in read]
        changing = ("timestamp", "rand_seed", "last_insert", "error_count", "warning_count", "pseudo", "last_gtid")
        settings = self._ask(self._connection, "SHOW SESSION VARIABLES")
        found.append([row for row in settings if not row[0].startswith(changing)])
        found.append(self._ask(self._connection, "SELECT @x, @a, LAST_INSERT_ID(), DATABASE(), @@in_transaction"))
        return [*found, _files(self.folder)]

    def close(self) -> None:
        """Hang up."""
        self._connection.close()
        self._watch.close()

    def _ask(self, connection: Any, sql: str) -> Any:
        cursor = connection.cursor()
        cursor.execute(sql)
        return cursor.fetchall()


@contextlib.contextmanager
def engine(dialect: str, request: Any) -> Iterator[Postgres | Maria]:
    """A scratch database of the dialect's server."""
    made: Postgres | Maria
    if dialect == "postgres":
        made = Postgres(request.getfixturevalue("postgresql"))
    else:
        made = Maria(request.getfixturevalue("mariadb"))
    try:
        yield made
    finally:
        made.close()


def _folder(inside: Path) -> Path:
    folder = inside / "fuzz"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o777)
    canary = folder / "canary"
    canary.write_text(f"{CANARY}\n")
    canary.chmod(0o644)
    return folder


def _files(folder: Path) -> list[tuple[str, int]]:
    return sorted((path.name, path.stat().st_size) for path in folder.iterdir())
