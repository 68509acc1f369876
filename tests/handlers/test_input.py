"""What clients send: capped before it is parsed, checked before it is used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.handlers.conftest import Api
from tests.handlers.test_routes import assert_problem

ID = "0" * 32

BODIES: list[tuple[str, bytes, int, str]] = [
    ("nothing", b"", 400, "isn't valid JSON"),
    ("no JSON", b"SELECT 1", 400, "isn't valid JSON"),
    ("cut off", b'{"connection_id": "', 400, "isn't valid JSON"),
    ("no object", b"[]", 422, "body"),
    ("null", b"null", 422, "body"),
    ("not UTF-8", b'{"sql": "\xff"}', 400, "must be UTF-8"),
    ("UTF-16", '{"sql": "x"}'.encode("utf-16"), 400, "must be UTF-8"),
    ("NaN", b'{"wait_seconds": NaN}', 400, "NaN is not a JSON number"),
    ("Infinity", b'{"wait_seconds": -Infinity}', 400, "Infinity is not a JSON number"),
    ("infinite by its exponent", b'{"wait_seconds": 1e999}', 400, "too large"),
    ("endless digits", b'{"max_rows": ' + b"9" * 5000 + b"}", 400, "isn't valid JSON"),
    ("deep", b'{"sql": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "nested deeper"),
    ("very deep", b"[" * 100_000 + b"]" * 100_000, 400, "nested deeper"),
    ("twice", b'{"sql": "a", "sql": "b"}', 422, "more than once"),
    ("NUL", b'{"sql": "a\\u0000b"}', 422, "NUL"),
    ("half a character", b'{"sql": "\\ud800"}', 422, "surrogate"),
    ("unknown field", json.dumps({"connection_id": ID, "sql": "x", "owner_id": ID}).encode(), 422, "owner_id"),
    ("missing field", json.dumps({"sql": "x"}).encode(), 422, "connection_id"),
    ("wrong type", json.dumps({"connection_id": ID, "sql": 7}).encode(), 422, "sql"),
    ("number as text", json.dumps({"connection_id": ID, "sql": "x", "max_rows": "7"}).encode(), 422, "max_rows"),
    ("truth as number", json.dumps({"connection_id": ID, "sql": "x", "max_rows": True}).encode(), 422, "max_rows"),
    ("too small", json.dumps({"connection_id": ID, "sql": "x", "max_rows": 0}).encode(), 422, "max_rows"),
    ("empty", json.dumps({"connection_id": ID, "sql": ""}).encode(), 422, "can't be empty"),
    ("long", json.dumps({"connection_id": ID, "sql": "x" * 100_001}).encode(), 422, "at most 100,000"),
    ("1 MB", json.dumps({"connection_id": ID, "sql": "x" * 1024 * 1024}).encode(), 413, "1.0 MB"),
]


@pytest.mark.parametrize(("body", "status", "words"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
async def test_bodies(api: Api, body: bytes, status: int, words: str) -> None:
    response = await api.http.post("queries/execute", content=body, headers={"Content-Type": "application/json"})
    assert_problem(response, status)
    problem = response.json()
    assert words in problem["detail"]
    # What was sent is never repeated, and only a wrong field is named.
    assert len(response.content) < 3000


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
async def test_only_json_is_taken_for_json(api: Api, media_type: str) -> None:
    body = json.dumps({"connection_id": ID, "sql": "SELECT 1"}).encode()
    response = await api.http.post("queries/execute", content=body, headers={"Content-Type": media_type})
    # A form that is none is refused by tornado already.
    assert_problem(response, 400)
    assert media_type.startswith("multipart") or "application/json" in response.json()["detail"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("limit=0", 422),
        ("limit=201", 422),
        ("limit=x", 422),
        ("limit=1&limit=2", 422),
        ("cursor=garbage", 422),
        ("cursor=" + "x" * 1000, 422),
        ("cursor=W10", 422),
        ("cursor=WzEsMl0", 422),
        ("page=2", 422),
        ("cursor=%ff", 400),
        ("cursor=%00", 422),
        ("limit=7&1732329600000", 200),
        ("limit=7&no_track_activity=1", 200),
    ],
)
async def test_query_strings(api: Api, query: str, status: int) -> None:
    response = await api.http.get(f"workspaces?{query}")
    if status == 200:
        assert response.status_code == 200
    else:
        assert_problem(response, status)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PATCH", "auth/me", {"workspace_id": ID, "is_admin": True}),
        ("POST", "workspaces/{ws}/connections", {"name": "x", "kind": "duckdb", "settings": {}, "workspace_id": ID}),
        ("POST", "workspaces/{ws}/conversations", {"title": "x", "user_id": ID}),
        ("POST", f"workspaces/{{ws}}/conversations/{ID}/ask", {"question": "x", "state": "answered"}),
        ("PUT", f"messages/{ID}/chart", {"type": "bar", "figure": {}}),
        ("POST", f"messages/{ID}/feedback", {"rating": "up", "user_id": ID}),
    ],
)
async def test_fields_that_are_not_the_clients_are_refused(api: Api, method: str, path: str, body: Any) -> None:
    response = await api.http.request(method, path.format(ws=await api.workspace()), json=body)
    assert_problem(response, 422)
    assert "no such field" in response.json()["detail"]
