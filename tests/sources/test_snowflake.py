"""Snowflake's kind: what its settings take, and how its rows, facts and errors come."""

from __future__ import annotations

import gzip
import http.client
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pyarrow as pa
import pytest

from dataask_jupyter import sources
from dataask_jupyter.errors import (
    DataAskError,
    DriverMissing,
    InvalidInput,
    QueryCancelled,
    QueryTimeout,
    SourceUnavailable,
    SqlInvalid,
    SqlRefused,
)
from dataask_jupyter.schemas.catalog import Reference
from dataask_jupyter.services.connection_settings import take_apart
from dataask_jupyter.sources import ReadLimits, endpoints
from dataask_jupyter.sources.snowflake import SnowflakeSettings
from dataask_jupyter.sources.snowflake_arrow import plain
from dataask_jupyter.sources.snowflake_catalog import folded, tables
from dataask_jupyter.sources.snowflake_errors import connecting, running
from dataask_jupyter.sources.snowflake_status import judged
from tests.servers import free_port

from .conftest import Create
from .databases import Database, rows, table
from .emulators import Emulator

CANARY = "canary-Passw0rd'\\ \"x"


def given(**changed: Any) -> dict[str, Any]:
    return {"account": "myorg-account1", "user": "reader", "password": "p", "database": "DB"} | changed


def private_key(passphrase: str | None = None) -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    closed: Any = serialization.NoEncryption()
    if passphrase:
        closed = serialization.BestAvailableEncryption(passphrase.encode())
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed).decode()


class TestSettings:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("myorg-account1", "myorg-account1"), (" xy12345.eu-central-1 ", "xy12345.eu-central-1"),
            ("xy12345.west-europe.azure", "xy12345.west-europe.azure"),
            ("https://myorg-account1.snowflakecomputing.com/", "myorg-account1"),
            ("myorg-account1.snowflakecomputing.com", "myorg-account1"),
        ],
    )  # fmt: skip
    def test_an_account_is_its_identifier(self, typed: str, kept: str) -> None:
        assert sources.validate("snowflake", given(account=typed))["account"] == kept

    @pytest.mark.parametrize(
        "account",
        ["evil.example/x", "127.0.0.1:80", "a/b", "http://169.254.169.254", "a@evil.example", "evil.example#", "a?b",
         "a b", "", "..", ".x", "a\nHost: b", "https://evil.example/.snowflakecomputing.com", "x" * 300],
    )  # fmt: skip
    def test_an_address_is_no_account(self, account: str) -> None:
        with pytest.raises(InvalidInput) as error:
            take_apart("snowflake", given(account=account))
        assert [each.field for each in error.value.errors] == ["settings.account"]

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("authenticator", "externalbrowser"), ("authenticator", "https://evil.example"), ("host", "127.0.0.1"),
            ("port", 80), ("protocol", "http"), ("proxy_host", "127.0.0.1"), ("token_file_path", "/etc/passwd"),
            ("private_key_file", "/etc/passwd"), ("session_parameters", {}), ("connection_name", "x"),
            ("connections_file_path", "/x"), ("insecure_mode", True), ("disable_ocsp_checks", True), ("region", "x/y"),
            ("oauth_token_request_url", "http://x"), ("workload_identity_provider", "AWS"), ("dsn", "x"),
            ("options", {"a": 1}), ("ocsp_response_cache_filename", "/x"), ("schema", "PUBLIC"),
        ],
    )  # fmt: skip
    def test_options_of_the_driver_are_refused(self, name: str, value: Any) -> None:
        with pytest.raises(InvalidInput, match="There is no such setting"):
            take_apart("snowflake", given(**{name: value}))

    def test_a_password_and_a_key_at_once_are_refused(self) -> None:
        with pytest.raises(InvalidInput, match="not both"):
            take_apart("snowflake", given(private_key=private_key()))

    @pytest.mark.parametrize("key", ["/etc/passwd", "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----"])
    def test_what_is_no_private_key_is_refused(self, key: str) -> None:
        with pytest.raises(InvalidInput, match="BEGIN PRIVATE KEY"):
            take_apart("snowflake", given(password=None, private_key=key))

    def test_secrets_are_kept_apart_and_neednt_come_again(self) -> None:
        key = private_key("open")
        found = take_apart("snowflake", given(password=None, private_key=key, private_key_passphrase="open"))
        assert found.secrets.keys() == {"private_key", "private_key_passphrase"}
        assert not {"password", "private_key", "private_key_passphrase"} & found.settings.keys()
        settings = {name: value for name, value in given().items() if name != "password"}
        assert take_apart("snowflake", settings, kept=["password"]).secrets == {}
        assert take_apart("snowflake", settings, kept=["private_key", "private_key_passphrase"]).secrets == {}

    def test_empty_settings_are_none(self) -> None:
        found = sources.validate("snowflake", given(warehouse="", role=" ", schema_name=""))
        assert (found["warehouse"], found["role"], found["schema_name"]) == (None, None, None)


