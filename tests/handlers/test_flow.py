"""The main flow over HTTP, with the engine as it is; every answer on the way is held against the OpenAPI document."""

from __future__ import annotations

import asyncio
import json
import statistics
import time
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from dataask_jupyter.handlers.endpoint import declared
from dataask_jupyter.handlers.routes import METHODS, ROUTES
from tests.handlers.conftest import Api, running
from tests.handlers.contract import Contract
from tests.handlers.test_routes import assert_problem

ARROW = {"Accept": "application/vnd.apache.arrow.stream"}
NDJSON = {"Accept": "application/x-ndjson"}
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def contract(api: Api) -> Contract:
    """Checks every answer that this test's client gets."""
    made = Contract()

    async def check(response: httpx.Response) -> None:
        await response.aread()
        made.check(response)

    api.http.event_hooks["response"].append(check)
    return made


async def test_from_a_file_to_a_chart(api: Api, contract: Contract, shop: Path) -> None:
    me = await api.call("GET", "auth/me")
    ws = me["workspace_id"]
    assert await api.call("PATCH", "auth/me", json={"workspace_id": ws}) == me
    assert (await api.call("GET", f"workspaces/{ws}"))["id"] == ws
    kinds = (await api.call("GET", "connection-kinds"))["items"]
    assert {"sqlite", "duckdb"} <= {kind["kind"] for kind in kinds}

    settings = {"kind": "sqlite", "settings": {"path": str(shop)}}
    assert (await api.call("POST", f"workspaces/{ws}/connections/test", json=settings))["state"] == "ok"
    connection = await api.connect(shop)
    one = f"workspaces/{ws}/connections/{connection['id']}"
    await api.call("POST", f"workspaces/{ws}/connections", 409, json={**settings, "name": "shop"})
    await api.call("PATCH", one, 428, json={"name": "store"})
    stale = await api.call("PATCH", one, 412, json={"name": "store"}, headers={"If-Match": '"7"'})
    assert stale["extra"] == {"version": 1}
    response = await api.http.patch(one, json={"name": "store"}, headers={"If-Match": '"1"'})
    assert (response.status_code, response.headers["ETag"], response.json()["name"]) == (200, '"2"', "store")
    assert (await api.http.get(one)).headers["ETag"] == '"2"'
    assert (await api.call("POST", f"{one}/test"))["status"]["state"] == "ok"
    assert len((await api.call("GET", f"{one}/schema"))["tables"]) == 2
    sample = await api.call("GET", f"{one}/sample", params={"table": "customers", "limit": 1})
    assert sample["rows"] == [[1, "Ann", "Paris"]]

    body = {"connection_id": connection["id"], "sql": "SELECT id, amount FROM orders ORDER BY id"}
    query = await api.call("POST", "queries/execute", json=body)
    rows = await api.call("GET", f"queries/{query['id']}/rows", params={"offset": 58, "limit": 10})
    assert rows["rows"] == [[59, 88.5], [60, 90.0]]
    arrow = await api.http.get(f"queries/{query['id']}/rows", headers=ARROW)
    assert pa.ipc.open_stream(arrow.content).read_all().num_rows == 60
    assert [q["id"] for q in (await api.call("GET", f"workspaces/{ws}/queries"))["items"]] == [query["id"]]

    conversation = await api.call(
        "POST", f"workspaces/{ws}/conversations", 201, json={"connection_id": connection["id"]}
    )
    chat = f"workspaces/{ws}/conversations/{conversation['id']}"
    streamed = await api.http.post(f"{chat}/ask", json={"question": "number of orders by city"}, headers=NDJSON)
    events = [json.loads(line) for line in streamed.text.splitlines()]
    assert [event["type"] for event in events[:2]] == ["message", "step"]
    message = events[-1]["message"]
    assert message["state"] == "answered", message
    assert message["answer"]["result"]["rows"]
    assert await api.call("GET", f"messages/{message['id']}") == message
    assert (await api.call("PUT", f"messages/{message['id']}/chart", json={"type": "table"}))["locked"]
    assert (await api.call("POST", f"messages/{message['id']}/feedback", json={"rating": "up"}))["rating"] == "up"
    assert (await api.call("POST", f"messages/{message['id']}/stop"))["state"] == "answered"
    unclear = await api.call("POST", f"{chat}/ask", json={"question": "xyzzy plugh frobnicate"})
    assert unclear["state"] == "clarify"
    offered = await api.call("GET", f"workspaces/{ws}/suggestions", params={"prefix": "number of o"})
    assert offered["items"][0]["source"] == "history"
    renamed = await api.call("PATCH", chat, json={"title": "Orders"}, headers={"If-Match": '"1"'})
    assert renamed["title"] == "Orders"
    assert len((await api.call("GET", chat))["messages"]) == 2
    assert len((await api.call("GET", f"workspaces/{ws}/conversations"))["items"]) == 1
    await api.call("DELETE", chat, 204)
    await api.call("GET", chat, 404)
    await api.call("DELETE", one, 204)
    for path in ("health", "ready", "workspaces", f"workspaces/{ws}/connections"):
        await api.call("GET", path)
    # All operations on data were there, but what other tests do.
    kept = {"dataask:connections", "dataask:queries", "dataask:conversations"}
    found = [declared(route.handler, method) for route in ROUTES for method in METHODS]
    operations = {each.operation for each in found if each is not None and each.resource in kept}
    uploads = {"createUpload", "deleteUpload", "getUpload", "listUploads", "previewUpload"}
    assert operations - {name for name, _ in contract.seen} == {"loadDemo", "getQuery", "cancelQuery", *uploads}


