"""The route table, walked: nothing is open, nothing is missing, and what is no answer is a problem document."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from jupyter_server.auth import Authorizer
from jupyter_server.utils import JupyterServerAuthWarning
from traitlets.config import Config

from dataask_jupyter.handlers.endpoint import declared
from dataask_jupyter.handlers.routes import METHODS, ROUTES, Route
from tests.handlers.conftest import Api, running

ALL = [(route, method) for route in ROUTES for method in METHODS]
DECLARED = [(route, method) for route, method in ALL if declared(route.handler, method) is not None]
UNDECLARED = [(route, method) for route, method in ALL if declared(route.handler, method) is None]
PROBLEM = "application/problem+json"
PUBLIC = {
    *("register", "login", "refresh", "resetPassword", "previewInvitation"),
    *("getHealth", "getReady"),
}
"""Operations that are open to people who aren't signed in. Nothing else is."""


def address(route: Route) -> str:
    """The route with ids that don't exist."""
    return route.path.format(**dict.fromkeys(route.parameters, uuid.uuid4().hex))


def is_public(route: Route, method: str) -> bool:
    """Whether the route says that strangers may come."""
    found = declared(route.handler, method)
    return found is not None and found.public


def test_the_list_of_what_is_open_is_complete() -> None:
    known = [declared(route.handler, method) for route, method in DECLARED]
    assert {found.operation for found in known if found is not None and found.public} == PUBLIC


def assert_problem(response: httpx.Response, status: int) -> None:
    """A problem document with this status, and no more than that."""
    assert response.status_code == status, response.text
    assert response.headers["Content-Type"] == PROBLEM
    body = response.json()
    assert set(body) == {"type", "title", "status", "detail", "errors", "extra"}
    assert body["status"] == status
    assert body["type"].startswith("/problems/")
    assert "Traceback" not in response.text


@pytest_asyncio.fixture
async def stranger(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """A client without credentials."""
    async with httpx.AsyncClient(base_url=api.http.base_url, trust_env=False) as http:
        yield http


async def test_nobody_gets_in_without_credentials(api: Api, stranger: httpx.AsyncClient) -> None:
    for route, method in ALL:
        if not is_public(route, method):
            assert_problem(await stranger.request(method, address(route)), 401)
            wrong = {"Authorization": "token wrong"}
            assert_problem(await stranger.request(method, address(route), headers=wrong), 401)
    # And nothing was made for strangers: not even the store.
    assert not (api.data_dir / "dataask.db").exists()


async def test_nobody_gets_in_where_jupyter_allows_the_unauthenticated(tmp_path: Path) -> None:
    config = Config({"ServerApp": {"allow_unauthenticated_access": True}})
    async with running(tmp_path / "dataask", config, token="") as api:
        for route, method in DECLARED:
            if not is_public(route, method):
                assert_problem(await api.http.request(method, address(route)), 401)


async def test_jupyter_finds_no_unprotected_route(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", JupyterServerAuthWarning)
        async with running(tmp_path / "dataask"):
            pass


async def test_methods_that_are_not_there(api: Api) -> None:
    for route, method in UNDECLARED:
        response = await api.http.request(method, address(route))
        assert_problem(response, 405)
        there = {name.upper() for found, name in DECLARED if found is route}
        assert set(response.headers["Allow"].split(", ")) == there


@pytest.mark.parametrize("path", ["", "nothing", "workspaces/x/y/z", "../v2/auth/me", "connections/test"])
async def test_addresses_that_are_not_there(api: Api, path: str) -> None:
    for method in METHODS:
        assert_problem(await api.http.request(method, path), 404)


async def test_ids_that_are_none_answer_as_ids_that_are_not_there(api: Api) -> None:
    ws = await api.workspace()
    for bad in ("x", "0" * 31, "0" * 33, "A" * 32, "0" * 31 + "%00", "..%2f.."):
        assert_problem(await api.http.get(f"workspaces/{bad}"), 404)
        assert_problem(await api.http.get(f"workspaces/{ws}/connections/{bad}"), 404)
    # Tornado itself can't read this one.
    assert_problem(await api.http.get("workspaces/%ff"), 400)


class Nobody(Authorizer):
    """Denies everything of DataAsk's, and remembers what was asked."""

    asked: list[tuple[str, str]] = []  # noqa: RUF012

    def is_authorized(self, handler: object, user: object, action: str, resource: str) -> bool:
        self.asked.append((action, resource))
        return not resource.startswith("dataask:")


async def test_jupyters_authorizer_decides_on_every_route(tmp_path: Path) -> None:
    Nobody.asked.clear()
    config = Config({"ServerApp": {"authorizer_class": Nobody}})
    async with running(tmp_path / "dataask", config) as api:
        decided = [(route, method) for route, method in DECLARED if not is_public(route, method)]
        for _ in range(2):  # The second time, because Jupyter's own decorator remembers the first resource.
            for route, method in decided:
                assert_problem(await api.http.request(method, address(route), json={}), 403)
    known = [declared(route.handler, method) for route, method in decided]
    expected = [(found.action, found.resource) for found in known if found is not None]
    assert Nobody.asked == expected * 2


async def test_cookies_need_the_xsrf_token(api: Api, stranger: httpx.AsyncClient) -> None:
    root = str(api.http.base_url).removesuffix("dataask/api/v1/")
    token = api.app.identity_provider.token
    await stranger.get(f"{root}login", params={"token": token}, follow_redirects=False)
    # Logged in by the cookie alone.
    response = await stranger.get(f"{root}api/status", params={"token": token})
    assert response.status_code == 200
    assert (await stranger.get("auth/me", headers={"Referer": root})).status_code == 200
    for route, method in DECLARED:
        if method != "get" and not is_public(route, method):
            assert_problem(await stranger.request(method, address(route), json={}), 403)
    forged = {"Origin": "https://evil.example"}
    assert_problem(await stranger.post("queries/execute", json={}, headers=forged), 404)


async def test_answers_are_not_for_caches_frames_or_other_sites(api: Api) -> None:
    for response in (
        await api.http.get("health"),
        await api.http.get("nothing"),
        await api.http.post("queries/execute", json={}),
    ):
        headers = response.headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "sandbox" in headers["Content-Security-Policy"]


async def test_an_error_that_nobody_foresaw_shows_nothing_of_the_inside(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    services = await api.app.web_app.settings["dataask_runtime"].services()

    async def explode(*_: object) -> None:
        raise RuntimeError("secret=hunter2")

    monkeypatch.setattr(services.accounts, "me", explode)
    response = await api.http.get("auth/me")
    assert_problem(response, 500)
    assert "hunter2" not in response.text
    assert "RuntimeError" not in response.text


async def test_health_and_readiness(api: Api) -> None:
    assert await api.call("GET", "health") == {"status": "ok"}
    assert (await api.call("GET", "ready"))["status"] == "ready"


async def test_a_store_that_is_broken_is_named_and_everything_else_answers(tmp_path: Path) -> None:
    data = tmp_path / "dataask"
    data.mkdir()
    (data / "dataask.db").write_text("not a database " * 1000)
    async with running(data) as api:
        assert await api.call("GET", "health") == {"status": "ok"}
        for path in ("ready", "auth/me"):
            response = await api.http.get(path)
            assert_problem(response, 503)
            assert str(data / "dataask.db") in response.json()["detail"]
            assert response.headers["Retry-After"]
        # Put right, it works without a restart.
        (data / "dataask.db").unlink()
        assert (await api.call("GET", "ready"))["status"] == "ready"
