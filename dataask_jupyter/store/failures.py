"""What a database driver's error means to the people who use DataAsk."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dataask_jupyter.errors import DataAskError, NotFound, StorageFull, StoreUnavailable

_BROKEN = {"SQLITE_CORRUPT", "SQLITE_NOTADB"}
_FULL = {"SQLITE_FULL"}
_WRITING = {"SQLITE_IOERR_WRITE", "SQLITE_IOERR_FSYNC", "SQLITE_IOERR_TRUNCATE", "SQLITE_IOERR_SHMSIZE"}


def translate(error: SQLAlchemyError, place: str) -> DataAskError | None:
    """The domain error for a failure of the database itself; None for what is the code's own business.

    `place` names the database without any secret: the file, or host and database.
    """
    if isinstance(error, IntegrityError):
        # What the row should belong to was deleted at this moment: the same as if it had been a moment before.
        return NotFound() if _lost_its_owner(error.orig) else None
    if isinstance(error, PoolTimeout):
        return StoreUnavailable(f"All connections to {place} are in use. Try again in a moment.")
    if not isinstance(error, DBAPIError):
        return None
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return _sqlite(original, place)
    return _server(original, place, disconnected=error.connection_invalidated)


def lost_a_race(error: BaseException) -> bool:
    """Whether the database ended this transaction for another one's sake: run again, it may well succeed."""
    original = error.orig if isinstance(error, DBAPIError) else None
    return getattr(original, "sqlstate", "") in {"40P01", "40001"}


def _lost_its_owner(error: Any) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_FOREIGNKEY"
    return getattr(error, "sqlstate", "") == "23503"


def _sqlite(error: sqlite3.Error, place: str) -> DataAskError | None:
    name = getattr(error, "sqlite_errorname", "") or ""
    primary = "_".join(name.split("_")[:2])
    if primary in _BROKEN:
        return broken_file(place)
    if name in _FULL or name in _WRITING:
        return StorageFull(f"Nothing more fits on the disk that holds {place}. Free some space and try again.")
    if primary in {"SQLITE_BUSY", "SQLITE_LOCKED"}:
        return StoreUnavailable(f"Another program is writing to {place}. Try again in a moment.")
    if primary in {"SQLITE_READONLY", "SQLITE_PERM", "SQLITE_AUTH"}:
        return StoreUnavailable(f"{place} can't be written. Check its permissions and those of its folder.")
    if primary in {"SQLITE_CANTOPEN", "SQLITE_IOERR"}:
        return StoreUnavailable(f"{place} can't be opened or read. Check that its folder exists and its disk works.")
    return None


def broken_file(place: str) -> StoreUnavailable:
    """The file is there but isn't a sound database. It is left as it is: it may be all there is."""
    return StoreUnavailable(
        f"{place} is damaged or isn't a DataAsk database. Nothing was changed. Put a backup in its place, or move "
        f"it away to start empty: mv '{place}' '{place}.damaged'",
        extra={"path": place},
    )


def _server(error: Any, place: str, *, disconnected: bool) -> DataAskError | None:
    state = getattr(error, "sqlstate", None)
    if state in {"53100", "58030"}:
        return StorageFull(f"The disk of the database {place} is full. Free some space and try again.")
    # 08: connection; 53: resources; 57P: shut down; 28: refused; 3D: no such database; none: never got through.
    if disconnected or state is None or state.startswith(("08", "53", "57P", "28", "3D")):
        return StoreUnavailable(
            f"The database {place} doesn't answer. Start it, or correct DataAsk.database_url; this server "
            "recovers by itself."
        )
    return None
