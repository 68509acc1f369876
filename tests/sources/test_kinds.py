"""What a source of every kind does, on the engine itself."""

from __future__ import annotations

import threading
import time
from datetime import date, datetime
from decimal import Decimal

import pytest

from dataask_jupyter.errors import DataAskError, QueryCancelled, SqlInvalid, SqlRefused
from dataask_jupyter.schemas.catalog import Reference
from dataask_jupyter.sources import Budget

from .databases import Database, rows, table

DIALECTS = {"postgresql": "postgres"}
EMULATED = ("bigquery", "snowflake")
"""Their emulators tell nothing of foreign keys: how those are read, tests of the kinds' own say."""
KEYLESS = ("bigquery",)
"""Its emulator tells nothing of primary keys either."""
NAMES = ["customers", "order_lines", "orders", "totals"]


class TestEveryKind:
    def test_rows_come_with_types_that_programs_agree_on(self, database: Database) -> None:
        sql = "SELECT id, customer_id, total, placed, note FROM orders ORDER BY id"
        found = database.rows(sql)
        assert [row["id"] for row in found] == [1, 2, 3]
        assert [row["note"] for row in found] == ["gift", None, "gift"]
        assert [Decimal(str(row["total"])) for row in found] == [Decimal("10.50"), Decimal(20), Decimal("5.25")]
        if database.kind != "sqlite":  # Its dates are text until the whole result is known.
            assert found[0]["placed"] == datetime.fromisoformat("2024-03-01 10:00:00")
            assert database.rows("SELECT joined FROM customers ORDER BY id")[0] == {"joined": date(2020, 1, 31)}

    def test_columns_of_the_same_name_stay_apart(self, database: Database) -> None:
        with database.open() as session:
            found = table(session, "SELECT id AS a, name AS a FROM customers ORDER BY id")
        assert [column.to_pylist() for column in found.columns] == [[1, 2, 3], ["Ann", "Bob", "Čenda"]]

    def test_no_rows_have_columns(self, database: Database) -> None:
        with database.open() as session:
            found = table(session, "SELECT id, name, joined FROM customers WHERE id > 9")
        assert (found.num_rows, found.column_names) == (0, ["id", "name", "joined"])

    def test_numbers_of_aggregates_are_numbers(self, database: Database) -> None:
        sql = "SELECT count(*) AS n, sum(id) AS s, avg(id) AS a, sum(total) AS t FROM orders"
        (row,) = database.rows(sql)
        assert (row["n"], row["s"], float(row["a"]), float(row["t"])) == (3, 6, 2.0, 35.75)

    @pytest.mark.parametrize(
        "sql",
        [
            "DELETE FROM order_lines",
            "INSERT INTO customers VALUES (9, 'Zoe', NULL)",
            "UPDATE customers SET name = 'x'",
            "CREATE TABLE x (a INTEGER)",
            "DROP TABLE order_lines",
            "SELECT 1; DELETE FROM customers",
            "COMMIT; DELETE FROM customers",
        ],
    )
    def test_the_engine_refuses_to_write_by_itself(self, database: Database, sql: str) -> None:
        with database.open() as session:
            with pytest.raises(DataAskError) as error:
                rows(session, sql)
            assert isinstance(error.value, SqlRefused | SqlInvalid)
        with database.open() as session:
            assert [each.name for each in session.catalog().tables] == NAMES
            assert rows(session, "SELECT count(*) AS n FROM customers") == [{"n": 3}]

    def test_a_missing_table_and_a_missing_column_are_named(self, database: Database) -> None:
        for sql, name in (("SELECT id FROM customer", "customer"), ("SELECT nmae FROM customers", "nmae")):
            with database.open() as session, pytest.raises(SqlInvalid) as error:
                rows(session, sql)
            assert name in (error.value.detail.lower() if database.kind == "snowflake" else error.value.detail)

    def test_the_catalog_has_tables_columns_and_keys(self, database: Database) -> None:
        with database.open() as session:
            catalog = session.catalog()
        tables = {each.name: each for each in catalog.tables}
        assert list(tables) == NAMES
        assert catalog.dialect == DIALECTS.get(database.kind, database.kind)
        keys = database.kind not in KEYLESS
        assert [(column.name, column.kind, column.primary_key) for column in tables["orders"].columns] == [
            ("id", "integer", keys), ("customer_id", "integer", False), ("total", "number", False),
            ("paid", "boolean", False), ("placed", "datetime", False), ("note", "text", False),
            ("photo", "binary", False),
        ]  # fmt: skip
        key = Reference(table="customers", column="id")
        assert tables["orders"].columns[1].references == (None if database.kind in EMULATED else key)
        assert [column.primary_key for column in tables["order_lines"].columns] == [keys, keys, False]
        assert [column.nullable for column in tables["customers"].columns] == [not keys, False, True]
        assert tables["totals"].type == "view"
        assert {each.schema_name for each in catalog.tables} == {None}

    def test_the_profile_has_values_and_bounds(self, database: Database) -> None:
        with database.open() as session:
            profile = session.profile(session.catalog(), Budget())
        assert profile.complete
        tables = {each.table: each for each in profile.tables}
        assert sorted(tables) == NAMES
        names = tables["customers"].columns["name"]
        assert (sorted(names.values), names.distinct, names.nulls) == (["Ann", "Bob", "Čenda"], 3, 0)
        assert tables["orders"].columns["note"].values == ["gift"]
        at = tables["orders"].columns["placed"]
        assert ((at.minimum or "")[:10], (at.maximum or "")[:10]) == ("2024-03-01", "2024-04-01")
        joined = tables["customers"].columns["joined"]
        assert (joined.minimum, joined.nulls) == ("2020-01-31", 1)
        assert tables["order_lines"].row_count == 0
        assert tables["customers"].row_count == 3
        assert tables["orders"].columns["photo"].minimum is None

    def test_the_profile_leaves_out_values_that_are_many_or_long(self, database: Database) -> None:
        many = ", ".join(f"('k{number}', 'x')" for number in range(6_000))
        database.run(
            f"CREATE TABLE t (k VARCHAR(20), s VARCHAR(600)); INSERT INTO t VALUES {many}, ('k', '{'y' * 500}');"
        )
        with database.open() as session:
            profile = session.profile(session.catalog(), Budget())
        (columns,) = [each.columns for each in profile.tables if each.table == "t"]
        assert (columns["k"].values, columns["s"].values) == ([], [])
        assert (columns["k"].distinct or 0) > 5_000

    def test_odd_names_are_read(self, database: Database) -> None:
        # BigQuery's emulator takes fewer names than BigQuery does.
        odd = "group" if database.kind == "bigquery" else "a b-c"
        name, column = database.quote(odd), database.quote("größe")
        select = database.quote("select")
        database.run(
            f"CREATE TABLE {name} ({column} INTEGER, {select} VARCHAR(9)); INSERT INTO {name} VALUES (1, 'it''s');"
        )
        with database.open() as session:
            catalog = session.catalog()
            profile = session.profile(catalog, Budget())
            assert rows(session, f"SELECT {column} FROM {name}") == [{"größe": 1}]
        assert odd in {each.name for each in catalog.tables}
        (found,) = [each for each in profile.tables if each.table == odd]
        assert found.columns["select"].values == ["it's"]

    def test_the_check_tells_version_and_tables(self, database: Database) -> None:
        with database.open() as session:
            status = session.check()
        assert (status.state, status.table_count) == ("ok", 4)
        assert any(
            word in (status.server_version or "")
            for word in ("DuckDB", "SQLite", "PostgreSQL", "MariaDB", "BigQuery", "Snowflake")
        )

    def test_what_runs_can_be_stopped(self, database: Database) -> None:
        # A product of joins that would take days, on every engine.
        numbers = (
            "(SELECT a.id AS id FROM customers a, customers b, customers c, customers d, customers e, customers f)"
        )
        sql = f"SELECT count(*) AS n FROM {numbers} u, {numbers} v, {numbers} w, {numbers} x, {numbers} y"
        condition = "u.id + v.id + w.id + x.id + y.id"
        # The engine in Snowflake's emulator knows that no sum is negative.
        sql += f" WHERE sin({condition}) > 2" if database.kind == "snowflake" else f" WHERE {condition} < 0"
        with database.open() as session:
            timer = threading.Timer(0.5, session.interrupt)
            timer.start()
            started = time.monotonic()
            with pytest.raises(QueryCancelled):
                rows(session, sql)
            assert time.monotonic() - started < 1.5
            timer.join()

    def test_a_read_that_was_left_half_way_is_closed_at_once(self, database: Database) -> None:
        # Emulators make all rows before they give the first.
        letters = "abcdefghijkl" if database.kind in EMULATED else "abcdefghijklmnopqr"
        sql = "SELECT a.id FROM " + ", ".join(f"customers {letter}" for letter in letters)
        with database.open() as session:
            reading = session.read(sql)
            next(reading.batches)
            started = time.monotonic()
        assert time.monotonic() - started < 1
