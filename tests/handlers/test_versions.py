"""Two editors of one thing: one is told 200, the other 412 with the version that is there; nothing is lost (row X7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.handlers.people import World, world
from tests.servers import PostgreSQL

pytestmark = pytest.mark.slow
THREADS, TURNS = 6, 4


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def made(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """People on a server, on each database in turn."""
    url = ""
    if request.param == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.create_database()
    async with world(tmp_path, url) as found:
        yield found


def things(made: World) -> dict[str, tuple[str, dict[str, Any], dict[str, Any]]]:
    """What has versions: its path, and two changes of it."""
    ids = made.owner.ids
    return {
        "workspace": (made.in_ws, {"name": "first"}, {"name": "second"}),
        "role": (f"{made.in_ws}/roles/{ids['role_id']}", {"name": "first"}, {"name": "second"}),
        "member": (f"{made.in_ws}/members/{ids['user_id']}", {"role": "editor"}, {"role": "admin"}),
        "connection": (f"{made.in_ws}/connections/{ids['connection_id']}", {"name": "first"}, {"name": "second"}),
        "conversation": (
            f"{made.in_ws}/conversations/{ids['conversation_id']}",
            {"title": "first"},
            {"title": "second"},
        ),
    }


async def test_one_of_two_editors_wins_and_the_other_is_told(made: World) -> None:
    http = made.owner.http
    for name, (path, first, second) in things(made).items():
        missing = await http.patch(path, json=first)
        assert missing.status_code == 428, name
        known = {"If-Match": '"1"'}
        answers = await asyncio.gather(
            http.patch(path, json=first, headers=known), http.patch(path, json=second, headers=known)
        )
        won, lost = sorted(answers, key=lambda each: each.status_code)
        assert (won.status_code, lost.status_code) == (200, 412), name
        assert won.headers["ETag"] == '"2"'
        assert lost.json()["extra"] == {"version": 2}
        # What the one who lost was told is good for the next try.
        again = second if lost is answers[1] else first
        after = await http.patch(path, json=again, headers={"If-Match": f'"{lost.json()["extra"]["version"]}"'})
        assert (after.status_code, after.headers["ETag"]) == (200, '"3"'), name


@pytest.mark.parametrize("thing", ["workspace", "role", "connection", "conversation"])
async def test_many_who_count_up_lose_nothing(made: World, thing: str) -> None:
    path, example, _ = things(made)[thing]
    (field,) = example
    http = made.owner.http
    first = await http.patch(path, json={field: "0"}, headers={"If-Match": '"1"'})
    assert first.status_code == 200

    async def read() -> tuple[int, str]:
        if thing != "role":
            response = await http.get(path)
            return int(response.json()[field]), response.headers["ETag"]
        roles = (await http.get(f"{made.in_ws}/roles")).json()["items"]
        found = next(each for each in roles if each["id"] == made.owner.ids["role_id"])
        return int(found[field]), f'"{found["version"]}"'

    async def count() -> int:
        acknowledged = 0
        while acknowledged < TURNS:
            value, version = await read()
            response = await http.patch(path, json={field: str(value + 1)}, headers={"If-Match": version})
            assert response.status_code in {200, 412}, response.text
            acknowledged += response.status_code == 200
        return acknowledged

    done = sum(await asyncio.gather(*(count() for _ in range(THREADS))))
    value, version = await read()
    assert (done, value, version) == (THREADS * TURNS, THREADS * TURNS, f'"{THREADS * TURNS + 2}"')
