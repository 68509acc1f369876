"""A process beside a worker that ends the worker's queries when the worker dies.

MySQL and MariaDB look at a client's connection only when they have rows to send: a query that computes goes on for
nobody. The guard holds the other end of a pipe, which closes with the worker however that dies.

As a program this file uses nothing but the driver, so that it starts soon and stays small.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import subprocess
import sys
import threading
from typing import Any, ClassVar


class Guard:
    """One connection that the guard watches."""

    _lock: ClassVar[threading.Lock] = threading.Lock()
    _process: ClassVar[subprocess.Popen[bytes] | None] = None

    def __init__(self, thread: int) -> None:
        self.thread = thread

    @classmethod
    def watch(cls, options: dict[str, Any], certificate: str | None, thread: int) -> Guard:
        """Have a connection's thread at the server watched. The options hold a password: they go through a pipe."""
        cls._tell({"watch": thread, "options": options, "certificate": certificate})
        return cls(thread)

    def done(self) -> None:
        """The connection is closed."""
        self._tell({"done": self.thread})

    @classmethod
    def _tell(cls, message: dict[str, Any]) -> None:
        line = json.dumps(message).encode() + b"\n"
        with cls._lock, contextlib.suppress(OSError):  # Without a guard the server's own time limit remains.
            if cls._process is None or cls._process.poll() is not None:
                if "done" in message:
                    return
                cls._process = _start()
            stdin = cls._process.stdin
            if stdin is not None:
                stdin.write(line)
                stdin.flush()


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", __file__]
    process = subprocess.Popen(  # noqa: S603 - this file
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    atexit.register(_stop, process)
    return process


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(5)


# ---- The program -------------------------------------------------------------------------------------------------


def _main() -> None:
    watched: dict[int, dict[str, Any]] = {}
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "watch" in message:
            watched[message["watch"]] = message
        else:
            watched.pop(message["done"], None)
    for thread, message in watched.items():
        with contextlib.suppress(Exception):
            _kill(thread, message["options"], message["certificate"])


def _kill(thread: int, options: dict[str, Any], certificate: str | None) -> None:
    from MySQLdb import _mysql

    if certificate is not None and "ssl" in options:
        # The worker's own copy went with it.
        handle = os.memfd_create("certificate")
        os.write(handle, certificate.encode())
        options["ssl"] = {"ca": f"/proc/self/fd/{handle}"}
    connection = _mysql.connect(**{**options, "read_timeout": 5})
    connection.query(f"KILL CONNECTION {thread}".encode())
    connection.close()


if __name__ == "__main__":
    _main()