async def test_parameters_are_bound_kept_and_not_in_the_audit_log(api: Api, contract: Contract, shop: Path) -> None:
    connection = await api.connect(shop)
    body = {
        "connection_id": connection["id"],
        "sql": "SELECT count(*) AS n FROM orders WHERE id <= :most AND ':most' <> :other",
        "parameters": {
            "most": {"type": "integer", "value": 2},
            "other": {"type": "text", "value": "canary'); DROP TABLE orders--"},
        },
    }
    query = await api.call("POST", "queries/execute", json=body)
    assert (await api.call("GET", f"queries/{query['id']}/rows"))["rows"] == [[2]]
    (kept,) = (await api.call("GET", f"workspaces/{connection['workspace_id']}/queries"))["items"]
    assert (kept["sql"], kept["parameters"]) == (body["sql"], body["parameters"])
    log = await api.call("GET", f"workspaces/{connection['workspace_id']}/audit")
    assert "canary" not in json.dumps(log)
    again = await api.call("POST", "queries/execute", json=body)
    assert again["cached"] is True
    body["parameters"] = {**body["parameters"], "most": {"type": "integer", "value": 1}}  # type: ignore[dict-item]
    other = await api.call("POST", "queries/execute", json=body)
    assert (await api.call("GET", f"queries/{other['id']}/rows"))["rows"] == [[1]]
    del body["parameters"]["most"]  # type: ignore[attr-defined]
    refused = await api.call("POST", "queries/execute", 422, json=body)
    assert [each["field"] for each in refused["errors"]] == ["parameters.most"]
    assert len((await api.call("GET", f"workspaces/{connection['workspace_id']}/queries"))["items"]) == 3


async def test_questions_that_are_none(api: Api, contract: Contract, shop: Path) -> None:
    ask = await chat(api, shop)
    for question, status in (("", 422), ("  \n ", 422), ("x" * 2001, 422), ("x" * 1024 * 1024, 413)):
        assert_problem(await api.http.post(ask, json={"question": question}), status)
    assert_problem(await api.http.post(ask, json={"question": None}), 422)


async def test_a_slow_query_is_202_and_then_cancelled(api: Api, contract: Contract, shop: Path) -> None:
    connection = await api.connect(shop)
    body = {"connection_id": connection["id"], "sql": ENDLESS, "wait_seconds": 0}
    query = await api.call("POST", "queries/execute", 202, json=body)
    assert (await api.call("GET", f"queries/{query['id']}"))["state"] == "running"
    assert (await api.call("DELETE", f"queries/{query['id']}"))["state"] == "cancelled"
    await api.call("GET", f"queries/{query['id']}/rows", 409)


