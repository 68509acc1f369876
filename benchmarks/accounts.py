"""Accounts: what `GET auth/me` costs beside Jupyter's own authenticated no-op, and 200 people signing in at once.

A real server in a process of its own, SQLite as its store. The two handlers take turns in one run, so that whatever
else the machine does hits both alike.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from .figures import Figure, percentile
from .startup import READY_SECONDS, free_port

REQUESTS = 1500
BLOCK = 50
PEOPLE = 200
API = "/dataask/api/v1/"
PASSWORD = "correct horse battery"


@asynccontextmanager
async def server(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """`jupyter dataask` in mode team with open registration, and a client of it."""
    port = free_port()
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "DATAASK", "JPY_"))}
    environment = {
        **inherited,
        **{f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")},
        "DATAASK_SECRET_KEY": secrets.token_urlsafe(48),
    }
    options = {
        "DataAsk.mode": "team",
        "DataAsk.registration": "open",
        "DataAsk.data_dir": folder / "dataask",
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder,
        "log-level": "ERROR",
    }
    command = [sys.executable, "-m", "dataask_jupyter.cli", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    process = _started(command, environment)
    limits = httpx.Limits(max_connections=PEOPLE + 10, max_keepalive_connections=PEOPLE + 10)
    begun = time.perf_counter()
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=60, limits=limits, trust_env=False
        ) as http:
            while True:
                try:
                    if (await http.get(f"{API}health")).status_code == 200:
                        break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
                if process.poll() is not None or time.perf_counter() - begun > READY_SECONDS:
                    raise RuntimeError("jupyter dataask did not start")
            yield http
    finally:
        process.terminate()
        process.wait(20)


def _started(command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


async def _register(http: httpx.AsyncClient, number: int) -> str:
    body = {"email": f"p{number}@example.com", "display_name": f"Person {number}", "password": PASSWORD}
    answer = await http.post(f"{API}auth/register", json=body)
    answer.raise_for_status()
    return str(answer.json()["access_token"])


async def _times(http: httpx.AsyncClient, path: str, headers: dict[str, str]) -> list[float]:
    found = []
    for _ in range(BLOCK):
        begun = time.perf_counter()
        (await http.get(path, headers=headers)).raise_for_status()
        found.append((time.perf_counter() - begun) * 1000)
    return found


async def _ratio(http: httpx.AsyncClient, token: str) -> tuple[float, float, float]:
    headers = {"Authorization": f"Bearer {token}"}
    own: list[float] = []
    stock: list[float] = []
    for path in (f"{API}auth/me", "/api/me"):
        await _times(http, path, headers)
    for _ in range(REQUESTS // BLOCK):
        own += await _times(http, f"{API}auth/me", headers)
        stock += await _times(http, "/api/me", headers)
    mine, theirs = statistics.median(own), statistics.median(stock)
    return mine / theirs, mine, theirs


async def _storm(http: httpx.AsyncClient) -> tuple[float, float]:
    """Seconds until 200 people are signed in, and the 95th percentile of the health endpoint meanwhile in ms."""
    over = asyncio.Event()
    health: list[float] = []

    async def watch() -> None:
        while not over.is_set():
            begun = time.perf_counter()
            (await http.get(f"{API}health")).raise_for_status()
            health.append((time.perf_counter() - begun) * 1000)
            await asyncio.sleep(0.01)

    async def login(number: int) -> None:
        body = {"email": f"p{number}@example.com", "password": PASSWORD}
        (await http.post(f"{API}auth/login", json=body)).raise_for_status()

    watching = asyncio.create_task(watch())
    begun = time.perf_counter()
    await asyncio.gather(*(login(number) for number in range(PEOPLE)))
    seconds = time.perf_counter() - begun
    over.set()
    await watching
    return seconds, percentile(health, 0.95)


async def _measure(folder: Path) -> list[Figure]:
    async with server(folder) as http:
        tokens = [await _register(http, number) for number in range(PEOPLE)]
        ratio, mine, theirs = await _ratio(http, tokens[0])
        seconds, health = await _storm(http)
    note = f"{mine:.2f} ms beside {theirs:.2f} ms of Jupyter's own GET /api/me"
    return [
        Figure("GET auth/me: times Jupyter's own authenticated no-op", ratio, 1.5, "x", note),
        Figure(f"{PEOPLE} people sign in at once", seconds, 15, "s", f"{seconds / PEOPLE * 1000:.0f} ms each"),
        Figure("health meanwhile, p95", health, 200, "ms"),
    ]


def measure() -> list[Figure]:
    """Both figures, in one run of one server."""
    with tempfile.TemporaryDirectory(prefix="dataask-bench-") as folder:
        return asyncio.run(_measure(Path(folder)))
