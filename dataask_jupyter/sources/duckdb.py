"""DuckDB files, opened read-only and without any way out of the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import (
    DataAskError,
    DriverMissing,
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

if TYPE_CHECKING:
    import duckdb


class DuckDB(FileKind):
    """A DuckDB database file."""

    kind = "duckdb"
    label = "DuckDB"
    tile = "Dk"
    dialect = "duckdb"
    notes = "A DuckDB database file on this machine. DataAsk opens it read-only, only while a query runs."
    beside = (".wal",)

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> DuckDBSession:
        """Open the file for one job."""
        return DuckDBSession(path_of(settings), limits)


class DuckDBSession(Session):
    """One open DuckDB file."""

    def __init__(self, path: str, limits: ReadLimits) -> None:
        require_file(path)
        self.path = path
        self.limits = limits
        self.connection = _connect(path, limits)
        self._reader: Any = None

    def interrupt(self) -> None:
        """Interrupt what runs; it may be called from another thread."""
        self.connection.interrupt()

    def read(self, sql: str) -> Reading:
        """Run the SQL and stream its rows."""
        from .duckdb_arrow import batches, plain_schema

        with errors(self.path):
            running = self.connection.execute(sql)
            # fetch_record_batch is the name that DuckDB 1.4 has; 1.5 deprecates it.
            make = getattr(running, "to_arrow_reader", None) or running.fetch_record_batch
            self._reader = reader = make(self.limits.batch_rows)
            return Reading(schema=plain_schema(reader.schema), batches=batches(reader, errors(self.path)))

    def catalog(self) -> Catalog:
        """Tables and views of the file, with declared keys."""
        from .duckdb_catalog import catalog

        with errors(self.path):
            return catalog(self.connection)

    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the values, largest gain first, within the budget."""
        from .duckdb_profile import profile

        with errors(self.path):
            return profile(self.connection, catalog, budget)

    def check(self) -> ConnectionStatus:
        """The engine's version and how many tables there are."""
        with errors(self.path):
            row = self.connection.execute(
                "SELECT version(), (SELECT count(*) FROM duckdb_tables() WHERE NOT internal)"
                " + (SELECT count(*) FROM duckdb_views() WHERE NOT internal)"
            ).fetchone()
        version, tables = row or ("", 0)
        return ConnectionStatus(
            state="ok", server_version=f"DuckDB {version.removeprefix('v')}", table_count=tables, read_only=True
        )

    def close(self) -> None:
        """Close the file, so that its owner may write to it.

        A reader that is still open would keep the database open behind the closed connection, and the next `connect`
        to the same file would wait for it without end.
        """
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        self.connection.close()


def _connect(path: str, limits: ReadLimits) -> duckdb.DuckDBPyConnection:
    try:
        import duckdb
    except ImportError:
        raise DriverMissing("The Python package duckdb is missing. Run: pip install duckdb") from None
    with errors(path, opening=True):
        connection = duckdb.connect(path, read_only=True, config=start_options(limits))
        try:
            # As a start option the time zone makes DuckDB look for an extension on the network.
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET lock_configuration = true")
        except BaseException:
            connection.close()
            raise
    return connection


def start_options(limits: ReadLimits) -> dict[str, str | bool | int | float | list[str]]:
    """What DuckDB starts with: no way out of its file, and no more memory and disk than the limits say."""
    spill = limits.temporary if limits.temporary_bytes else None
    config: dict[str, str | bool | int | float | list[str]] = {
        "enable_external_access": "false",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "allow_unsigned_extensions": "false",
        "python_enable_replacements": "false",
        "memory_limit": f"{limits.memory_bytes // 1024**2}MiB",
        "threads": str(limits.threads),
        "temp_directory": str(spill) if spill else "",
        "preserve_insertion_order": "true",
    }
    if spill:
        config["max_temp_directory_size"] = f"{limits.temporary_bytes // 1024**2}MiB"
    return config


class errors(FileErrors):  # noqa: N801 - it is used as a function
    """A context that turns DuckDB's errors into DataAsk's."""

    foreign = Exception  # Arrow raises errors of its own while it reads from DuckDB.

    def translate(self, error: Exception) -> DataAskError:
        """DataAsk's error for one of DuckDB's."""
        return translate(error, self.path, opening=self.opening)


_NO_SPACE = re.compile(r"no space left|disk quota|max_temp_directory_size", re.IGNORECASE)
_OUT_OF_MEMORY = re.compile(r"out of memory|bad_alloc|failed to allocate|could not allocate|malloc", re.IGNORECASE)
_NOISE = re.compile(r"\A[A-Z][\w ]*? Error: ")
_SYSTEM_NAMES = re.compile(r"\n?Did you mean \"(?:pg_|duckdb_|sqlite_|pragma_|information_schema)[^\n]*")
_LINE = re.compile(r"\n\s*LINE (\d+): ?(?P<text>[^\n]*)(?:\n(?P<caret> *)\^)?")


def translate(error: Exception, path: str, *, opening: bool = False) -> DataAskError:
    """DataAsk's error for one of DuckDB's, or of Arrow's while it reads from DuckDB."""
    message = str(error)
    name = type(error).__name__
    if name == "InterruptException" or "INTERRUPT Error" in message or "Interrupted!" in message:
        return QueryCancelled("The query was stopped.")
    if _NO_SPACE.search(message):
        return StorageFull("The disk filled up while the query ran. Free some space, or filter the rows.")
    if name == "OutOfMemoryException" or _OUT_OF_MEMORY.search(message):
        return QueryTooBig(TOO_BIG)
    if "Could not set lock" in message or "Conflicting lock" in message:
        return SourceLocked(
            f"{Path(path).name} is open for writing in another program. Close it there, then try again."
        )
    if opening:
        return _unopened(message, path)
    if name == "IOException":
        return SourceUnavailable(
            f"{Path(path).name} can't be read any more. Check that the file is whole and in place."
        )
    if name == "PermissionException":
        return SqlRefused("The SQL reaches outside of the database file, which isn't allowed here.")
    return invalid(message)


def _unopened(message: str, path: str) -> SourceUnavailable:
    name = Path(path).name
    if "not a valid DuckDB database" in message or "does not exist" in message:
        return SourceUnavailable(f"{path} isn't a DuckDB database. Choose a DuckDB file.")
    if "newer version" in message or "version number" in message:
        return SourceUnavailable(f"{name} was written by another version of DuckDB. Export it with that version.")
    if "ermission denied" in message:
        return SourceUnavailable(f"{path} can't be read: permission denied. Check its permissions.")
    return SourceUnavailable(f"{name} can't be opened: it is damaged or isn't a DuckDB database.")


def invalid(message: str) -> SqlInvalid:
    """SqlInvalid with DuckDB's own words and the position that it names."""
    extra: dict[str, Any] = {}
    found = _LINE.search(message)
    if found:
        extra["line"] = int(found[1])
        if found["caret"] is not None:
            # The caret's offset counts DuckDB's own "LINE n: " before the statement.
            extra["column"] = max(1, len(found["caret"]) - len(f"LINE {found[1]}: ") + 1)
        message = message[: found.start()] + message[found.end() :]
    message = _NOISE.sub("", _SYSTEM_NAMES.sub("", message))
    words = " ".join(line.strip() for line in message.splitlines() if line.strip())
    return SqlInvalid(words[:1000] or "DuckDB rejects the SQL.", extra=extra)
