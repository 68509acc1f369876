"""PostgreSQL only: its types, its roles, and what a session may not do."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime, time
from decimal import Decimal

import psycopg
import pyarrow as pa
import pytest

from dataask_jupyter.errors import DataAskError, SqlInvalid, SqlRefused
from dataask_jupyter.execution.values import cells
from dataask_jupyter.schemas.catalog import Reference
from dataask_jupyter.sources import Budget

from .conftest import Create
from .databases import Database, rows, table

TYPES = """
    CREATE TYPE mood AS ENUM ('sad', 'happy');
    CREATE DOMAIN euros AS numeric(12, 2);
    CREATE TABLE types (
        small int2, big int8, money numeric(10, 2), whole numeric(6), free numeric, price euros, half float4,
        day date, shown timestamp, moment timestamptz, clock time, zoned timetz, span interval, doc json, docb jsonb,
        id uuid, numbers int4[], names text[], decimals numeric[], ids uuid[], bytes bytea, feeling mood,
        flag boolean, address inet, bits bit(3), range int4range, code char(3), cash money, letter "char", place point
    );
    INSERT INTO types VALUES (
        1, 9007199254740993, 1.5, 42, 1.25, 9.99, 1.5, '2020-02-29', '2020-01-01 10:00:00.123456',
        '2020-06-01 12:00:00+02', '10:00:00.5', '10:00+02', '1 year 2 days 03:00', '{"a": 1}', '{"a": 1}',
        '12345678-1234-1234-1234-123456789abc', '{1,2,NULL}', '{a,NULL}', '{1.5}',
        '{12345678-1234-1234-1234-123456789abc}', '\\x00ff', 'happy', true, '127.0.0.1', b'101', '[1,3)', 'ab', 5.5,
        'x', '(1,2)'
    );
