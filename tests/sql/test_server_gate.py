"""The gate for PostgreSQL and MariaDB: what it lets through, what not, and that its lists know the servers."""

from __future__ import annotations

import time

import psycopg
import pytest

from dataask_jupyter.errors import SqlInvalid, SqlRefused, TooLarge
from dataask_jupyter.sql import dialects
from dataask_jupyter.sql.gate import check
from tests.servers import MariaDB, PostgreSQL
from tests.sql.server_cases import allowed, refused

SERVERS = ["postgres", "mysql"]


@pytest.mark.parametrize(
    ("dialect", "row", "sql"), [(dialect, row, sql) for dialect in SERVERS for row, sql in refused(dialect)]
)
def test_it_refuses(dialect: str, row: str, sql: str) -> None:
    with pytest.raises((SqlRefused, SqlInvalid)):
        check(sql, dialect)


@pytest.mark.parametrize(("dialect", "sql"), [(dialect, sql) for dialect in SERVERS for sql in allowed(dialect)])
def test_it_lets_through_and_its_text_passes_again(dialect: str, sql: str) -> None:
    once = check(sql, dialect)
    assert check(once.sql, dialect) == once


@pytest.mark.parametrize("dialect", SERVERS)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 3_000 + "1" + ")" * 3_000,
        "SELECT 1 WHERE " + " OR ".join(["a = 1"] * 20_000),
        "SELECT '" + "x" * 1_000_000 + "'",
        "SELECT " + "-" * 1 + " -" * 3_000 + "1",
        "SELECT " + "CASE WHEN 1 THEN " * 2_000 + "1" + " END" * 2_000,
    ],
    ids=["parentheses", "or", "long", "minus", "case"],
)
def test_what_would_keep_the_parser_busy_is_refused_within_a_second(dialect: str, sql: str) -> None:
    start = time.monotonic()
    with pytest.raises((TooLarge, SqlRefused, SqlInvalid)):
        check(sql, dialect)
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    ("dialect", "sql", "runs"),
    [
        # A literal ends at the same place whatever the server's settings say about backslashes and quotes.
        ("postgres", r"SELECT '\', 'a\b'", r"SELECT E'\\', E'a\\b'"),
        ("postgres", r"SELECT E'\'; DELETE FROM t --'", "SELECT '''; DELETE FROM t --'"),
        ("postgres", r"SELECT E'\\''; x'", r"SELECT E'\\''; x'"),
        ("postgres", "SELECT $$it's$$", "SELECT 'it''s'"),
        ("mysql", r"SELECT '\'; DELETE FROM t -- '", "SELECT '''; DELETE FROM t -- '"),
        ("mysql", r"""SELECT "a\"b", "it's", 'a\\'""", r"""SELECT 'a"b', 'it''s', 'a\\'"""),
        ("mysql", "SELECT 1 # ; DELETE FROM t\n+ 1", "SELECT 1\n+ 1"),
        ("mysql", "SELECT 1 -- x", "SELECT 1"),
        ("postgres", "SELECT /*+ SeqScan(t) */ 1", "SELECT 1"),
        ("postgres", "SELECT 1 /* /* ' */ ; */ + 1", "SELECT 1 + 1"),
    ],
)
def test_what_runs(dialect: str, sql: str, runs: str) -> None:
    assert check(sql, dialect).sql == runs


@pytest.mark.parametrize(("dialect", "table"), [("postgres", "public.t"), ("mysql", "shop.t")])
def test_only_listed_tables_are_read(dialect: str, table: str) -> None:
    assert check(f"SELECT a FROM {table}", dialect, tables=[table]).tables == (table,)
    with pytest.raises(SqlInvalid, match="other"):
        check("SELECT * FROM other", dialect, tables=[table])
    with pytest.raises(SqlInvalid, match="secret"):
        check(f"SELECT * FROM {table} WHERE a IN (SELECT 1 FROM secret.t)", dialect, tables=[table])


# They are functions of PostgreSQL's grammar, not of its catalogue.
GRAMMAR = {
    "array", "cast", "coalesce", "current_date", "current_time", "current_timestamp", "greatest", "grouping", "least",
    "localtime", "localtimestamp", "nullif", "row", "trim",
}  # fmt: skip


def test_listed_functions_are_postgresqls_own_and_change_nothing(postgresql: PostgreSQL) -> None:
    names = sorted(dialects.get("postgres").functions)
    with psycopg.connect(postgresql.url()) as connection:
        found = connection.execute(
            "SELECT proname, bool_or(provolatile = 'v') FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace "
            "AND proname = ANY(%s) GROUP BY 1",
            (names,),
        ).fetchall()
    assert set(names) - {name for name, _ in found} <= GRAMMAR
    assert {name for name, volatile in found if volatile} == {"clock_timestamp", "gen_random_uuid", "random"}


def test_listed_functions_are_mariadbs_own(mariadb: MariaDB) -> None:
    import MySQLdb

    unknown = set()
    connection = MySQLdb.connect(
        host="127.0.0.1", port=mariadb.port, user=mariadb.user, password=mariadb.password, db=mariadb.create_database()
    )
    try:
        cursor = connection.cursor()
        for name in dialects.get("mysql").functions:
            try:
                cursor.execute(f"SELECT {name}()")
                cursor.fetchall()
            except MySQLdb.Error as error:
                if error.args[0] in (1305, 1370):
                    unknown.add(name)
    finally:
        connection.close()
    assert unknown <= {"any_value", "grouping", "regexp_like"}, "those are MySQL 8's; all others must be the server's"
