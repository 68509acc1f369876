"""Processes of a test: started with a log, waited for until they answer, ended by their process id."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx
import psutil
import pytest

LOG_LINES = 60
STOP_SECONDS = 10

running: list[Process] = []
"""What runs now: their logs are shown with a failed test."""


def free_port() -> int:
    """A port of loopback that nobody holds at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Process:
    """A program of the test's own, in a session of its own."""

    def __init__(
        self, name: str, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        self.name = name
        self.log = log
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._process.pid
        running.append(self)

    def tail(self) -> str:
        """The end of the log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES:])

    def wait_until(self, ready: Callable[[], bool], seconds: float = 60) -> None:
        """Waits until it is ready; fails with the log when it ends or takes too long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                pytest.fail(f"{self.name} ended while it started:\n{self.tail()}")
            with contextlib.suppress(httpx.HTTPError, OSError):
                if ready():
                    return
            time.sleep(0.1)
        pytest.fail(f"{self.name} wasn't ready after {seconds} s:\n{self.tail()}")

    def stop(self) -> None:
        """Ends it and the processes that it started."""
        if self in running:
            running.remove(self)
        end_tree(self.pid)
        self._process.wait(timeout=STOP_SECONDS)


def end_tree(pid: int) -> None:
    """Ends a process and its descendants, politely first."""
    try:
        parent = psutil.Process(pid)
        family = [*parent.children(recursive=True), parent]
    except psutil.NoSuchProcess:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        parent.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
    for one in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(alive, timeout=STOP_SECONDS)


@contextlib.contextmanager
def started(
    name: str, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path, ready: Callable[[], bool]
) -> Iterator[Process]:
    """A process that is ready, until the block ends."""
    process = Process(name, command, env=env, cwd=cwd, log=log)
    try:
        process.wait_until(ready)
        yield process
    finally:
        process.stop()


def answers(url: str, *, headers: Mapping[str, str] | None = None) -> bool:
    """True when a GET is answered well."""
    return httpx.get(url, headers=dict(headers or {}), timeout=5, trust_env=False).status_code == 200


def clean_environment() -> dict[str, str]:
    """This process's environment without what would lead to the developer's own servers and folders."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("DATAASK_", "JUPYTER_", "JUPYTERLAB_", "JPY_", "PYTEST_", "IPYTHON"))
    }
