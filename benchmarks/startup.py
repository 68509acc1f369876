"""What the server extension adds to `jupyter lab`: time until it answers, and memory at rest.

Runs with and without the extension take turns, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from .figures import Figure, median_difference

ROUNDS = 7
READY_SECONDS = 60
EXTENSION = "dataask_jupyter"


@dataclass(frozen=True)
class Start:
    """One start of the server."""

    seconds: float
    memory_mb: float


def free_port() -> int:
    """A port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def lab(folder: Path, *, extension: bool) -> Iterator[tuple[httpx.Client, psutil.Process, float]]:
    """JupyterLab on a free loopback port: a client for it, its process, and the seconds until it answered."""
    port, token = free_port(), secrets.token_hex(16)
    environment = {
        **os.environ,
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "DATAASK_DATA_DIR": str(folder / "dataask"),
        "JUPYTER_TOKEN": token,
    }
    options = {
        "ip": "127.0.0.1",
        "port": port,
        "log-level": "ERROR",
        "ServerApp.port_retries": 0,
        "ServerApp.root_dir": folder,
        "ServerApp.jpserver_extensions": {EXTENSION: extension},
        "LabApp.news_url": None,
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    begun = time.perf_counter()
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        client = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"token {token}"}, timeout=10
        )
        with client:
            while True:
                try:
                    if client.get("/api/status").status_code == 200:
                        break
                except httpx.TransportError:
                    pass
                if server.poll() is not None or time.perf_counter() - begun > READY_SECONDS:
                    raise RuntimeError("JupyterLab did not start")
                time.sleep(0.005)
            yield client, psutil.Process(server.pid), time.perf_counter() - begun
    finally:
        server.terminate()
        server.wait(20)


def start_once(*, extension: bool) -> Start:
    """Start, use what a front end asks for first, rest a second, and read the server's own memory."""
    with (
        tempfile.TemporaryDirectory(prefix="dataask-bench-") as folder,
        lab(Path(folder), extension=extension) as (client, process, seconds),
    ):
        client.get("/api/contents")
        if extension:
            client.get("/dataask/api/v1/auth/me").raise_for_status()
            client.get("/dataask/api/v1/workspaces").raise_for_status()
        time.sleep(1)
        return Start(seconds, process.memory_info().rss / 1e6)


def measure(rounds: int = ROUNDS) -> list[Figure]:
    """Time and memory that the extension adds: medians over rounds taken side by side."""
    start_once(extension=True)  # warm file caches and compiled modules for both
    without, with_it = [], []
    for number in range(rounds):
        # Alternate which goes first, so that neither always profits from the other's warm caches.
        for extension in (False, True) if number % 2 else (True, False):
            (with_it if extension else without).append(start_once(extension=extension))
    base = statistics.median(s.seconds for s in without) * 1000
    return [
        Figure(
            "server extension: added start time",
            max(0.0, median_difference([s.seconds for s in with_it], [s.seconds for s in without]) * 1000),
            300,
            "ms",
            f"JupyterLab alone: {base:,.0f} ms; {rounds} rounds",
        ),
        Figure(
            "server extension: added memory, after the first requests",
            max(0.0, median_difference([s.memory_mb for s in with_it], [s.memory_mb for s in without])),
            60,
            "MB",
            f"JupyterLab alone: {statistics.median(s.memory_mb for s in without):,.0f} MB",
        ),
    ]
