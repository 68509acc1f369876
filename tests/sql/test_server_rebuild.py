"""What runs on PostgreSQL and MariaDB gives the rows of what the user wrote."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.sql import dialects
from dataask_jupyter.sql.gate import check
from dataask_jupyter.sql.literals import write
from dataask_jupyter.sql.tokens import split
from tests.sql.server_cases import allowed
from tests.sql.server_engines import Maria, Postgres, ServerError, engine

pytestmark = pytest.mark.slow
SERVERS = ["postgres", "mysql"]


@pytest.fixture(scope="module")
def engines(request: pytest.FixtureRequest) -> Iterator[dict[str, Any]]:
    with engine("postgres", request) as postgres, engine("mysql", request) as mysql:
        yield {"postgres": postgres, "mysql": mysql}


@pytest.mark.parametrize(("dialect", "sql"), [(dialect, sql) for dialect in SERVERS for sql in allowed(dialect)])
def test_the_rows_are_those_of_the_original(dialect: str, sql: str, engines: dict[str, Any]) -> None:
    assert engines[dialect].run(check(sql, dialect).sql) == engines[dialect].run(sql)


GAPS = [" ", "\n", " /* c */ ", "/* ' */\n", ' -- " c\n', "\t", "  "]


@pytest.mark.parametrize("dialect", SERVERS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(data=st.data())
def test_white_space_and_comments_change_nothing(dialect: str, engines: dict[str, Any], data: st.DataObject) -> None:
    _, pieces = split(data.draw(st.sampled_from(allowed(dialect))), dialects.get(dialect))
    sql = pieces[0].text
    for piece in pieces[1:]:
        # Where there was no space there still is none: a name and its parenthesis belong together in MySQL.
        sql += (data.draw(st.sampled_from(GAPS)) if piece.gap else "") + piece.text
    assert _outcome(engines[dialect], check(sql, dialect).sql) == _outcome(engines[dialect], sql)


TEXTS = st.text(st.sampled_from("ab'\"\\%_`$#-/*!;nt0 \n{}@?ä€😀"), max_size=12)


@pytest.mark.parametrize("dialect", SERVERS)
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(text=TEXTS)
def test_a_text_comes_through_whatever_it_holds(dialect: str, engines: dict[str, Any], text: str) -> None:
    literal = write(text, dialects.get(dialect))
    assert engines[dialect].run(check(f"SELECT {literal}, 1", dialect).sql) == [(text, 1)]


@pytest.mark.parametrize("dialect", SERVERS)
@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    parts=st.lists(
        st.sampled_from(["a", "''", "'", '"', '""', "\\", "\\\\", "\\'", "\\n", "E'", "$$", "%"]), max_size=8
    )
)
def test_a_literal_reads_as_the_server_reads_it(dialect: str, engines: dict[str, Any], parts: list[str]) -> None:
    for quote in ("'", '"') if dialect == "mysql" else ("'", "E'"):
        sql = f"SELECT {quote}{''.join(parts)}{quote[-1]} AS x, 1 AS y"
        try:
            runs = check(sql, dialect).sql
        except DataAskError:
            continue
        assert _outcome(engines[dialect], runs) == _outcome(engines[dialect], sql), sql


@pytest.mark.parametrize("mode", ["NO_BACKSLASH_ESCAPES", "ANSI_QUOTES", "NO_BACKSLASH_ESCAPES,ANSI_QUOTES", "ORACLE"])
def test_a_literal_ends_at_the_same_place_in_every_mode_of_mysql(mariadb: Any, mode: str) -> None:
    maria = Maria(mariadb, mode)
    try:
        for sql in [
            r"SELECT 'a\'', 1 -- '",
            r'SELECT "\"; DELETE FROM t -- ", 1',
            r"SELECT '\\', 1 -- '",
            'SELECT "it\'s", 1',
        ]:
            before = maria.state()
            assert len(maria.run(check(sql, "mysql").sql)[0]) == 2
            assert maria.state() == before
    finally:
        maria.close()


def test_a_literal_ends_at_the_same_place_in_every_mode_of_postgresql(postgresql: Any) -> None:
    postgres = Postgres(postgresql)
    try:
        postgres.run("SET standard_conforming_strings = off")
        for sql, value in [
            (r"SELECT '\', 1 --'", "\\"),
            (r"SELECT E'\'; --', 1", "'; --"),
            (r"SELECT $$\'$$, 1", "\\'"),
        ]:
            assert postgres.run(check(sql, "postgres").sql) == [(value, 1)]
    finally:
        postgres.close()


def _outcome(server: Any, sql: str) -> Any:
    try:
        return server.run(sql)
    except ServerError as error:
        return str(error)
