"""The gate against real servers as a powerful user: nothing that it lets through writes, or reads a file."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.sql.gate import check
from tests.sql.server_cases import ATTACKS, GLUE, SHARED_GLUE, STATEMENTS, allowed, refused
from tests.sql.server_engines import CANARY, ServerError, engine

pytestmark = pytest.mark.slow

WHOLE = [
    "SELECT * FROM {}",
    "SELECT {}",
    "{}",
    "SELECT * FROM t, {} f",
    "SELECT f.* FROM {} f",
    "WITH f AS ({}) SELECT * FROM f",
]


def statement(source: random.Random, dialect: str, folder: str) -> str:
    """A statement that passes or doesn't, cut and glued together with others and with attacks; or a soup of tokens."""
    attacks, good, bad, glue, words = material(dialect, folder)
    if source.random() < 0.1:
        soup = [source.choice(source.choice([words, words, attacks, glue])) for _ in range(source.randint(1, 8))]
        return "SELECT " + " ".join(soup)
    sql = source.choice(source.choice([good, good, good, bad]))
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        place, step = source.choice([source.randint(0, len(sql)), len(sql)]), source.randint(0, 9)
        parts = sql.split(" ")
        at = source.randrange(len(parts))
        if step == 0:
            sql = sql[:place] + source.choice(attacks) + sql[place:]
        elif step == 1:
            sql = sql[:place] + source.choice(glue) + sql[place:]
        elif step == 2:
            sql = sql[:place] + sql[place + source.randint(1, 6) :]
        elif step == 3:
            sql = source.choice(WHOLE).format(source.choice(attacks))
        elif step == 4:
            other = source.choice(good)
            sql = sql[:place] + other[source.randint(0, len(other)) :]
        elif step == 5:
            sql = source.choice(
                ["SELECT * FROM ({}) f", "WITH f AS ({}) SELECT * FROM f", "{} UNION ALL {}", "({})"]
            ).format(sql, source.choice(good))
        else:
            parts[at] = source.choice([attacks, glue, words, words][step - 6])
            sql = " ".join(parts)
    return sql


@cache
def material(dialect: str, folder: str) -> tuple[list[str], ...]:
    """Attacks, good statements, bad ones, glue, and words of good ones."""
    attacks = [text.replace("{folder}", folder).replace("{canary}", f"{folder}/canary") for text in ATTACKS[dialect]]
    good = allowed(dialect)
    words = sorted({word for sql in good for word in sql.split()})
    return (
        attacks,
        good,
        [sql.replace("/tmp/", f"{folder}/") for _, sql in refused(dialect)],
        GLUE[dialect] + SHARED_GLUE,
        words,
    )


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_nothing_that_passes_changes_anything(dialect: str, request: pytest.FixtureRequest) -> None:
    counts = {"made": 0, "passed": 0, "ran": 0}
    with engine(dialect, request) as server:
        before: Any = server.state()

        @settings(max_examples=STATEMENTS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
        @given(seed=st.integers(0, 2**64))
        def run(seed: int) -> None:
            sql = statement(random.Random(seed), dialect, str(server.folder))
            counts["made"] += 1
            try:
                checked = check(sql, dialect)
            except DataAskError:
                return
            counts["passed"] += 1
            try:
                rows = server.run(checked.sql)
                counts["ran"] += 1
            except ServerError:
                rows = None
            assert CANARY not in repr(rows), sql
            if counts["passed"] % 10 == 0:
                assert server.state() == before, sql

        run()
        assert server.state() == before
    print(dialect, counts)
    assert counts["passed"] > STATEMENTS / 20, "the fuzz must get something through the gate to say anything"
    assert counts["ran"] > STATEMENTS / 40


@pytest.mark.parametrize("dialect", ["postgres", "mysql"])
def test_the_oracle_sees_what_the_attacks_do(dialect: str, request: pytest.FixtureRequest) -> None:
    seen = {
        "postgres": ["SELECT nextval('s')", "SELECT lo_create(0)", "SELECT 1 INTO v", "LISTEN x",
                     "SET work_mem = '1MB'",
                     "SELECT pg_advisory_lock(1)", "DELETE FROM t", "COPY t TO '{folder}/out'", "BEGIN"],
        "mysql": ["SELECT NEXTVAL(s)", "SELECT 1 INTO OUTFILE '{folder}/out'", "SELECT @x := 1",
                  "SELECT GET_LOCK('a', 0)",
                  "DELETE FROM t", "SET sql_mode = ''", "BEGIN", "SELECT 1 /*!50000 INTO OUTFILE '{folder}/out2' */"],
    }  # fmt: skip
    with engine(dialect, request) as server:
        for sql in seen[dialect]:
            before = server.state()
            server.run(sql.replace("{folder}", str(server.folder)))
            assert server.state() != before, sql
        for path in server.folder.glob("out*"):
            path.unlink()
