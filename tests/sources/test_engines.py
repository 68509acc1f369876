"""The engines by themselves, without the gate: they must refuse what the gate refuses too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from dataask_jupyter import sources
from dataask_jupyter.errors import DataAskError, QueryTooBig, SqlInvalid, SqlRefused
from dataask_jupyter.schemas.catalog import Reference
from dataask_jupyter.sources import Budget, ReadLimits, Session

SHOP = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL, joined DATE);
    CREATE TABLE orders (
        id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total DECIMAL(10, 2),
        paid BOOLEAN, placed TIMESTAMP, note VARCHAR, photo BLOB
    );
    CREATE TABLE lines (order_id INTEGER, number INTEGER, amount DOUBLE, PRIMARY KEY (order_id, number));
    CREATE VIEW totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
    INSERT INTO customers VALUES (1, 'Ann', '2020-01-31'), (2, 'Bob', NULL), (3, 'Čenda', '2021-05-01');
    INSERT INTO orders VALUES
        (1, 1, 10.50, TRUE, '2024-03-01 10:00:00', 'gift', NULL), (2, 1, 20, FALSE, '2024-03-02 11:30:00', NULL, NULL),
        (3, 2, 5.25, TRUE, '2024-04-01 00:00:00', 'gift', NULL);
"""

Open = Callable[..., Session]


