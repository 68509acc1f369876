"""MySQL and MariaDB, read through their C library: one read-only connection a job.

Rows come as the server writes them, and Arrow reads the texts: twice as fast as DuckDB's scanner for MySQL, which also
fails on dates that MySQL allows, and can't be told to begin read-only sessions.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from pydantic import Field

from dataask_jupyter.errors import QueryCancelled, SqlRefused
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionStatus

from .base import Budget, Reading, ReadLimits, Session
from .mysql_connection import connect, end, hang_up
from .mysql_errors import NO_ROWS, errors
from .mysql_guard import Guard
from .servers import TIMEOUT_GRACE_SECONDS, Place, ServerKind, ServerSettings


class MySQLSettings(ServerSettings):
    """Where a MySQL or MariaDB server is."""

    port: int = Field(default=3306, title="Port", ge=1, le=65535)


class MySQL(ServerKind[MySQLSettings]):
    """A database of MySQL or MariaDB."""

    kind = "mysql"
    label = "MySQL / MariaDB"
    tile = "My"
    dialect = "mysql"
    notes = "A database on a MySQL or MariaDB server. DataAsk only reads from it; use an account that may do no more."
    settings_model = MySQLSettings

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> MySQLSession:
        """A new connection for one job."""
        return MySQLSession(MySQLSettings.model_validate(settings), limits)


class MySQLSession(Session):
    """One connection."""

    def __init__(self, settings: MySQLSettings, limits: ReadLimits) -> None:
        self.settings, self.limits = settings, limits
        self.place = Place("MySQL", settings)
        self._stopped = threading.Event()
        self._result: Any = None
        self._unread = False
        self._guard: Guard | None = None
        seconds = limits.seconds + TIMEOUT_GRACE_SECONDS
        with errors(self.place, opening=True):
            self._connection, self._options = connect(settings, self.place, seconds)
        self.thread = int(self._connection.thread_id())
        self.maria = "MariaDB" in self._connection.get_server_info()
        try:
            # The server doesn't notice by itself that its client died before it has rows to send.
            self._guard = Guard.watch(self._options, settings.ssl_root_cert, self.thread)
            with self.errors():
                self._set_up(seconds)
        except BaseException:
            self.close()
            raise

    def _set_up(self, seconds: float) -> None:
        read_only = "tx_read_only" if self.maria else "transaction_read_only"
        # Modes that read a text in another way than the gate did are off, whatever the server is set to.
        modes = ["STRICT_TRANS_TABLES", "ERROR_FOR_DIVISION_BY_ZERO", "NO_ENGINE_SUBSTITUTION"]
        if not self.maria:
            modes.append("ONLY_FULL_GROUP_BY")  # As its default is.
        self.start(
            f"SET SESSION {read_only} = 1, {self._timeout(seconds)}, time_zone = '+00:00', sql_select_limit = DEFAULT,"
            f" sql_mode = '{','.join(modes)}'"
        )

    def _timeout(self, seconds: float) -> str:
        if self.maria:
            return f"max_statement_time = {max(0.001, seconds):.3f}"
        return f"max_execution_time = {max(1, int(seconds * 1000))}"

    def set_timeout(self, seconds: float) -> None:
        """The server itself ends statements that take longer."""
        self.start(f"SET SESSION {self._timeout(seconds)}")

    # ---- Jobs ---------------------------------------------------------------------------------------------------

    def read(self, sql: str) -> Reading:
        """Run the SQL and stream its rows."""
        from .mysql_arrow import Plan

        with self.errors(sql):
            self.start(sql)
            if self._result is None:
                raise SqlRefused(NO_ROWS)
            plan = Plan(self._result.describe(), self._result.field_flags(), self._result.converter, self.limits)
        return Reading(schema=plan.schema, batches=plan.batches(self._fetch, self.errors(sql)))

    def catalog(self) -> Catalog:
        """Tables and views of the database, with declared keys."""
        from .mysql_catalog import catalog

        with self.errors():
            return catalog(self.rows)

    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the values, small tables first, within the budget."""
        from .mysql_profile import Asker
        from .server_profile import profile

        return profile(Asker(self), catalog, budget)

    def check(self) -> ConnectionStatus:
        """The server's version, how many tables there are, and what the account may do."""
        from .mysql_status import status

        with self.errors():
            return status(self.rows, self._connection.get_server_info())

    # ---- Statements ---------------------------------------------------------------------------------------------

    def errors(self, sql: str = "") -> errors:
        """A context that turns the driver's errors into DataAsk's."""
        return errors(self.place, sql=sql, stopped=self._stopped)

    def start(self, sql: str) -> None:
        """Run a statement; its rows stay at the server until they are fetched."""
        self._result = None
        if self._stopped.is_set():
            raise QueryCancelled("The query was stopped.")
        self._connection.query(sql.encode("utf-8"))
        self._result = self._connection.use_result()
        self._unread = self._result is not None

    def _fetch(self, rows: int) -> tuple[tuple[Any, ...], ...]:
        """The next rows, all of them for 0; none at the end."""
        found: tuple[tuple[Any, ...], ...] = self._result.fetch_row(maxrows=rows)
        self._unread = bool(found) and rows != 0
        return found

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a statement of DataAsk's own: text where it is text, and bytes otherwise."""
        self.start(sql)
        return list(self._fetch(0))

    def interrupt(self) -> None:
        """Have the server end what runs; it may be called from another thread."""
        self._stopped.set()
        with contextlib.suppress(Exception):
            end(self._options, self.thread)

    def close(self) -> None:
        """Close the connection. What still runs ends first: the library would read the rest of a result otherwise."""
        if self._unread:
            with contextlib.suppress(Exception):
                end(self._options, self.thread)
            with contextlib.suppress(Exception):
                hang_up(self._connection)
        self._result = None
        with contextlib.suppress(Exception):
            self._connection.close()
        if self._guard is not None:
            self._guard.done()
