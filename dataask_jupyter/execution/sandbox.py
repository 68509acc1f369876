"""Limits that the operating system holds a worker to."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from dataask_jupyter.sources.endpoints import VARIABLES

if sys.platform != "win32":
    import resource

_PR_SET_PDEATHSIG = 1

KEPT_VARIABLES = (
    "PATH",
    "PYTHONPATH",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "LD_LIBRARY_PATH",
    # Addresses of emulators, which only whoever runs the server can name.
    *VARIABLES,
)
KEPT_PREFIXES = ("OPENBLAS_", "OMP_", "MKL_")


def environment() -> dict[str, str]:
    """The environment of a worker: what Python needs to start, and nothing that could be a secret."""
    kept = {
        name: value for name, value in os.environ.items() if name in KEPT_VARIABLES or name.startswith(KEPT_PREFIXES)
    }
    # Workers don't look for modules in the current folder (-P): say where this package is.
    package = str(Path(__file__).resolve().parents[2])
    kept["PYTHONPATH"] = os.pathsep.join(filter(None, [kept.get("PYTHONPATH"), package]))
    return kept | {
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        # Arrow's and glibc's own pools reserve address space that the limit would count.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
    }


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when the server dies, where the kernel can."""
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)  # It died before the call.


def limit_process(memory_bytes: int) -> None:
    """Limits for the worker's whole life: address space, and no core files."""
    if sys.platform != "win32":  # There the deadline and the kill remain.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _lower(resource.RLIMIT_AS, memory_bytes)


def limit_job(*, seconds: float, threads: int, file_bytes: int) -> None:
    """Limits for one job: processor time from now on, and the size of a file."""
    if sys.platform == "win32":
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(used.ru_utime + used.ru_stime + seconds * max(1, threads)) + 5
    _lower(resource.RLIMIT_CPU, allowed, soft_only=True)
    _lower(resource.RLIMIT_FSIZE, file_bytes, soft_only=True)


def _lower(what: int, value: int, *, soft_only: bool = False) -> None:
    if sys.platform != "win32":
        _, hard = resource.getrlimit(what)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(what, (value, hard if soft_only else value))


def memory() -> dict[str, int]:
    """How much address space and memory this process has now; nothing where that can't be told."""
    try:
        pages = Path("/proc/self/statm").read_text("ascii").split()
        size = os.sysconf("SC_PAGE_SIZE")
        return {"virtual": int(pages[0]) * size, "resident": int(pages[1]) * size}
    except (OSError, ValueError, IndexError):
        return {}
