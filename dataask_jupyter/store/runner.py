"""Which process is at work on a row, and whether it still lives.

Several processes can share one store (a server, `jupyter dataask ask` beside it, another server on another machine),
so "running" in the database must say who runs it.
"""

from __future__ import annotations

import functools
import os
import socket

import psutil

_SEPARATOR = "/"


@functools.cache
def me() -> str:
    """This process: machine, process id and start time, so that a reused id isn't mistaken for it."""
    return _SEPARATOR.join((_machine(), str(os.getpid()), f"{psutil.Process().create_time():.2f}"))


def is_gone(runner: str | None) -> bool:
    """True when the process certainly doesn't run any more. Processes of other machines can't be known."""
    if runner is None:
        return True
    machine, _, rest = runner.partition(_SEPARATOR)
    if machine != _machine():
        return False
    number, _, started = rest.partition(_SEPARATOR)
    try:
        return f"{psutil.Process(int(number)).create_time():.2f}" != started
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False


@functools.cache
def _machine() -> str:
    return socket.gethostname().replace(_SEPARATOR, "-")[:120] or "localhost"