"""


@pytest.fixture
def database(create_database: Create) -> Database:
    return create_database("postgresql", TYPES)


def test_values_of_all_types(database: Database) -> None:
    with database.open() as session:
        found = table(session, "SELECT * FROM types")
    (row,) = found.to_pylist()
    assert row == {
        "small": 1, "big": 9007199254740993, "money": Decimal("1.50"), "whole": 42, "free": 1.25,
        "price": Decimal("9.99"), "half": 1.5, "day": date(2020, 2, 29),
        "shown": datetime.fromisoformat("2020-01-01 10:00:00.123456"), "moment": datetime(2020, 6, 1, 10, tzinfo=UTC),
        "clock": time(10, 0, 0, 500_000), "zoned": "10:00:00+02", "span": pa.MonthDayNano([12, 2, 3 * 3600 * 10**9]),
        "doc": '{"a": 1}', "docb": '{"a": 1}', "id": "12345678-1234-1234-1234-123456789abc",
        "numbers": [1, 2, None], "names": ["a", None], "decimals": [1.5],
        "ids": ["12345678-1234-1234-1234-123456789abc"], "bytes": b"\0\xff", "feeling": "happy", "flag": True,
        "address": "127.0.0.1", "bits": "101", "range": "[1,3)", "code": "ab ", "cash": 5.5, "letter": "x",
        "place": "(1,2)",
    }  # fmt: skip
    assert str(found.schema.field("moment").type) == "timestamp[us, tz=UTC]"
    assert str(found.schema.field("money").type) == "decimal128(10, 2)"
    assert not any(isinstance(field.type, pa.BaseExtensionType) for field in found.schema)
    for column in found.columns:
        assert len(cells(column.chunk(0), characters=100)) == 1


def test_nothing_is_nothing_in_every_type(database: Database) -> None:
    database.run("DELETE FROM types; INSERT INTO types DEFAULT VALUES")
    (row,) = database.rows("SELECT * FROM types")
    assert set(row.values()) == {None}


def test_values_without_end_are_nothing_and_others_out_of_range_are_told(database: Database) -> None:
    found = database.rows(
        "SELECT 'infinity'::date AS a, '-infinity'::timestamp AS b, 'infinity'::timestamptz AS c,"
        " 'NaN'::numeric(5, 2) AS d, '24:00'::time AS e, 'NaN'::numeric AS f"
    )
    assert {name: found[0][name] for name in "abcde"} == {"a": None, "b": None, "c": None, "d": None, "e": "24:00:00"}
    for value in ("'0044-03-15 BC'::date", "'294000-01-01'::timestamp", "'0044-03-15 BC'::timestamptz"):
        with database.open() as session, pytest.raises(SqlInvalid, match="outside of the years 1 to 9999"):
            rows(session, f"SELECT {value} AS a")


def test_numbers_without_a_precision_are_whole_or_not(database: Database) -> None:
    with database.open() as session:
        found = table(session, "SELECT sum(big) AS s, avg(big) AS a, sum(money) AS m, 10::numeric ^ 30 AS h FROM types")
    assert [str(field.type) for field in found.schema] == ["int64", "double", "double", "double"]
    assert found.to_pylist()[0]["s"] == 9007199254740993


def test_a_number_that_gets_a_fraction_later_widens_its_column(database: Database) -> None:
    with database.open(limits={"batch_bytes": 100_000}) as session:
        sql = "SELECT CASE WHEN i < 50000 THEN i::numeric ELSE i + 0.5 END AS n FROM generate_series(1, 60000) i"
        types = [str(batch.schema.field("n").type) for batch in session.read(sql).batches]
    assert (types[0], types[-1]) == ("int64", "double")


def test_arrays_of_arrays_are_not_flattened(database: Database) -> None:
    with database.open() as session, pytest.raises(SqlInvalid, match="more than one dimension"):
        rows(session, "SELECT ARRAY[[1, 2], [3, 4]] AS a")
    assert database.rows("SELECT to_json(ARRAY[[1, 2], [3, 4]]) AS a") == [{"a": "[[1,2],[3,4]]"}]


def test_records_are_json(database: Database) -> None:
    assert database.rows("SELECT ROW(1, 'a') AS a") == [{"a": '{"f1":1,"f2":"a"}'}]


def test_the_order_stays_when_the_server_writes_columns_as_text(database: Database) -> None:
    sql = "SELECT i, ('10.0.0.' || i)::inet AS a, i AS i FROM generate_series(1, 200) i ORDER BY i DESC"
    with database.open() as session:
        found = table(session, sql)
    assert found.column(0).to_pylist() == list(range(200, 0, -1))
    assert found.column_names == ["i", "a", "i"]


def test_batches_stay_small(database: Database) -> None:
    with database.open(limits={"batch_bytes": 1_000_000}) as session:
        sql = "SELECT repeat('x', 10000) AS a FROM generate_series(1, 5000)"
        sizes = [batch.nbytes for batch in session.read(sql).batches]
    assert sum(sizes) > 50_000_000
    assert max(sizes) < 3_000_000


@pytest.mark.parametrize(
    "sql",
    [
        "DO $$ BEGIN SET default_transaction_read_only = off; COMMIT; DELETE FROM types; END $$",
        "DO $$ BEGIN SET transaction_read_only = off; DELETE FROM types; END $$",
        "WITH x AS (DELETE FROM types RETURNING *) SELECT * FROM x",
        "EXPLAIN ANALYZE DELETE FROM types",
        "SELECT * INTO x FROM types",
        "COPY types TO PROGRAM 'touch /tmp/dataask-never'",
        "SET TRANSACTION READ WRITE",
        "SET default_transaction_read_only = off",
        "COMMIT",
        "DISCARD ALL",
        "CREATE TEMP TABLE x (a int)",
        "SELECT 1) TO STDOUT; DELETE FROM types; --",
        "SELECT nextval('s')",
        "SELECT * FROM types FOR UPDATE",
        "SELECT write_it()",
        "SHOW search_path",
        "SELECT set_config('transaction_read_only', 'off', false)",
    ],
)
def test_the_session_refuses_by_itself(database: Database, sql: str) -> None:
    database.run(
        "CREATE SEQUENCE s; CREATE FUNCTION write_it() RETURNS int LANGUAGE plpgsql AS"
        " $$ BEGIN SET transaction_read_only = off; DELETE FROM types; RETURN 1; END $$"
    )
    with database.open() as session, pytest.raises(DataAskError) as error:
        rows(session, sql)
    assert isinstance(error.value, SqlRefused | SqlInvalid)
    assert database.rows("SELECT count(*) AS n FROM types") == [{"n": 1}]


def test_what_a_function_did_is_undone(database: Database) -> None:
    """Before version 16 a read-only transaction may make large objects; no transaction of DataAsk's is committed."""
    with contextlib.suppress(SqlRefused):
        database.rows("SELECT lo_create(4711) AS a")
    assert database.rows("SELECT count(*) AS n FROM pg_largeobject_metadata") == [{"n": 0}]


def test_a_role_s_own_settings_do_not_matter(database: Database) -> None:
    """Bare names mean `public`, times are in UTC, and backslashes are what the gate took them for."""
    database.run(
        "CREATE SCHEMA other; CREATE TABLE other.t (a int); INSERT INTO other.t VALUES (2);"
        " CREATE TABLE t (a int); INSERT INTO t VALUES (1);"
        f' ALTER DATABASE "{database.settings["database"]}" SET search_path = other;'
        f' ALTER DATABASE "{database.settings["database"]}" SET standard_conforming_strings = off;'
        f" ALTER DATABASE \"{database.settings['database']}\" SET timezone = 'Asia/Tokyo'"
    )
    assert database.rows(r"SELECT a, '\x' AS b, moment::text AS c FROM t, types") == [
        {"a": 1, "b": r"\x", "c": "2020-06-01 10:00:00+00"}
    ]


