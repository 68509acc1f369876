"""PostgreSQL, read through ADBC: one read-only connection a job, one statement at a time."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from dataask_jupyter.errors import DriverMissing, QueryCancelled, SqlRefused
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionStatus

from .base import Budget, Reading, ReadLimits, Session
from .postgresql_errors import NO_ROWS, errors
from .servers import CONNECT_SECONDS, TIMEOUT_GRACE_SECONDS, Place, ServerKind, ServerSettings

if TYPE_CHECKING:
    import pyarrow as pa

KEPT_DATABASES = 4


class PostgreSQLSettings(ServerSettings):
    """Where a PostgreSQL server is."""

    port: int = Field(default=5432, title="Port", ge=1, le=65535)


class PostgreSQL(ServerKind[PostgreSQLSettings]):
    """A PostgreSQL database."""

    kind = "postgresql"
    label = "PostgreSQL"
    tile = "Pg"
    dialect = "postgres"
    notes = "A database on a PostgreSQL server. DataAsk reads it in read-only sessions; a role that may only read is best."
    settings_model = PostgreSQLSettings

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> PostgreSQLSession:
        """A new connection for one job."""
        return PostgreSQLSession(PostgreSQLSettings.model_validate(settings), limits)


class PostgreSQLSession(Session):
    """One connection."""

    def __init__(self, settings: PostgreSQLSettings, limits: ReadLimits) -> None:
        self.limits = limits
        self.place = Place("PostgreSQL", settings)
        self._stopped = threading.Event()
        self._open: list[Any] = []
        """What is open on the connection, innermost last."""
        try:
            self._connection = _connect(settings, self.place)
            try:
                self.set_timeout(limits.seconds + TIMEOUT_GRACE_SECONDS)
            except BaseException:
                self._connection.close()
                raise
        except BaseException:
            self.place.close()
            raise

    # ---- What a job does ----------------------------------------------------------------------------------------

    def read(self, sql: str) -> Reading:
        """Run the SQL and stream its rows.

        The server describes the statement before it runs: a text of several statements, or one without columns, goes no
        further. What runs is wrapped into COPY, which takes queries only.
        """
        from .postgresql_arrow import Plan

        with self.errors(sql):
            plan = Plan(self.describe(sql))
            reader = self.stream(plan.statement(sql))
        return Reading(schema=plan.schema, batches=plan.batches(reader, self.errors(sql)))

    def catalog(self) -> Catalog:
        """Tables and views that the role may read, with declared keys."""
        from .postgresql_catalog import catalog

        with self.errors():
            return catalog(self.rows)

    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the values, small tables first, within the budget."""
        from .postgresql_catalog import Profiler
        from .server_profile import profile

        return profile(Profiler(self), catalog, budget)

    def check(self) -> ConnectionStatus:
        """The server's version, how many tables there are, and what the role may do."""
        from .postgresql_catalog import status

        with self.errors():
            return status(self.rows)

    # ---- The connection -----------------------------------------------------------------------------------------

    def errors(self, sql: str = "") -> errors:
        """A context that turns the driver's errors into DataAsk's."""
        return errors(self.place, sql=sql, stopped=self._stopped, alive=self._alive)

    def describe(self, sql: str) -> pa.Schema:
        """The columns of a statement, which isn't run."""
        import pyarrow as pa

        statement = self._statement(sql)
        schema = pa.schema(statement.execute_schema())
        self._release()
        if not len(schema):
            raise SqlRefused(NO_ROWS)
        return schema

    def stream(self, sql: str) -> Any:
        """A reader of the statement's rows."""
        from adbc_driver_manager._reader import AdbcRecordBatchReader

        statement = self._statement(sql)
        statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(self.limits.batch_bytes)})
        handle, _ = statement.execute_query()
        reader = AdbcRecordBatchReader._import_from_c(handle.address)
        self._open.append(reader)
        return reader

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """All rows of a statement of DataAsk's own."""
        import pyarrow as pa

        reader = self.stream(sql)
        batches = list(iter(reader.read_next_batch, None)) if False else _all(reader)
        self._release()
        found: list[dict[str, Any]] = pa.Table.from_batches(batches, reader.schema).to_pylist()
        return found

    def set_timeout(self, seconds: float) -> None:
        """The server itself ends statements that take longer."""
        with self.errors():
            statement = self._statement(f"SET statement_timeout = {max(1, int(seconds * 1000))}")
            statement.execute_update()
            self._release()

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
            from adbc_driver_manager import AdbcStatement

            with AdbcStatement(self._connection) as statement:
                statement.set_sql_query("SELECT 1")
                statement.execute_update()
        except Exception:
            return False
        return True

    def interrupt(self) -> None:
        """Have the server end what runs; it may be called from another thread."""
        import contextlib

        self._stopped.set()
        with contextlib.suppress(Exception):
            self._connection.cancel()

    def close(self) -> None:
        """Close the connection. What still runs on it ends: closing a reader would read the rest otherwise."""
        import contextlib

        with contextlib.suppress(Exception):
            if self._open:
                self._connection.cancel()
        for part in (*reversed(self._open), self._connection):
            with contextlib.suppress(Exception):
                part.close()
        self._open.clear()
        self.place.close()


class Databases:
    """Handles of ADBC by connection string, for the life of a worker.

    Making one reads all types of the database: 30 ms, and half a second where there are 5,000 tables. A handle holds no
    connection: each job has its own.
    """

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def get(self, address: str) -> Any:
        """The handle for a connection string."""
        import adbc_driver_postgresql

        found = self._known.pop(address, None)
        if found is None:
            found = adbc_driver_postgresql.connect(address)
        self._known[address] = found
        while len(self._known) > KEPT_DATABASES:
            self._known.pop(next(iter(self._known))).close()
        return found


_databases = Databases()


def _connect(settings: PostgreSQLSettings, place: Place) -> Any:
    try:
        from adbc_driver_manager import AdbcConnection
        import adbc_driver_postgresql  # noqa: F401
    except ImportError:
        raise DriverMissing(
            'The driver for PostgreSQL is missing. Run: pip install "dataask_jupyter[postgresql]"'
        ) from None
    return AdbcConnection
