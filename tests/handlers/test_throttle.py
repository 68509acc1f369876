"""Guessing passwords gets slow, and nobody is locked out for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dataask_jupyter.errors import SignInFailed, TooManyTries
from dataask_jupyter.services.throttle import Throttle
from tests.handlers.conftest import PASSWORD, Team, team

RIGHT = {"email": "ann@example.com", "password": PASSWORD}
WRONG = {"email": "ann@example.com", "password": "not my password"}


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Team]:
    """A server where everybody may register."""
    async with team(tmp_path) as found:
        yield found


async def test_after_ten_wrong_passwords_even_the_right_one_waits(server: Team) -> None:
    await server.register("ann@example.com")
    for number in range(10):
        # What a client says of its address is not believed.
        headers = {"X-Forwarded-For": f"10.0.0.{number}", "X-Real-Ip": f"10.0.0.{number}"}
        answer = await server.stranger.http.post("auth/login", json=WRONG, headers=headers)
        assert answer.status_code == 401
    for body in (WRONG, RIGHT):
        answer = await server.stranger.http.post("auth/login", json=body, headers={"X-Forwarded-For": "10.9.9.9"})
        assert answer.status_code == 429
        assert 500 < int(answer.headers["Retry-After"]) <= 600
        assert answer.json()["extra"]["seconds"] == int(answer.headers["Retry-After"])
    # Others at this address get in.
    await server.register("bob@example.com")
    await server.login("bob@example.com")


async def test_guesses_at_once_are_no_more_than_guesses_one_by_one(server: Team) -> None:
    await server.register("ann@example.com")
    answers = await asyncio.gather(*(server.stranger.http.post("auth/login", json=WRONG) for _ in range(60)))
    assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 50


async def test_right_passwords_are_never_counted(server: Team) -> None:
    await server.register("ann@example.com")
    for _ in range(15):
        await server.login("ann@example.com")


def _fail(throttle: Throttle, account: str, address: str) -> None:
    with pytest.raises(SignInFailed), throttle.trying(account, address, SignInFailed):
        raise SignInFailed


def test_limits_of_account_and_address_and_their_end() -> None:
    moment = 1000.0
    throttle = Throttle(lambda: moment)
    for number in range(100):
        throttle.check("ann", f"address {number}")
        _fail(throttle, "ann", f"address {number}")
    with pytest.raises(TooManyTries) as found:
        throttle.check("ann", "a new address")
    assert found.value.extra == {"seconds": 3600}
    throttle.check("bob", "a new address")
    moment += 3601
    throttle.check("ann", "a new address")
    for number in range(100):
        _fail(throttle, f"account {number}", "one address")
    with pytest.raises(TooManyTries):
        throttle.check("somebody else", "one address")
    throttle.check("somebody else", "another address")
    moment += 601
    throttle.check("somebody else", "one address")
