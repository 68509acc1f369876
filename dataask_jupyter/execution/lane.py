"""Some workers, and so many jobs at once as there are workers."""

from __future__ import annotations

import asyncio
import contextlib

from dataask_jupyter.errors import DataAskError

from .process import WorkerProcess


class Lane:
    """Idle workers, workers that work, and workers that start; together never more than `size`."""

    def __init__(self, size: int, memory_bytes: int) -> None:
        self.size = size
        self.memory_bytes = memory_bytes
        self.slots = asyncio.Semaphore(size)
        self.waiting = 0
        self.started: set[WorkerProcess] = set()
        self.idle: list[WorkerProcess] = []
        self._starts: set[asyncio.Task[WorkerProcess]] = set()
        """Starts under way."""
        self._unclaimed: list[asyncio.Task[WorkerProcess]] = []
        """Those of them that nobody waits for."""

    async def take(self) -> WorkerProcess:
        """An idle worker, one that is about to be ready, or a new one. The caller holds a slot."""
        while self.idle:
            worker = self.idle.pop()
            if worker.alive and not worker.gone:
                return worker
            await self.drop(worker)
            self.fill()
        start = self._unclaimed.pop(0) if self._unclaimed else self._start()
        try:
            await asyncio.wait({start})
        except asyncio.CancelledError:
            self._leave(start)
            raise
        return start.result()

    def fill(self) -> None:
        """Start what is missing in the background, so that the next job needn't wait for it."""
        while len(self.started) + len(self._starts) < self.size:
            self._leave(self._start())

    async def drop(self, worker: WorkerProcess) -> None:
        """End a worker for good."""
        self.started.discard(worker)
        await worker.kill()

    async def close(self) -> None:
        """End all of them."""
        starting = list(self._starts)
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        await asyncio.gather(*(self.drop(worker) for worker in list(self.started)))

    def _start(self) -> asyncio.Task[WorkerProcess]:
        async def start() -> WorkerProcess:
            worker = await WorkerProcess.start(self.memory_bytes)
            self.started.add(worker)
            return worker

        task = asyncio.create_task(start())
        self._starts.add(task)
        task.add_done_callback(self._starts.discard)
        return task

    def _leave(self, start: asyncio.Task[WorkerProcess]) -> None:
        """Nobody waits for this start: whoever comes next may, else its worker becomes idle."""
        self._unclaimed.append(start)
        start.add_done_callback(self._arrived)

    def _arrived(self, start: asyncio.Task[WorkerProcess]) -> None:
        if start not in self._unclaimed:
            return  # Somebody has claimed it.
        self._unclaimed.remove(start)
        # A start that failed is told to whoever needs a worker next, by failing again.
        with contextlib.suppress(asyncio.CancelledError, DataAskError):
            self.idle.append(start.result())