async def test_a_full_disk_is_said_and_loses_nothing(small_disk: Path, shop: Path) -> None:
    async with running(small_disk / "dataask") as api:
        ask = await chat(api, shop)
        first = await api.call("POST", ask, json={"question": "number of orders by city"})
        assert first["state"] == "answered"
        ballast = small_disk / "ballast"
        with pytest.raises(OSError, match="No space left"):
            ballast.write_bytes(b"x" * 3_000_000)
        full: dict[str, Any] | None = None
        for number in range(200):
            # What fits into pages that are there already may still be written.
            response = await api.http.post(ask, json={"question": f"number of orders where id is {number}"})
            if response.status_code == 507:
                assert_problem(response, 507)
                full = response.json()
                break
            message = response.json()
            if message["state"] == "failed":
                assert message["problem"]["type"] == "/problems/storage-full"
        assert full is not None
        assert "Free some space" in full["detail"]
        # Reading goes on.
        assert (await api.call("GET", f"messages/{first['id']}"))["state"] == "answered"
        assert (await api.call("GET", "ready"))["status"] == "ready"
        ballast.unlink()
        assert (await api.call("POST", ask, json={"question": "number of orders by city"}))["state"] == "answered"


async def test_the_loop_stays_free_while_the_gate_works_on_hostile_sql(api: Api, shop: Path) -> None:
    connection = await api.connect(shop)
    hostile = ["SELECT " + "(" * 3000 + "1" + ")" * 3000, "SELECT 1 WHERE " + " OR ".join(["1=1"] * 12_000)]
    for sql in hostile:
        body = {"connection_id": connection["id"], "sql": sql}
        waiting = asyncio.create_task(api.http.post("queries/execute", json=body))
        delays = []
        while not waiting.done():
            asked = time.monotonic()
            await api.call("GET", "health")
            delays.append(time.monotonic() - asked)
        response = await waiting
        assert response.status_code in {200, 400, 413}
        # The median: one slow answer may be the machine's doing, a blocked loop would make most of them slow.
        assert statistics.median(delays) < 0.25


async def test_a_client_that_leaves_gets_the_answer_later(api: Api, shop: Path) -> None:
    ask = await chat(api, shop)
    async with api.http.stream("POST", ask, json={"question": "number of orders by city"}, headers=NDJSON) as response:
        first = json.loads(await anext(response.aiter_lines()))
    message = first["message"]
    for _ in range(200):
        found = await api.call("GET", f"messages/{message['id']}")
        if found["state"] != "running":
            break
        await asyncio.sleep(0.05)
    assert found["state"] == "answered"


async def test_a_client_that_leaves_a_large_result_disturbs_nobody(api: Api, shop: Path) -> None:
    connection = await api.connect(shop)
    wide = "SELECT a.id, b.id AS other, a.amount FROM orders a, orders b, orders c LIMIT 200000"
    query = await api.call("POST", "queries/execute", json={"connection_id": connection["id"], "sql": wide})
    assert query["row_count"] == 200_000
    address = f"queries/{query['id']}/rows"
    async with api.http.stream("GET", address, headers=ARROW) as response:
        await anext(response.aiter_raw())
    whole = await api.http.get(address, headers=ARROW)
    assert pa.ipc.open_stream(whole.content).read_all().num_rows == 200_000


async def test_ids_of_others_and_ids_of_nobody_answer_the_same(api: Api, shop: Path) -> None:
    from dataask_jupyter.access.identity import named
    from dataask_jupyter.schemas.connections import ConnectionCreate

    services = await api.app.web_app.settings["dataask_runtime"].services()
    ann = named("ann", "Ann")
    hers = (await services.accounts.me(ann)).workspace_id
    given = ConnectionCreate(name="shop", kind="sqlite", settings={"path": str(shop)})
    connection = (await services.connections.create(ann, hers, given)).id
    mine = await api.workspace()
    for path in (
        f"workspaces/{hers}",
        f"workspaces/{hers}/connections",
        f"workspaces/{hers}/connections/{connection}",
        f"workspaces/{mine}/connections/{connection}",
        f"workspaces/{hers}/queries",
        f"workspaces/{hers}/suggestions",
    ):
        foreign = await api.http.get(path)
        nobodys = await api.http.get(path.replace(hers, "0" * 32).replace(connection, "0" * 32))
        assert_problem(foreign, 404)
        assert foreign.content == nobodys.content


async def chat(api: Api, shop: Path) -> str:
    """Where to ask about the shop."""
    connection = await api.connect(shop)
    ws = connection["workspace_id"]
    body: dict[str, Any] = {"connection_id": connection["id"]}
    conversation = await api.call("POST", f"workspaces/{ws}/conversations", 201, json=body)
    return f"workspaces/{ws}/conversations/{conversation['id']}/ask"
