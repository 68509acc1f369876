"""MySQL and MariaDB only: their types, their accounts, and a server that isn't what it seems."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from dataask_jupyter.errors import DataAskError, SqlRefused
from dataask_jupyter.sources import Budget

from .conftest import Create
from .databases import Database, rows, table
from .rogue import rogue_server

TYPES = """
    SET sql_mode = '', time_zone = '+02:00';
    CREATE TABLE types (
        tiny TINYINT UNSIGNED, big BIGINT UNSIGNED, money DECIMAL(10, 2), wide DECIMAL(60, 10), day DATE,
        shown DATETIME(6), moment TIMESTAMP NULL, clock TIME(3), year YEAR, flag BIT(1), bits BIT(9), doc JSON,
        word ENUM('a', 'b'), words SET('x', 'y'), bytes BLOB, prose LONGTEXT, half FLOAT, id UUID, fixed BINARY(3),
        yes BOOLEAN, padded INT(5) ZEROFILL, medium MEDIUMINT, exact VARCHAR(9) COLLATE utf8mb4_bin
    );
    INSERT INTO types VALUES (
        255, 18446744073709551615, 1.5, 12345678901234567890123456789012345678901234567890.5, '2020-02-29',
        '2020-01-01 10:00:00.123456', '2020-06-01 12:00:00', '10:00:00.5', 2020, 1, b'101010101', '{"a": 1}',
        'a', 'x,y', x'00ff', REPEAT('é', 3), 1.5, '12345678-1234-1234-1234-123456789abc', 'ab', TRUE, 42, -5, 'É'
    );
