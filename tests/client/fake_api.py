"""A small DataAsk API on a real socket: scripted answers, and a record of what was asked."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import tornado.httpserver
import tornado.netutil
import tornado.web

BASE = "/dataask/api/v1/"
NOW = datetime(2026, 11, 23, tzinfo=UTC).isoformat()
TOKEN = "the-token-of-the-fake"


def an_id(number: int) -> str:
    return f"{number:032x}"


USER = {"id": an_id(1), "name": "local", "display_name": "Ann", "email": None, "is_admin": False}
WORKSPACES = [
    {
        "id": an_id(10 + index),
        "name": name,
        "personal": True,
        "role": "owner",
        "role_name": "Owner",
        "permissions": [],
        "time_zone": "UTC",
        "audit_days": None,
        "members": 1,
        "faces": [{"id": an_id(1), "display_name": "Ann"}],
        "connections": 1,
        "version": 1,
        "created_at": NOW,
    }
    for index, name in enumerate(("Personal", "Team"))
]


def connection(number: int, name: str) -> dict[str, Any]:
    return {
        "id": an_id(number),
        "workspace_id": an_id(10),
        "name": name,
        "kind": "duckdb",
        "dialect": "duckdb",
        "settings": {"path": "/x/flights.duckdb"},
        "status": {"state": "ok"},
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }


def query(number: int, sql: str, state: str = "succeeded", **more: Any) -> dict[str, Any]:
    return {
        "id": an_id(number),
        "workspace_id": an_id(10),
        "connection_id": an_id(20),
        "sql": sql,
        "state": state,
        "created_at": NOW,
        **more,
    }


def answer(query_id: str | None, **more: Any) -> dict[str, Any]:
    return {
        "understood": "Number of flights by month",
        "sentence": "July had the most flights: 29,425.",
        "sql": "SELECT month, count(*) AS flights FROM flights GROUP BY month",
        "dialect": "duckdb",
        "connection_id": an_id(20),
        "connection_name": "flights",
        "query_id": query_id,
        "tables": ["flights"],
        "result": {
            "columns": [{"name": "month", "type": "int64", "kind": "integer"}],
            "rows": [[1], [2]],
            "offset": 0,
            "total_rows": 2,
            "truncated": False,
        },
        "chart": {"type": "line", "title": "Flights", "reason": "A series over time.", "figure": {"data": [1, 2]}},
        "confidence": {"level": "high", "score": 0.95},
        "elapsed_ms": 12.5,
        **more,
    }


def message(state: str, **more: Any) -> dict[str, Any]:
    return {
        "id": an_id(40),
        "conversation_id": an_id(30),
        "question": "flights per month",
        "state": state,
        "created_at": NOW,
        **more,
    }


def problem(kind: str, status: int, detail: str) -> dict[str, Any]:
    return {"type": f"/problems/{kind}", "title": "Title", "status": status, "detail": detail}


TABLE = pa.table({"month": pa.array([1, 2, None], pa.int64()), "flights": pa.array([27004, 24951, 3], pa.int64())})


def arrow_stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return sink.getvalue()


@dataclass
class Seen:
    method: str
    path: str
    query: dict[str, list[str]]
    body: Any
    headers: dict[str, str]


Handler = Callable[[tornado.web.RequestHandler, Seen], Any]


@dataclass
class FakeApi:
    """Routes are "METHOD path" below the API's base; a value is sent as JSON, a function does as it likes."""

    routes: dict[str, Any] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    port: int = 0
    token: str = TOKEN
    left: threading.Event = field(default_factory=threading.Event)
    """Set when somebody closed a connection on which an answer was under way."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def asked(self, what: str) -> list[Seen]:
        return [seen for seen in self.seen if f"{seen.method} {seen.path}" == what]

    def start(self, port: int = 0) -> None:
        started = threading.Event()
        api = self

        class Anything(tornado.web.RequestHandler):
            def on_connection_close(self) -> None:
                api.left.set()

            async def prepare(self) -> None:
                path = self.request.path.removeprefix(BASE)
                body = json.loads(self.request.body) if self.request.body else None
                arguments = {
                    name: [value.decode() for value in values] for name, values in self.request.arguments.items()
                }
                seen = Seen(self.request.method or "", path, arguments, body, dict(self.request.headers))
                api.seen.append(seen)
                if not self.request.path.startswith(BASE):
                    self.set_status(404)
                    self.finish("<html>another server</html>")
                elif self.request.headers.get("Authorization") != f"token {api.token}":
                    self.set_status(403)
                    self.finish({"message": "Forbidden"})
                else:
                    await self.answer(api.routes.get(f"{seen.method} {path}"), seen)

            async def answer(self, found: Any, seen: Seen) -> None:
                if callable(found):
                    found = found(self, seen)
                    if asyncio.iscoroutine(found):
                        found = await found
                    if self._finished:
                        return
                if found is None:
                    self.set_status(404)
                    found = problem("not-found", 404, "This doesn't exist, or you can't see it")
                if isinstance(found, dict) and str(found.get("type", "")).startswith("/problems/"):
                    self.set_status(found["status"])
                    self.set_header("Content-Type", "application/problem+json")
                self.finish(found if isinstance(found, bytes) else json.dumps(found))

        async def main() -> None:
            sockets = tornado.netutil.bind_sockets(port, "127.0.0.1")
            server = tornado.httpserver.HTTPServer(tornado.web.Application([(r".*", Anything)]))
            server.add_sockets(sockets)
            self.port = sockets[0].getsockname()[1]
            self._stop = asyncio.Event()
            self._loop = asyncio.get_running_loop()
            started.set()
            await self._stop.wait()
            server.stop()
            await server.close_all_connections()

        self._thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)
        self._thread.start()
        assert started.wait(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)


def lines(*events: dict[str, Any]) -> Handler:
    """A streamed answer, one event a line, sent one by one."""

    async def send(handler: tornado.web.RequestHandler, _: Seen) -> None:
        handler.set_header("Content-Type", "application/x-ndjson")
        for event in events:
            handler.write(json.dumps(event, ensure_ascii=False) + "\n")
            await handler.flush()
        handler.finish()

    return send


def standard_routes() -> dict[str, Any]:
    """One workspace with two connections, one question and one query."""
    workspace = f"workspaces/{an_id(10)}"
    connections = [connection(20, "flights"), connection(21, "Shop")]
    conversation = {
        "id": an_id(30),
        "workspace_id": an_id(10),
        "connection_id": an_id(20),
        "title": "Flights",
        "version": 1,
        "created_at": NOW,
        "updated_at": NOW,
    }
    return {
        "GET health": {"status": "ok"},
        "GET auth/me": {
            "user": USER,
            "workspace_id": an_id(10),
            "server": {"version": "0.1.0", "mode": "solo", "mail": False},
        },
        "GET workspaces": {"items": WORKSPACES, "next_cursor": None},
        f"GET {workspace}/connections": lambda _, seen: (
            {"items": connections[1:], "next_cursor": None}
            if seen.query.get("cursor")
            else {"items": connections[:1], "next_cursor": "more"}
        ),
        f"POST {workspace}/conversations": conversation,
        f"GET {workspace}/conversations/{an_id(30)}": {**conversation, "messages": []},
        f"POST {workspace}/conversations/{an_id(30)}/ask": lines(
            {"type": "message", "message": message("running")},
            {"type": "step", "step": {"key": "run", "label": "Running on flights", "state": "running"}},
            {"type": "message", "message": message("answered", answer=answer(an_id(50)))},
        ),
        "POST queries/execute": lambda _, seen: query(50, seen.body["sql"], row_count=3),
        f"GET queries/{an_id(50)}/rows": arrow_stream(TABLE),
    }
