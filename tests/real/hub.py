"""A real JupyterHub with its proxy, DataAsk as its service, and a server for each user who asks for one."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.real.home import PAGE_CONFIG, ROOT
from tests.real.processes import Process, answers, clean_environment, end_tree, free_port, started
from tests.real.servers import API, _as_root

PROXY = Path(__file__).parent / "proxy" / "node_modules" / ".bin" / "configurable-http-proxy"
DEPLOYED = ROOT / "deploy" / "jupyterhub" / "jupyterhub_config.py"
PASSWORD = "open sesame"
AGE_SECONDS = 1
"""For how long the service believes the Hub. People would wait longer than tests."""


@dataclass(frozen=True)
class Hub:
    """A running Hub."""

    url: str
    root: Path
    api_token: str
    service_key: str
    direct: str
    """The service without the proxy before it."""
    process: Process
    visitors: list[httpx.Client] = field(default_factory=list)

    @property
    def service(self) -> str:
        """The service's address."""
        return f"{self.url}services/dataask/"

    def api(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """The Hub's own API, as its administrator."""
        headers = {"Authorization": f"token {self.api_token}"}
        response = httpx.request(
            method, f"{self.url}hub/api/{path}", headers=headers, json=body, timeout=30, trust_env=False
        )
        response.raise_for_status()
        return response

    def visitor(self) -> httpx.Client:
        """A browser's worth of cookies, nobody signed in."""
        http = httpx.Client(base_url=self.service, follow_redirects=True, timeout=30, trust_env=False)
        self.visitors.append(http)
        return http

    def sign_in(self, name: str) -> httpx.Client:
        """A visitor who signed in at the Hub, but hasn't been at the service."""
        http = self.visitor()
        page = http.get(f"{self.url}hub/login")
        found = re.search(r'name="_xsrf" value="([^"]+)"', page.text)
        assert found, page.text
        form = {"username": name, "password": PASSWORD, "_xsrf": found[1]}
        http.post(f"{self.url}hub/login?next=/hub/home", data=form).raise_for_status()
        return http

    def enter(self, name: str) -> Member:
        """Somebody who signed in at the Hub and went to the service."""
        http = self.sign_in(name)
        http.get("dataask/signed-in").raise_for_status()
        return Member(http, {"X-XSRFToken": http.get(f"{API}auth/xsrf").json()["token"]})

    def start_server(self, user: str) -> str:
        """The address of the user's own server, which answers."""

        def ready() -> bool:
            return bool(self.api("GET", f"users/{user}").json()["servers"].get("", {}).get("ready"))

        if not ready():
            self.api("POST", f"users/{user}/server")
            eventually(ready, seconds=60)
        return f"{self.url}user/{user}/"

    def token(self, user: str, *scopes: str) -> str:
        """A token of the user's with these scopes."""
        return str(self.api("POST", f"users/{user}/tokens", {"scopes": list(scopes)}).json()["token"])


@dataclass(frozen=True)
class Member:
    """Somebody at the service, as their browser."""

    http: httpx.Client
    headers: dict[str, str]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """A call of the service's API."""
        return self.http.request(method, f"{API}{path}", json=body, headers={**self.headers, **headers})

    def workspaces(self) -> dict[str, dict[str, Any]]:
        """The workspaces that they see, by name."""
        response = self.call("GET", "workspaces")
        response.raise_for_status()
        return {each["name"]: each for each in response.json()["items"]}


def eventually(holds: Callable[[], Any], seconds: float = 20) -> None:
    """Asks again and again until it holds; what changes in the Hub takes a moment to get here."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.1)


def run_in_kernel(hub: Hub, user: str, code: str) -> str:
    """What code prints in a kernel of the user's own server."""
    token = hub.token(user, f"access:servers!user={user}")
    headers = {"Authorization": f"token {token}"}
    server = f"{hub.url}user/{user}/"
    with httpx.Client(base_url=server, headers=headers, timeout=60, trust_env=False) as http:
        kernel = http.post("api/kernels", json={"name": "python3"}).raise_for_status().json()["id"]
        try:
            return asyncio.run(_execute(f"{server}api/kernels/{kernel}/channels", headers, code))
        finally:
            http.delete(f"api/kernels/{kernel}")


async def _execute(url: str, headers: dict[str, str], code: str) -> str:
    from tornado.httpclient import HTTPRequest
    from tornado.websocket import websocket_connect

    socket = await websocket_connect(HTTPRequest(url.replace("http", "ws", 1), headers=headers))
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": "execute_request",
        "username": "",
        "session": "",
        "version": "5.3",
    }
    content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}, "allow_stdin": False}
    message = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content}
    await socket.write_message(json.dumps(message))
    printed, idle, replied = "", False, False
    async with asyncio.timeout(90):
        while not (idle and replied):
            said = json.loads(await socket.read_message() or "{}")
            if said.get("parent_header", {}).get("msg_id") != header["msg_id"]:
                continue
            if said["msg_type"] == "stream":
                printed += said["content"]["text"]
            elif said["msg_type"] == "error":
                printed += "\n".join(said["content"]["traceback"])
            idle = idle or (said["msg_type"] == "status" and said["content"]["execution_state"] == "idle")
            replied = replied or said["msg_type"] == "execute_reply"
        # Only when the other side has closed too is the connection itself given back.
        socket.close()
        while await socket.read_message() is not None:
            pass
    return printed


@contextmanager
def running_hub(root: Path, groups: dict[str, list[str]]) -> Iterator[Hub]:
    """A Hub that answers, with its service."""
    if not PROXY.exists():
        pytest.fail("JupyterHub's proxy isn't installed. Run `make setup`.")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    (root / "config" / "labconfig").mkdir(parents=True)
    (root / "config" / "labconfig" / "page_config.json").write_text(json.dumps(PAGE_CONFIG))
    api_token, key = secrets.token_hex(16), secrets.token_urlsafe(48)
    given = {
        "root": str(root),
        "deployed": str(DEPLOYED),
        "port": port,
        "hub_port": free_port(),
        "proxy_port": free_port(),
        "service_port": free_port(),
        "proxy": str(PROXY),
        "api_token": api_token,
        "groups": groups,
        "as_root": _as_root(),
        "service_options": [f"--HubOAuth.cache_max_age={AGE_SECONDS}", *_as_root()],
    }
    environment = {
        **clean_environment(),
        "PYTHONPATH": str(ROOT),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "TEST_HUB": json.dumps(given),
        "HUB_PUBLIC_URL": url,
        "HUB_DEMO_PASSWORD": PASSWORD,
        "DATAASK_DATA_DIR": str(root / "dataask"),
        "DATAASK_SECRET_KEY": key,
    }
    # Asked directly first: the proxy would answer 404 until it knows the service.
    direct = f"http://127.0.0.1:{given['service_port']}/services/dataask/"
    command = [sys.executable, "-m", "jupyterhub", "-f", Path(__file__).parent / "hub_config.py"]
    try:
        with started(
            "JupyterHub",
            command,
            env=environment,
            cwd=root,
            log=root / "hub.log",
            ready=lambda: answers(f"{direct}{API}health") and answers(f"{url}services/dataask/{API}health"),
        ) as process:
            hub = Hub(url, root, api_token, key, direct, process)
            try:
                yield hub
            finally:
                for http in hub.visitors:
                    http.close()
    finally:
        # A Hub that ended by itself leaves its proxy behind.
        pid_file = root / "proxy.pid"
        if pid_file.exists():
            end_tree(int(pid_file.read_text().split()[0]))
