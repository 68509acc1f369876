"""Whether anything was written to the store since one last looked, cheaply enough to ask on every request."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from . import engine as engines

if TYPE_CHECKING:
    from collections.abc import Hashable


class Changes:
    """Of SQLite, whose files count their changes. PostgreSQL can't say it without a question to the server.

    For one thread: that of the event loop.
    """

    def __init__(self, url: str) -> None:
        parsed = engines.parse(url)
        self._path = parsed.database if parsed.drivername == "sqlite" else None
        self._connection: sqlite3.Connection | None = None

    def version(self) -> Hashable | None:
        """Something that differs from before when any process has committed since; None when nobody knows."""
        if self._path is None:
            return None
        try:
            if self._connection is None:
                # Opened for reading and writing, as write-ahead logs want it; nothing is ever written by it.
                self._connection = sqlite3.connect(
                    f"file:{self._path}?mode=rw", uri=True, isolation_level=None, check_same_thread=False, timeout=0
                )
            found: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            self.close()
            return None
        # With the connection: another one counts from another number.
        return id(self._connection), found

    def close(self) -> None:
        """Give back the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
