"""Snowflake's connector as DataAsk uses it: with an end for every call, and one query at a time."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from dataask_jupyter.errors import DriverMissing, SourceUnavailable

from . import endpoints
from .base import ReadLimits
from .servers import CONNECT_SECONDS, TIMEOUT_GRACE_SECONDS
from .snowflake_errors import errors
from .waiting import Waiting

if TYPE_CHECKING:
    from .snowflake import SnowflakeSettings

Found = TypeVar("Found")

CHUNK_MEGABYTES = 48
"""The least that Snowflake makes the parts of a large result."""
FETCH_THREADS = 2


class Client:
    """One job's session."""

    def __init__(self, settings: SnowflakeSettings, limits: ReadLimits) -> None:
        self.settings = settings
        self.limits = limits
        self.ends = time.monotonic() + limits.seconds + TIMEOUT_GRACE_SECONDS
        self.waiting = Waiting()
        self._running: tuple[str, uuid.UUID] | None = None
        self._threads: list[threading.Thread] = []
        self._connection: Any = None
        with errors(settings, opening=True, stopped=self.waiting.stopped):
            self._connection = self.waiting.call(self._connect, CONNECT_SECONDS + TIMEOUT_GRACE_SECONDS)

    def _connect(self) -> Any:
        try:
            import snowflake.connector
        except ImportError:
            raise DriverMissing(
                'The driver for Snowflake is missing. Run: pip install "dataask_jupyter[snowflake]"'
            ) from None
        # It writes requests and what they hold into the log.
        logging.getLogger("snowflake.connector").setLevel(logging.CRITICAL)
        return snowflake.connector.connect(
            **self._place(),
            **self._way_in(),
            user=self.settings.user,
            account=self.settings.account,
            database=self.settings.database,
            schema=self.settings.schema_name,
            warehouse=self.settings.warehouse,
            role=self.settings.role,
            application="DataAsk",
            login_timeout=CONNECT_SECONDS,
            network_timeout=max(1, int(self.left)),
            # Else it asks the addresses of clouds' metadata where it runs, and waits for them.
            platform_detection_timeout_seconds=0.0,
            client_prefetch_threads=FETCH_THREADS,
            client_session_keep_alive=False,
            client_store_temporary_credential=False,
            log_imported_packages_in_telemetry=False,
            arrow_number_to_decimal=True,
            session_parameters={
                "CLIENT_TELEMETRY_ENABLED": False,
                "CLIENT_RESULT_CHUNK_SIZE": CHUNK_MEGABYTES,
                # Snowflake ends a query by itself, also where nobody is left to cancel it.
                "STATEMENT_TIMEOUT_IN_SECONDS": max(1, int(self.left) + 1),
                "ABORT_DETACHED_QUERY": True,
                "MULTI_STATEMENT_COUNT": 1,
                "QUOTED_IDENTIFIERS_IGNORE_CASE": False,
                "TIMEZONE": "UTC",
                "QUERY_TAG": "dataask",
            },
        )

    def _place(self) -> dict[str, Any]:
        """Where it is: the connector makes the address of the account, or an emulator has one."""
        place = endpoints.emulator(endpoints.SNOWFLAKE)
        if place is None:
            return {"validate_default_parameters": True}
        return {"host": place[0], "port": place[1], "protocol": "http"}

    def _way_in(self) -> dict[str, Any]:
        if self.settings.private_key:
            return {"authenticator": "SNOWFLAKE_JWT", "private_key": self._key(self.settings.private_key)}
        if not self.settings.password:
            raise SourceUnavailable(
                f"Snowflake asks for a password or a private key for user {self.settings.user}. Enter one in the"
                " connection."
            )
        return {"authenticator": "SNOWFLAKE", "password": self.settings.password}

    def _key(self, text: str) -> bytes:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives import serialization

        passphrase = self.settings.private_key_passphrase
        try:
            key = serialization.load_pem_private_key(text.encode(), passphrase.encode() if passphrase else None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise SourceUnavailable(
                "The private key can't be read: it was cut, or its passphrase is missing, wrong or not needed. Enter"
                " both again."
            ) from None
        return key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )

    # ---- Calls --------------------------------------------------------------------------------------------------

    @property
    def left(self) -> float:
        """Seconds until the deadline."""
        return max(0.1, self.ends - time.monotonic())

    def call(self, run: Callable[[], Found], *, shift: int = 0, seconds: float | None = None) -> Found:
        """What a request gives; its errors are DataAsk's. `shift` lines stand before the user's own."""
        with self.errors(shift):
            return self.waiting.call(run, self.left if seconds is None else min(seconds, self.left))

    def errors(self, shift: int = 0) -> errors:
        """A context that turns the connector's errors into DataAsk's."""
        return errors(self.settings, shift=shift, stopped=self.waiting.stopped)

    def run(self, sql: str) -> Any:
        """A cursor over the rows of a query.

        Snowflake compiles it first, as the inner part of another query: nothing else can stand there.
        """
        look = f"SELECT * FROM (\n{sql}\n)"  # noqa: S608 - it is compiled only
        self.call(lambda: self._connection.cursor().describe(look), shift=1)
        return self.execute(sql)

    def execute(self, sql: str, *, seconds: float | None = None) -> Any:
        """A cursor over the rows of a statement."""
        cursor = self._connection.cursor()
        name = uuid.uuid4()
        self._running = (sql, name)
        limit = self.left if seconds is None else min(seconds, self.left)

        def work() -> Any:
            # Its own timer is the second one: it would cancel the query at Snowflake too, and wait for the answer.
            return cursor.execute(
                sql,
                timeout=int(limit + TIMEOUT_GRACE_SECONDS) + 1,
                _statement_params={"requestId": str(name)},
                _is_put_get=False,
            )

        self.call(work, seconds=None if seconds is None else seconds + TIMEOUT_GRACE_SECONDS)
        self._running = None
        return cursor

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """All rows of a statement of DataAsk's own, by lower-case names."""
        cursor = self.execute(sql)
        names = [column.name.lower() for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in self.call(cursor.fetchall)]

    # ---- The end ------------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Stop waiting, and have Snowflake end the query. It may be called from another thread."""
        self.waiting.stop()
        self._cancel()

    def _cancel(self) -> None:
        running, self._running = self._running, None
        if running is None or self._connection is None:
            return
        thread = threading.Thread(target=self._abort, args=running, name="cancel", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _abort(self, sql: str, name: uuid.UUID) -> None:
        with contextlib.suppress(Exception):
            self._connection._cancel_query(sql, name)

    def close(self) -> None:
        """Cancel what runs and end the session."""
        self._cancel()
        for thread in self._threads:
            thread.join(1.0)
        connection, self._connection = self._connection, None
        if connection is not None:
            # It asks the server once more, which may not answer.
            closing = threading.Thread(target=_close, args=(connection,), name="close", daemon=True)
            closing.start()
            closing.join(1.0)


def _close(connection: Any) -> None:
    with contextlib.suppress(Exception):
        connection.close(retry=False)
