"""Requests from a widget, answered over a real socket from a thread of their own."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dataask_jupyter.client import Client, connect
from dataask_jupyter.widgets import bridge as bridge_module
from dataask_jupyter.widgets.bridge import MAX_OPEN, Bridge
from tests.client.fake_api import TOKEN, FakeApi, Seen, an_id, lines, message, problem, standard_routes

ASK = f"workspaces/{an_id(10)}/conversations/{an_id(30)}/ask"


class Tab:
    """What a widget's browser side would see."""

    def __init__(self, client: Client) -> None:
        self.got: queue.Queue[tuple[dict[str, Any], list[bytes] | None]] = queue.Queue()
        self.threads: set[str] = set()
        self.bridge = Bridge(client, self._send)

    def _send(self, content: dict[str, Any], buffers: list[bytes] | None) -> None:
        json.dumps(content)
        self.threads.add(threading.current_thread().name)
        self.got.put((content, buffers))

    def ask(self, **content: Any) -> None:
        self.bridge.receive(content)

    def next(self) -> dict[str, Any]:
        return self.got.get(timeout=10)[0]


@pytest.fixture
def tab(client: Client) -> Iterator[Tab]:
    made = Tab(client)
    yield made
    made.bridge.close().result(10)


def test_a_request_and_its_response(tab: Tab, api: FakeApi) -> None:
    tab.ask(id="1", type="request", method="GET", path="auth/me", query={"a": 1, "b": None}, body=None, headers={})
    found = tab.next()
    assert (found["id"], found["type"], found["status"]) == ("1", "response", 200)
    assert found["body"]["user"]["display_name"] == "Ann"
    assert api.asked("GET auth/me")[-1].query == {"a": ["1"]}
    assert tab.threads == {"dataask-widgets"}


def test_a_body_and_headers_go_along(tab: Tab, api: FakeApi) -> None:
    def echo(handler: Any, seen: Seen) -> dict[str, Any]:
        handler.set_header("ETag", '"8"')
        return {"body": seen.body, "match": seen.headers.get("If-Match")}

    api.routes["PATCH auth/me"] = echo
    tab.ask(id="1", type="request", method="PATCH", path="auth/me", body={"x": "ü"}, headers={"If-Match": '"7"'})
    found = tab.next()
    assert found["body"] == {"body": {"x": "ü"}, "match": '"7"'}
    assert found["headers"]["etag"] == '"8"'


def test_an_empty_response_has_no_body(tab: Tab, api: FakeApi) -> None:
    def gone(handler: Any, _: Seen) -> None:
        handler.set_status(204)
        handler.finish()

    api.routes["DELETE queries/x"] = gone
    tab.ask(id="1", type="request", method="DELETE", path="queries/x")
    assert tab.next()["body"] is None


def test_lines_come_one_by_one_and_then_the_response(tab: Tab) -> None:
    tab.ask(
        id="1",
        type="request",
        method="POST",
        path=ASK,
        body={"question": "flights per month"},
        headers={"Accept": "application/x-ndjson"},
    )
    got = [tab.next() for _ in range(4)]
    assert [found["type"] for found in got] == ["line", "line", "line", "response"]
    assert json.loads(got[0]["line"])["message"]["state"] == "running"
    assert json.loads(got[2]["line"])["message"]["answer"]["sentence"].startswith("July")
    assert got[3]["body"] is None


def test_only_a_line_feed_ends_a_line(tab: Tab, api: FakeApi) -> None:
    question = "one\u2028two\u0085three\x1efour"
    api.routes[f"POST {ASK}"] = lines({"type": "message", "message": message("running", question=question)})
    tab.ask(id="1", type="request", method="POST", path=ASK, headers={"Accept": "application/x-ndjson"})
    assert json.loads(tab.next()["line"])["message"]["question"] == question
    assert tab.next()["type"] == "response"


def test_a_problem_passes_as_it_is(tab: Tab, api: FakeApi) -> None:
    api.routes["POST queries/execute"] = problem("sql-refused", 400, "Only SELECT runs.")
    tab.ask(id="1", type="request", method="POST", path="queries/execute", body={})
    found = tab.next()
    assert (found["type"], found["status"]) == ("response", 400)
    assert found["body"]["type"] == "/problems/sql-refused"


def test_a_problem_of_a_stream_passes_too(tab: Tab, api: FakeApi) -> None:
    api.routes[f"POST {ASK}"] = problem("busy", 429, "Too much.")
    tab.ask(id="1", type="request", method="POST", path=ASK, headers={"Accept": "application/x-ndjson"})
    assert tab.next()["body"]["status"] == 429


