"""A worker process: takes one job at a time from standard input and answers on standard output.

It runs what the server must not run itself: SQL, on files that people brought. It has limits of its own, no secrets in
its environment, and ends when the server does.
"""

from __future__ import annotations

import gc
import os
import queue
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from dataask_jupyter.errors import QueryCancelled

from . import sandbox
from .limits import Limits
from .protocol import decode, encode
from .redact import Redactor


class Worker:
    """One worker's state: the job that runs, and whether it was cancelled."""

    def __init__(self, commands: BinaryIO, answers: BinaryIO) -> None:
        self.commands = commands
        self.answers = answers
        self.waiting: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self.lock = threading.Lock()
        self.running: int | None = None
        self.cancelled: set[int] = set()
        self.session: Any = None

    def listen(self) -> None:
        """Take commands, in a thread of its own. The end of the input is the end of the server: leave at once."""
        for line in self.commands:
            message = decode(line)
            if "cancel" in message:
                self._cancel(message["cancel"])
            else:
                self.waiting.put(message)
        os._exit(0)

    def _cancel(self, job: int) -> None:
        with self.lock:
            self.cancelled.add(job)
            if self.running == job and self.session is not None:
                self.session.interrupt()

    def work(self) -> None:
        """Do jobs, one after another, for ever."""
        while True:
            message = self.waiting.get()
            found = self._do(message)
            if "problem" in found:
                gc.collect()  # An error's frames refer to each other, and to what the job had open.
            self.answer({"id": message["id"], **found, "memory": sandbox.memory()})

    def answer(self, message: dict[str, Any]) -> None:
        """Send one message."""
        self.answers.write(encode(message))
        self.answers.flush()

    def _do(self, message: dict[str, Any]) -> dict[str, Any]:
        from . import jobs

        job = message["id"]
        limits = Limits(**message["limits"])
        temporary = Path(message["temporary"]) if message.get("temporary") else None
        redactor = Redactor(message["spec"].get("secrets", {}).values())
        with self.lock:
            self.running = job
        try:
            sandbox.limit_job(
                seconds=limits.seconds,
                threads=limits.threads,
                file_bytes=max(limits.max_bytes * 2, limits.temporary_bytes) + 64 * 1024**2,
            )
            session = jobs.open_source(message, limits, temporary)
            try:
                with self.lock:
                    self.session = session
                    if job in self.cancelled:
                        raise QueryCancelled("The query was stopped.")
                found = jobs.JOBS[message["job"]](session, message, limits)
                # What a database says about itself is not data.
                return {"ok": redactor.clean(found) if message["job"] == "check" else found}
            finally:
                with self.lock:
                    self.session = None
                session.close()
        except Exception as error:
            failure = jobs.problem(error)
            if failure.kind == "internal":
                sys.stderr.write(redactor.text(traceback.format_exc()))
                sys.stderr.flush()
            if job in self.cancelled:
                failure = QueryCancelled("The query was stopped.")
            return {"problem": redactor.clean(failure.problem().model_dump(mode="json"))}
        finally:
            with self.lock:
                self.running = None
                self.cancelled.discard(job)
            jobs.clean(temporary)


def main() -> None:
    """Run a worker until its standard input ends. Arguments: the parent's process id and the memory limit in bytes."""
    parent, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    sandbox.die_with_parent(parent)
    # Nothing that a library prints may get between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker = Worker(os.fdopen(os.dup(0), "rb"), answers)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    threading.Thread(target=worker.listen, name="commands", daemon=True).start()

    # Loaded before the limit: a library's own space shouldn't count less from one version to the next.
    import duckdb  # noqa: F401

    from . import jobs  # noqa: F401

    sandbox.limit_process(memory_bytes)
    worker.answer({"ready": os.getpid(), "memory": sandbox.memory()})
    worker.work()


if __name__ == "__main__":
    main()
