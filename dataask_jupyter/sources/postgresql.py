"""PostgreSQL, read through ADBC: one connection and one read-only transaction a job."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

from pydantic import Field

from dataask_jupyter.errors import QueryCancelled, SqlRefused
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionStatus

from .base import Budget, Reading, ReadLimits, Session
from .postgresql_errors import NO_ROWS, errors
from .servers import TIMEOUT_GRACE_SECONDS, Place, ServerKind, ServerSettings

if TYPE_CHECKING:
    import pyarrow as pa

_SETTINGS = {
    "transaction_read_only": "on",
    "default_transaction_read_only": "on",
    # Bare names mean tables of `public`, as the gate takes them, whatever the role's own path says.
    "search_path": "public, pg_temp",
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    # The gate takes a backslash in a string for itself.
    "standard_conforming_strings": "on",
}
_WATCH = "client_connection_check_interval"
_WATCH_SECONDS = 2
"""So long after its client died the server notices, and ends what runs. It knows this setting since version 14."""


class PostgreSQLSettings(ServerSettings):
    """Where a PostgreSQL server is."""

    port: int = Field(default=5432, title="Port", ge=1, le=65535)


class PostgreSQL(ServerKind[PostgreSQLSettings]):
    """A PostgreSQL database."""

    kind = "postgresql"
    label = "PostgreSQL"
    tile = "Pg"
    dialect = "postgres"
    notes = "A database on a PostgreSQL server. DataAsk only reads from it; use a role that may do no more."
    settings_model = PostgreSQLSettings

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> PostgreSQLSession:
        """A new connection for one job."""
        return PostgreSQLSession(PostgreSQLSettings.model_validate(settings), limits)


class PostgreSQLSession(Session):
    """One connection, in one transaction."""

    def __init__(self, settings: PostgreSQLSettings, limits: ReadLimits) -> None:
        from .postgresql_connection import connect

        self.limits = limits
        self.place = Place("PostgreSQL", settings)
        self._stopped = threading.Event()
        self._open: list[Any] = []
        """A statement and its reader, as long as they are in use."""
        with errors(self.place, opening=True):
            self._connection = connect(settings, self.place)
        try:
            with self.errors():
                self._begin(limits.seconds + TIMEOUT_GRACE_SECONDS)
        except BaseException:
            self.close()
            raise

    def _begin(self, seconds: float) -> None:
        self._connection.set_autocommit(False)
        try:
            self._configure(seconds, watch=True)
        except Exception as error:
            if _WATCH not in str(error):
                raise
            # A server on a system that can't tell whether its client is there.
            self.restart(seconds, watch=False)

    def _configure(self, seconds: float, *, watch: bool) -> None:
        """All in one statement, and for this transaction only: a pooler may give the session to others after it."""
        settings = _SETTINGS | {"statement_timeout": str(max(1, int(seconds * 1000)))}
        calls = [f"set_config('{name}', '{value}', true)" for name, value in settings.items()]
        if watch:
            known = "current_setting('server_version_num')::int >= 140000"
            calls.append(f"CASE WHEN {known} THEN set_config('{_WATCH}', '{_WATCH_SECONDS}s', true) END")
        self._statement("SELECT " + ", ".join(calls)).execute_update()
        self._release()

    def restart(self, seconds: float, *, watch: bool = True) -> None:
        """Begin a new transaction, with so much time for each statement: an error ends the one before."""
        self._release()
        self._connection.rollback()
        self._configure(seconds, watch=watch)

    # ---- Jobs ---------------------------------------------------------------------------------------------------

    def read(self, sql: str) -> Reading:
        """Run the SQL and stream its rows.

        The server describes the statement before it runs: a text of several statements, or one without columns, goes no
        further. What runs then is wrapped into COPY, which takes queries only.
        """
        from .postgresql_arrow import Plan

        with self.errors(sql):
            plan = Plan(self.describe(sql))
        with self.errors():  # Positions would be those of the text that the driver sends.
            reader = self.stream(plan.statement(sql))
        return Reading(schema=plan.schema, batches=plan.batches(reader, self.errors()))

    def catalog(self) -> Catalog:
        """Tables and views that the role may read, with declared keys."""
        from .postgresql_catalog import catalog

        with self.errors():
            return catalog(self.rows)

    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the values, small tables first, within the budget."""
        from .postgresql_profile import Asker
        from .server_profile import profile

        return profile(Asker(self), catalog, budget)

    def check(self) -> ConnectionStatus:
        """The server's version, how many tables there are, and what the role may do."""
        from .postgresql_status import status

        with self.errors():
            return status(self.rows)

    # ---- Statements ---------------------------------------------------------------------------------------------

    def errors(self, sql: str = "") -> errors:
        """A context that turns the driver's errors into DataAsk's."""
        return errors(self.place, sql=sql, stopped=self._stopped, alive=self._alive)

    def describe(self, sql: str) -> pa.Schema:
        """The columns of a statement, which isn't run."""
        import pyarrow as pa

        schema = pa.schema(self._statement(sql).execute_schema())
        self._release()
        if not len(schema):
            raise SqlRefused(NO_ROWS)
        return schema

    def stream(self, sql: str) -> Any:
        """A reader of the statement's rows."""
        # Arrow's own reader would lose the server's code of an error.
        from adbc_driver_manager._reader import AdbcRecordBatchReader

        statement = self._statement(sql)
        statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(self.limits.batch_bytes)})
        handle, _ = statement.execute_query()
        reader = AdbcRecordBatchReader._import_from_c(handle.address)
        self._open.append(reader)
        return reader

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """All rows of a statement of DataAsk's own."""
        found: list[dict[str, Any]] = self.stream(sql).read_all().to_pylist()
        self._release()
        return found

    def _statement(self, sql: str) -> Any:
        from adbc_driver_manager import AdbcStatement

        self._release()
        if self._stopped.is_set():
            raise QueryCancelled("The query was stopped.")
        statement = AdbcStatement(self._connection)
        self._open.append(statement)
        statement.set_sql_query(sql)
        return statement

    def _release(self) -> None:
        while self._open:
            self._open.pop().close()

    def _alive(self) -> bool:
        """Whether the server still answers on this connection."""
        try:
            self._release()
            self._connection.rollback()
        except Exception:
            return False
        return True

    def interrupt(self) -> None:
        """Have the server end what runs; it may be called from another thread."""
        self._stopped.set()
        with contextlib.suppress(Exception):
            self._connection.cancel()

    def close(self) -> None:
        """Close the connection. What still runs ends first: a reader that is closed would read the rest."""
        if self._open:
            with contextlib.suppress(Exception):
                self._connection.cancel()
        for part in (*reversed(self._open), self._connection):
            with contextlib.suppress(Exception):
                part.close()
        self._open.clear()
