"""A real Jupyter server with DataAsk in the test's own process and event loop, and a client for its API."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
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
from dataask_jupyter.services.container import Services

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
    """A solo server from start to end."""
    settings = Config(config or {})
    settings.IdentityProvider.token = TOKEN
    headers = {"Authorization": f"token {token}"} if token else {}
    async with _serving(data_dir, settings) as (app, address):
        base_url = f"{address}dataask/api/v1/"
        async with httpx.AsyncClient(base_url=base_url, headers=headers, timeout=60, trust_env=False) as http:
            yield Api(http, app, data_dir)


@asynccontextmanager
async def _serving(data_dir: Path, settings: Config, *, starter: bool = False) -> AsyncIterator[tuple[ServerApp, str]]:
    """The server and its root's address; with `starter` as `jupyter dataask` starts it."""
    ServerApp.clear_instance()
    settings.ServerApp.jpserver_extensions = {"dataask_jupyter": True}
    settings.ServerApp.root_dir = str(data_dir.parent)
    settings.DataAsk.data_dir = str(data_dir)
    settings.ServerApp.setdefault("allow_unauthenticated_access", False)
    app = ServerApp.instance(config=settings, open_browser=False, allow_root=True, log_level="ERROR")
    app.init_signal = lambda: None
    started = {"starter_extension": "dataask"} if starter else {}
    app.initialize(argv=[], new_httpserver=False, find_extensions=False, **started)
    server = HTTPServer(app.web_app, xheaders=app.trust_xheaders)
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        yield app, f"http://127.0.0.1:{sockets[0].getsockname()[1]}{app.base_url}"
    finally:
        server.stop()
        await server.close_all_connections()
        await app._cleanup()
        ServerApp.clear_instance()


SECRET_KEY = "kX3-9vTq7_mB2zLw8RfYc5NdHs1GjPa6UeoIt4Wy0Zb"
PASSWORD = "correct horse battery"


@dataclass
class Team:
    """A server with accounts of its own, in this process."""

    stranger: Api
    """The API as somebody who isn't signed in: no header, no cookie."""
    address: str
    """The server's root, with a slash at its end."""
    app: ServerApp
    clients: AsyncExitStack

    async def services(self) -> Services:
        """What the server's handlers call."""
        found: Services = await self.app.web_app.settings["dataask_runtime"].services()
        return found

    async def client(self, **headers: str) -> Api:
        """Another client of the API."""
        http = httpx.AsyncClient(
            base_url=f"{self.address}dataask/api/v1/", headers=headers, timeout=60, trust_env=False
        )
        return Api(await self.clients.enter_async_context(http), self.app, self.stranger.data_dir)

    async def register(self, email: str, *, name: str = "", password: str = PASSWORD, **more: Any) -> Api:
        """A new account (registration has to be open, or `invitation` be given), and its API as a program."""
        body = {"email": email, "display_name": name or email.partition("@")[0], "password": password, **more}
        signed = await self.stranger.call("POST", "auth/register", 201, json=body)
        return await self.client(Authorization=f"Bearer {signed['access_token']}")

    async def login(self, email: str, *, password: str = PASSWORD) -> Api:
        """The API of an account that is there, as a program on another device."""
        signed = await self.stranger.call("POST", "auth/login", json={"email": email, "password": password})
        return await self.client(Authorization=f"Bearer {signed['access_token']}")

    async def browser(self, email: str, *, password: str = PASSWORD) -> Api:
        """The API as a signed-in browser: cookies, and what has to go with changes."""
        api = await self.client(**{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"})
        body = {"email": email, "password": password, "client": "browser"}
        await api.call("POST", "auth/login", json=body)
        api.http.headers["X-XSRFToken"] = (await api.call("GET", "auth/xsrf"))["token"]
        return api

    async def admin(self, email: str = "root@example.com") -> Api:
        """An administrator of the server, made as the shell makes one."""
        await (await self.services()).users.create_admin(email, "Root", PASSWORD)
        return await self.login(email)


@asynccontextmanager
async def team(
    tmp_path: Path, config: Config | None = None, *, registration: str = "open", database_url: str = ""
) -> AsyncIterator[Team]:
    """A server in mode team from start to end, with open registration unless told otherwise."""
    settings = Config(config or {})
    settings.DataAsk.mode = "team"
    settings.DataAsk.registration = registration
    settings.DataAsk.setdefault("workers", 1)
    if database_url:
        settings.DataAsk.database_url = database_url
    before = os.environ.get("DATAASK_SECRET_KEY")
    os.environ["DATAASK_SECRET_KEY"] = before or SECRET_KEY
    try:
        async with AsyncExitStack() as clients, _serving(tmp_path / "dataask", settings, starter=True) as served:
            app, address = served
            http = httpx.AsyncClient(base_url=f"{address}dataask/api/v1/", timeout=60, trust_env=False)
            stranger = Api(await clients.enter_async_context(http), app, tmp_path / "dataask")
            yield Team(stranger, address, app, clients)
    finally:
        if before is None:
            del os.environ["DATAASK_SECRET_KEY"]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's configuration, and none of their data."""
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(tmp_path / "jupyter" / name.lower()))
    monkeypatch.setenv("JUPYTER_NO_CONFIG", "1")
    for name in ("DATAASK_DATA_DIR", "DATAASK_DATABASE_URL", "DATAASK_MODE", "DATAASK_SECRET_KEY", "JUPYTERHUB_USER"):
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
