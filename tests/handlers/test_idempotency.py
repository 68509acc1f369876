"""A change whose answer was lost is sent again and done once (X8)."""

from __future__ import annotations

import asyncio
import base64
import uuid
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session
from traitlets.config import Config

from dataask_jupyter.access.identity import local
from dataask_jupyter.errors import KeyInFlight
from dataask_jupyter.schemas.conversations import ConversationCreate
from dataask_jupyter.services.container import Services
from dataask_jupyter.store.models import Event, IdempotencyKey, now
from tests.handlers.conftest import Api, running
from tests.proxy import proxy
from tests.servers import PostgreSQL


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def both(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Api]:
    """A server on each database in turn."""
    config = Config()
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        config.DataAsk.database_url = server.create_database()
    async with running(tmp_path / "dataask", config) as found:
        yield found


def key() -> dict[str, str]:
    """The header with a key that was never used."""
    return {"Idempotency-Key": str(uuid.uuid4())}


async def services(api: Api) -> Services:
    found: Services = await api.app.web_app.settings["dataask_runtime"].services()
    return found


async def rows(api: Api) -> list[IdempotencyKey]:
    return [*await (await services(api)).store.read(lambda s: s.scalars(select(IdempotencyKey)).all())]


async def acts(api: Api, action: str) -> int:
    query = select(Event.id).where(Event.action == action)
    return len(await (await services(api)).store.read(lambda session: session.scalars(query).all()))


async def conversations(api: Api) -> str:
    return f"workspaces/{await api.workspace()}/conversations"


async def titles(api: Api) -> list[str]:
    return [item["title"] for item in (await api.call("GET", await conversations(api)))["items"]]


# ---- The lost answer -----------------------------------------------------------------------------------------------


async def test_an_answer_that_was_lost_on_the_way_is_given_again(both: Api) -> None:
    path, headers, body = await conversations(both), key(), {"title": "Once"}
    port = both.http.base_url.port
    assert port is not None
    async with proxy(port) as way:
        base = str(both.http.base_url).replace(str(port), str(way.port))
        async with httpx.AsyncClient(base_url=base, headers=both.http.headers, trust_env=False) as far:
            way.losing = True
            with pytest.raises(httpx.TransportError):
                await far.post(path, json=body, headers=headers)
            assert way.lost == 1
            assert await titles(both) == ["Once"]
            way.losing = False
            again = await far.post(path, json=body, headers=headers)
            third = await far.post(path, json=body, headers=headers)
    assert again.status_code == 201
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["ETag"] == '"1"'
    assert again.json()["title"] == "Once"
    assert (third.content, third.headers["Content-Type"]) == (again.content, again.headers["Content-Type"])
    assert await titles(both) == ["Once"]
    assert await acts(both, "conversation.create") == 1


