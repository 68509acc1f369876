"""On a page that somebody else published, a widget asks and looks; in one's own notebook it does all."""

from __future__ import annotations

import queue
import re
from typing import Any

import pytest

from dataask_jupyter.client import Client
from dataask_jupyter.handlers.routes import ROUTES
from dataask_jupyter.widgets import Chat
from dataask_jupyter.widgets.bridge import Bridge
from dataask_jupyter.widgets.rights import READER_ROUTES, on_a_page, reader_may
from tests.client.fake_api import FakeApi, an_id

WORKSPACE = f"workspaces/{an_id(10)}"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "auth/me"),
        ("GET", f"{WORKSPACE}/connections"),
        ("POST", f"{WORKSPACE}/conversations"),
        ("POST", f"{WORKSPACE}/conversations/{an_id(30)}/ask"),
        ("GET", f"messages/{an_id(40)}"),
        ("PUT", f"messages/{an_id(40)}/chart"),
        ("GET", f"queries/{an_id(50)}/rows"),
    ],
)
def test_a_reader_asks_and_looks(method: str, path: str) -> None:
    assert reader_may(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "queries/execute"),
        ("GET", f"{WORKSPACE}/queries"),
        ("GET", f"{WORKSPACE}/conversations"),
        ("DELETE", f"{WORKSPACE}/conversations/{an_id(30)}"),
        ("POST", f"{WORKSPACE}/connections"),
        ("POST", f"{WORKSPACE}/connections/test"),
        ("PATCH", f"{WORKSPACE}/connections/{an_id(20)}"),
        ("DELETE", f"{WORKSPACE}/connections/{an_id(20)}"),
        ("POST", f"{WORKSPACE}/demo"),
        ("PATCH", "auth/me"),
        ("DELETE", f"queries/{an_id(50)}"),
    ],
)
def test_a_reader_does_nothing_else(method: str, path: str) -> None:
    assert not reader_may(method, path)


def test_what_the_server_learns_later_is_closed_to_readers() -> None:
    """A new route is refused until somebody decides that readers need it."""
    assert not reader_may("POST", f"{WORKSPACE}/something-new")


@pytest.mark.parametrize("route", READER_ROUTES)
def test_what_readers_may_is_what_the_server_has(route: str) -> None:
    method, path = route.split(" ")
    known = {re.sub(r"\{\w+\}", "*", found.path): found.handler for found in ROUTES}
    assert path in known
    assert method.lower() in vars(known[path])


def test_a_reader_doesnt_learn_where_the_databases_are(client: Client) -> None:
    got: queue.Queue[dict[str, Any]] = queue.Queue()
    bridge = Bridge(client, lambda content, _: got.put(content), reader=True)
    bridge.receive({"id": "1", "type": "request", "method": "GET", "path": f"{WORKSPACE}/connections"})
    found = got.get(timeout=10)
    assert found["body"]["items"][0]["name"] == "flights"
    assert found["body"]["items"][0]["settings"] == {}
    assert "flights.duckdb" not in str(found)
    bridge.close().result(10)


def test_a_refusal_says_so_and_reaches_no_server(client: Client, api: FakeApi) -> None:
    got: queue.Queue[dict[str, Any]] = queue.Queue()
    bridge = Bridge(client, lambda content, _: got.put(content), reader=True)
    asked = len(api.seen)
    bridge.receive({"id": "1", "type": "request", "method": "POST", "path": "queries/execute", "body": {}})
    found = got.get(timeout=10)
    assert (found["type"], found["problem"]["type"]) == ("error", "/problems/forbidden")
    assert len(api.seen) == asked
    bridge.receive({"id": "2", "type": "request", "method": "GET", "path": "auth/me"})
    assert got.get(timeout=10)["status"] == 200
    bridge.close().result(10)


@pytest.mark.usefixtures("bundles")
@pytest.mark.parametrize("variable", ["VOILA_PREHEAT", "VOILA_BASE_URL"])
def test_voila_is_noticed(client: Client, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    assert not on_a_page()
    monkeypatch.setenv(variable, "False")
    chat = Chat(client=client)
    assert chat._bridge._reader
    chat.close()
