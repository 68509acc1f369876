"""The pool of workers: a bounded number of processes, a bounded queue, one run for all who wait for the same result."""

from __future__ import annotations

import asyncio
import logging
import shutil
import uuid
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataask_jupyter.errors import Busy, DataAskError, QueryCancelled
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionStatus
from dataask_jupyter.sources import SourceSpec
from dataask_jupyter.sources.files_settings import ReadAs
from dataask_jupyter.sql.gate import CheckedQuery

from .lane import Lane
from .limits import Limits
from .process import WorkerProcess
from .results import ResultInfo, ResultStore

log = logging.getLogger(__name__)

MAX_WAITING = 200
CATALOG_SECONDS = 20.0
CHECK_SECONDS = 10.0
PROFILE_SECONDS = 20.0
INGEST_SECONDS = 120.0
PROFILE_GRACE_SECONDS = 5.0
"""A profile ends by itself within its budget; what takes longer is stopped."""


@dataclass
class _Flight:
    """A query that runs, and how many wait for it."""

    task: asyncio.Task[ResultInfo]
    waiting: int = 0


class WorkerPool:
    """Runs jobs in worker processes. It belongs to the event loop that first uses it."""

    def __init__(self, *, size: int, results: ResultStore, limits: Limits | None = None) -> None:
        self.size = size
        self.results = results
        self.limits = limits or Limits()
        self._lanes: tuple[Lane, Lane] | None = None
        self._flights: dict[str, _Flight] = {}
        self._background: set[asyncio.Task[Any]] = set()
        self._closed = False

    @property
    def _queries(self) -> Lane:
        return self._both()[0]

    @property
    def _profiles(self) -> Lane:
        """Profiles have a worker of their own, so that they never make a query wait."""
        return self._both()[1]

    def _both(self) -> tuple[Lane, Lane]:
        if self._lanes is None:
            memory = self.limits.memory_bytes
            self._lanes = (Lane(self.size, memory), Lane(1, memory))
        return self._lanes

    # ---- Jobs ----------------------------------------------------------------------------------------------------

    async def query(
        self, spec: SourceSpec, checked: CheckedQuery, fingerprint: str, *, limits: Limits | None = None
    ) -> ResultInfo:
        """Run a query, or wait for the same one that already runs, or return the result that is there.

        Cancelling the awaiting task stops the query within a second, unless others wait for it too.
        """
        found = await asyncio.to_thread(self.results.info, fingerprint)
        if found is not None:
            return found
        flight = self._flights.get(fingerprint)
        if flight is None:
            run = self._query(spec, checked, fingerprint, limits or self.limits)
            flight = _Flight(asyncio.create_task(run))
            self._flights[fingerprint] = flight
            flight.task.add_done_callback(lambda task: self._landed(fingerprint, task))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if flight.task.cancelled():
                # The pool stopped it, not the caller's own task.
                raise QueryCancelled("The query was stopped.") from None
            if flight.waiting == 1:
                self._flights.pop(fingerprint, None)
                flight.task.cancel()
                await asyncio.wait({flight.task})
            raise
        finally:
            flight.waiting -= 1

    async def catalog(self, spec: SourceSpec) -> Catalog:
        """What the source contains."""
        message = {"job": "catalog", "spec": _spec(spec)}
        return Catalog.model_validate(await self._run(self._queries, message, CATALOG_SECONDS))

    async def profile(self, spec: SourceSpec, catalog: Catalog, *, seconds: float = PROFILE_SECONDS) -> CatalogProfile:
        """Facts about the source's values, within a budget of seconds. It has a worker of its own."""
        message = {
            "job": "profile",
            "spec": _spec(spec),
            "catalog": catalog.model_dump(mode="json"),
            "seconds": seconds,
        }
        found = await self._run(self._profiles, message, seconds + PROFILE_GRACE_SECONDS)
        return CatalogProfile.model_validate(found)

    async def check(self, spec: SourceSpec) -> ConnectionStatus:
        """Whether the source can be opened. A source that can't is an answer, not an error."""
        from datetime import UTC, datetime

        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            found = await self._run(self._queries, {"job": "check", "spec": _spec(spec)}, CHECK_SECONDS)
            status = ConnectionStatus.model_validate(found)
        except Busy:
            raise
        except DataAskError as error:
            status = ConnectionStatus(state="failed", detail=error.detail)
        return status.model_copy(
            update={"checked_at": datetime.now(UTC), "latency_ms": round((loop.time() - started) * 1000, 1)}
        )

    async def ingest(self, raw: Path, name: str, table: str, read_as: ReadAs, target: Path) -> dict[str, Any]:
        """Make Parquet of an uploaded file: its format, its table with the first rows, and the bytes it takes."""
        message = {
            "job": "ingest",
            "spec": {"kind": "upload", "settings": {}, "secrets": {}},
            "file": str(raw),
            "name": name,
            "table": table,
            "read_as": read_as.as_dict(),
            "target": str(target),
        }
        # Beside profiles, which wait as well: a large file mustn't make a query wait.
        return await self._run(self._profiles, message, INGEST_SECONDS)

    # ---- Workers -------------------------------------------------------------------------------------------------

    def warm(self) -> None:
        """Start the workers in the background, so that the first query needn't wait for one."""
        self._queries.fill()

    async def close(self) -> None:
        """Stop what runs and end all workers."""
        self._closed = True
        flights = [flight.task for flight in self._flights.values()]
        for task in (*flights, *self._background):
            task.cancel()
        await asyncio.gather(*flights, *self._background, return_exceptions=True)
        for lane in self._lanes or ():
            await lane.close()

    async def _query(self, spec: SourceSpec, checked: CheckedQuery, fingerprint: str, limits: Limits) -> ResultInfo:
        unique = uuid.uuid4().hex[:12]
        message = {
            "job": "query",
            "spec": _spec(spec),
            "sql": checked.sql,
            "fingerprint": fingerprint,
            "file": str(self.results.file(fingerprint)),
            "unique": unique,
        }
        try:
            found = await self._run(self._queries, message, limits.seconds, limits)
        except BaseException:
            self._spawn(asyncio.to_thread(_remove_parts, self.results.folder, f"{fingerprint}.{unique}"))
            raise
        info = ResultInfo.from_dict(found)
        self.results.remember(info)
        self._spawn(asyncio.to_thread(self.results.evict))
        return info

    async def _run(
        self, lane: Lane, message: dict[str, Any], seconds: float, limits: Limits | None = None
    ) -> dict[str, Any]:
        """Wait for a slot, then do the job. The deadline counts from the moment that the job begins."""
        if self._closed:
            raise QueryCancelled("The server is shutting down.")
        if lane.waiting >= MAX_WAITING:
            raise Busy("Too many queries are waiting. Try again in a moment.")
        lane.waiting += 1
        try:
            await lane.slots.acquire()
        finally:
            lane.waiting -= 1
        try:
            worker = await lane.take()
            temporary = self.results.folder / f"spill-{uuid.uuid4().hex}"
            allowed = limits or self.limits
            message = {**message, "limits": {**allowed.as_dict(), "seconds": seconds}, "temporary": str(temporary)}
            try:
                return await worker.run(message, seconds=seconds)
            finally:
                await asyncio.shield(self._give_back(lane, worker, temporary))
        finally:
            lane.slots.release()

    async def _give_back(self, lane: Lane, worker: WorkerProcess, temporary: Path) -> None:
        if worker.alive and not self._closed:
            lane.idle.append(worker)
            return
        await lane.drop(worker)
        self._spawn(asyncio.to_thread(shutil.rmtree, temporary, ignore_errors=True))
        if not self._closed:
            lane.fill()

    def _landed(self, fingerprint: str, task: asyncio.Task[ResultInfo]) -> None:
        flight = self._flights.get(fingerprint)
        if flight is not None and flight.task is task:
            del self._flights[fingerprint]
        if not task.cancelled():
            task.exception()  # Everyone may have left: that isn't an error to report.

    def _spawn(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


def _spec(spec: SourceSpec) -> dict[str, Any]:
    """The only place where secrets become plain text: the message goes to a worker's standard input."""
    return {"kind": spec.kind, "settings": spec.settings, "secrets": spec.secrets.reveal()}


def _remove_parts(folder: Path, stem: str) -> None:
    """What a query left behind that didn't end."""
    for part in folder.glob(f"{stem}.*"):
        part.unlink(missing_ok=True)