async def test_many_at_once_make_one(both: Api) -> None:
    path, headers = await conversations(both), key()
    answers = await asyncio.gather(*(both.http.post(path, json={"title": "One"}, headers=headers) for _ in range(20)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert sum(answer.status_code == 201 and "Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["type"] == "/problems/idempotency-key-in-flight"
            assert int(answer.headers["Retry-After"]) >= 1
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await titles(both) == ["One"]


async def test_without_a_key_and_with_another_key_it_is_another_change(api: Api) -> None:
    path = await conversations(api)
    for headers in ({}, {}, key(), key()):
        await api.call("POST", path, 201, json={"title": "Same"}, headers=headers)
    assert await titles(api) == ["Same"] * 4


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
async def test_every_change_takes_a_key(api: Api, method: str) -> None:
    path, headers = await conversations(api), key()
    made = await api.call("POST", path, 201, json={"title": "First"})
    given: dict[str, Any] = {
        "POST": {"url": path, "json": {"title": "Second"}},
        "PATCH": {"url": f"{path}/{made['id']}", "json": {"title": "New"}, "headers": {"If-Match": '"1"'}},
        "DELETE": {"url": f"{path}/{made['id']}"},
    }[method]
    given["headers"] = given.get("headers", {}) | headers
    first = await api.http.request(method, **given)
    second = await api.http.request(method, **given)
    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert first.is_success
    assert first.headers.get("ETag") == second.headers.get("ETag")
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


# ---- Misuse --------------------------------------------------------------------------------------------------------


async def test_another_request_with_the_same_key_is_refused(both: Api) -> None:
    path, headers = await conversations(both), key()
    await both.call("POST", path, 201, json={"title": "One"}, headers=headers)
    made = (await both.call("GET", path))["items"][0]["id"]
    for method, url, more in (
        ("POST", path, {"json": {"title": "Two"}}),
        ("DELETE", f"{path}/{made}", {}),
        ("PATCH", f"{path}/{made}", {"json": {"title": "One"}}),
    ):
        problem = await both.call(method, url, 422, headers=headers | {"If-Match": '"1"'}, **more)
        assert problem["type"] == "/problems/idempotency-key-reused"
    assert await titles(both) == ["One"]


@pytest.mark.parametrize("value", ["", "a" * 256, "white space", "tab\there", "schlüssel".encode()])
async def test_a_key_that_is_none_is_refused(api: Api, value: str | bytes) -> None:
    path = await conversations(api)
    headers: Any = {"Idempotency-Key": value}
    problem = await api.call("POST", path, 422, json={"title": "No"}, headers=headers)
    assert problem["errors"][0]["field"] == "Idempotency-Key"
    assert await titles(api) == []


async def test_what_cannot_be_repeated_takes_no_key(api: Api, shop: Path) -> None:
    connection = await api.connect(shop)
    path = await conversations(api)
    made = await api.call("POST", path, 201, json={"connection_id": connection["id"]})
    stream = key() | {"Accept": "application/x-ndjson"}
    problem = await api.call("POST", f"{path}/{made['id']}/ask", 422, json={"question": "orders"}, headers=stream)
    assert "stream" in problem["detail"]
    login = {"email": "ann@example.org", "password": "a long enough password"}
    await api.call("POST", "auth/login", 422, json=login, headers=key())


async def test_somebody_elses_key_is_another_key(both: Api) -> None:
    path, headers = await conversations(both), key()
    await both.call("POST", path, 201, json={"title": "One"}, headers=headers)
    rename = update(IdempotencyKey).values(subject="jupyter:somebody-else")
    await (await services(both)).store.write(lambda session: session.execute(rename))
    await both.call("POST", path, 201, json={"title": "Two"}, headers=headers)
    assert sorted(await titles(both)) == ["One", "Two"]


# ---- What is kept --------------------------------------------------------------------------------------------------


async def test_a_definite_no_is_kept_and_a_failure_is_not(both: Api, shop: Path) -> None:
    await both.connect(shop)
    path = f"workspaces/{await both.workspace()}/connections"
    body, headers = {"name": "shop", "kind": "sqlite", "settings": {"path": str(shop)}}, key()
    no = await both.http.post(path, json=body, headers=headers)
    again = await both.http.post(path, json=body, headers=headers)
    assert (no.status_code, again.status_code, again.content) == (409, 409, no.content)
    assert again.headers["Content-Type"] == "application/problem+json"
    assert again.headers["Idempotent-Replayed"] == "true"

    # The audit log can't be written for a while: 503, nothing is done, and the same key works afterwards.
    store, headers = (await services(both)).store, key()
    await store.write(lambda session: session.execute(text("ALTER TABLE events RENAME TO elsewhere")))
    problem = await both.call("POST", await conversations(both), 503, json={"title": "Late"}, headers=headers)
    assert problem["type"] == "/problems/audit-unavailable"
    await store.write(lambda session: session.execute(text("ALTER TABLE elsewhere RENAME TO events")))
    assert await titles(both) == []
    await both.call("POST", await conversations(both), 201, json={"title": "Late"}, headers=headers)
    assert await titles(both) == ["Late"]


async def test_answers_are_kept_encrypted_and_a_day_long(api: Api) -> None:
    path, headers = await conversations(api), key()
    await api.call("POST", path, 201, json={"title": "A canary sings"}, headers=headers)
    (row,) = await rows(api)
    assert row.state == "answered"
    assert row.body is not None
    assert b"canary" not in base64.b64decode(row.body)

    age = update(IdempotencyKey).values(created_at=now() - timedelta(hours=25))
    await (await services(api)).store.write(lambda session: session.execute(age))
    response = await api.http.post(path, json={"title": "A canary sings"}, headers=headers)
    assert "Idempotent-Replayed" not in response.headers
    assert len(await titles(api)) == 2


# ---- Crashes -------------------------------------------------------------------------------------------------------


async def test_what_was_done_is_not_done_again_when_its_answer_was_not_kept(both: Api) -> None:
    """As after a crash between commit and answer: the act's own transaction says that it was done."""
    path, headers, body = await conversations(both), key(), {"title": "Once"}

    def forgetful(session: Session) -> None:
        if session.get_bind().dialect.name == "postgresql":
            raising = "LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$"
            session.execute(text(f"CREATE FUNCTION no() RETURNS trigger {raising}"))
            act = "FOR EACH ROW WHEN (NEW.state = 'answered') EXECUTE FUNCTION no()"
        else:
            act = "WHEN NEW.state = 'answered' BEGIN SELECT RAISE(ABORT, 'no'); END"
        session.execute(text(f"CREATE TRIGGER no BEFORE UPDATE ON idempotency_keys {act}"))

    await (await services(both)).store.write(forgetful)
    await both.call("POST", path, 201, json=body, headers=headers)
    problem = await both.call("POST", path, 409, json=body, headers=headers)
    assert problem["type"] == "/problems/idempotency-key-in-flight"
    assert problem["extra"]["done"] is True
    assert await titles(both) == ["Once"]


async def test_a_link_that_is_shown_once_is_shown_again_and_kept_by_nobody_else(both: Api) -> None:
    workspace = await both.call("POST", "workspaces", 201, json={"name": "Team"})
    path, headers = f"workspaces/{workspace['id']}/invitations", key()
    first = await both.http.post(path, json={"role": "viewer"}, headers=headers)
    again = await both.http.post(path, json={"role": "viewer"}, headers=headers)
    assert first.status_code == 201, first.text
    assert again.content == first.content
    assert len((await both.call("GET", path))["items"]) == 1
    secret = first.json()["link"].partition("#")[2]
    assert len(secret) > 30
    for row in await rows(both):
        assert secret not in f"{row.body} {row.headers} {row.request}"


async def test_a_request_that_died_before_its_act_gives_the_key_free(both: Api) -> None:
    path, headers = await conversations(both), key()
    body = {"title": "Once"}
    await both.call("POST", path, 201, json=body, headers=headers)
    store = (await services(both)).store
    running_elsewhere = {"runner": "another-machine/1/0.0"}
    open_again = update(IdempotencyKey).values(state="open", body=None, status=None, headers=running_elsewhere)
    await store.write(lambda session: session.execute(open_again))
    await both.call("POST", path, 409, json=body, headers=headers)
    late = update(IdempotencyKey).values(expires_at=now() - timedelta(seconds=1))
    await store.write(lambda session: session.execute(late))
    await both.call("POST", path, 201, json=body, headers=headers)
    assert [row.state for row in await rows(both)] == ["answered"]


async def test_a_reservation_that_was_taken_over_does_nothing_any_more(both: Api) -> None:
    workspace_id = await both.workspace()
    late = replace(local(), client=replace(local().client, reservation="0" * 32))
    with pytest.raises(KeyInFlight):
        await (await services(both)).conversations.create(late, workspace_id, ConversationCreate(title="Late"))
    assert await titles(both) == []


async def test_an_act_of_several_transactions_is_one_act(api: Api, shop: Path) -> None:
    """Asking writes a message, its query and its end, some of it after the request."""
    connection = await api.connect(shop)
    path, headers = await conversations(api), key()
    made = await api.call("POST", path, 201, json={"connection_id": connection["id"]})
    url, body = f"{path}/{made['id']}/ask", {"question": "how many orders"}
    first = await api.http.post(url, json=body, headers=headers)
    second = await api.http.post(url, json=body, headers=headers)
    assert first.status_code == 200, first.text
    assert first.json()["state"] == "answered"
    assert second.content == first.content
    detail = await api.call("GET", f"{path}/{made['id']}")
    assert len(detail["messages"]) == 1
