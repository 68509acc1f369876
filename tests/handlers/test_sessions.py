"""Access tokens: what is no token of this server, or none for this use, lets nobody in."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jwt
import pytest
import pytest_asyncio

from dataask_jupyter.services.access_tokens import AccessTokens
from dataask_jupyter.services.keys import Keys
from tests.handlers.conftest import PASSWORD, SECRET_KEY, Team, team

PROGRAM = """
import sys
from dataask_jupyter.services.access_tokens import AccessTokens
from dataask_jupyter.services.keys import Keys
tokens = AccessTokens(Keys(b"0123456789abcdef0123456789abcdef"), 10)
if sys.argv[1] == "make":
    print(tokens.make("u" * 32, "s" * 32))
else:
    print(tokens.read(sys.argv[2]) is not None)
"""

AT_ANOTHER_TIME = """
import asyncio, os, sys
from pathlib import Path
from dataask_jupyter.access.identity import NOWHERE
from dataask_jupyter.errors import DataAskError
from dataask_jupyter.schemas.users import PasswordReset
from dataask_jupyter.services.container import Services
from dataask_jupyter.services.settings import Settings

async def main(folder, act, secret):
    services = Services(Settings(data_dir=Path(folder), mode="team", registration="open"))
    try:
        if act == "refresh":
            await services.sign_in.refresh(secret, NOWHERE)
        elif act == "reset":
            await services.credentials.reset(PasswordReset(token=secret, password="another horse battery"), NOWHERE)
        else:
            await services.sessions.identify(secret)
        print("held")
    except DataAskError as error:
        print(error.kind)
    finally:
        await services.close()

asyncio.run(main(*sys.argv[1:]))
"""


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[Team]:
    """A server where everybody may register."""
    async with team(tmp_path) as found:
        yield found


async def _token(server: Team) -> tuple[str, dict[str, Any], bytes]:
    """A good token, what is in it, and the key that it was signed with."""
    await server.register("ann@example.com")
    body = {"email": "ann@example.com", "password": PASSWORD}
    token = (await server.stranger.call("POST", "auth/login", json=body))["access_token"]
    key = Keys(SECRET_KEY.encode()).of("access-token")
    return token, jwt.decode(token, options={"verify_signature": False}), key


async def _status(server: Team, token: str) -> int:
    answer = await server.stranger.http.get("auth/me", headers={"Authorization": f"Bearer {token}"})
    return answer.status_code


def _part(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


async def test_only_the_one_algorithm_with_the_one_key(server: Team) -> None:
    token, claims, key = await _token(server)
    assert await _status(server, token) == 200
    assert await _status(server, jwt.encode(claims, key, "HS256")) == 200
    head, body, signature = token.split(".")
    forged = [
        f"{_part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        f"{_part({'alg': 'None', 'typ': 'JWT'})}.{body}.{signature}",
        jwt.encode(claims, key * 2, "HS512"),
        jwt.encode(claims, b"a key that everybody can read" * 2, "HS256", headers={"kid": "../../dev/null"}),
        jwt.encode(claims, SECRET_KEY.encode(), "HS256"),
        f"{head}.{_part({**claims, 'sub': '0' * 32})}.{signature}",
        f"{head}.{body}.",
        "..",
        "a.b.c",
        "dataask_" + "x" * 43,
    ]
    assert [await _status(server, each) for each in forged] == [401] * len(forged)
    # The header names a key; there is only one, whatever it says.
    assert await _status(server, jwt.encode(claims, key, "HS256", headers={"kid": "../x"})) == 200


@pytest.mark.parametrize("claim", ["exp", "iat", "jti", "sub", "aud", "iss", "sid", "typ"])
async def test_every_claim_has_to_be_there_and_right(server: Team, claim: str) -> None:
    _, claims, key = await _token(server)
    without = {name: value for name, value in claims.items() if name != claim}
    assert await _status(server, jwt.encode(without, key, "HS256")) == 401
    if claim != "jti":
        other: Any = int(time.time()) + (-3600 if claim == "exp" else 3600) if claim in {"exp", "iat"} else "other"
        assert await _status(server, jwt.encode({**claims, claim: other}, key, "HS256")) == 401


async def test_a_refresh_token_is_no_access_token_and_a_query_is_no_place_for_one(server: Team) -> None:
    token, _, _ = await _token(server)
    body = {"email": "ann@example.com", "password": PASSWORD}
    refresh = (await server.stranger.call("POST", "auth/login", json=body))["refresh_token"]
    assert await _status(server, refresh) == 401
    assert (await server.stranger.http.get(f"auth/me?token={token}")).status_code == 401
    assert (await server.stranger.http.get("auth/me", headers={"Authorization": "Basic x"})).status_code == 401


async def test_a_token_of_another_session_of_somebody_else(server: Team) -> None:
    _, claims, key = await _token(server)
    bob = await server.register("bob@example.com")
    bobs = (await bob.call("GET", "auth/me"))["user"]["id"]
    assert await _status(server, jwt.encode({**claims, "sub": bobs}, key, "HS256")) == 401


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shift", "holds"),
    [("+9m", True), ("+10m30s", True), ("+12m", False), ("-30s", True), ("-5m", False), ("+1h", False)],
)
def test_clocks_may_differ_by_a_minute_and_no_more(shift: str, holds: bool) -> None:
    def run(*command: str) -> str:
        return subprocess.run(
            [*command], capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"}
        ).stdout.strip()

    token = run(sys.executable, "-c", PROGRAM, "make")
    assert run("faketime", "-f", shift, sys.executable, "-c", PROGRAM, "read", token) == str(holds)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("act", "shift", "said"),
    [
        ("refresh", "+29d", "held"),
        ("refresh", "+31d", "session-ended"),
        ("refresh", "-1h", "held"),
        ("reset", "+23h", "held"),
        ("reset", "+25h", "link-ended"),
        ("reset", "-1h", "held"),
        ("token", "+89d", "held"),
        ("token", "+91d", "session-ended"),
    ],
)
async def test_sessions_links_and_tokens_end_when_their_time_is_over(
    tmp_path: Path, act: str, shift: str, said: str
) -> None:
    async with team(tmp_path) as server:
        root = await server.admin()
        me = (await root.call("GET", "auth/me"))["user"]["id"]
        body = {"email": "root@example.com", "password": PASSWORD}
        secrets = {
            "refresh": (await server.stranger.call("POST", "auth/login", json=body))["refresh_token"],
            "reset": (await root.call("POST", f"users/{me}/reset-link", 201))["link"].partition("#")[2],
            "token": (await root.call("POST", "auth/tokens", 201, json={"name": "t", "days": 90}))["secret"],
        }
    command = ["faketime", "-f", shift, sys.executable, "-c", AT_ANOTHER_TIME, str(tmp_path / "dataask")]
    environment = {**os.environ, "DATAASK_SECRET_KEY": SECRET_KEY, "TZ": "UTC"}
    done = subprocess.run(
        [*command, act, secrets[act]], capture_output=True, text=True, timeout=60, check=False, env=environment
    )
    assert done.stdout.strip() == said, done.stderr


def test_tokens_of_two_servers_are_not_exchangeable() -> None:
    one, other = (AccessTokens(Keys(os.urandom(32)), 10) for _ in range(2))
    token = one.make("u" * 32, "s" * 32)
    assert one.read(token) is not None
    assert other.read(token) is None