class TestWayIn:
    @pytest.fixture
    def used(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        """What the connector is called with."""
        import snowflake.connector

        used: dict[str, Any] = {}

        def connect(**given: Any) -> Any:
            used.update(given)
            raise snowflake.connector.errors.OperationalError("nobody there")

        monkeypatch.setattr(snowflake.connector, "connect", connect)
        monkeypatch.delenv(endpoints.SNOWFLAKE, raising=False)
        return used

    def _open(self, **changed: Any) -> None:
        with pytest.raises(SourceUnavailable):
            sources.get("snowflake").open(given(**changed), ReadLimits())

    def test_only_the_account_says_where(self, used: dict[str, Any]) -> None:
        self._open()
        assert used["account"] == "myorg-account1"
        assert not {"host", "port", "protocol", "region", "proxy_host"} & used.keys()
        assert used["authenticator"] == "SNOWFLAKE"

    def test_a_private_key_opens_too(self, used: dict[str, Any]) -> None:
        for passphrase in (None, "it's\\open"):
            self._open(password=None, private_key=private_key(passphrase), private_key_passphrase=passphrase)
            assert used.pop("authenticator") == "SNOWFLAKE_JWT"
            assert used.pop("private_key")[:1] == b"\x30", "DER"
            assert "password" not in used

    def test_a_key_with_a_wrong_passphrase_is_told(self, used: dict[str, Any]) -> None:
        for right, wrong in (("open", CANARY), ("open", None), (None, CANARY)):
            with pytest.raises(SourceUnavailable, match="passphrase") as error:
                sources.get("snowflake").open(
                    given(password=None, private_key=private_key(right), private_key_passphrase=wrong), ReadLimits()
                )
            assert "canary" not in str(error.value)
            assert error.value.__cause__ is None
        assert not used

    def test_neither_password_nor_key(self, used: dict[str, Any]) -> None:
        with pytest.raises(SourceUnavailable, match="asks for a password or a private key for user reader"):
            sources.get("snowflake").open(given(password=None), ReadLimits())
        assert not used

    def test_the_session_ends_by_itself_and_tells_nobody_of_it(self, used: dict[str, Any]) -> None:
        with pytest.raises(SourceUnavailable):
            sources.get("snowflake").open(given(), ReadLimits(seconds=7))
        session = used["session_parameters"]
        assert session["STATEMENT_TIMEOUT_IN_SECONDS"] <= 10
        assert (session["MULTI_STATEMENT_COUNT"], session["CLIENT_TELEMETRY_ENABLED"]) == (1, False)
        assert used["platform_detection_timeout_seconds"] == 0.0

    @pytest.mark.parametrize("address", ["http://10.0.0.1:80", "https://127.0.0.1:1", "http://127.0.0.1", "x"])
    def test_an_emulator_is_on_this_machine_or_nowhere(
        self, used: dict[str, Any], monkeypatch: pytest.MonkeyPatch, address: str
    ) -> None:
        monkeypatch.setenv(endpoints.SNOWFLAKE, address)
        with pytest.raises(SourceUnavailable, match=endpoints.SNOWFLAKE):
            sources.get("snowflake").open(given(), ReadLimits())
        assert not used


@pytest.fixture
def shop(create_database: Create) -> Database:
    database = create_database("snowflake")
    database.run("CREATE TABLE t (a INTEGER, b VARCHAR(20)); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL)")
    return database


class TestReading:
    def test_types_come_as_programs_know_them(self, shop: Database) -> None:
        sql = (
            "SELECT 1 AS i, 1.5::number(10, 2) AS n, 1.5::float AS f, 'x' AS s, '2020-01-01'::date AS d, TRUE AS o,"
            " '2020-01-01 10:00:00'::timestamp_ntz AS t, '2020-01-01 10:00:00'::timestamp_tz AS z,"
            " to_time('10:00:00') AS h, parse_json('{\"a\": 1}') AS j"
        )
        with shop.open() as session:
            found = table(session, sql)
        assert [str(field.type) for field in found.schema] == [
            "int64", "decimal128(10, 2)", "double", "string", "date32[day]", "bool", "timestamp[us]",
            "timestamp[us, tz=UTC]", "time64[us]", "string",
        ]  # fmt: skip
        assert not any(field.metadata for field in found.schema)

    def test_a_result_without_rows_has_its_columns(self, shop: Database) -> None:
        with shop.open() as session:
            reading = session.read("SELECT a, b, 1.5::number(10, 2) AS n, '2020-01-01'::date AS d FROM t WHERE a > 9")
        assert [str(field.type) for field in reading.schema] == ["int64", "string", "decimal128(10, 2)", "date32[day]"]

    def test_parts_of_a_result_have_the_same_types(self) -> None:
        narrow = pa.table({"n": pa.array([1], pa.int8()), "t": pa.array([0], pa.timestamp("us", "Etc/UTC"))})
        wide = pa.table({"n": pa.array([2**40], pa.int64()), "t": pa.array([0], pa.timestamp("us", "UTC"))})
        assert plain(narrow).schema == plain(wide).schema

    def test_batches_are_bounded(self, shop: Database) -> None:
        sql = "SELECT a.a FROM " + ", ".join(f"t {letter}" for letter in "abcdefgh")
        with shop.open(limits={"batch_rows": 1_000}) as session:
            sizes = [batch.num_rows for batch in session.read(sql).batches]
        assert (sum(sizes), max(sizes)) == (3**8, 1_000)

    def test_what_is_no_query_isnt_run(self, shop: Database) -> None:
        for sql in ["DROP TABLE t", "CREATE TABLE x (a INT)", "USE ROLE x", "SHOW TABLES", "BEGIN", "CALL p()"]:
            # The emulator breaks down over some of them, and the connector then tries again.
            with shop.open(limits={"seconds": 1}) as session, pytest.raises((SqlRefused, SqlInvalid, QueryTimeout)):
                rows(session, sql)
        assert shop.rows("SELECT count(*) AS n FROM t") == [{"n": 3}]

    def test_an_error_says_where_it_is_in_the_users_own_text(self, shop: Database) -> None:
        with shop.open() as session, pytest.raises(SqlInvalid) as error:
            rows(session, "SELECT a\nFROM t WHERE )")
        assert error.value.extra["line"] == 2


class TestCatalog:
    def test_keys_comments_and_rows_come_from_what_snowflake_tells(self) -> None:
        facts = [
            {
                "table_schema": "PUBLIC", "table_name": "ORDERS", "table_type": "BASE TABLE", "row_count": 42,
                "comment": "all",
            },
            {"table_schema": "S", "table_name": "V", "table_type": "VIEW", "row_count": None, "comment": None},
        ]  # fmt: skip
        kinds = [
            ("ID", "NUMBER", 38, 0, "integer", "NUMBER(38,0)"), ("TOTAL", "NUMBER", 10, 2, "number", "NUMBER(10,2)"),
            ("NOTE", "TEXT", None, None, "text", "VARCHAR(50)"), ("AT", "TIMESTAMP_NTZ", None, None, "datetime", None),
            ("J", "VARIANT", None, None, "json", None), ("G", "GEOGRAPHY", None, None, "other", None),
        ]  # fmt: skip
        columns = [
            {
                "table_schema": "PUBLIC", "table_name": "ORDERS", "column_name": name, "data_type": type_,
                "is_nullable": "NO", "numeric_precision": precision, "numeric_scale": scale,
                "character_maximum_length": 50 if type_ == "TEXT" else None, "comment": "",
            }
            for name, type_, precision, scale, _, _ in kinds
        ]  # fmt: skip
        primary = [{"schema_name": "PUBLIC", "table_name": "ORDERS", "column_name": "ID"}]
        imported = [
            {
                "pk_database_name": "DB", "pk_schema_name": "S", "pk_table_name": "C", "pk_column_name": "ID",
                "fk_database_name": database, "fk_schema_name": "PUBLIC", "fk_table_name": "ORDERS",
                "fk_column_name": column,
            }
            for database, column in (("DB", "NOTE"), ("OTHER", "TOTAL"))
        ]  # fmt: skip
        orders, view = tables(facts, columns, primary=primary, imported=imported, default="PUBLIC")
        assert (orders.schema_name, orders.row_estimate, orders.comment, orders.type) == (None, 42, "all", "table")
        assert [(column.kind, column.type) for column in orders.columns] == [
            (kind, shown or type_) for _, type_, _, _, kind, shown in kinds
        ]
        assert [column.primary_key for column in orders.columns] == [True] + [False] * 5
        assert orders.columns[2].references == Reference(schema_name="S", table="C", column="ID")
        assert orders.columns[1].references is None, "another database's"
        assert (view.schema_name, view.type) == ("S", "view")

    def test_thousands_of_tables_are_read(self) -> None:
        columns = [
            {
                "table_schema": "PUBLIC", "table_name": f"T{number:05}", "column_name": name, "data_type": "TEXT",
                "is_nullable": "YES", "numeric_precision": None, "numeric_scale": None,
                "character_maximum_length": None, "comment": None,
            }
            for number in range(5_000)
            for name in ("A", "B", "C")
        ]  # fmt: skip
        started = time.monotonic()
        found = tables([], columns, primary=[], imported=[], default="PUBLIC")
        assert time.monotonic() - started < 5
        assert len(found) == 5_000

    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("public", "PUBLIC"),
            ("PUBLIC", "PUBLIC"),
            ('"public"', "public"),
            ('"a""b"', 'a"b'),
            ("a b", "a b"),
            (None, None),
        ],
    )
    def test_a_schema_is_the_one_that_snowflake_means(self, typed: str | None, kept: str | None) -> None:
        assert folded(typed) == kept

    def test_a_schema_in_small_letters_is_found(self, shop: Database) -> None:
        with shop.open(schema_name="public") as session:
            catalog = session.catalog()
            assert [(each.schema_name, each.name) for each in catalog.tables] == [(None, "t")]
            assert session.check().table_count == 1
            assert session.profile(catalog, sources.Budget()).tables[0].row_count == 3

    def test_all_schemas_of_a_database_have_their_names(self, shop: Database) -> None:
        shop.run("CREATE SCHEMA other; CREATE TABLE other.x (a INTEGER)")
        with sources.get("snowflake").open(shop.settings | {"schema_name": None}, ReadLimits()) as session:
            found = {(each.schema_name, each.name) for each in session.catalog().tables}
        assert found == {("PUBLIC", "T"), ("OTHER", "X")}
        with shop.open() as session:
            assert [each.name for each in session.catalog().tables] == ["t"]


