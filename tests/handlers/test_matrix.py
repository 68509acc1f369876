"""Every route, every method, every role: a real server is asked, and answers as the table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handlers import rules
from tests.handlers.people import ROLES, World, world
from tests.handlers.rules import OPERATIONS, RULES, Rule
from tests.servers import PostgreSQL

# Deletions and partings last: others still need what they take.
LAST = ("leaveWorkspace",)


def test_every_operation_has_a_rule() -> None:
    assert set(RULES) == set(OPERATIONS)


def test_what_is_public_is_what_the_table_says() -> None:
    assert {name for name, rule in RULES.items() if rule.public} == {
        name for name, (_, _, found) in OPERATIONS.items() if found.public
    }


def test_rules_about_workspaces_are_about_ids() -> None:
    # What names nothing of a workspace, in its path or its body, can't be refused by a role.
    for name, rule in RULES.items():
        route, _, _ = OPERATIONS[name]
        if not rule.personal and not rule.public:
            assert route.parameters or name == "executeQuery", name


def expected(rule: Rule, who: str) -> tuple[int, ...]:
    """The statuses that the rule allows for somebody."""
    if rule.public:
        return rule.ok
    if who == "nobody":
        return (401,)
    if rule.personal or who in rule.may:
        return rule.ok
    return (404,) if who == "stranger" else (403,)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
async def test_every_route_method_and_role(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    # A file stands where the demo's folder would be, so that nobody waits for it.
    (tmp_path / "dataask").mkdir()
    (tmp_path / "dataask" / "demo").write_text("")
    url = ""
    if database == "postgresql":
        server: PostgreSQL = request.getfixturevalue("postgresql")
        url = server.create_database()
    wrong: list[str] = []
    async with world(tmp_path, url) as made:
        names = [*(name for name in RULES if name not in LAST), *LAST]
        for name in names:
            for who in ("nobody", "stranger", *reversed(ROLES)):
                wrong += await check(name, who, made)
    assert not wrong, "\n".join(wrong)


async def check(name: str, who: str, made: World) -> list[str]:
    """Ask for one operation as one person; what was wrong with the answer."""
    rule, person = RULES[name], made.people[who]
    ids = dict(person.ids)
    if rule.fresh is not None and who in rule.may:
        ids |= await rule.fresh(made, person)
    method, path, given = await rules.request(name, made, person, ids)
    response = await person.http.request(method, path, **given)
    if response.status_code in expected(rule, who):
        return []
    return [f"{name} as {who}: {response.status_code}, not {expected(rule, who)}: {response.text[:200]}"]
