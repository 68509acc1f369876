"""The audit log over the API: what people did, found, handed out and checked."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.handlers.conftest import Api, team
from tests.handlers.contract import Contract


async def test_what_was_done_is_found_with_who_where_and_how(api: Api, shop: Path) -> None:
    connection = await api.connect(shop)
    path = f"workspaces/{connection['workspace_id']}"
    await api.call(
        "PATCH", f"{path}/connections/{connection['id']}", json={"name": "store"}, headers={"If-Match": '"1"'}
    )
    response = await api.http.get(f"{path}/audit", params={"object_id": connection["id"]})
    Contract().check(response)
    update, create = response.json()["items"]
    assert (create["action"], create["object_name"], create["result"]) == ("connection.create", "shop", "allowed")
    assert (update["action"], update["object_name"]) == ("connection.update", "store")
    assert update["payload"]["changes"] == {"name": ["shop", "store"]}
    assert update["number"] == create["number"] + 1
    assert update["previous_hash"] == create["hash"]
    assert update["address"] == "127.0.0.1"
    assert "httpx" in update["agent"]
    assert re.fullmatch(r"req_[0-9a-f]{16}", update["request_id"])


async def test_every_act_has_exactly_one_record_and_none_holds_what_is_secret(api: Api, shop: Path) -> None:
    """K1: names and counts; no SQL, no questions, no settings."""
    connection = await api.connect(shop)
    ws, cid = connection["workspace_id"], connection["id"]
    sql = "SELECT 'canary-sql', count(*) FROM orders"
    made = await api.call(
        "POST", f"workspaces/{ws}/conversations", 201, json={"connection_id": cid, "title": "canary-title"}
    )
    conversation = f"workspaces/{ws}/conversations/{made['id']}"
    message = await api.call("POST", f"{conversation}/ask", json={"question": "how many orders"})
    query = await api.call("POST", "queries/execute", json={"connection_id": cid, "sql": sql})
    await api.call("POST", "queries/execute", 400, json={"connection_id": cid, "sql": "DROP TABLE canary_sql"})
    arrow = {"Accept": "application/vnd.apache.arrow.stream"}
    await api.http.get(f"queries/{query['id']}/rows", headers=arrow)
    await api.call("POST", f"messages/{message['id']}/feedback", json={"rating": "up"})
    await api.call("POST", f"workspaces/{ws}/connections/{cid}/test")
    settings = {"kind": "sqlite", "settings": {"path": str(shop.with_name("canary-path.db"))}}
    await api.call("POST", f"workspaces/{ws}/connections/test", json=settings)
    await api.call("GET", f"workspaces/{ws}/connections/{cid}/sample?table=orders")
    await api.call("DELETE", conversation, 204)
    await api.call("DELETE", f"workspaces/{ws}/connections/{cid}", 204)

    records = (await api.call("GET", f"workspaces/{ws}/audit"))["items"][::-1]
    assert [(record["action"], record["object_name"], record["result"]) for record in records] == [
        ("workspace.create", records[0]["object_name"], "allowed"),
        ("connection.create", "shop", "allowed"),
        ("conversation.create", "shop", "allowed"),
        ("message.ask", "shop", "allowed"),
        ("query.run", "shop", "allowed"),
        ("query.run", "shop", "allowed"),
        ("query.run", "shop", "refused"),
        ("query.export", "shop", "allowed"),
        ("message.feedback", "shop", "allowed"),
        ("connection.test", "shop", "allowed"),
        ("connection.test", "", "allowed"),
        ("connection.sample", "shop", "allowed"),
        ("conversation.delete", "shop", "allowed"),
        ("connection.delete", "shop", "allowed"),
    ]
    assert "canary" not in json.dumps(records)
    assert "how many" not in json.dumps(records)


async def test_pages_facets_and_bad_cursors(api: Api) -> None:
    ws = await api.workspace()
    for number in range(5):
        await api.call("POST", f"workspaces/{ws}/conversations", 201, json={"title": str(number)})
    first = await api.call("GET", f"workspaces/{ws}/audit?limit=4")
    second = await api.call("GET", f"workspaces/{ws}/audit?limit=4&cursor={first['next_cursor']}")
    assert [record["number"] for record in first["items"] + second["items"]] == [6, 5, 4, 3, 2, 1]
    assert second["next_cursor"] is None
    facets = await api.call("GET", f"workspaces/{ws}/audit/facets")
    assert facets["actions"] == ["conversation.create", "workspace.create"]
    assert facets["object_kinds"] == ["conversation", "workspace"]
    assert (facets["total"], len(facets["actors"])) == (6, 1)
    for cursor in ("x", "-1", "1.5", "٣", "9" * 30):
        await api.call("GET", f"workspaces/{ws}/audit", 422, params={"cursor": cursor})


@pytest.mark.parametrize(("form", "media_type"), [("csv", "text/csv"), ("json", "application/x-ndjson")])
async def test_an_export_is_a_file(api: Api, form: str, media_type: str) -> None:
    ws = await api.workspace()
    await api.call("POST", f"workspaces/{ws}/conversations", 201, json={"title": "One"})
    response = await api.http.get(f"workspaces/{ws}/audit/export", params={"format": form})
    assert response.status_code == 200
    Contract().check(response)
    assert response.headers["Content-Type"].startswith(media_type)
    disposition = response.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="audit-\d{4}-\d\d-\d\d\.(csv|jsonl)"', disposition)
    if form == "csv":
        found = [row["action"] for row in csv.DictReader(io.StringIO(response.text, newline=""))]
    else:
        found = [json.loads(line)["action"] for line in response.text.splitlines()]
    assert found == ["workspace.create", "conversation.create"]
    newest = (await api.call("GET", f"workspaces/{ws}/audit?limit=1"))["items"][0]
    assert newest["action"] == "audit.export"


async def test_the_check_says_intact_until_it_is_not(api: Api) -> None:
    ws = await api.workspace()
    await api.call("POST", f"workspaces/{ws}/conversations", 201, json={"title": "One"})
    found = await api.call("POST", f"workspaces/{ws}/audit/verify")
    assert (found["intact"], found["records"], found["first_bad"]) == (True, 2, None)
    assert re.fullmatch(r"[0-9a-f]{64}", found["head"])
    services = await api.app.web_app.settings["dataask_runtime"].services()

    def forge(session: object) -> None:
        session.execute(text("DROP TRIGGER dataask_events_not_changed"))  # type: ignore[attr-defined]
        session.execute(text("UPDATE events SET actor_name = 'Eve' WHERE number = 2"))  # type: ignore[attr-defined]

    await services.store.write(forge)
    found = await api.call("POST", f"workspaces/{ws}/audit/verify")
    assert (found["intact"], found["first_bad"]) == (False, 2)
    assert found["detail"] == "Record 2 was changed."


async def test_the_log_of_a_workspace_that_is_not_mine_does_not_exist(api: Api) -> None:
    for path in ("audit", "audit/facets", "audit/export"):
        await api.call("GET", f"workspaces/{'0' * 32}/{path}", 404)
    await api.call("POST", f"workspaces/{'0' * 32}/audit/verify", 404)
    await api.call("GET", "audit", 404)


async def test_the_servers_own_log_is_filtered_handed_out_and_checked(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        root, ann = await server.admin(), await server.register("ann@example.com", name="Ann")
        facets = await root.call("GET", "audit/facets", params={"action": "user.create", "search": "Ann"})
        assert "Ann" in [each["name"] for each in facets["actors"]]
        assert facets["matching"] == 1 < facets["total"]
        assert facets["retention_days"] is None
        response = await root.http.get("audit/export", params={"format": "json"})
        records = [json.loads(line) for line in response.text.splitlines()]
        assert [each["number"] for each in records] == list(range(1, len(records) + 1))
        assert "Ann" in [each["actor_name"] for each in records]
        found = await root.call("POST", "audit/verify")
        assert found["intact"] is True
        newest = (await root.call("GET", "audit"))["items"]
        assert [each["action"] for each in newest[:2]] == ["audit.verify", "audit.export"]
        for path in ("audit/facets", "audit/export"):
            await ann.call("GET", path, 404)
        await ann.call("POST", "audit/verify", 404)


async def test_an_act_that_cannot_be_recorded_is_not_done(api: Api) -> None:
    """U2."""
    ws = await api.workspace()
    services = await api.app.web_app.settings["dataask_runtime"].services()
    await services.store.write(lambda session: session.execute(text("ALTER TABLE events RENAME TO elsewhere")))
    response = await api.http.post(f"workspaces/{ws}/conversations", json={"title": "One"})
    assert response.status_code == 503
    assert response.json()["type"] == "/problems/audit-unavailable"
    assert "Retry-After" in response.headers
    assert (await api.call("GET", f"workspaces/{ws}/conversations"))["items"] == []
