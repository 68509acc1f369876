"""SQLite files, opened read-only, with an authorizer that denies by default."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dataask_jupyter.errors import (
    DataAskError,
    QueryCancelled,
    QueryTooBig,
    SourceLocked,
    SourceUnavailable,
    SqlInvalid,
    SqlRefused,
    StorageFull,
)
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionStatus

from .base import Budget, Reading, ReadLimits, Session
from .files import TOO_BIG, FileErrors, FileKind
from .settings import path_of, require_file

BUSY_SECONDS = 2.0
OPERATIONS_PER_CHECK = 2_000

_ALLOWED_ACTIONS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_RECURSIVE})
_REFUSED_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit", "sqlite_log"})

_LIMITS = {
    "SQLITE_LIMIT_ATTACHED": 0,
    "SQLITE_LIMIT_SQL_LENGTH": 1_000_000,
    "SQLITE_LIMIT_EXPR_DEPTH": 1_000,
    "SQLITE_LIMIT_COMPOUND_SELECT": 500,
    "SQLITE_LIMIT_LIKE_PATTERN_LENGTH": 10_000,
    "SQLITE_LIMIT_TRIGGER_DEPTH": 1,
    "SQLITE_LIMIT_WORKER_THREADS": 0,
}


class SQLite(FileKind):
    """A SQLite database file."""

    kind = "sqlite"
    label = "SQLite"
    tile = "Sl"
    dialect = "sqlite"
    notes = "A SQLite database file on this machine. DataAsk opens it read-only, only while a query runs."
    beside = ("-wal", "-journal")

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> SQLiteSession:
        """Open the file for one job."""
        return SQLiteSession(path_of(settings), limits)


class SQLiteSession(Session):
    """One open SQLite file."""

    def __init__(self, path: str, limits: ReadLimits) -> None:
        require_file(path)
        _require_header(path)
        self.path = path
        self.limits = limits
        self._stopped = threading.Event()
        with errors(path, opening=True):
            self.connection = self._connect(detect_types=sqlite3.PARSE_DECLTYPES)

    def _connect(self, *, detect_types: int = 0) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(self.path)}?mode=ro",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            detect_types=detect_types,
        )
        try:
            # Reading anything makes SQLite open the file, and say now if it can't.
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA cell_size_check = ON")
            connection.execute("PRAGMA mmap_size = 0")
            connection.execute("PRAGMA cache_size = -65536")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            for name, value in {**_LIMITS, "SQLITE_LIMIT_LENGTH": self.limits.cell_bytes}.items():
                connection.setlimit(getattr(sqlite3, name), value)
            connection.set_progress_handler(self._progress, OPERATIONS_PER_CHECK)
        except BaseException:
            connection.close()
            raise
        return connection

    def _progress(self) -> int:
        return int(self._stopped.is_set())

    def interrupt(self) -> None:
        """Interrupt what runs; it may be called from another thread."""
        self._stopped.set()
        self.connection.interrupt()

    def read(self, sql: str) -> Reading:
        """Run the SQL and stream its rows."""
        from .sqlite_arrow import reading

        with errors(self.path):
            if not self.connection.in_transaction:
                self.connection.execute("BEGIN")  # The reader may run the statement twice.
            self.connection.set_authorizer(_authorize)
            return reading(self.connection, sql, self.limits, errors(self.path))

    def catalog(self) -> Catalog:
        """Tables and views of the file, with declared keys."""
        from .sqlite_catalog import catalog

        with errors(self.path):
            return catalog(self.connection)

    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the values, largest gain first, within the budget."""
        from .sqlite_profile import profile

        with errors(self.path):
            plain = self._connect()
            try:
                return profile(plain, catalog, budget, self._stopped)
            finally:
                plain.close()

    def check(self) -> ConnectionStatus:
        """The library's version and how many tables there are."""
        with errors(self.path):
            (tables,) = self.connection.execute(
                "SELECT count(*) FROM sqlite_master"
                " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            ).fetchone()
        return ConnectionStatus(
            state="ok", server_version=f"SQLite {sqlite3.sqlite_version}", table_count=tables, read_only=True
        )

    def close(self) -> None:
        """Close the file."""
        self.connection.close()


def _require_header(path: str) -> None:
    """SQLite takes a file of a few bytes for an empty database."""
    with Path(path).open("rb") as file:
        start = file.read(16)
    if start and start != b"SQLite format 3\0":
        raise SourceUnavailable(f"{path} isn't a SQLite database. Choose a SQLite file.")


def _authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    if action in _ALLOWED_ACTIONS:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION and (second or "").lower() not in _REFUSED_FUNCTIONS:
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


class errors(FileErrors):  # noqa: N801 - it is used as a function
    """A context that turns SQLite's errors into DataAsk's."""

    foreign = sqlite3.Error

    def translate(self, error: sqlite3.Error) -> DataAskError:
        """DataAsk's error for one of SQLite's."""
        return translate(error, self.path, opening=self.opening)


def translate(error: sqlite3.Error, path: str, *, opening: bool = False) -> DataAskError:
    """DataAsk's error for one of SQLite's."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    message, name = str(error), Path(path).name
    known: dict[int, DataAskError] = {
        sqlite3.SQLITE_INTERRUPT: QueryCancelled("The query was stopped."),
        sqlite3.SQLITE_NOMEM: QueryTooBig(TOO_BIG),
        sqlite3.SQLITE_TOOBIG: QueryTooBig("A value of the result is too large. Cut it, e.g. with substr()."),
        sqlite3.SQLITE_FULL: StorageFull(
            "The disk filled up while the query ran. Free some space, or filter the rows."
        ),
        sqlite3.SQLITE_BUSY: SourceLocked(f"{name} is locked by another program. Wait until it is done, or close it."),
        sqlite3.SQLITE_LOCKED: SourceLocked(
            f"{name} is locked by another program. Wait until it is done, or close it."
        ),
        sqlite3.SQLITE_NOTADB: SourceUnavailable(f"{path} isn't a SQLite database. Choose a SQLite file."),
        sqlite3.SQLITE_CORRUPT: SourceUnavailable(f"{name} is damaged. Restore it from a copy."),
        sqlite3.SQLITE_CANTOPEN: SourceUnavailable(f"{path} can't be opened. Check the path and its permissions."),
        sqlite3.SQLITE_IOERR: SourceUnavailable(f"{name} can't be read any more. Check that the file is in place."),
        sqlite3.SQLITE_PERM: SourceUnavailable(f"{path} can't be read. Check its permissions."),
        sqlite3.SQLITE_AUTH: SqlRefused("The SQL does more than reading tables, which isn't allowed here."),
        sqlite3.SQLITE_READONLY: SqlRefused("The SQL writes, which isn't allowed here."),
    }
    if code in known:
        return known[code]
    if opening:
        return SourceUnavailable(f"{name} can't be opened: it is damaged or isn't a SQLite database.")
    if "not authorized" in message or "prohibited" in message:
        return SqlRefused("The SQL does more than reading tables, which isn't allowed here.")
    return SqlInvalid(message[:1].upper() + message[1:1000] + ("" if message.endswith(".") else "."))
