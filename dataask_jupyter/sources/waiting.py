"""Calls of drivers that can't be interrupted: they run beside, and whoever waits for them can be told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from dataask_jupyter.errors import QueryCancelled, QueryTimeout

Found = TypeVar("Found")

_END: Any = object()


class Waiting:
    """Waits for one call at a time."""

    def __init__(self) -> None:
        self.stopped = threading.Event()
        self._lock = threading.Lock()
        self._wake: threading.Event | None = None

    def stop(self) -> None:
        """End the wait, from another thread. The call itself goes on: whoever made it ends it at its server."""
        with self._lock:
            self.stopped.set()
            if self._wake is not None:
                self._wake.set()

    def call(self, run: Callable[[], Found], seconds: float) -> Found:
        """What the call gives, or raises. It gets a thread of its own, since a driver may wait on a socket for long."""
        found: list[Found] = []
        failed: list[BaseException] = []
        done = threading.Event()

        def work() -> None:
            try:
                found.append(run())
            except BaseException as error:
                failed.append(error)
            done.set()

        with self._lock:
            if self.stopped.is_set():
                raise QueryCancelled("The query was stopped.")
            self._wake = done
        threading.Thread(target=work, name="driver", daemon=True).start()
        ended = done.wait(seconds)
        with self._lock:
            self._wake = None
        if self.stopped.is_set():
            raise QueryCancelled("The query was stopped.")
        if not ended:
            raise QueryTimeout("The server didn't answer in time. Filter the rows or group them.")
        if failed:
            raise failed[0]
        return found[0]

    def each(self, items: Iterator[Found], seconds: Callable[[], float]) -> Iterator[Found]:
        """The items, each waited for."""
        while (item := self.call(lambda: next(items, _END), seconds())) is not _END:
            yield item
