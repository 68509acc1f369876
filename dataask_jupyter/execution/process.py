"""One worker process, as the server sees it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections import deque
from typing import Any

from dataask_jupyter.errors import DataAskError, QueryTimeout, QueryTooBig, WorkerLost
from dataask_jupyter.schemas.common import Problem

from . import sandbox
from .protocol import MAX_LINE, decode, encode

log = logging.getLogger(__name__)

START_SECONDS = 30.0
GRACE_SECONDS = 0.5
"""How long a worker may take to stop what it does before it is killed."""
RETIRE_BYTES = 384 * 1024**2
"""A worker that holds on to so much more than at its start is replaced: databases keep address space that they once
had, which then is missing under the limit, and a database that ran out of memory is not trusted with another job."""

_TOO_LONG = {
    "query": "The query was stopped after {:g} s, which is the limit. Filter the rows or group them.",
    "check": "The source didn't answer within {:g} s. Check that its disk is reachable.",
    "catalog": "Reading the list of tables took longer than {:g} s. Try again when the source is less busy.",
    "profile": "Reading a sample of the values took longer than {:g} s.",
    "ingest": "Reading the file took longer than {:g} s. Upload a part of it, or Parquet.",
}


class WorkerProcess:
    """A worker process with one job at a time. After `alive` turned false it is of no use any more."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        # Popen.kill may take the exit status away from asyncio, which then can't tell what the process died of.
        self._handle = _handle(process.pid)
        self._killed = False
        self._next = 0
        self._last_words: deque[str] = deque(maxlen=20)
        self._stderr = asyncio.create_task(self._read_errors())
        self.base: dict[str, int] = {}
        self.alive = True

    @staticmethod
    async def start(memory_bytes: int) -> WorkerProcess:
        """Start a worker and wait until it is ready."""
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "dataask_jupyter.execution.worker",
                str(os.getpid()),
                str(memory_bytes),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=sandbox.environment(),
                limit=MAX_LINE,
                start_new_session=True,  # An interrupt from the keyboard is the server's to handle.
            )
        except OSError as error:
            raise WorkerLost(f"A process for queries can't be started: {error.strerror or error}.") from error
        worker = WorkerProcess(process)
        try:
            async with asyncio.timeout(START_SECONDS):
                worker.base = (await worker._receive()).get("memory", {})
        except (TimeoutError, WorkerLost) as error:
            await worker.kill()
            log.exception("A worker didn't start: %s", worker.last_words())
            raise WorkerLost("A process for queries can't be started. The server's log tells why.") from error
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def gone(self) -> bool:
        """Whether the process has ended, be it known here or not."""
        return self._process.returncode is not None

    async def run(self, message: dict[str, Any], *, seconds: float) -> dict[str, Any]:
        """Do one job. On the deadline or when this task is cancelled the job is interrupted, then killed."""
        job = self._next = self._next + 1
        answer = asyncio.create_task(self._exchange({**message, "id": job}))
        try:
            done, _ = await asyncio.wait({answer}, timeout=seconds)
            if not done:
                await self._stop(job, answer)
                raise QueryTimeout(_TOO_LONG[message["job"]].format(seconds))
        except asyncio.CancelledError:
            try:
                await asyncio.shield(self._stop(job, answer))
            except asyncio.CancelledError:
                self.alive = False  # Cancelled twice: nobody waits until the job has stopped.
                raise
            raise
        return self._result(await answer)

    def _result(self, found: dict[str, Any]) -> dict[str, Any]:
        used = found.get("memory", {})
        if any(used[what] - self.base.get(what, 0) > RETIRE_BYTES for what in used):
            self.alive = False
        if "problem" in found:
            error = DataAskError.from_problem(Problem.model_validate(found["problem"]))
            if isinstance(error, QueryTooBig):
                self.alive = False
            if error.kind == "internal":
                log.error("A job failed in a worker: %s", self.last_words())
            raise error
        ok: dict[str, Any] = found["ok"]
        return ok

    async def _exchange(self, message: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None  # noqa: S101 - opened as a pipe above
        try:
            self._process.stdin.write(encode(message))
            await self._process.stdin.drain()
        except (ConnectionError, RuntimeError):
            raise await self._lost() from None
        return await self._receive()

    async def _receive(self) -> dict[str, Any]:
        assert self._process.stdout is not None  # noqa: S101 - opened as a pipe above
        try:
            line = await self._process.stdout.readline()
        except ValueError as error:
            await self.kill()
            raise WorkerLost("The answer of a query's process is too large.") from error
        if not line.endswith(b"\n"):
            raise await self._lost()
        try:
            return decode(line)
        except (ValueError, TypeError) as error:
            await self.kill()
            raise WorkerLost("The answer of a query's process can't be read.") from error

    async def _lost(self) -> DataAskError:
        """The error for a worker that died by itself."""
        self.alive = False
        await self.kill()
        code = self._process.returncode
        log.warning("Worker %s died with %s: %s", self.pid, code, self.last_words())
        if code == -getattr(signal, "SIGXCPU", 0):
            return QueryTimeout("The query used more processor time than one query may. Filter the rows or group them.")
        return WorkerLost(
            "The process that ran the query died. It most likely ran out of memory. Run it again, or make it smaller."
        )

    async def _stop(self, job: int, answer: asyncio.Task[dict[str, Any]]) -> None:
        """Interrupt the job; kill the process when that doesn't help soon."""
        with contextlib.suppress(ConnectionError, RuntimeError):
            if self._process.stdin is not None:
                self._process.stdin.write(encode({"cancel": job}))
        done, _ = await asyncio.wait({answer}, timeout=GRACE_SECONDS)
        if not done:
            answer.cancel()
            await self.kill()
        with contextlib.suppress(asyncio.CancelledError, DataAskError):
            self._result(await answer)

    async def kill(self) -> None:
        """End the process at once and give back its pipes."""
        self.alive = False
        self._signal_kill()
        await self._process.wait()
        self._stderr.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._stderr
        if self._process.stdin is not None:
            self._process.stdin.close()
        # The transport closes its pipes only when told to, once the process is gone.
        transport = getattr(self._process, "_transport", None)
        if transport is not None:
            transport.close()

    def _signal_kill(self) -> None:
        handle, self._handle = self._handle, None
        with contextlib.suppress(ProcessLookupError):
            if handle is not None and sys.platform == "linux":
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            elif not self._killed and self._process.returncode is None:
                self._process.kill()
        if handle is not None:
            os.close(handle)
        self._killed = True

    def last_words(self) -> str:
        """What it wrote on standard error last."""
        return "\n".join(self._last_words)

    async def _read_errors(self) -> None:
        assert self._process.stderr is not None  # noqa: S101 - opened as a pipe above
        with contextlib.suppress(ValueError, ConnectionError):
            async for line in self._process.stderr:
                self._last_words.append(line.decode("utf-8", "replace").rstrip())


def _handle(pid: int) -> int | None:
    """A handle that stays this process's, whatever becomes of its number; None where the system has none."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return os.pidfd_open(pid)
    return None
