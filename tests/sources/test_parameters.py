"""Typed parameters, on the engines: a value arrives as it is, whatever is in it, and is never read as SQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from dataask_jupyter.errors import DataAskError, InvalidInput
from dataask_jupyter.schemas.queries import Parameter
from dataask_jupyter.sources import get
from dataask_jupyter.sql.gate import check
from dataask_jupyter.sql.parameters import bind, names

from .databases import Database

HOSTILE = [
    "1); DROP TABLE order_lines--",
    "' OR 1=1 --",
    "\\' OR 1=1 -- ",
    "\\",
    "\\\\'",
    "a''b",
    '"; DELETE FROM customers; --',
    "/* */ :name ? $1 %s {{x}}",
    "čeština 漢字 😀",
    "two\nlines\tand a tab",
    "",
]


def run(database: Database, sql: str, **values: tuple[Any, Any]) -> list[dict[str, Any]]:
    """The rows of a statement with these parameters: its types and values."""
    parameters = {name: Parameter(type=kind, value=value) for name, (kind, value) in values.items()}
    dialect = get(database.kind).dialect
    return database.rows(check(bind(sql, parameters, dialect), dialect).sql)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_text_arrives_as_it_is(database: Database, text: str) -> None:
    """Q12."""
    assert run(database, "SELECT :t AS t, 1 AS one", t=("text", text)) == [{"t": text, "one": 1}]
    found = run(database, "SELECT count(*) AS n FROM customers WHERE name = :t", t=("text", text))
    assert found == [{"n": 0}]


def test_numbers_and_truth_values(database: Database) -> None:
    sql = "SELECT id FROM orders WHERE total > :least AND customer_id = :who ORDER BY id"
    assert run(database, sql, least=("number", 5.5), who=("integer", 1)) == [{"id": 1}, {"id": 2}]
    assert run(database, sql, least=("number", "10.50"), who=("integer", "1")) == [{"id": 2}]
    (row,) = run(database, "SELECT 5-:x AS d, :big AS big", x=("integer", -3), big=("integer", 2**53 + 1))
    assert (int(row["d"]), int(row["big"])) == (8, 2**53 + 1)
    assert run(database, "SELECT count(*) AS n FROM orders WHERE paid = :p", p=("boolean", True)) == [{"n": 2}]
    assert run(database, "SELECT count(*) AS n FROM orders WHERE note = :p", p=("text", None)) == [{"n": 0}]


def test_dates_and_moments(database: Database) -> None:
    sql = "SELECT name FROM customers WHERE joined BETWEEN :from AND :to ORDER BY id"
    found = run(database, sql, **{"from": ("date", "2020-01-31"), "to": ("date", "2020-12-31")})
    assert found == [{"name": "Ann"}]
    sql = "SELECT id FROM orders WHERE placed >= :since ORDER BY id"
    assert run(database, sql, since=("timestamp", "2024-03-02 11:30:00")) == [{"id": 2}, {"id": 3}]


@pytest.mark.parametrize("kind", ["duckdb", "postgresql", "mysql", "sqlite"])
def test_a_moment_with_an_offset_is_that_moment(kind: str, create_database: Any) -> None:
    database = create_database(kind)
    (row,) = run(database, "SELECT :m AS m", m=("timestamp", "2024-03-02T13:30:00+02:00"))
    found = row["m"] if isinstance(row["m"], datetime) else datetime.fromisoformat(row["m"])
    assert (found if found.tzinfo else found.replace(tzinfo=UTC)) == datetime(2024, 3, 2, 11, 30, tzinfo=UTC)


def test_a_list_is_several_values(database: Database) -> None:
    sql = "SELECT id FROM customers WHERE name IN (:names) ORDER BY id"
    assert run(database, sql, names=("text", ["Ann", "Čenda", "'); --"])) == [{"id": 1}, {"id": 3}]
    assert run(database, sql.replace("name IN (:names)", "id IN (:names)"), names=("integer", [2])) == [{"id": 2}]


def test_types_arrive(create_database: Any) -> None:
    (row,) = run(create_database("duckdb"), "SELECT :d AS d, :n AS n", d=("date", "2024-02-29"), n=("number", "0.10"))
    assert row == {"d": date(2024, 2, 29), "n": Decimal("0.10")}


@pytest.mark.parametrize(
    ("dialect", "sql", "found"),
    [
        ("duckdb", "SELECT ':a', \":b\", x::int, /* :c */ :d -- :e", ["d"]),
        ("duckdb", "SELECT list[1:n], list[:n], {'k':v}, s[1 : 2], :from + :from", ["from"]),
        ("postgres", "SELECT E'\\':a', $$ :b $$, arr[1:k], x::date WHERE y=:y", ["y"]),
        ("mysql", "SELECT ':a', \":b\", `:c` # :d\n, :e", ["e"]),
        ("snowflake", "SELECT v:path.to:deeper, v:a::int FROM t WHERE x > :least", ["least"]),
        ("bigquery", "SELECT r':a', ':b' FROM t WHERE d=:day", ["day"]),
        ("sqlite", "SELECT [:a], ':b' WHERE (:c) IN (:d,:e)", ["c", "d", "e"]),
    ],
)
def test_what_is_a_parameter(dialect: str, sql: str, found: list[str]) -> None:
    assert names(sql, dialect) == found


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        ("integer", "1); DROP TABLE t--", "whole number"),
        ("integer", 1.5, "whole number"),
        ("integer", True, "whole number"),
        ("integer", "9" * 60, "whole number"),
        ("number", "NaN", "number"),
        ("number", float("inf"), "number"),
        ("number", "1e999999999", "number"),
        ("boolean", "true", "true or false"),
        ("date", "2026-02-30", "date"),
        ("date", "2026-01-01' OR '1'='1", "date"),
        ("timestamp", "2026-01-01", "time"),
        ("timestamp", "yesterday afternoon", "time"),
        ("text", 5, "text"),
        ("text", "a\0b", "character"),
        ("text", "a\x1bb", "control"),
        ("text", ["fine", 5], "text"),
    ],
)
def test_a_value_that_is_not_of_its_type_is_refused_by_name(kind: Any, value: Any, words: str) -> None:
    with pytest.raises(InvalidInput, match=words) as error:
        bind("SELECT :x", {"x": Parameter(type=kind, value=value)}, "duckdb")
    assert [each.field for each in error.value.errors] == ["parameters.x"]


def test_parameters_and_values_belong_together() -> None:
    with pytest.raises(InvalidInput) as error:
        bind(
            "SELECT :a, :b", {"b": Parameter(type="integer", value=1), "c": Parameter(type="text", value="x")}, "duckdb"
        )
    assert sorted(each.field for each in error.value.errors) == ["parameters.a", "parameters.c"]


def test_a_parameter_is_a_value_and_no_name(database: Database) -> None:
    for sql in ("SELECT * FROM :t", "SELECT c.id FROM customers c, :t", "SELECT id :t FROM customers"):
        with pytest.raises(DataAskError):
            run(database, sql, t=("text", "customers"))
