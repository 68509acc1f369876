"""Signing up, in and out on a server with accounts, as browsers and programs do it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import func, select
from traitlets.config import Config

from dataask_jupyter.store.models import ApiToken, Event, PasswordReset, RefreshToken, User
from tests.handlers.conftest import PASSWORD, Team, team
from tests.servers import PostgreSQL

NEXT = "another horse battery"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Team]:
    """A server where everybody may register."""
    async with team(tmp_path) as found:
        yield found


def kind(problem: dict[str, str]) -> str:
    """What sort of problem it is."""
    return problem["type"].removeprefix("/problems/")


# ---- In and out --------------------------------------------------------------------------------------------------


async def test_register_then_sign_in_elsewhere(server: Team) -> None:
    ann = await server.register("Ann@Example.com", name="Ann")
    me = await ann.call("GET", "auth/me")
    assert (me["user"]["email"], me["user"]["is_admin"], me["server"]["mode"]) == ("Ann@Example.com", False, "team")
    workspaces = (await ann.call("GET", "workspaces"))["items"]
    assert [(each["personal"], each["role"]) for each in workspaces] == [(True, "owner")]
    again = await server.login("ann@example.COM")
    assert await again.call("GET", "auth/me") == me
    browser = await server.browser("\N{FULLWIDTH LATIN SMALL LETTER A}nn@example.com")
    assert await browser.call("GET", "auth/me") == me
    await browser.call("POST", "auth/refresh", json={})
    assert await browser.call("GET", "auth/me") == me
    assert len((await browser.call("GET", "auth/sessions"))["items"]) == 3


async def test_a_browsers_tokens_are_in_cookies_that_no_script_reads(server: Team) -> None:
    await server.register("ann@example.com")
    body = {"email": "ann@example.com", "password": PASSWORD, "client": "browser"}
    answer = await (await server.client()).http.post("auth/login", json=body)
    assert (answer.json()["access_token"], answer.json()["refresh_token"]) == (None, None)
    given = {line.partition("=")[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert "httponly" in given["dataask-access"]
    assert "samesite=lax" in given["dataask-access"]
    assert "httponly" in given["dataask-refresh"]
    assert "samesite=strict" in given["dataask-refresh"]
    assert "path=/dataask/api/v1/auth;" in given["dataask-refresh"] + ";"


async def test_cookies_are_for_https_alone_where_the_server_is_reached_by_it(tmp_path: Path) -> None:
    config = Config({"DataAsk": {"public_url": "https://data.example.com/"}})
    async with team(tmp_path, config) as server:
        body = {"email": "a@example.com", "display_name": "A", "password": PASSWORD, "client": "browser"}
        answer = await server.stranger.http.post("auth/register", json=body)
        own = [line.lower() for line in answer.headers.get_list("set-cookie") if line.startswith("dataask-")]
        assert len(own) == 2
        assert all("; secure" in line for line in own)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_fifty_registrations_of_one_address_make_one_account(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = ""
    if database == "postgresql":
        cluster: PostgreSQL = request.getfixturevalue("postgresql")
        url = cluster.create_database()
    async with team(tmp_path, database_url=url) as server:
        body = {"email": "ann@example.com", "display_name": "Ann", "password": PASSWORD}
        http = server.stranger.http
        answers = await asyncio.gather(*(http.post("auth/register", json=body) for _ in range(50)))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 49
        store = (await server.services()).store
        assert await store.read(lambda s: s.scalar(select(func.count()).select_from(User))) == 1
        await server.login("ann@example.com")


async def test_registration_by_invitation_and_none(tmp_path: Path) -> None:
    body = {"email": "bob@example.com", "display_name": "Bob", "password": PASSWORD}
    async with team(tmp_path, registration="invitation") as server:
        await server.stranger.call("POST", "auth/register", 403, json=body)
        await server.stranger.call("POST", "auth/register", 404, json={**body, "invitation": "x" * 43})
        root = await server.admin()
        workspace = await root.call("POST", "workspaces", 201, json={"name": "Sales"})
        given = {"role": "viewer"}
        made = await root.call("POST", f"workspaces/{workspace['id']}/invitations", 201, json=given)
        secret = made["link"].partition("#")[2]
        bob = await server.register("bob@example.com", invitation=secret)
        # The account was made for that workspace; accepting once more, as the page does, changes nothing.
        assert (await bob.call("GET", "auth/me"))["workspace_id"] == workspace["id"]
        assert (await bob.call("POST", "invitations/accept", json={"token": secret}))["role"] == "viewer"
        assert workspace["id"] in [each["id"] for each in (await bob.call("GET", "workspaces"))["items"]]
        # The link is used up by it, for accounts too.
        await server.stranger.call(
            "POST", "auth/register", 404, json={**body, "email": "cid@example.com", "invitation": secret}
        )
    (tmp_path / "off").mkdir()
    async with team(tmp_path / "off", registration="off") as server:
        await server.stranger.call("POST", "auth/register", 403, json=body)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_of_twenty_people_with_one_link_for_one_person_one_gets_an_account(
    database: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("postgresql").create_database() if database == "postgresql" else ""
    async with team(tmp_path, registration="invitation", database_url=url) as server:
        root = await server.admin()
        ws = (await root.call("POST", "workspaces", 201, json={"name": "Sales"}))["id"]
        made = await root.call("POST", f"workspaces/{ws}/invitations", 201, json={"role": "viewer"})
        body = {"display_name": "X", "password": PASSWORD, "invitation": made["link"].partition("#")[2]}
        answers = await asyncio.gather(
            *(
                server.stranger.http.post("auth/register", json={**body, "email": f"x{number}@example.com"})
                for number in range(20)
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201] + [404] * 19
        store = (await server.services()).store
        assert await store.read(lambda s: s.scalar(select(func.count()).select_from(User))) == 2
        assert len((await root.call("GET", f"workspaces/{ws}/members"))["items"]) == 2


async def test_a_link_that_has_ended_keeps_nobody_out_where_everybody_may_register(server: Team) -> None:
    bob = await server.register("bob@example.com", invitation="x" * 43)
    assert len((await bob.call("GET", "workspaces"))["items"]) == 1


async def test_on_a_solo_server_there_are_no_accounts(api) -> None:
    for method, path, body in (
        ("POST", "auth/login", {"email": "a@b.c", "password": "x"}),
        ("POST", "auth/refresh", {}),
        ("POST", "auth/logout", {}),
        ("GET", "auth/sessions", None),
        ("GET", "auth/tokens", None),
    ):
        problem = await api.call(method, path, 404, **({"json": body} if body is not None else {}))
        assert "no accounts of its own" in problem["detail"]


# ---- A5: what was ended is over at the next request --------------------------------------------------------------


async def test_signing_out_counts_from_the_next_request(server: Team) -> None:
    first, second = await server.register("ann@example.com"), await server.login("ann@example.com")
    await first.call("POST", "auth/logout", 204, json={})
    assert kind(await first.call("GET", "auth/me", 401)) == "session-ended"
    await second.call("GET", "auth/me")
    third = await server.login("ann@example.com")
    await third.call("POST", "auth/logout", 204, json={"everywhere": True})
    await second.call("GET", "auth/me", 401)
    await third.call("GET", "auth/me", 401)


async def test_signing_out_takes_the_browsers_cookies(server: Team) -> None:
    await server.register("ann@example.com")
    browser = await server.browser("ann@example.com")
    await browser.call("POST", "auth/logout", 204, json={})
    assert "dataask-access" not in browser.http.cookies
    assert "dataask-refresh" not in browser.http.cookies
    await browser.call("GET", "auth/me", 401)


async def test_another_password_ends_all_other_sessions_and_no_old_token_works(server: Team) -> None:
    here, there = await server.register("ann@example.com"), await server.login("ann@example.com")
    wrong = {"current_password": "not my password", "new_password": NEXT}
    await here.call("POST", "auth/password", 401, json=wrong)
    await here.call("POST", "auth/password", 204, json={"current_password": PASSWORD, "new_password": NEXT})
    await here.call("GET", "auth/me")
    await there.call("GET", "auth/me", 401)
    await server.stranger.call("POST", "auth/login", 401, json={"email": "ann@example.com", "password": PASSWORD})
    await server.login("ann@example.com", password=NEXT)


async def test_a_wrong_current_password_is_in_the_audit_log(server: Team) -> None:
    root, ann = await server.admin(), await server.register("ann@example.com", name="Ann")
    body = {"current_password": "not my password", "new_password": NEXT}
    await ann.call("POST", "auth/password", 401, json=body)
    found = await root.call("GET", "audit", params={"action": "user.password", "result": "refused"})
    assert [each["actor_name"] for each in found["items"]] == ["Ann"]
    assert "not my password" not in json.dumps(found)


async def test_ending_one_device(server: Team) -> None:
    here, there = await server.register("ann@example.com"), await server.login("ann@example.com")
    bob = await server.register("bob@example.com")
    devices = (await here.call("GET", "auth/sessions"))["items"]
    other = next(each["id"] for each in devices if not each["current"])
    foreign = await bob.call("DELETE", f"auth/sessions/{other}", 404)
    assert foreign == await bob.call("DELETE", f"auth/sessions/{'0' * 32}", 404)
    await here.call("DELETE", f"auth/sessions/{other}", 204)
    await there.call("GET", "auth/me", 401)
    await here.call("GET", "auth/me")


async def test_a_deactivated_account_is_out_at_once_and_in_again_when_it_is_reactivated(server: Team) -> None:
    root, ann = await server.admin(), await server.register("ann@example.com")
    me = (await ann.call("GET", "auth/me"))["user"]["id"]
    token = (await ann.call("POST", "auth/tokens", 201, json={"name": "script"}))["secret"]
    script = await server.client(Authorization=f"token {token}")
    await script.call("GET", "auth/me")
    await root.call("PATCH", f"users/{me}", json={"active": False})
    await ann.call("GET", "auth/me", 401)
    await script.call("GET", "auth/me", 401)
    login = {"email": "ann@example.com", "password": PASSWORD}
    await server.stranger.call("POST", "auth/login", 401, json=login)
    await root.call("PATCH", f"users/{me}", json={"active": True})
    await server.login("ann@example.com")
    await script.call("GET", "auth/me", 401)


async def test_ending_ones_own_account_needs_the_password_and_somebody_to_take_over(server: Team) -> None:
    root, ann = await server.admin(), await server.register("ann@example.com")
    await root.call("POST", "auth/deactivate", 409, json={"password": PASSWORD})
    made = await ann.call("POST", "workspaces", 201, json={"name": "Sales"})
    await ann.call("POST", "auth/deactivate", 401, json={"password": "not my password"})
    refused = await ann.call("POST", "auth/deactivate", 409, json={"password": PASSWORD})
    assert "Sales" in refused["detail"]
    root_id = (await root.call("GET", "auth/me"))["user"]["id"]
    link = await ann.call("POST", f"workspaces/{made['id']}/invitations", 201, json={"role": "owner"})
    await root.call("POST", "invitations/accept", json={"token": link["link"].partition("#")[2]})
    assert root_id
    await ann.call("POST", "auth/deactivate", 204, json={"password": PASSWORD})
    await ann.call("GET", "auth/me", 401)


# ---- A4: refresh tokens ------------------------------------------------------------------------------------------


async def _signed(server: Team, email: str = "ann@example.com") -> dict[str, str]:
    body = {"email": email, "password": PASSWORD}
    found: dict[str, str] = await server.stranger.call("POST", "auth/login", json=body)
    return found


async def test_a_refresh_token_that_comes_again_ends_its_session(server: Team) -> None:
    await server.register("ann@example.com")
    first = await _signed(server)
    http = server.stranger
    second = await http.call("POST", "auth/refresh", json={"refresh_token": first["refresh_token"]})
    api = await server.client(Authorization=f"Bearer {second['access_token']}")
    await api.call("GET", "auth/me")
    again = await http.call("POST", "auth/refresh", 401, json={"refresh_token": first["refresh_token"]})
    assert kind(again) == "session-ended"
    await http.call("POST", "auth/refresh", 401, json={"refresh_token": second["refresh_token"]})
    await api.call("GET", "auth/me", 401)
    store = (await server.services()).store
    actions = await store.read(lambda s: s.scalars(select(Event.action).where(Event.result == "refused")).all())
    assert actions == ["session.reuse"]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_of_two_refreshes_at_once_one_wins(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("postgresql").create_database() if database == "postgresql" else ""
    async with team(tmp_path, database_url=url) as server:
        await server.register("ann@example.com")
        body = {"refresh_token": (await _signed(server))["refresh_token"]}
        http = server.stranger.http
        answers = await asyncio.gather(*(http.post("auth/refresh", json=body) for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7


# ---- Reset links -------------------------------------------------------------------------------------------------


async def test_a_reset_link_sets_a_password_once_and_ends_all_sessions(server: Team) -> None:
    root, ann = await server.admin(), await server.register("ann@example.com")
    me = (await ann.call("GET", "auth/me"))["user"]["id"]
    assert await ann.call("POST", f"users/{me}/reset-link", 404) == await ann.call(
        "POST", f"users/{'0' * 32}/reset-link", 404
    )
    first = (await root.call("POST", f"users/{me}/reset-link", 201))["link"]
    second = (await root.call("POST", f"users/{me}/reset-link", 201))["link"]
    assert second.startswith("/dataask/reset#")
    old, secret = (link.partition("#")[2] for link in (first, second))
    await server.stranger.call("POST", "auth/reset", 404, json={"token": old, "password": NEXT})
    await server.stranger.call("POST", "auth/reset", 204, json={"token": secret, "password": NEXT})
    await server.stranger.call("POST", "auth/reset", 404, json={"token": secret, "password": NEXT})
    await ann.call("GET", "auth/me", 401)
    await server.login("ann@example.com", password=NEXT)


@pytest.mark.parametrize("public_url", ["", "https://data.example.com/apps/dataask"])
async def test_a_reset_link_leads_to_this_server(tmp_path: Path, public_url: str) -> None:
    config = Config({"DataAsk": {"public_url": public_url}})
    config.ServerApp = Config({"base_url": "/team/", "allow_remote_access": True})
    async with team(tmp_path, config) as server:
        root = await server.admin()
        me = (await root.call("GET", "auth/me"))["user"]["id"]
        headers = {"Host": "evil.example"}
        link = (await root.call("POST", f"users/{me}/reset-link", 201, headers=headers))["link"]
        assert link.startswith(f"{public_url or '/team'}/dataask/reset#")


# ---- Another name ------------------------------------------------------------------------------------------------


async def test_another_name_is_recorded_and_done_once_for_one_key(server: Team) -> None:
    ann = await server.register("ann@example.com", name="Ann")
    for _ in range(2):
        headers = {"Idempotency-Key": "one"}
        me = await ann.call("PATCH", "auth/me", json={"display_name": "Ann Lee"}, headers=headers)
        assert me["user"]["display_name"] == "Ann Lee"
    await ann.call("PATCH", "auth/me", json={"display_name": "Ann Lee"})
    store = (await server.services()).store
    found = await store.read(lambda s: s.scalars(select(Event).where(Event.action == "user.update")).all())
    assert [(each.actor_name, each.object_name, each.payload, each.chain) for each in found] == [
        ("Ann", "Ann Lee", {"changes": {"display_name": ["Ann", "Ann Lee"]}}, "server")
    ]


# ---- API tokens, P1 ----------------------------------------------------------------------------------------------


async def test_api_tokens_work_in_their_scope_until_they_are_revoked(server: Team) -> None:
    ann, bob = await server.register("ann@example.com"), await server.register("bob@example.com")
    made = await ann.call("POST", "auth/tokens", 201, json={"name": "script", "scope": "read"})
    token = made["token"]["id"]
    for scheme in ("token", "Bearer"):
        script = await server.client(Authorization=f"{scheme} {made['secret']}")
        ws = (await script.call("GET", "auth/me"))["workspace_id"]
    await script.call("GET", f"workspaces/{ws}/connections")
    for change in ({"display_name": "Changed"}, {"workspace_id": ws}):
        await script.call("PATCH", "auth/me", 403, json=change)
    await script.call("POST", "workspaces", 403, json={"name": "Sales"})
    await script.call("POST", "auth/tokens", 403, json={"name": "more", "scope": "full"})
    assert made["secret"] not in str(await ann.call("GET", "auth/tokens"))
    assert await bob.call("DELETE", f"auth/tokens/{token}", 404) == await bob.call(
        "DELETE", f"auth/tokens/{'0' * 32}", 404
    )
    await ann.call("DELETE", f"auth/tokens/{token}", 204)
    await script.call("GET", "auth/me", 401)
    assert (await ann.call("GET", "auth/tokens"))["items"] == []


async def test_secrets_are_long_random_and_kept_as_hashes(server: Team) -> None:
    root = await server.admin()
    signed = await _signed(server, "root@example.com")
    me = signed["user"]["id"]  # type: ignore[index]
    token = (await root.call("POST", "auth/tokens", 201, json={"name": "t"}))["secret"]
    link = (await root.call("POST", f"users/{me}/reset-link", 201))["link"].partition("#")[2]
    secrets = [signed["refresh_token"], token.removeprefix("dataask_"), link]
    # 43 characters of 6 bits are 256 bits.
    assert [len(each) for each in secrets] == [43, 43, 43]
    raw = server.stranger.data_dir.joinpath("dataask.db").read_bytes()
    raw += server.stranger.data_dir.joinpath("dataask.db-wal").read_bytes()
    assert [each for each in [*secrets, signed["access_token"], PASSWORD] if each.encode() in raw] == []
    store = (await server.services()).store
    for column in (RefreshToken.hash, ApiToken.hash, PasswordReset.hash):
        found = await store.read(lambda s, c=column: s.scalars(select(c)).all())
        assert found
        assert {len(each) for each in found} == {64}


# ---- Z4: mass assignment -----------------------------------------------------------------------------------------


async def test_nobody_makes_themselves_an_administrator(server: Team) -> None:
    body = {"email": "ann@example.com", "display_name": "Ann", "password": PASSWORD}
    for more in ({"is_admin": True}, {"role": "owner"}, {"user_id": "0" * 32}, {"active": True}):
        await server.stranger.call("POST", "auth/register", 422, json={**body, **more})
    ann = await server.register("ann@example.com")
    await ann.call("PATCH", "auth/me", 422, json={"is_admin": True})
    await ann.call("POST", "auth/tokens", 422, json={"name": "t", "user_id": "0" * 32})
    me = (await ann.call("GET", "auth/me"))["user"]
    assert me["is_admin"] is False
    await ann.call("PATCH", f"users/{me['id']}", 404, json={"is_admin": True})
    await ann.call("GET", "users", 404)


async def test_the_last_administrator_stays_one(server: Team) -> None:
    root, ann = await server.admin(), await server.register("ann@example.com")
    root_id, ann_id = [(await each.call("GET", "auth/me"))["user"]["id"] for each in (root, ann)]
    for change in ({"is_admin": False}, {"active": False}):
        await root.call("PATCH", f"users/{root_id}", 409, json=change)
    await root.call("PATCH", f"users/{ann_id}", json={"is_admin": True})
    await ann.call("PATCH", f"users/{root_id}", json={"is_admin": False})
    await root.call("GET", "users", 404)
    names = [each["email"] for each in (await ann.call("GET", "users"))["items"]]
    assert sorted(names) == ["ann@example.com", "root@example.com"]
