"""The store: transactions on a bounded thread pool, so that the event loop never waits for a disk."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from dataask_jupyter.errors import StoreUnavailable

from . import engine as engines
from . import failures, schema

if TYPE_CHECKING:
    from sqlalchemy import Engine

Result = TypeVar("Result")

_WAITS: Final = (0.02, 0.1, 0.4)
"""Seconds to wait at most before a transaction that lost a race is run again."""

QUICK_CHECK_BYTES: Final = 256 * 1024 * 1024
"""Larger SQLite files are not read through when they are opened: it would take too long."""


class Store:
    """DataAsk's own database. Opens on first use; a failed opening is tried again by the next call."""

    def __init__(self, url: str, *, threads: int = 4) -> None:
        self._url = engines.parse(url)
        self.place: Final = engines.place(self._url)
        self._size = threads
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="dataask-store")
        self._engine: Engine | None = None
        self._opening = threading.Lock()
        # SQLite's writers would otherwise poll for the lock that one of them holds.
        self._writing = threading.Lock() if self._url.drivername == "sqlite" else nullcontext()
        self.info: Final[dict[str, Any]] = {}
        """What every session carries in its `info`, e.g. the key of the audit log."""

    # ---- Transactions -----------------------------------------------------------------------------------------

    async def read(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` in a transaction that only reads. What it returns must not need the session."""
        return await self._in_thread(lambda: self.run(work, write=False))

    async def write(self, work: Callable[[Session], Result]) -> Result:
        """Run `work` in a transaction that is committed when it returns and rolled back when it raises."""
        return await self._in_thread(lambda: self.run(work, write=True))

    def run(self, work: Callable[[Session], Result], *, write: bool) -> Result:
        """The same on the calling thread: for `read` and `write`, and for programs without an event loop.

        Where two transactions wait for each other, PostgreSQL ends one of them. That one is run again, so `work` must
        leave nothing behind but what it wrote through the session.
        """
        for wait in (*_WAITS, None):
            try:
                return self._attempt(work, write=write)
            except SQLAlchemyError as error:
                if wait is not None and failures.lost_a_race(error):
                    # Not all at once again.
                    time.sleep(random.uniform(0, wait))  # noqa: S311 - no secret depends on it
                    continue
                found = failures.translate(error, self.place)
                if found is None:
                    raise
                raise found from error
        raise AssertionError("The last attempt returns or raises.")

    def _attempt(self, work: Callable[[Session], Result], *, write: bool) -> Result:
        engine = self.open()
        if write:
            with self._writing, _sessions(engine, self.info, write=True)() as session, session.begin():
                return work(session)
        with _sessions(engine, self.info, write=False)() as session, session.begin():
            return work(session)

    async def ping(self) -> None:
        """Raise unless the database answers."""
        await self.read(lambda session: session.execute(text("SELECT 1")).scalar_one())

    async def close(self) -> None:
        """Give back connections and threads."""
        await asyncio.to_thread(self.close_now)

    def close_now(self) -> None:
        """The same on the calling thread."""
        self._threads.shutdown(wait=True)
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    # ---- Opening ----------------------------------------------------------------------------------------------

    def open(self) -> Engine:
        """The engine, its schema checked; the first caller does the work."""
        if self._engine is not None:
            return self._engine
        with self._opening:
            if self._engine is None:
                self._engine = self._open()
            return self._engine

    def _open(self) -> Engine:
        if self._url.drivername == "sqlite":
            self._refuse_damaged_file()
        engine = engines.make(self._url, size=self._size)
        try:
            schema.ensure(engine, self.place)
        except BaseException:
            engine.dispose()
            raise
        return engine

    def migrate(self) -> tuple[str | None, str]:
        """Bring the schema up to date now; the versions before and after."""
        if self._url.drivername == "sqlite":
            self._refuse_damaged_file()
        engine = engines.make(self._url, size=1)
        try:
            return schema.upgrade(engine, self.place), schema.HEAD
        except SQLAlchemyError as error:
            raise failures.translate(error, self.place) or error from error
        finally:
            engine.dispose()

    def _refuse_damaged_file(self) -> None:
        """A damaged file is refused whole, before anything is written to it: what is in it may be all there is."""
        path = Path(str(self._url.database))
        try:
            size = path.stat().st_size
        except OSError:
            return
        if size == 0:
            return
        try:
            connection = sqlite3.connect(path, timeout=engines.BUSY_SECONDS)
            try:
                # The schema is read in any case, the whole file when it isn't huge.
                connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
                if size <= QUICK_CHECK_BYTES:
                    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
                    if found != "ok":
                        raise failures.broken_file(self.place)
            finally:
                connection.close()
        except sqlite3.DatabaseError as error:
            if (getattr(error, "sqlite_errorname", "") or "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
                raise failures.broken_file(self.place) from error
            raise StoreUnavailable(f"{self.place} can't be opened: {error}.") from error

    async def _in_thread(self, work: Callable[[], Result]) -> Result:
        loop = asyncio.get_running_loop()
        try:
            future = loop.run_in_executor(self._threads, work)
        except RuntimeError:
            raise StoreUnavailable("The server is shutting down.") from None
        # A transaction that has begun is finished even when nobody waits for its result any more.
        return await asyncio.shield(future)


def _sessions(engine: Engine, info: dict[str, Any], *, write: bool) -> sessionmaker[Session]:
    bind = engine.execution_options(**{engines.WRITE: True}) if write else engine
    return sessionmaker(bind, expire_on_commit=False, info=info)