def test_a_message_that_is_refused_says_why(tab: Tab, api: FakeApi) -> None:
    asked = len(api.seen)
    tab.ask(id="1", type="request", method="GET", path="../../api/kernels")
    found = tab.next()
    assert (found["id"], found["type"]) == ("1", "error")
    assert found["problem"]["type"] == "/problems/invalid-input"
    assert found["problem"]["errors"]
    assert len(api.seen) == asked


@pytest.mark.parametrize("content", [None, [], "x", {"type": "request"}, {"id": 3, "type": "cancel"}])
def test_a_message_without_an_id_is_dropped(tab: Tab, content: object) -> None:
    tab.bridge.receive(content)
    tab.ask(id="after", type="request", method="GET", path="health")
    assert tab.next()["id"] == "after"


def test_what_isnt_json_is_an_error(tab: Tab, api: FakeApi) -> None:
    api.routes["GET health"] = b"<html>"
    tab.ask(id="1", type="request", method="GET", path="health")
    assert tab.next()["problem"]["type"] == "/problems/malformed"


def test_cancelling_closes_the_request(tab: Tab, api: FakeApi) -> None:
    async def endless(handler: Any, _: Seen) -> None:
        handler.write(json.dumps({"type": "message", "message": message("running")}) + "\n")
        await handler.flush()
        while not api.left.is_set():
            await asyncio.sleep(0.01)

    api.routes[f"POST {ASK}"] = endless
    tab.ask(id="1", type="request", method="POST", path=ASK, headers={"Accept": "application/x-ndjson"})
    assert tab.next()["type"] == "line"
    tab.ask(id="1", type="cancel")
    assert api.left.wait(5)
    tab.ask(id="2", type="request", method="GET", path="auth/me")
    assert tab.next()["id"] == "2"


def test_requests_dont_wait_for_each_other(tab: Tab, api: FakeApi) -> None:
    async def slow(*_: Any) -> dict[str, Any]:
        await asyncio.sleep(1)
        return {}

    api.routes["GET ready"] = slow
    tab.ask(id="slow", type="request", method="GET", path="ready")
    tab.ask(id="quick", type="request", method="GET", path="auth/me")
    assert [tab.next()["id"], tab.next()["id"]] == ["quick", "slow"]


def test_too_many_open_requests_are_refused(tab: Tab, api: FakeApi) -> None:
    async def slow(*_: Any) -> dict[str, Any]:
        await asyncio.sleep(30)
        return {}

    api.routes["GET ready"] = slow
    for number in range(MAX_OPEN + 1):
        tab.ask(id=str(number), type="request", method="GET", path="ready")
    found = tab.next()
    assert (found["id"], found["problem"]["status"]) == (str(MAX_OPEN), 413)


def test_the_scripts_come_as_buffers(tab: Tab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge_module, "STATIC", tmp_path)
    tab.ask(id="1", type="asset", name="plotly")
    assert "make setup" in tab.next()["problem"]["detail"]
    (tmp_path / "plotly.js").write_bytes(b"export default {}")
    tab.ask(id="2", type="asset", name="plotly")
    content, buffers = tab.got.get(timeout=10)
    assert content == {"id": "2", "type": "asset"}
    assert buffers == [b"export default {}"]


def test_a_server_that_went_away_and_came_back_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataask_jupyter.client import discovery
    from dataask_jupyter.client.server import Server

    first, second = FakeApi(standard_routes()), FakeApi(standard_routes())
    first.start()
    second.start()
    servers = [first]
    monkeypatch.setattr(discovery, "shared_server", lambda: Server(servers[0].url, TOKEN))
    with connect() as client:
        tab = Tab(client)
        tab.ask(id="1", type="request", method="GET", path="auth/me")
        assert tab.next()["status"] == 200
        first.stop()
        servers[0] = second
        tab.ask(id="2", type="request", method="GET", path="auth/me")
        assert tab.next()["status"] == 200
        tab.bridge.close().result(10)
    second.stop()


def test_a_server_that_is_gone_is_a_typed_error(api: FakeApi) -> None:
    fake = FakeApi(standard_routes())
    fake.start()
    with connect(fake.url, TOKEN) as client:
        tab = Tab(client)
        fake.stop()
        tab.ask(id="1", type="request", method="GET", path="auth/me")
        assert tab.next()["problem"]["type"] == "/problems/server-unavailable"
        tab.bridge.close().result(10)


def test_closing_ends_what_is_open(tab: Tab, api: FakeApi) -> None:
    async def slow(*_: Any) -> dict[str, Any]:
        while not api.left.is_set():
            await asyncio.sleep(0.01)
        return {}

    api.routes["GET ready"] = slow
    tab.ask(id="1", type="request", method="GET", path="ready")
    deadline = time.monotonic() + 5
    while not api.asked("GET ready") and time.monotonic() < deadline:
        time.sleep(0.01)
    tab.bridge.close().result(10)
    assert api.left.wait(5)