def test_the_backend_is_named_and_watches_its_client(database: Database) -> None:
    found = database.rows(
        "SELECT current_setting('application_name') AS a, current_setting('client_connection_check_interval') AS b,"
        " current_setting('transaction_read_only') AS c, current_setting('statement_timeout') AS d"
    )
    assert found == [{"a": "dataask", "b": "2s", "c": "on", "d": "62s"}]


def test_the_catalog_tells_schemas_comments_and_estimates(database: Database) -> None:
    database.run(
        "CREATE SCHEMA sales; CREATE TABLE sales.parts (id int PRIMARY KEY, kind text) PARTITION BY RANGE (id);"
        " CREATE TABLE sales.parts_1 PARTITION OF sales.parts FOR VALUES FROM (0) TO (10);"
        " CREATE TABLE sales.uses (part int REFERENCES sales.parts, a int, b int);"
        " CREATE MATERIALIZED VIEW summed AS SELECT 1 AS a;"
        " COMMENT ON TABLE sales.uses IS 'who uses what'; COMMENT ON COLUMN sales.uses.part IS 'the part';"
        " INSERT INTO sales.uses SELECT NULL, i, i FROM generate_series(1, 100) i; ANALYZE"
    )
    with database.open() as session:
        catalog = session.catalog()
    tables = {(each.schema_name, each.name): each for each in catalog.tables}
    assert list(tables) == [(None, "summed"), (None, "types"), ("sales", "parts"), ("sales", "uses")]
    uses = tables["sales", "uses"]
    assert (uses.comment, uses.row_estimate, uses.columns[0].comment) == ("who uses what", 100, "the part")
    assert uses.columns[0].references == Reference(schema_name="sales", table="parts", column="id")
    assert tables[None, "summed"].type == "view"
    kinds = {column.name: column.kind for column in tables[None, "types"].columns}
    assert (kinds["feeling"], kinds["price"], kinds["numbers"], kinds["docb"]) == ("text", "number", "json", "json")
    types = {column.name: column.type for column in tables[None, "types"].columns}
    assert (types["money"], types["moment"]) == ("numeric(10,2)", "timestamp with time zone")


def test_a_profile_of_all_types(database: Database) -> None:
    with database.open() as session:
        profile = session.profile(session.catalog(), Budget())
    (types,) = profile.tables
    assert profile.complete
    assert types.columns["moment"].minimum == "2020-06-01T10:00:00+00"
    assert types.columns["flag"].maximum == "true"
    assert types.columns["feeling"].values == ["happy"]


def test_a_large_table_is_profiled_by_a_sample(database: Database) -> None:
    database.run("CREATE TABLE large AS SELECT i, 'w' || i % 7 AS w FROM generate_series(1, 1200000) i; ANALYZE large")
    with database.open() as session:
        profile = session.profile(session.catalog(), Budget())
    (large,) = [each for each in profile.tables if each.table == "large"]
    assert sorted(large.columns["w"].values) == [f"w{number}" for number in range(7)]
    assert large.columns["w"].nulls is None
    assert abs((large.row_count or 0) - 1_200_000) < 50_000


def test_a_profile_of_more_tables_than_a_transaction_may_lock(database: Database) -> None:
    database.run("DO $$ BEGIN FOR i IN 1..150 LOOP EXECUTE format('CREATE TABLE t%s (a text)', i); END LOOP; END $$")
    with database.open() as session:
        profile = session.profile(session.catalog(), Budget())
    assert (len(profile.tables), profile.complete) == (151, True)


def test_what_the_role_may_do_is_told(database: Database) -> None:
    with psycopg.connect(host="127.0.0.1", port=database.settings["port"], user="postgres", autocommit=True) as admin:
        for role in ("reads", "writes", "files"):
            admin.execute(f"DROP ROLE IF EXISTS {role}")
            admin.execute(f"CREATE ROLE {role} LOGIN")
    database.run(
        "GRANT SELECT ON types TO reads, writes, files; GRANT INSERT (small) ON types TO writes;"
        " GRANT pg_read_server_files TO files"
    )
    found = {}
    try:
        for user in ("reads", "writes", "files", "postgres"):
            with database.open(user=user) as session:
                status = session.check()
                found[user] = (status.read_only, status.detail)
        with database.open(user="reads") as session, pytest.raises(SqlRefused) as error:
            rows(session, "SELECT * FROM pg_authid")
    finally:
        database.run("DROP OWNED BY reads, writes, files; DROP ROLE reads, writes, files")
    assert found["reads"] == (True, None)
    assert found["writes"] == (False, None)
    assert found["files"][0] is False
    assert "files and programs of the server" in (found["files"][1] or "")
    assert "postgres is a superuser" in (found["postgres"][1] or "")
    assert "needs the right to read it" in error.value.detail
