"""Who tries to get in learns nothing of who has an account, and keeps nobody else waiting; the audit log has it."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select
from traitlets.config import Config

from dataask_jupyter.services import refusals
from dataask_jupyter.services.passwords import THREADS, WAITING
from dataask_jupyter.store.models import Event
from tests.handlers.conftest import PASSWORD, Team, team

WRONG = "not my password"


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Team]:
    """A server where everybody may register, behind a proxy that says where requests come from."""
    async with team(tmp_path, Config({"ServerApp": {"trust_xheaders": True}})) as found:
        yield found


async def _login(server: Team, email: str, *, address: str = "192.0.2.1", password: str = WRONG) -> httpx.Response:
    body = {"email": email, "password": password}
    headers = {"X-Forwarded-For": address, "User-Agent": "Guesser/1"}
    return await server.stranger.http.post("auth/login", json=body, headers=headers)


async def _refused(server: Team, action: str = "session.create") -> list[Event]:
    store = (await server.services()).store
    query = select(Event).where(Event.action == action, Event.result == "refused").order_by(Event.number)
    return list(await store.read(lambda s: s.scalars(query).all()))


# ---- The audit log -----------------------------------------------------------------------------------------------


async def test_a_failed_sign_in_is_recorded_under_the_address_that_was_typed(server: Team) -> None:
    await server.register("ann@example.com")
    for email in ("Ann@Example.com", "s.novak@partner.example"):
        assert (await _login(server, email)).status_code == 401
    known, unknown = await _refused(server)
    assert (known.actor_name, unknown.actor_name) == ("Ann@Example.com", "s.novak@partner.example")
    for each in (known, unknown):
        assert (each.actor_id, each.object_id, each.workspace_id, each.chain) == (None, None, None, "server")
        assert (each.object_kind, each.object_name, each.via, each.payload) == ("user", "", "account", {})
        assert (each.address, each.agent) == ("192.0.2.1", "Guesser/1")
    root = await server.admin()
    seen = (await root.call("GET", "audit?result=refused"))["items"]
    assert {each["actor_name"] for each in seen} == {"Ann@Example.com", "s.novak@partner.example"}


async def test_what_is_typed_as_an_address_can_be_anything(server: Team) -> None:
    typed = "a\x00\x1b[31m\ud800" + "x" * 200
    body = b'{"email": "a\\u0000\\u001b[31m\\ud800' + b"x" * 200 + b'", "password": "p"}'
    headers = {"Content-Type": "application/json"}
    answer = await server.stranger.http.post("auth/login", content=body, headers=headers)
    assert answer.status_code in {400, 401, 422}
    names = [each.actor_name for each in await _refused(server)]
    assert all("\x00" not in name and "\ud800" not in name for name in names), typed
    assert len(names) == (answer.status_code == 401)
    assert all(each.found.intact for each in (await server.services()).audit.verify_all(only=None, head=None))


async def test_a_deactivated_account_is_refused_in_the_same_words(server: Team) -> None:
    root, ann = await server.admin(), await server.register("ann@example.com")
    me = (await ann.call("GET", "auth/me"))["user"]["id"]
    await root.call("PATCH", f"users/{me}", json={"active": False})
    answer = await _login(server, "ann@example.com", password=PASSWORD)
    assert answer.text == (await _login(server, "nobody@example.com")).text
    assert [(each.actor_name, each.actor_id) for each in await _refused(server)] == [
        ("ann@example.com", None),
        ("nobody@example.com", None),
    ]


async def test_a_refused_registration_is_recorded(tmp_path: Path) -> None:
    body = {"email": "bob@example.com", "display_name": "Bob", "password": PASSWORD}
    async with team(tmp_path, registration="invitation") as server:
        await server.stranger.call("POST", "auth/register", 403, json=body)
        await server.stranger.call("POST", "auth/register", 404, json={**body, "invitation": "x" * 43})
        found = await _refused(server, "user.create")
        assert [(each.actor_name, each.actor_id, each.chain) for each in found] == [
            ("bob@example.com", None, "server")
        ] * 2
        assert "x" * 43 not in str([each.__dict__ for each in found])


async def test_guessing_does_not_fill_the_audit_log(tmp_path: Path) -> None:
    async with team(tmp_path) as server:
        await server.register("ann@example.com")
        statuses = [(await _login(server, "ann@example.com")).status_code for _ in range(40)]
        assert statuses == [401] * 10 + [429] * 30
        for number in range(100):
            await _login(server, f"name{number}@example.com")
        # 90 more failures that this address had left, each under another name; then it is slowed down as a whole.
        before = await _refused(server)
    # What was only counted is written when the minute is over, or the server stops.
    async with team(tmp_path) as server:
        after = await _refused(server)
        counted = [each.payload["count"] for each in after if each.payload]
        assert sum(counted) + len(after) - len(counted) == 140
        assert len(before) == refusals.EACH + 90 + refusals.EACH
        assert len(after) == len(before) + 2


# ---- A6 ----------------------------------------------------------------------------------------------------------


def _overlap(one: list[float], other: list[float]) -> bool:
    """Whether the middle halves of two distributions have something in common."""
    (low, _, high), (other_low, _, other_high) = statistics.quantiles(one, n=4), statistics.quantiles(other, n=4)
    return low <= other_high and other_low <= high


async def _compare(
    server: Team, path: str, bodies: dict[str, list[dict[str, Any]]]
) -> tuple[set[tuple[int, str]], dict[str, list[float]]]:
    """Post the bodies of both kinds in turn, each from an address of its own; the answers and how long they took."""
    times: dict[str, list[float]] = {kind: [] for kind in bodies}
    answers = set()
    for turn in range(200):
        # Neither kind always goes first.
        for kind in list(bodies) if turn % 2 else list(bodies)[::-1]:
            address = f"10.{list(bodies).index(kind)}.{turn // 100}.{turn % 100 + 1}"
            body = bodies[kind][turn % len(bodies[kind])]
            begun = time.perf_counter()
            answer = await server.stranger.http.post(path, json=body, headers={"X-Forwarded-For": address})
            times[kind].append(time.perf_counter() - begun)
            answers.add((answer.status_code, answer.text))
    return answers, times


@pytest.mark.slow
async def test_known_and_unknown_addresses_answer_the_same_and_as_slowly(server: Team) -> None:
    for number in range(20):
        await server.register(f"known{number}@example.com")
    bodies: dict[str, list[dict[str, Any]]] = {
        kind: [{"email": f"{kind}{number}@example.com", "password": WRONG} for number in range(20)]
        for kind in ("known", "unknown")
    }
    answers, times = await _compare(server, "auth/login", bodies)
    assert len(answers) == 1
    assert _overlap(*times.values()), times
    # Without the comparison for nobody, the unknown would answer in a fraction of the time.
    assert 0.5 < statistics.median(times["known"]) / statistics.median(times["unknown"]) < 2


@pytest.mark.slow
async def test_reset_links_that_were_and_that_never_were_answer_the_same(server: Team) -> None:
    root = await server.admin()
    me = (await root.call("GET", "auth/me"))["user"]["id"]
    links = [(await root.call("POST", f"users/{me}/reset-link", 201))["link"] for _ in range(21)]
    known = [{"token": link.partition("#")[2], "password": PASSWORD} for link in links[:20]]
    unknown = [{"token": each["token"][::-1], "password": PASSWORD} for each in known]
    answers, times = await _compare(server, "auth/reset", {"known": known, "unknown": unknown})
    assert len(answers) == 1
    assert {status for status, _ in answers} == {404}
    assert _overlap(*times.values()), times


# ---- A8 ----------------------------------------------------------------------------------------------------------


async def test_a_password_of_a_megabyte_is_refused_unhashed(server: Team) -> None:
    passwords = (await server.services()).passwords
    async with AsyncExitStack() as stack:
        # No thread is free to hash with, so whatever is answered was answered without.
        for _ in range(THREADS):
            await stack.enter_async_context(passwords.turn())
        long = "x" * 1_000_000
        for path, body in (
            ("login", {"email": "ann@example.com", "password": long}),
            ("register", {"email": "ann@example.com", "display_name": "Ann", "password": long}),
            ("reset", {"token": "x" * 43, "password": long}),
        ):
            answer = await server.stranger.http.post(f"auth/{path}", json=body)
            assert answer.status_code == 422
            assert len(answer.content) < 10_000


@pytest.mark.slow
async def test_of_500_sign_ins_at_once_some_are_told_to_come_again_and_nobody_else_waits(server: Team) -> None:
    await server.register("ann@example.com")
    passwords = (await server.services()).passwords
    body = {"email": "ann@example.com", "password": PASSWORD}
    limits = httpx.Limits(max_connections=None)
    client = httpx.AsyncClient(base_url=server.stranger.http.base_url, timeout=None, limits=limits, trust_env=False)
    async with client as http, AsyncExitStack() as busy:
        # Both threads are taken until all 500 are there: how many wait doesn't hang on how fast this machine is.
        for _ in range(THREADS):
            await busy.enter_async_context(passwords.turn())
        logins = []
        for _ in range(10):
            logins += [asyncio.create_task(http.post("auth/login", json=body)) for _ in range(50)]
            # The operating system keeps some hundred connections for a server that hasn't come to take them.
            await server.stranger.call("GET", "health")
        refused = 0
        for done in asyncio.as_completed(list(logins)):
            answer = await done
            assert answer.status_code == 503
            assert answer.json()["type"] == "/problems/sign-in-busy"
            assert int(answer.headers["Retry-After"]) >= 1
            refused += 1
            if refused == 500 - WAITING:
                break
        assert sum(login.done() for login in logins) == refused
        await server.stranger.call("GET", "health")
        await busy.aclose()
        waiting = [login for login in logins if not login.done()]
        assert len(waiting) == WAITING
        healthy = 0
        while not all(login.done() for login in waiting):
            await server.stranger.call("GET", "health")
            healthy += 1
            assert sum(each.name.startswith("dataask-passwords") for each in threading.enumerate()) <= THREADS
        assert {(await login).status_code for login in waiting} == {200}
        # Were they hashed on the event loop, health would be answered once or twice in all that time.
        assert healthy >= 10