@pytest.fixture(params=["duckdb", "sqlite"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def file(tmp_path: Path, kind: str) -> Path:
    return make(tmp_path, kind, SHOP)


def make(folder: Path, kind: str, script: str) -> Path:
    path = folder / f"shop.{kind}"
    if kind == "duckdb":
        with duckdb.connect(str(path)) as connection:
            connection.execute(script)
    else:
        lite = sqlite3.connect(path)
        lite.executescript(script)
        lite.close()
    return path


def open_file(kind: str, path: Path, **limits: Any) -> Session:
    return sources.get(kind).open({"path": str(path)}, ReadLimits(**limits))


def rows(session: Session, sql: str) -> list[dict[str, Any]]:
    reading = session.read(sql)
    return pa.Table.from_batches(list(reading.batches)).to_pylist()


ATTACKS = {
    "duckdb": [
        ("D1", "SELECT * FROM read_text('{secret}')"),
        ("D1", "SELECT * FROM '{secret}'"),
        ("D1", "SELECT * FROM read_csv('{secret}')"),
        ("D1", "SELECT * FROM sniff_csv('{secret}')"),
        ("D1", "SELECT * FROM glob('{folder}/*')"),
        ("D1", "FROM '/proc/self/environ'"),
        ("D1", "SELECT * FROM read_blob('/proc/self/environ')"),
        ("D2", "COPY (SELECT 1) TO '{folder}/out.csv'"),
        ("D2", "COPY customers TO '{folder}/out.csv'"),
        ("D2", "EXPORT DATABASE '{folder}/out'"),
        ("D2", "ATTACH '{folder}/out.db'"),
        ("D2", "INSTALL httpfs"),
        ("D2", "LOAD httpfs"),
        ("D2", "SET lock_configuration = false"),
        ("D2", "SET enable_external_access = true"),
        ("D2", "SET memory_limit = '100GB'"),
        ("D2", "DELETE FROM customers"),
        ("D2", "CREATE TABLE x (a INT)"),
        ("D3", "SELECT * FROM secret_df"),
    ],
    "sqlite": [
        ("Q10", "ATTACH '{folder}/out.db' AS o"),
        ("Q10", "ATTACH ':memory:' AS o"),
        ("Q10", "VACUUM INTO '{folder}/out.db'"),
        ("Q10", "VACUUM"),
        ("Q10", "PRAGMA journal_mode = DELETE"),
        ("Q10", "PRAGMA query_only = OFF"),
        ("Q10", "PRAGMA writable_schema = ON"),
        ("Q10", "PRAGMA database_list"),
        ("Q10", "SELECT load_extension('{folder}/x.so')"),
        ("Q10", "SELECT fts3_tokenizer('simple')"),
        ("Q10", "SELECT * FROM pragma_database_list"),
        ("Q10", "DELETE FROM customers"),
        ("Q10", "CREATE TABLE x (a)"),
        ("Q10", "CREATE TEMP TABLE x (a)"),
        ("Q10", "DROP TABLE customers"),
        ("Q10", "BEGIN IMMEDIATE"),
        ("Q10", "REINDEX"),
        ("Q10", "ANALYZE"),
        ("Q10", "EXPLAIN DELETE FROM customers"),
    ],
}


@pytest.mark.parametrize(
    ("kind", "sql"),
    [pytest.param(kind, sql, id=f"{row}-{kind}-{sql[:40]}") for kind in ATTACKS for row, sql in ATTACKS[kind]],
    indirect=["kind"],
)
def test_the_engine_refuses_by_itself(file: Path, kind: str, sql: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("canary\n1\n")
    secret_df = pa.table({"canary": [1]})
    before, files = file.read_bytes(), sorted(tmp_path.iterdir())
    with open_file(kind, file) as session:
        with pytest.raises(DataAskError) as error:
            rows(session, sql.format(folder=tmp_path, secret=secret))
        assert isinstance(error.value, SqlRefused | SqlInvalid)
        assert rows(session, "SELECT count(*) AS n FROM customers") == [{"n": 3}]
    assert file.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == files
    assert secret_df.num_rows == 1


def test_printf_stays_within_the_length_limit(tmp_path: Path) -> None:
    """Q10: 900 MB of text ignored the progress handler for seconds."""
    path = make(tmp_path, "sqlite", SHOP)
    with open_file("sqlite", path, cell_bytes=1_000_000) as session:
        found = rows(session, "SELECT length(printf('%900000000d', 1)) AS n")
        assert found == [{"n": None}]
        with pytest.raises(QueryTooBig):
            rows(session, "SELECT replace(hex(printf('%.*c', 400000, 'x')), '7', '7777') AS s")


def test_the_catalog_has_tables_columns_and_keys(file: Path, kind: str) -> None:
    with open_file(kind, file) as session:
        catalog = session.catalog()
    tables = {table.name: table for table in catalog.tables}
    assert list(tables) == ["customers", "lines", "orders", "totals"]
    assert catalog.dialect == kind
    assert [(column.name, column.kind, column.primary_key) for column in tables["orders"].columns] == [
        ("id", "integer", True), ("customer_id", "integer", False), ("total", "number", False),
        ("paid", "boolean", False), ("placed", "datetime", False), ("note", "text", False), ("photo", "binary", False),
    ]  # fmt: skip
    assert tables["orders"].columns[1].references == Reference(table="customers", column="id")
    assert [column.primary_key for column in tables["lines"].columns] == [True, True, False]
    assert [column.nullable for column in tables["customers"].columns] == [False, False, True]
    assert tables["customers"].columns[2].kind == "date"
    assert (tables["customers"].row_estimate, tables["totals"].type) == (3, "view")
    assert {table.schema_name for table in catalog.tables} == {None}


def test_the_profile_has_values_and_bounds(file: Path, kind: str) -> None:
    with open_file(kind, file) as session:
        profile = session.profile(session.catalog(), Budget())
    assert profile.complete
    tables = {table.table: table for table in profile.tables}
    assert set(tables) == {"customers", "lines", "orders", "totals"}
    names = tables["customers"].columns["name"]
    assert (sorted(names.values), names.distinct, names.nulls) == (["Ann", "Bob", "Čenda"], 3, 0)
    assert tables["orders"].columns["note"].values == ["gift"]
    assert tables["orders"].columns["note"].nulls == 1
    at = tables["orders"].columns["placed"]
    assert (at.minimum or "")[:10] == "2024-03-01"
    assert (at.maximum or "")[:10] == "2024-04-01"
    assert (tables["customers"].columns["joined"].minimum, tables["customers"].columns["joined"].nulls) == (
        "2020-01-31",
        1,
    )
    assert tables["lines"].row_count == 0
    assert tables["orders"].columns["photo"].minimum is None


def test_the_profile_leaves_out_values_that_are_many_or_long(tmp_path: Path, kind: str) -> None:
    many = ", ".join(f"('k{number}', 'x')" for number in range(6_000))
    path = make(
        tmp_path, kind, f"CREATE TABLE t (k VARCHAR, s VARCHAR); INSERT INTO t VALUES {many}, ('k', '{'y' * 500}');"
    )
    with open_file(kind, path) as session:
        columns = session.profile(session.catalog(), Budget()).tables[0].columns
    assert (columns["k"].values, columns["s"].values) == ([], [])
    assert (columns["k"].distinct or 0) > 5_000


def test_the_profile_stops_at_its_budget(tmp_path: Path, kind: str) -> None:
    recursive = "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT i FROM r"
    path = make(
        tmp_path, kind, f"CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1); CREATE VIEW endless AS {recursive};"
    )
    with open_file(kind, path) as session:
        profile = session.profile(session.catalog(), Budget(seconds=0.5))
    assert [table.table for table in profile.tables] == ["t"]
    assert not profile.complete


def test_odd_names_are_read(tmp_path: Path, kind: str) -> None:
    script = """CREATE TABLE "a ""b"" c" ("x y" INTEGER, "select" VARCHAR, "größe" DOUBLE);
        INSERT INTO "a ""b"" c" VALUES (1, 'it''s', 1.5);"""
    path = make(tmp_path, kind, script)
    with open_file(kind, path) as session:
        catalog = session.catalog()
        profile = session.profile(catalog, Budget())
        assert rows(session, 'SELECT "größe" FROM "a ""b"" c"') == [{"größe": 1.5}]
    assert catalog.tables[0].name == 'a "b" c'
    assert profile.tables[0].columns["select"].values == ["it's"]


def test_a_view_that_no_longer_fits_is_left_out(tmp_path: Path, kind: str) -> None:
    path = make(
        tmp_path,
        kind,
        SHOP + "CREATE TABLE gone (a INTEGER); CREATE VIEW broken AS SELECT a FROM gone; DROP TABLE gone;",
    )
    with open_file(kind, path) as session:
        catalog = session.catalog()
        profile = session.profile(catalog, Budget())
    assert "customers" in {table.table for table in profile.tables}
    assert "broken" not in {table.table for table in profile.tables}


class TestDuckDB:
    def test_a_read_that_was_left_half_way_does_not_hold_the_file(self, tmp_path: Path) -> None:
        """An open reader kept the database, and the next connect to it waited without end."""
        path = make(tmp_path, "duckdb", SHOP)
        with open_file("duckdb", path) as session:
            left = session.read("SELECT * FROM range(10000000)")
            next(left.batches)
        with open_file("duckdb", path) as session:
            assert rows(session, "SELECT 1 AS a") == [{"a": 1}]
        with duckdb.connect(str(path)) as owner:
            owner.execute("INSERT INTO customers VALUES (4, 'Dan', NULL)")
        assert left.schema.names == ["range"]

    def test_schemas_are_told_apart(self, tmp_path: Path) -> None:
        path = make(
            tmp_path,
            "duckdb",
            "CREATE TABLE t (a INT); CREATE SCHEMA s; CREATE TABLE s.t (b INT); COMMENT ON TABLE t IS 'hi'",
        )
        with open_file("duckdb", path) as session:
            catalog = session.catalog()
            assert len(session.profile(catalog, Budget()).tables) == 2
        assert [(table.schema_name, table.name, table.comment) for table in catalog.tables] == [
            (None, "t", "hi"), ("s", "t", None),
        ]  # fmt: skip

    def test_types_become_arrow_types_that_programs_agree_on(self, tmp_path: Path) -> None:
        path = make(tmp_path, "duckdb", "CREATE TABLE t AS SELECT 'a'::ENUM('a', 'b') AS e, 5::HUGEINT AS h")
        with open_file("duckdb", path) as session:
            reading = session.read(
                "SELECT e, h, sum(h) AS s, 170141183460469231731687303715884105727::HUGEINT AS m FROM t GROUP BY ALL"
            )
            batches = list(reading.batches)
        assert reading.schema.field("e").type == pa.string()
        assert reading.schema.field("s").type == pa.int64()
        assert batches[0].schema.field("m").type == pa.decimal128(38, 0)

    def test_time_is_utc_whatever_the_machine_says(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        path = make(tmp_path, "duckdb", "CREATE TABLE t AS SELECT TIMESTAMPTZ '2020-01-01 00:00:00+00' AS a")
        with open_file("duckdb", path) as session:
            assert rows(session, "SELECT a::VARCHAR AS a FROM t") == [{"a": "2020-01-01 00:00:00+00"}]


class TestSQLite:
    def test_values_of_all_types_in_one_column(self, tmp_path: Path) -> None:
        path = make(
            tmp_path,
            "sqlite",
            "CREATE TABLE t (a, d DATE); INSERT INTO t VALUES (1, 5), ('x', '2020-01-01'), (2.5, 1.5), (x'ff', NULL);",
        )
        with open_file("sqlite", path) as session:
            assert rows(session, "SELECT a, d FROM t") == [
                {"a": "1", "d": "5"}, {"a": "x", "d": "2020-01-01"},
                {"a": "2.5", "d": "1.5"}, {"a": "\ufffd", "d": None},
            ]  # fmt: skip

    def test_text_that_is_not_utf8_is_read(self, tmp_path: Path) -> None:
        path = make(tmp_path, "sqlite", "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (CAST(x'41ff42' AS TEXT));")
        numbers = "(WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 5000) SELECT i FROM r)"
        good = f"SELECT 'ok' AS a FROM {numbers}"
        with open_file("sqlite", path) as session:
            found = rows(session, f"{good} UNION ALL SELECT a FROM t UNION ALL {good.replace('ok', 'ko')}")
        assert found == [{"a": "ok"}] * 5000 + [{"a": "A\ufffdB"}] + [{"a": "ko"}] * 5000

    def test_wide_values_come_in_small_batches(self, tmp_path: Path) -> None:
        path = make(
            tmp_path,
            "sqlite",
            "CREATE TABLE t (a TEXT); INSERT INTO t SELECT printf('%.*c', 100000, 'x') FROM ("
            "WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3000) SELECT i FROM r);",
        )
        with open_file("sqlite", path, batch_bytes=10_000_000) as session:
            sizes = [batch.nbytes for batch in session.read("SELECT a FROM t").batches]
        assert sum(sizes) > 300_000_000
        assert max(sizes[1:]) < 11_000_000

    def test_columns_without_a_type_are_told_by_their_values(self, tmp_path: Path) -> None:
        path = make(
            tmp_path,
            "sqlite",
            "CREATE TABLE t (a, b, c, d); INSERT INTO t VALUES (1, 1.5, 'x', NULL), (2, 2, 'y', NULL);",
        )
        with open_file("sqlite", path) as session:
            assert [column.kind for column in session.catalog().tables[0].columns] == [
                "integer",
                "number",
                "text",
                "other",
            ]