"""


@pytest.fixture
def database(create_database: Create) -> Database:
    return create_database("mysql", TYPES)


def test_values_of_all_types(database: Database) -> None:
    with database.open() as session:
        found = table(session, "SELECT * FROM types")
    assert {field.name: str(field.type) for field in found.schema} == {
        "tiny": "uint8", "big": "uint64", "money": "decimal128(10, 2)", "wide": "decimal256(60, 10)",
        "day": "date32[day]", "shown": "timestamp[us]", "moment": "timestamp[us, tz=UTC]", "clock": "time64[us]",
        "year": "int16", "flag": "bool", "bits": "uint64", "doc": "string", "word": "string", "words": "string",
        "bytes": "binary", "prose": "string", "half": "float", "id": "string", "fixed": "binary", "yes": "int8",
        "padded": "uint32", "medium": "int32", "exact": "string",
    }  # fmt: skip
    assert found.to_pylist() == [
        {
            "tiny": 255, "big": 2**64 - 1, "money": Decimal("1.50"),
            "wide": Decimal("12345678901234567890123456789012345678901234567890.5000000000"),
            "day": date(2020, 2, 29), "shown": datetime.fromisoformat("2020-01-01 10:00:00.123456"),
            "moment": datetime(2020, 6, 1, 10, tzinfo=UTC), "clock": time(10, 0, 0, 500_000), "year": 2020,
            "flag": True, "bits": 0b101010101, "doc": '{"a": 1}', "word": "a", "words": "x,y", "bytes": b"\0\xff",
            "prose": "ééé", "half": 1.5, "id": "12345678-1234-1234-1234-123456789abc", "fixed": b"ab\0", "yes": 1,
            "padded": 42, "medium": -5, "exact": "É",
        }
    ]  # fmt: skip


def test_nothing_is_nothing_in_every_type(database: Database) -> None:
    database.run("DELETE FROM types; INSERT INTO types (tiny) VALUES (NULL)")
    (row,) = database.rows("SELECT * FROM types")
    assert set(row.values()) == {None}


def test_dates_that_only_mysql_has_are_nothing(database: Database) -> None:
    database.run(
        "SET sql_mode = 'ALLOW_INVALID_DATES'; DELETE FROM types; INSERT INTO types (day, shown, moment) VALUES"
        " ('0000-00-00', '0000-00-00 00:00:00', '0000-00-00'), ('2020-02-00', '2020-00-01 10:00:00', NULL),"
        " ('2021-02-31', '2021-02-31 10:00:00', NULL), ('2021-02-28', '2021-02-28 10:00:00', NULL)"
    )
    found = database.rows("SELECT day, shown, moment FROM types")
    assert found[:3] == [{"day": None, "shown": None, "moment": None}] * 3
    assert found[3] == {
        "day": date(2021, 2, 28),
        "shown": datetime.fromisoformat("2021-02-28 10:00:00"),
        "moment": None,
    }


def test_spans_of_time_are_text(database: Database) -> None:
    database.run("INSERT INTO types (clock) VALUES ('-838:59:59'), ('25:00:00')")
    found = database.rows("SELECT clock FROM types")
    assert [row["clock"] for row in found] == ["10:00:00.500", "-838:59:59.000", "25:00:00.000"]


def test_sums_of_integers_are_integers(database: Database) -> None:
    with database.open() as session:
        found = table(session, "SELECT sum(tiny) AS s, avg(tiny) AS a, sum(money) AS m, NULL AS n FROM types")
    assert found.schema.field("s").type == pa.int64()
    assert found.to_pylist() == [{"s": 255, "a": Decimal("255.0000"), "m": Decimal("1.50"), "n": None}]


def test_wide_values_come_in_small_batches(database: Database) -> None:
    database.run("CREATE TABLE wide (a LONGTEXT); INSERT INTO wide SELECT REPEAT('x', 100000) FROM seq_1_to_1000")
    with database.open(limits={"batch_bytes": 5_000_000}) as session:
        sizes = [batch.nbytes for batch in session.read("SELECT a FROM wide").batches]
    assert sum(sizes) > 100_000_000
    assert max(sizes) < 8_000_000


def test_the_server_reads_text_as_the_gate_does(database: Database) -> None:
    """Whatever modes the server is set to: in others a quote would end where the gate saw none."""
    assert database.server is not None
    database.run("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'")
    try:
        assert database.rows(r"""SELECT "a" AS a, 'it\'s' AS b, 1 || 0 AS c""") == [{"a": "a", "b": "it's", "c": 1}]
    finally:
        database.run("SET GLOBAL sql_mode = DEFAULT")


@pytest.mark.parametrize(
    "sql",
    [
        "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE types",
        "SELECT 1; SELECT 2",
        "ANALYZE DELETE FROM types",
        "SELECT 1 INTO @a",
        "CREATE TEMPORARY TABLE x (a INT)",
        "TRUNCATE types",
        "GRANT ALL ON *.* TO x",
    ],
)
def test_the_session_refuses_by_itself(database: Database, sql: str) -> None:
    with database.open() as session, pytest.raises(DataAskError):
        rows(session, sql)
    assert database.rows("SELECT count(*) AS n FROM types") == [{"n": 1}]


def test_a_rogue_server_gets_no_file(tmp_path: Path) -> None:
    """Q9: a server may answer any statement by asking its client for a file, however early."""
    secret = tmp_path / "secret"
    secret.write_text("canary " * 1000)
    for innocent in (0, 1):
        with rogue_server(str(secret), innocent=innocent) as rogue:
            settings = {"host": "127.0.0.1", "port": rogue.port, "database": "x", "user": "x", "ssl_mode": "prefer"}
            source = Database("mysql", settings, lambda _: None)
            with pytest.raises(DataAskError):
                source.rows("SELECT 1")
            assert rogue.asked.wait(5)
        assert b"canary" not in rogue.received
        # The answer to the request is an empty packet: no file.
        assert rogue.received[:4] in (b"", b"\0\0\0\x02")


def test_what_the_account_may_do_is_told(database: Database) -> None:
    name = database.settings["database"]
    database.run(
        "CREATE OR REPLACE USER 'reads'@'127.0.0.1' IDENTIFIED BY 'x';"
        f" GRANT SELECT, SHOW VIEW ON `{name}`.* TO 'reads'@'127.0.0.1';"
        " CREATE OR REPLACE USER 'writes'@'127.0.0.1' IDENTIFIED BY 'x';"
        f" GRANT SELECT, INSERT (tiny) ON `{name}`.types TO 'writes'@'127.0.0.1';"
        " CREATE OR REPLACE USER 'files'@'127.0.0.1' IDENTIFIED BY 'x'; GRANT FILE ON *.* TO 'files'@'127.0.0.1';"
        f" GRANT SELECT ON `{name}`.* TO 'files'@'127.0.0.1'"
    )
    found = {}
    for user in ("reads", "writes", "files", "test"):
        password = database.settings["password"] if user == "test" else "x"
        with database.open(user=user, password=password) as session:
            status = session.check()
            found[user] = (status.read_only, "superuser" in (status.detail or ""))
    assert found == {"reads": (True, False), "writes": (False, False), "files": (False, True), "test": (False, True)}


def test_a_table_that_the_account_may_not_read_is_refused_in_words(database: Database) -> None:
    database.run("CREATE TABLE open (a INT); CREATE OR REPLACE USER 'some'@'127.0.0.1' IDENTIFIED BY 'x'")
    database.run(f"GRANT SELECT ON `{database.settings['database']}`.open TO 'some'@'127.0.0.1'")
    with database.open(user="some", password="x") as session:
        assert [each.name for each in session.catalog().tables] == ["open"]
        with pytest.raises(SqlRefused) as error:
            rows(session, "SELECT * FROM types")
    assert "needs the right to read it" in error.value.detail


def test_comments_types_and_estimates_are_in_the_catalog(database: Database) -> None:
    database.run(
        "CREATE TABLE told (a INT COMMENT 'the first', b VARCHAR(9)) COMMENT = 'all about it';"
        " INSERT INTO told VALUES (1, 'x'), (2, 'y'); ANALYZE TABLE told"
    )
    with database.open() as session:
        tables = {each.name: each for each in session.catalog().tables}
    told = tables["told"]
    assert (told.comment, told.row_estimate) == ("all about it", 2)
    assert [(column.type, column.comment) for column in told.columns] == [
        ("int(11)", "the first"), ("varchar(9)", None),
    ]  # fmt: skip
    kinds = {column.name: column.kind for column in tables["types"].columns}
    assert (kinds["yes"], kinds["flag"], kinds["id"], kinds["doc"]) == ("boolean", "boolean", "text", "text")


def test_a_profile_of_all_types(database: Database) -> None:
    with database.open() as session:
        profile = session.profile(session.catalog(), Budget())
    (types,) = profile.tables
    assert profile.complete
    assert types.columns["moment"].minimum == "2020-06-01T10:00:00"
    assert types.columns["yes"].maximum == "true"
    assert types.columns["word"].values == ["a"]
