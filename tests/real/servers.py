"""Real servers on free ports of loopback."""

from __future__ import annotations

import os
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.real.home import Home
from tests.real.processes import Process, answers, free_port, started

API = "dataask/api/v1/"
PYTHON = Path(sys.executable)


@dataclass(frozen=True)
class Server:
    """A running server."""

    url: str
    token: str
    home: Home
    process: Process

    @property
    def headers(self) -> dict[str, str]:
        """What lets a program in."""
        return {"Authorization": f"token {self.token}"} if self.token else {}

    def http(self) -> httpx.Client:
        """A client of the whole server."""
        return httpx.Client(base_url=self.url, headers=self.headers, timeout=60, trust_env=False)


def _as_root() -> list[str]:
    return ["--allow-root"] if os.geteuid() == 0 else []


@contextmanager
def lab(home: Home, *options: str, extension: bool = True) -> Iterator[Server]:
    """JupyterLab with DataAsk."""
    port, token = free_port(), secrets.token_hex(16)
    url = f"http://127.0.0.1:{port}/"
    command = [
        *(PYTHON, "-m", "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"),
        *("--ServerApp.port_retries=0", f"--ServerApp.root_dir={home.notebooks}", "--LabApp.news_url=None"),
        # Lab's own kernels must not outlive the test.
        *("--KernelManager.shutdown_wait_time=1.0", *_as_root(), *options),
    ]
    if not extension:
        command.append("--ServerApp.jpserver_extensions={'dataask_jupyter': False}")
    env = {**home.env, "JUPYTER_TOKEN": token}
    headers = {"Authorization": f"token {token}"}
    wanted = f"{url}{API}health" if extension else f"{url}api/status"
    with started(
        "JupyterLab", command, env=env, cwd=home.root, log=home.log, ready=lambda: answers(wanted, headers=headers)
    ) as process:
        yield Server(url, token, home, process)


@contextmanager
def alone(home: Home, *options: str) -> Iterator[Server]:
    """`jupyter dataask`, without Lab."""
    port, token = free_port(), secrets.token_hex(16)
    url = f"http://127.0.0.1:{port}/"
    command = [
        *(PYTHON, "-m", "dataask_jupyter.cli", "--no-browser", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", *_as_root(), *options),
    ]
    env = {**home.env, "JUPYTER_TOKEN": token}
    headers = {"Authorization": f"token {token}"}
    with started(
        "jupyter dataask",
        command,
        env=env,
        cwd=home.root,
        log=home.log,
        ready=lambda: answers(f"{url}{API}health", headers=headers),
    ) as process:
        yield Server(url, token, home, process)


@contextmanager
def voila(home: Home, *options: str) -> Iterator[Server]:
    """Voilà by itself on the home's notebooks, as a team would publish them."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    command = [
        *(PYTHON, "-m", "voila", "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"),
        *("--show_tracebacks=True", *options, home.notebooks),
    ]
    with started(
        "Voilà",
        command,
        env=home.env,
        cwd=home.root,
        log=home.log,
        ready=lambda: answers(f"{url}voila/static/voila.js"),
    ) as process:
        try:
            yield Server(url, "", home, process)
        finally:
            home.end_shared_servers()
