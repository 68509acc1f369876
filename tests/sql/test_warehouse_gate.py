"""The gate for BigQuery and Snowflake: what it lets through, what not, and what the emulators make of it."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataask_jupyter.errors import DataAskError, SqlInvalid, SqlRefused, TooLarge
from dataask_jupyter.sql import dialects
from dataask_jupyter.sql.gate import check
from dataask_jupyter.sql.literals import write
from dataask_jupyter.sql.tokens import split
from tests.sql.server_cases import STATEMENTS, allowed, refused
from tests.sql.warehouse_engines import ATTACKS, GLUE, Refused, Warehouse, warehouse

DIALECTS = ["bigquery", "snowflake"]


@pytest.mark.parametrize(
    ("dialect", "row", "sql"), [(dialect, row, sql) for dialect in DIALECTS for row, sql in refused(dialect)]
)
def test_it_refuses(dialect: str, row: str, sql: str) -> None:
    with pytest.raises((SqlRefused, SqlInvalid)):
        check(sql, dialect)


@pytest.mark.parametrize(("dialect", "sql"), [(dialect, sql) for dialect in DIALECTS for sql in allowed(dialect)])
def test_it_lets_through_and_its_text_passes_again(dialect: str, sql: str) -> None:
    once = check(sql, dialect)
    assert check(once.sql, dialect) == once


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 3_000 + "1" + ")" * 3_000,
        "SELECT 1 WHERE " + " OR ".join(["a = 1"] * 20_000),
        "SELECT '" + "x" * 1_000_000 + "'",
        "SELECT " + "-" * 1 + " -" * 3_000 + "1",
        "SELECT " + "CASE WHEN 1 THEN " * 2_000 + "1" + " END" * 2_000,
        "SELECT " + "ARRAY<" * 3_000,
        "SELECT " + "[" * 3_000 + "]" * 3_000,
    ],
    ids=["parentheses", "or", "long", "minus", "case", "types", "brackets"],
)
def test_what_would_keep_the_parser_busy_is_refused_within_a_second(dialect: str, sql: str) -> None:
    start = time.monotonic()
    with pytest.raises((TooLarge, SqlRefused, SqlInvalid)):
        check(sql, dialect)
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    ("dialect", "sql", "runs"),
    [
        ("bigquery", r"SELECT 'it\'s', \"it's\"".replace('\\"', '"'), r"SELECT 'it\'s', 'it\'s'"),
        ("bigquery", r"SELECT r'a\d', 'a\\d'", r"SELECT 'a\\d', 'a\\d'"),
        ("bigquery", "SELECT 1 # ; DELETE FROM t", "SELECT 1"),
        ("bigquery", "SELECT 'a\\\nb'".replace("\\", ""), "SELECT 'a\\nb'"),
        ("bigquery", "SELECT /* ; DELETE */ 1 -- x", "SELECT 1"),
        ("snowflake", r"SELECT 'it\'s', 'a\\b'", r"SELECT 'it''s', 'a\\b'"),
        ("snowflake", "SELECT $$it's \\n$$", "SELECT 'it''s \\\\n'"),
        ("snowflake", "SELECT 1 /* $$ */ -- ; DELETE", "SELECT 1"),
    ],
)
def test_what_runs(dialect: str, sql: str, runs: str) -> None:
    assert check(sql, dialect).sql == runs


@pytest.mark.parametrize(("dialect", "table"), [("bigquery", "ds.t"), ("snowflake", "public.t")])
def test_only_listed_tables_are_read(dialect: str, table: str) -> None:
    assert check(f"SELECT a FROM {table}", dialect, tables=[table]).tables == (table,)
    with pytest.raises(SqlInvalid, match="other"):
        check("SELECT * FROM other", dialect, tables=[table])
    with pytest.raises(SqlInvalid, match="secret"):
        check(f"SELECT * FROM {table} WHERE a IN (SELECT 1 FROM secret.t)", dialect, tables=[table])


@pytest.mark.parametrize("name", ["ds.t", "`ds.t`", "`p-1`.ds.t", "p-x.ds.t", "`p-1.ds.t`"])
def test_bigquerys_ways_to_write_a_table_are_read(name: str) -> None:
    assert check(f"SELECT a FROM {name}", "bigquery").tables[0].endswith("ds.t")


# ---- With the emulators --------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_passes_gives_the_rows_of_the_original(dialect: str, request: pytest.FixtureRequest) -> None:
    engine = warehouse(dialect, request)
    ran = 0
    for sql in allowed(dialect):
        if "SAMPLE" in sql:
            continue  # Each run gives other rows.
        outcome = _outcome(engine, sql)
        assert _outcome(engine, check(sql, dialect).sql) == outcome, sql
        ran += outcome is not None
    # The rest are functions that the emulators don't have.
    assert ran > 0.7 * len(allowed(dialect))


TEXTS = st.text(st.sampled_from("ab'\"\\%_`$#-/*!;nt0 \n{}@?ä€"), max_size=12)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(text=TEXTS)
def test_a_text_comes_through_whatever_it_holds(dialect: str, request: pytest.FixtureRequest, text: str) -> None:
    if dialect == "snowflake":
        text = text.replace("$", "")  # Its emulator puts session variables into texts.
    literal = write(text, dialects.get(dialect))
    sql = check(f"SELECT {literal} AS x, 1 AS y", dialect).sql
    assert warehouse(dialect, request).run(sql) == [(text, 1)]


def statement(source: random.Random, dialect: str) -> str:
    """A statement that passes or doesn't, cut and glued together with others and with attacks; or a soup of tokens."""
    good, bad, attacks, glue = allowed(dialect), [sql for _, sql in refused(dialect)], ATTACKS[dialect], GLUE[dialect]
    words = [word for sql in good for word in sql.split()]
    if source.random() < 0.1:
        parts = [source.choice(source.choice([words, words, attacks, glue])) for _ in range(source.randint(1, 8))]
        return "SELECT " + " ".join(parts)
    sql = source.choice(source.choice([good, good, good, bad]))
    for _ in range(source.choice([1, 1, 2, 3])):
        place, step = source.choice([source.randint(0, len(sql)), len(sql)]), source.randint(0, 7)
        if step == 0:
            sql = sql[:place] + source.choice(attacks) + sql[place:]
        elif step == 1:
            sql = sql[:place] + source.choice(glue) + sql[place:]
        elif step == 2:
            sql = sql[:place] + sql[place + source.randint(1, 6) :]
        elif step == 3:
            sql = source.choice(["SELECT * FROM {}", "SELECT {}", "{}", "WITH f AS ({}) SELECT * FROM f"]).format(
                source.choice(attacks)
            )
        elif step == 4:
            other = source.choice(good)
            sql = sql[:place] + other[source.randint(0, len(other)) :]
        elif step == 5:
            sql = source.choice(["SELECT * FROM ({}) f", "{} UNION ALL {}", "({})"]).format(sql, source.choice(good))
        else:
            parts = sql.split(" ")
            parts[source.randrange(len(parts))] = source.choice(source.choice([attacks, glue, words]))
            sql = " ".join(parts)
    return sql


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_that_passes_changes_anything(dialect: str, request: pytest.FixtureRequest) -> None:
    """By its structure for each statement, and by what the emulator holds afterwards for a part of them."""
    engine = warehouse(dialect, request)
    before = engine.state()
    counts = {"made": 0, "passed": 0, "ran": 0}

    @settings(max_examples=STATEMENTS, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(seed=st.integers(0, 2**64))
    def run(seed: int) -> None:
        sql = statement(random.Random(seed), dialect)
        counts["made"] += 1
        try:
            checked = check(sql, dialect)
        except DataAskError:
            return
        counts["passed"] += 1
        sound(checked.sql, dialect)
        if counts["passed"] <= 1_000:
            counts["ran"] += _outcome(engine, checked.sql) is not None
        if counts["passed"] % 100 == 0:
            assert engine.state() == before, sql

    run()
    assert engine.state() == before
    print(dialect, counts)
    assert counts["passed"] > STATEMENTS / 20, "the fuzz must get something through the gate to say anything"
    assert counts["ran"] > min(counts["passed"], 1_000) / 10


FORBIDDEN = {
    "bigquery": {
        "external_query", "export", "execute", "immediate", "call", "load", "declare", "begin", "ml", "ai",
        "vector_search", "information_schema", "session_user",
    },
    "snowflake": {
        "execute", "immediate", "call", "put", "copy", "result_scan", "identifier", "generator", "last_query_id",
        "information_schema", "directory",
    },
}  # fmt: skip


def _alias(pieces: list[Any], index: int, entry: Any) -> bool:
    """Whether a name stands behind a table's name, where no engine reads a call."""
    before = pieces[index - 1] if index else None
    if before is None or before.kind not in ("word", "quoted"):
        return before is not None and before.text == ")"
    return before.value.lower() not in entry.before_parenthesis - {"as"} | {"distinct", "when", "not", "by"}


WRITING = {
    ("insert", "into"), ("delete", "from"), ("drop", "table"), ("create", "table"), ("create", "or"),
    ("merge", "into"), ("truncate", "table"),
}  # fmt: skip


def sound(sql: str, dialect: str) -> None:
    """What must hold for each text that runs, seen from its tokens alone."""
    entry = dialects.get(dialect)
    _, pieces = split(sql, entry)
    assert pieces[0].text.lower() in ("select", "with", "(", "values", "from"), sql
    text = [piece.text for piece in pieces]
    for index, piece in enumerate(pieces):
        name, after = piece.value.lower(), text[index + 1 : index + 2]
        assert piece.text not in (";", "@", "?", "$", "->>", "|>", "{", "}"), sql
        if piece.kind in ("word", "quoted") and after == ["("] and not _alias(pieces, index, entry):
            assert name not in FORBIDDEN[dialect], sql
            assert "$" not in name, sql
            assert index == 0 or text[index - 1] != ".", sql
        if index and text[index - 1] == "(" and after:
            assert (name, after[0].lower()) not in WRITING, sql


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_oracle_sees_what_the_attacks_do(dialect: str, request: pytest.FixtureRequest) -> None:
    engine = warehouse(dialect, request)
    for sql in ["INSERT INTO u VALUES (9, 9)", "UPDATE u SET n = 8 WHERE a = 9", "CREATE TABLE v AS SELECT 1 AS a",
                "DROP TABLE v", "DELETE FROM u WHERE a = 9"]:  # fmt: skip
        before = engine.state()
        engine.run(sql)
        assert engine.state() != before, sql


def _outcome(engine: Warehouse, sql: str) -> Any:
    try:
        # Rows without ORDER BY come in any order.
        return sorted(engine.run(sql), key=repr)
    except Refused:
        return None
