"""A real Jupyter server with DataAsk in the test's own process and event loop, and a client for its API."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from jupyter_server.serverapp import ServerApp
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from traitlets.config import Config

from dataask_jupyter.app import DataAsk

TOKEN = "a token for tests"


@dataclass
class Api:
    """The API of a running server, as its owner."""

    http: httpx.AsyncClient
    app: ServerApp
    data_dir: Path

    @property
    def extension(self) -> DataAsk:
        """The extension in that server."""
        found = self.app.web_app.settings["dataask"]
        assert isinstance(found, DataAsk)
        return found

    async def call(self, method: str, path: str, status: int = 200, **given: Any) -> Any:
        """The body of the answer, which must have this status."""
        response = await self.http.request(method, path, **given)
        assert response.status_code == status, f"{response.status_code}: {response.text}"
        return response.json() if response.content else None

    async def workspace(self) -> str:
        """The current workspace's id."""
        found: str = (await self.call("GET", "auth/me"))["workspace_id"]
        return found

    async def connect(self, path: Path, name: str = "shop", kind: str = "sqlite") -> dict[str, Any]:
        """A new connection to a database file."""
        ws = await self.workspace()
        body = {"name": name, "kind": kind, "settings": {"path": str(path)}}
        found: dict[str, Any] = await self.call("POST", f"workspaces/{ws}/connections", 201, json=body)
        return found


@asynccontextmanager
async def running(data_dir: Path, config: Config | None = None, *, token: str = TOKEN) -> AsyncIterator[Api]:
    """A server from start to end."""
    ServerApp.clear_instance()
    settings = Config(config or {})
    settings.IdentityProvider.token = TOKEN
    settings.ServerApp.jpserver_extensions = {"dataask_jupyter": True}
    settings.ServerApp.root_dir = str(data_dir.parent)
    settings.DataAsk.data_dir = str(data_dir)
    settings.ServerApp.setdefault("allow_unauthenticated_access", False)
    app = ServerApp.instance(config=settings, open_browser=False, allow_root=True, log_level="ERROR")
    app.init_signal = lambda: None
    app.initialize(argv=[], new_httpserver=False, find_extensions=False)
    server = HTTPServer(app.web_app)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    headers = {"Authorization": f"token {token}"} if token else {}
    try:
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}/dataask/api/v1/", headers=headers, timeout=60, trust_env=False
        ) as http:
            yield Api(http, app, data_dir)
    finally:
        server.stop()
        await server.close_all_connections()
        await app._cleanup()
        ServerApp.clear_instance()


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's configuration, and none of their data."""
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(tmp_path / "jupyter" / name.lower()))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    for name in ("DATAASK_DATA_DIR", "DATAASK_DATABASE_URL", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[Api]:
    """The API of a fresh server."""
    async with running(tmp_path / "dataask") as found:
        yield found


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small SQLite database: customers and what they ordered."""
    path = tmp_path / "shop.db"
    make_shop(path)
    return path


def make_shop(path: Path) -> None:
    """Write the small database."""
    connection = sqlite3.connect(path)
    connection.executescript(
        """
        CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, city TEXT);
        CREATE TABLE orders (
            id INTEGER PRIMARY KEY,
            customer_id INTEGER NOT NULL REFERENCES customers (id),
            amount REAL NOT NULL,
            ordered_on DATE NOT NULL
        );
        INSERT INTO customers VALUES (1, 'Ann', 'Paris'), (2, 'Bob', 'Oslo'), (3, 'Cid', 'Paris');
        """
    )
    connection.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?)",
        [(number, number % 3 + 1, number * 1.5, f"2024-{number % 12 + 1:02}-15") for number in range(1, 61)],
    )
    connection.commit()
    connection.close()