class TestRole:
    @pytest.mark.parametrize(
        ("grants", "read_only"),
        [
            ([("USAGE", "WAREHOUSE"), ("USAGE", "DATABASE"), ("SELECT", "TABLE")], True),
            ([("SELECT", "TABLE"), ("INSERT", "TABLE")], False),
            ([("SELECT", "TABLE"), ("OWNERSHIP", "TABLE")], False),
            ([("USAGE", "SCHEMA"), ("CREATE TABLE", "SCHEMA")], False),
            ([("SELECT", "TABLE"), ("USAGE", "ROLE")], None),
            ([], True),
        ],
    )
    def test_what_a_role_may_do_is_told_from_its_grants(
        self, grants: list[tuple[str, str]], read_only: bool | None
    ) -> None:
        told = [{"privilege": privilege, "granted_on": on} for privilege, on in grants]
        assert judged(told) is read_only


class TestErrors:
    def test_nobody_listens(self, shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(endpoints.SNOWFLAKE, f"http://127.0.0.1:{free_port()}")
        started = time.monotonic()
        with pytest.raises(SourceUnavailable, match="myorg-account1") as error:
            shop.open(password=CANARY)
        assert time.monotonic() - started < 40
        assert "canary" not in f"{error.value.detail} {error.value.extra}"
        assert error.value.__cause__ is None

    def test_a_missing_driver_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import sys

        monkeypatch.setitem(sys.modules, "snowflake.connector", None)
        with pytest.raises(DriverMissing, match=r"pip install .dataask_jupyter\[snowflake\]"):
            sources.get("snowflake").open(given(), ReadLimits())

    @pytest.mark.parametrize(
        ("number", "words", "says"),
        [
            (250001, "Failed to connect to DB: x. Incorrect username or password was specified.", "user reader"),
            (250001, "Failed to connect to DB: x. JWT token is invalid. [1]", "refused user reader"),
            (250001, "Role 'X' specified in the connect string does not exist or not authorized.", "the role"),
            (250001, "The requested database does not exist or not authorized.", "Check database, schema"),
            (250001, "Multi-factor authentication is required for this account.", "second factor"),
            (250001, "Incoming request with IP/Token 1.2.3.4 is not allowed to access Snowflake.", "network policy"),
            (250001, "Could not connect to Snowflake backend after 2 attempt(s). Aborting", "can't be reached"),
            (290404, "404 Not Found: post myorg-account1.snowflakecomputing.com:443", "no Snowflake account"),
        ],
    )  # fmt: skip
    def test_what_goes_wrong_while_signing_in_is_told_apart(self, number: int, words: str, says: str) -> None:
        from snowflake.connector.errors import DatabaseError

        error = DatabaseError(msg=f"{words} password={CANARY}" if "Could not" in words else words, errno=number)
        found = connecting(error, SnowflakeSettings.model_validate(given(role="X")))
        assert isinstance(found, SourceUnavailable)
        assert says in found.detail
        assert "canary" not in found.detail

    @pytest.mark.parametrize(
        ("number", "state", "words", "kind"),
        [
            (1003, "42000", "SQL compilation error:\nsyntax error line 3 at position 7 unexpected 'x'.", SqlInvalid),
            (2003, "42S02", "SQL compilation error:\nObject 'X' does not exist or not authorized.", SqlInvalid),
            (904, "42000", "SQL compilation error: error line 2 at position 0\ninvalid identifier 'X'", SqlInvalid),
            (604, "57014", "SQL execution canceled", QueryCancelled),
            (630, "57014", "Statement reached its statement or warehouse timeout of 5 second(s)", QueryTimeout),
            (606, "57P03", "No active warehouse selected in the current session.", SourceUnavailable),
            (3001, "42501", "SQL access control error:\nInsufficient privileges to operate on table 'T'", SqlRefused),
            (390114, "08001", "Authentication token has expired.", SourceUnavailable),
            (100038, "22018", "Numeric value 'x' is not recognized", SqlInvalid),
        ],
    )  # fmt: skip
    def test_each_of_snowflakes_errors_has_its_kind(
        self, number: int, state: str, words: str, kind: type[DataAskError]
    ) -> None:
        from snowflake.connector.errors import ProgrammingError

        error = ProgrammingError(msg=words, errno=number, sqlstate=state, sfqid="01b2")
        found = running(error, SnowflakeSettings.model_validate(given()), shift=1)
        assert type(found) is kind
        assert "01b2" not in found.detail
        if "position 7" in words:
            assert found.extra == {"line": 2, "column": 8}


class Recorder(BaseHTTPRequestHandler):
    """Passes requests on to the emulator, and remembers them; a query that says so is held until it is aborted."""

    port = 0
    asked: ClassVar[list[tuple[str, Any]]] = []
    aborted = threading.Event()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
        told = json.loads(plain or b"{}")
        self.asked.append((self.path, told))
        if self.path.startswith("/queries/v1/abort-request"):
            self.aborted.set()
        elif "held" in str(told.get("sqlText")) and not told.get("describeOnly"):
            self.aborted.wait(30)
        onward = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        onward.request("POST", self.path, body, {name: value for name, value in self.headers.items() if name != "Host"})
        answer = onward.getresponse()
        text = answer.read()
        onward.close()
        self.send_response(answer.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def between(snowflake_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Recorder]]:
    """What is asked of the emulator."""
    handler = type("Asked", (Recorder,), {"asked": [], "aborted": threading.Event(), "port": snowflake_emulator.port})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(endpoints.SNOWFLAKE, f"http://127.0.0.1:{server.server_port}")
    yield handler
    server.shutdown()
    server.server_close()


class TestStopping:
    def test_a_cancelled_query_ends_at_snowflake_too(self, shop: Database, between: type[Recorder]) -> None:
        with shop.open(limits={"seconds": 30}) as session:
            timer = threading.Timer(0.5, session.interrupt)
            timer.start()
            started = time.monotonic()
            with pytest.raises(QueryCancelled):
                rows(session, "SELECT 'held' AS x FROM t")
            assert time.monotonic() - started < 5
            timer.join()
        assert between.aborted.wait(10)
        self._same_request(between)

    def test_a_query_past_its_deadline_ends_at_snowflake_too(self, shop: Database, between: type[Recorder]) -> None:
        with shop.open(limits={"seconds": 0.5}) as session, pytest.raises(QueryTimeout):
            rows(session, "SELECT 'held' AS x FROM t")
        assert between.aborted.wait(10)
        self._same_request(between)

    def _same_request(self, between: type[Recorder]) -> None:
        (ran,) = [path for path, told in between.asked if told.get("sqlText") == "SELECT 'held' AS x FROM t"
                  and "query-request" in path]  # fmt: skip
        aborted = [told for path, told in between.asked if path.startswith("/queries/v1/abort-request")]
        assert aborted
        assert all(told["requestId"] in ran for told in aborted)

    def test_a_query_is_compiled_before_it_runs(self, shop: Database, between: type[Recorder]) -> None:
        with shop.open() as session, pytest.raises((SqlInvalid, SqlRefused)):
            rows(session, "DELETE FROM t")
        texts = [(told["sqlText"], told.get("describeOnly")) for _, told in between.asked if "sqlText" in told]
        assert texts == [("SELECT * FROM (\nDELETE FROM t\n)", True)]
