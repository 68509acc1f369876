"""A server for a team, as `jupyter dataask` starts it: local accounts, its own pages."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from tests.real.home import Home
from tests.real.processes import answers, free_port, started
from tests.real.servers import API, PYTHON, Server

PASSWORD = "correct horse battery staple"


@contextmanager
def team(home: Home, *options: str, base_url: str = "/") -> Iterator[Server]:
    """DataAsk by itself, with open registration unless an option says otherwise."""
    port = free_port()
    url = f"http://127.0.0.1:{port}{base_url}"
    command = [
        *(PYTHON, "-m", "dataask_jupyter.cli", "--no-browser", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.base_url={base_url}"),
        *("--DataAsk.mode=team", "--DataAsk.registration=open", "--DataAsk.workers=1"),
        f"--DataAsk.file_folders={home.root.parent}",
        *(["--allow-root"] if os.geteuid() == 0 else []),
        *options,
    ]
    # The shell's commands need the server's key, too: what they record is sealed with it.
    home.env["DATAASK_SECRET_KEY"] = secrets.token_urlsafe(32)
    with started(
        "jupyter dataask for a team",
        command,
        env=home.env,
        cwd=home.root,
        log=home.log,
        ready=lambda: answers(f"{url}{API}health"),
    ) as process:
        yield Server(url, "", home, process)


def register(server: Server, email: str, name: str) -> httpx.Client:
    """A new account, and a client of the API as a program of its owner."""
    http = httpx.Client(base_url=f"{server.url}{API}", timeout=60, trust_env=False)
    body = {"email": email, "display_name": name, "password": PASSWORD}
    answer = http.post("auth/register", json=body)
    assert answer.status_code == 201, answer.text
    http.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return http
