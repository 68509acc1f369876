"""One workspace can't see, touch or guess what is in another; unknown fields give nobody more (rows Z1 to Z6)."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.handlers import rules
from tests.handlers.people import ROLES, World, world
from tests.handlers.rules import OPERATIONS, RULES, body_of
from tests.servers import PostgreSQL

pytestmark = pytest.mark.slow

OF_WORKSPACES = [name for name, rule in RULES.items() if not rule.public and not rule.personal]
ASSIGNED = ("role", "workspace_id", "owner_id", "is_admin")


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def made(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """People on a server, on each database in turn."""
    url = ""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.create_database()
    async with world(tmp_path, url) as found:
        yield found


async def test_z1_every_id_of_w1_is_nothing_to_a_member_of_w2(made: World) -> None:
    stranger = made.people["stranger"]
    before = await made.dump()
    answers = set()
    for name in OF_WORKSPACES:
        for who in ROLES:
            real = made.people[who].ids
            route, _, _ = OPERATIONS[name]
            for ids in (real, {key: uuid.uuid4().hex for key in real}):
                method, path, given = await rules.request(name, made, stranger, ids)
                if name == "executeQuery" and ids is not real:
                    given["json"]["connection_id"] = ids["connection_id"]
                response = await stranger.http.request(method, path, **given)
                assert response.status_code == 404, f"{name}: {response.text}"
                answers.add(response.content)
            # Below their own workspace, which is there, the ids of W1 aren't.
            if len(route.parameters) > 1:
                own = (await stranger.call("GET", "workspaces"))["items"][0]["id"]
                method, path, given = await rules.request(name, made, stranger, real)
                response = await stranger.http.request(
                    method, route.path.format(**{**real, "workspace_id": own}), **given
                )
                assert response.status_code == 404, f"{name}: {response.text}"
                answers.add(response.content)
    # One answer for all of them: it tells nothing.
    assert len(answers) == 1, answers
    assert await made.dump() == before


async def test_z2_ids_of_w1_inside_of_a_request(made: World) -> None:
    stranger = made.people["stranger"]
    workspaces = (await stranger.call("GET", "workspaces"))["items"]
    w2 = next(each["id"] for each in workspaces if each["name"] == "W2")
    mine = await stranger.call("POST", f"workspaces/{w2}/conversations", 201, json={"title": "mine"})
    w1 = made.owner.ids
    custom = (await made.owner.call("GET", f"{made.in_ws}/roles"))["items"][4]["id"]
    before = await made.dump()
    at_first = {"If-Match": '"1"'}
    member = f"workspaces/{w2}/members/{stranger.id}"
    conversation = f"workspaces/{w2}/conversations/{mine['id']}"
    tries = [
        ("POST", f"workspaces/{w2}/conversations", "connection_id", {"connection_id": w1["connection_id"]}),
        ("PATCH", conversation, "connection_id", {"connection_id": w1["connection_id"]}),
        ("POST", "queries/execute", "connection_id", {"connection_id": w1["connection_id"], "sql": "SELECT 1"}),
        ("PATCH", "auth/me", "workspace_id", {"workspace_id": w1["workspace_id"]}),
        ("PATCH", member, "role", {"role": custom}),
        ("POST", f"workspaces/{w2}/invitations", "role", {"role": custom}),
    ]
    for method, path, key, body in tries:
        found = await stranger.http.request(method, path, json=body, headers=at_first)
        random = await stranger.http.request(method, path, json={**body, key: uuid.uuid4().hex}, headers=at_first)
        assert found.status_code in {404, 422}, found.text
        assert found.content == random.content
    params = {"connection_id": w1["connection_id"]}
    assert (await stranger.http.get(f"workspaces/{w2}/suggestions", params=params)).status_code == 404
    assert await made.dump() == before


async def test_private_things_of_a_colleague_are_nothing_either(made: World) -> None:
    """Not even the owner of the workspace sees what somebody else asked."""
    private = [name for name in OF_WORKSPACES if {"conversation_id", "message_id", "query_id"} & _parameters(name)]
    assert len(private) >= 10
    before = await made.dump()
    for name in private:
        ids = {**made.owner.ids, **{key: made.people["editor"].ids[key] for key in _parameters(name)}}
        method, path, given = await rules.request(name, made, made.owner, ids)
        assert (await made.owner.http.request(method, path, **given)).status_code == 404, name
    assert await made.dump() == before


async def test_z3_z6_who_may_only_look_runs_no_sql(made: World) -> None:
    for who in ("viewer", "custom"):
        person = made.people[who]
        before = await person.call("GET", f"{made.in_ws}/queries")
        body = {"connection_id": made.connection, "sql": "SELECT * FROM customers"}
        refused = await person.call("POST", "queries/execute", 403, json=body)
        assert refused["type"] == "/problems/forbidden"
        ask = f"{made.in_ws}/conversations/{person.ids['conversation_id']}/ask"
        await person.call("POST", ask, 403, json={"question": "all customers"})
        assert await person.call("GET", f"{made.in_ws}/queries") == before


async def test_z4_fields_that_nobody_may_set(made: World) -> None:
    owner = made.owner
    before = await made.dump()
    tried = 0
    for name, (_, _, found) in OPERATIONS.items():
        if found.body is None:
            continue
        for field in ASSIGNED:
            if field in found.body.model_fields:
                continue
            method, path, given = await rules.request(name, made, owner, owner.ids)
            given["json"] = {**body_of(RULES[name], made), field: "owner" if field == "role" else True}
            response = await owner.http.request(method, path, **given)
            assert response.status_code == 422, f"{name} with {field}: {response.text}"
            assert response.json()["errors"] == [{"field": field, "detail": "There is no such field here."}]
            tried += 1
    assert tried > 60
    assert await made.dump() == before


async def test_z5_nobody_promotes_themselves_and_the_last_owner_stays(made: World) -> None:
    for who in ("admin", "editor", "viewer", "custom"):
        person = made.people[who]
        for role in ("owner", "admin", "editor", "viewer"):
            if who == "admin" and role != "owner":
                continue
            refused = await person.http.patch(
                f"{made.in_ws}/members/{person.id}", json={"role": role}, headers={"If-Match": '"2"'}
            )
            assert refused.status_code == 403, f"{who} to {role}: {refused.text}"
    assert (await made.owner.call("POST", f"{made.in_ws}/leave", 409))["type"] == "/problems/conflict"
    # A role that is taken away counts from the next request on.
    admin = made.people["admin"]
    await admin.call("GET", f"{made.in_ws}/audit")
    await made.give("admin", "viewer")
    await admin.call("GET", f"{made.in_ws}/audit", 403)
    await made.owner.call("DELETE", f"{made.in_ws}/members/{admin.id}", 204)
    await admin.call("GET", made.in_ws, 404)


def _parameters(name: str) -> set[str]:
    route, _, _ = OPERATIONS[name]
    return {each for each in route.parameters if each in {"conversation_id", "message_id", "query_id"}}
