"""BigQuery's kind: what its settings take, what a query may cost, and how its rows, facts and errors come."""

from __future__ import annotations

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
    QueryTooBig,
    QueryTooCostly,
    SourceUnavailable,
    SqlInvalid,
    SqlRefused,
)
from dataask_jupyter.schemas.catalog import Reference
from dataask_jupyter.services.connection_settings import take_apart
from dataask_jupyter.sources import ReadLimits, endpoints
from dataask_jupyter.sources.bigquery import BigQuerySettings
from dataask_jupyter.sources.bigquery_catalog import Listed, many, one
from dataask_jupyter.sources.bigquery_errors import translated
from tests.servers import free_port

from .conftest import Create
from .databases import Database, rows, table
from .emulators import PROJECT, Emulator, service_account

KEY = service_account()


def given(**changed: Any) -> dict[str, Any]:
    return {"project": "my-project-1", "service_account_json": KEY} | changed


class TestSettings:
    def test_what_was_typed_is_kept_in_its_normal_form(self) -> None:
        found = sources.validate("bigquery", given(project=" my-project-1 ", dataset="", location="EU"))
        assert (found["project"], found["dataset"], found["location"]) == ("my-project-1", None, "EU")
        assert found["maximum_bytes_billed"] == 10 * 1024**3

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("project", "My Project"), ("project", "../x"), ("project", "a"), ("project", "proj/datasets"),
            ("dataset", "a.b"), ("dataset", "a`b"), ("dataset", "a-b"), ("location", "EU/../x"), ("location", "e u"),
            ("maximum_bytes_billed", 0), ("maximum_bytes_billed", 2**60),
        ],
    )  # fmt: skip
    def test_what_is_no_project_dataset_or_location_is_refused(self, field: str, value: Any) -> None:
        with pytest.raises(InvalidInput) as error:
            sources.validate("bigquery", given(**{field: value}))
        assert [each.field for each in error.value.errors] == [f"settings.{field}"]

    @pytest.mark.parametrize("name", ["host", "endpoint", "api_endpoint", "credentials", "client_options", "url"])
    def test_options_of_the_driver_are_refused(self, name: str) -> None:
        with pytest.raises(InvalidInput, match="There is no such setting"):
            sources.validate("bigquery", given(**{name: "http://127.0.0.1:1"}))

    @pytest.mark.parametrize(
        ("changed", "says"),
        [
            ({"type": "external_account"}, "service account"),
            ({"type": "external_account_authorized_user"}, "service account"),
            ({"type": "authorized_user"}, "service account"),
            ({"type": "impersonated_service_account"}, "service account"),
            ({"type": "gdch_service_account"}, "service account"),
            ({"type": None}, "service account"),
            ({"token_uri": "http://169.254.169.254/token"}, "oauth2.googleapis.com"),
            ({"token_uri": "https://oauth2.googleapis.com.evil.example/token"}, "oauth2.googleapis.com"),
            ({"token_uri": "https://oauth2.googleapis.com/token/../x"}, "oauth2.googleapis.com"),
            ({"token_uri": "https://evil@oauth2.googleapis.com/token"}, "oauth2.googleapis.com"),
            ({"universe_domain": "evil.example"}, "googleapis.com"),
            ({"credential_source": {"executable": {"command": "id"}}}, "credential_source"),
            ({"credential_source": {"url": "http://169.254.169.254"}}, "credential_source"),
            ({"service_account_impersonation_url": "https://x"}, "service_account_impersonation_url"),
            ({"quota_project_id": "other"}, "quota_project_id"),
            ({"private_key": "no key"}, "private_key"),
            ({"private_key": "/etc/passwd"}, "private_key"),
            ({"client_email": "x\nHost: evil"}, "client_email"),
            ({"client_id": 7}, "isn't whole"),
        ],
    )
    def test_only_the_key_of_a_service_account_is_taken(self, changed: dict[str, Any], says: str) -> None:
        text = service_account(**changed)
        with pytest.raises(InvalidInput, match=says) as error:
            take_apart("bigquery", given(service_account_json=text))
        told = f"{error.value.detail} {error.value.errors}"
        assert "PRIVATE KEY-----\\n" not in told
        assert [each.field for each in error.value.errors] == ["settings.service_account_json"]

    @pytest.mark.parametrize("text", ["{", "[]", "7", "null", '"x"', "[" * 10_000, "-----BEGIN PRIVATE KEY-----"])
    def test_what_is_no_key_file_is_refused(self, text: str) -> None:
        with pytest.raises(InvalidInput, match="whole JSON file"):
            sources.validate("bigquery", given(service_account_json=text))

    def test_what_goes_on_is_made_anew_from_the_parts_that_are_needed(self) -> None:
        found = take_apart("bigquery", given())
        assert "service_account_json" not in found.settings
        kept = json.loads(found.secrets["service_account_json"].get_secret_value())
        assert (kept["token_uri"], kept["type"]) == ("https://oauth2.googleapis.com/token", "service_account")
        assert not {"auth_uri", "client_x509_cert_url"} & kept.keys()

    def test_a_key_that_is_kept_neednt_come_again(self) -> None:
        found = take_apart("bigquery", {"project": "my-project-1"}, kept=["service_account_json"])
        assert found.secrets == {}
        with pytest.raises(InvalidInput, match="This is needed"):
            take_apart("bigquery", {"project": "my-project-1"})

    def test_the_form_has_a_large_field_for_the_key(self) -> None:
        schema = sources.get("bigquery").describe().settings_schema
        field = schema["properties"]["service_account_json"]
        assert (field["writeOnly"], field["format"]) == (True, "textarea")
        assert "service_account_json" in schema["required"]


class TestAddress:
    @pytest.mark.parametrize(
        "address",
        ["https://127.0.0.1:9050", "http://169.254.169.254:80", "http://127.0.0.1", "http://127.0.0.1:9050/x",
         "http://example.com:9050", "file:///etc/passwd", "http://[::1", "http://127.0.0.1:x"],
    )  # fmt: skip
    def test_an_emulator_is_on_this_machine_or_nowhere(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        monkeypatch.setenv(endpoints.BIGQUERY, address)
        with pytest.raises(SourceUnavailable, match=endpoints.BIGQUERY):
            sources.get("bigquery").open(given(), ReadLimits())

    def test_without_an_emulator_it_is_googles(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(endpoints.BIGQUERY, raising=False)
        with sources.get("bigquery").open(given(), ReadLimits()) as session:
            assert session.client.api._connection.API_BASE_URL == "https://bigquery.googleapis.com"
            assert session.client.api._credentials._token_uri == "https://oauth2.googleapis.com/token"


@pytest.fixture
def shop(create_database: Create) -> Database:
    database = create_database("bigquery")
    database.run(
        "CREATE TABLE t (a INT64 NOT NULL OPTIONS(description='the key'), b STRING);"
        "INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, NULL)"
    )
    return database


class TestReading:
    def test_types_come_as_programs_know_them(self, shop: Database) -> None:
        sql = (
            "SELECT NUMERIC '1.5' AS n, JSON '{\"a\": 1}' AS j, [1, 2] AS l, STRUCT(1 AS p, 'x' AS q) AS s,"
            " TIMESTAMP '2020-01-01 00:00:00+00' AS ts, DATETIME '2020-01-01 00:00:00' AS dt, TIME '10:00:00' AS ti,"
            " b'x' AS y, 1.5 AS f, DATE '2020-01-01' AS d, TRUE AS o"
        )
        with shop.open() as session:
            found = table(session, sql)
        assert found.schema.field("n").type == pa.decimal128(38, 9)
        assert [str(found.schema.field(name).type) for name in ("j", "ts", "dt", "ti", "y", "f", "d", "o")] == [
            "string", "timestamp[us, tz=UTC]", "timestamp[us]", "time64[us]", "binary", "double", "date32[day]", "bool",
        ]  # fmt: skip
        assert (found.to_pylist()[0]["l"], found.to_pylist()[0]["s"]) == ([1, 2], {"p": 1, "q": "x"})
        assert not any(field.metadata for field in found.schema)

    def test_rows_come_page_by_page(self, shop: Database) -> None:
        with shop.open(limits={"batch_rows": 100}) as session:
            reading = session.read("SELECT x FROM UNNEST(GENERATE_ARRAY(1, 1000)) AS x ORDER BY x")
            sizes, last = [], None
            for batch in reading.batches:
                sizes.append(batch.num_rows)
                last = batch
        assert (sum(sizes), max(sizes)) == (1000, 100)
        assert last is not None
        assert last.column(0)[-1].as_py() == 1000

    def test_rows_come_without_the_storage_api_where_it_isnt_open(
        self, shop: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import grpc
        from google.cloud.bigquery_storage_v1 import BigQueryReadClient
        from google.cloud.bigquery_storage_v1.services.big_query_read.transports import BigQueryReadGrpcTransport

        assert isinstance(shop.server, Emulator)
        # The emulator has this API, but not for results of queries.
        with grpc.insecure_channel(f"127.0.0.1:{shop.server.other_port}") as channel:
            storage = BigQueryReadClient(transport=BigQueryReadGrpcTransport(channel=channel))
            with shop.open(limits={"batch_rows": 100}) as session:
                monkeypatch.setattr(session.client, "storage", lambda: storage)
                found = table(session, "SELECT x FROM UNNEST(GENERATE_ARRAY(1, 5000)) AS x ORDER BY x")
        assert found.column("x").to_pylist() == list(range(1, 5001))

    def test_names_without_a_dataset_mean_the_connections_own(self, shop: Database) -> None:
        assert shop.rows("SELECT COUNT(*) AS n FROM t") == [{"n": 3}]
        full = f"`{PROJECT}.{shop.settings['dataset']}.t`"
        assert shop.rows(f"SELECT COUNT(*) AS n FROM {full}", dataset=None) == [{"n": 3}]

    def test_a_script_is_refused_and_nothing_of_it_runs(self, shop: Database) -> None:
        for sql in ["SELECT 1; DELETE FROM t WHERE TRUE", "BEGIN DELETE FROM t WHERE TRUE; END",
                    "EXECUTE IMMEDIATE 'DELETE FROM t WHERE TRUE'"]:  # fmt: skip
            with shop.open() as session, pytest.raises((SqlRefused, SqlInvalid)):
                rows(session, sql)
        assert shop.rows("SELECT COUNT(*) AS n FROM t") == [{"n": 3}]

    def test_an_error_says_where_it_is_in_the_users_own_text(self, shop: Database) -> None:
        with shop.open() as session, pytest.raises(SqlInvalid) as error:
            rows(session, "SELECT a FROM t\nWHERE SELEC 1")
        assert error.value.extra["line"] == 2


class TestCatalog:
    def test_all_datasets_of_a_project_have_their_names(self, shop: Database) -> None:
        with shop.open(dataset=None) as session:
            found = [each for each in session.catalog().tables if each.schema_name == shop.settings["dataset"]]
        assert [each.name for each in found] == ["t"]

    def test_thousands_of_tables_come_from_one_query_a_dataset(self) -> None:
        listed = [Listed("ds", f"t{number:04}", "TABLE", None) for number in range(5_000)]
        listed.append(Listed("ds", "v", "VIEW", None))
        told = [
            {
                "table_schema": "ds",
                "table_name": each.name,
                "column_name": name,
                "data_type": type_,
                "is_nullable": "NO",
            }
            for each in listed
            for name, type_ in (
                ("id", "INT64"),
                ("n", "NUMERIC(10, 2)"),
                ("l", "ARRAY<STRING>"),
                ("s", "STRUCT<a INT64>"),
            )
        ]
        started = time.monotonic()
        found = many(listed, told, "ds")
        assert time.monotonic() - started < 5
        assert (len(found), found[-1].type, found[0].schema_name) == (5_001, "view", None)
        assert [(column.name, column.kind) for column in found[0].columns] == [
            ("id", "integer"), ("n", "number"), ("l", "json"), ("s", "json"),
        ]  # fmt: skip

    def test_keys_comments_and_rows_come_from_what_the_api_tells_of_a_table(self) -> None:
        resource = {
            "tableReference": {"projectId": "p", "datasetId": "ds", "tableId": "orders"},
            "type": "TABLE", "numRows": "42", "description": "all orders",
            "schema": {"fields": [
                {"name": "id", "type": "INTEGER", "mode": "REQUIRED", "description": "the key"},
                {"name": "customer", "type": "INTEGER"},
                {"name": "total", "type": "NUMERIC", "precision": "10", "scale": "2"},
                {"name": "tags", "type": "STRING", "mode": "REPEATED"},
                {"name": "at", "type": "RECORD", "fields": [{"name": "x", "type": "FLOAT"}]},
            ]},
            "tableConstraints": {
                "primaryKey": {"columns": ["id"]},
                "foreignKeys": [{
                    "referencedTable": {"projectId": "p", "datasetId": "other", "tableId": "customers"},
                    "columnReferences": [{"referencingColumn": "customer", "referencedColumn": "id"}],
                }],
            },
        }  # fmt: skip
        found = one(resource, "p", "ds")
        assert (found.schema_name, found.row_estimate, found.comment) == (None, 42, "all orders")
        assert [column.type for column in found.columns] == [
            "INT64", "INT64", "NUMERIC(10, 2)", "ARRAY<STRING>", "STRUCT<x FLOAT64>",
        ]  # fmt: skip
        assert (found.columns[0].primary_key, found.columns[0].nullable, found.columns[0].comment) == (
            True, False, "the key",
        )  # fmt: skip
        assert found.columns[1].references == Reference(schema_name="other", table="customers", column="id")

    def test_an_unknown_dataset_is_named(self, shop: Database) -> None:
        with shop.open(dataset="nowhere") as session, pytest.raises(SourceUnavailable, match="nowhere"):
            session.check()


class TestErrors:
    def test_nobody_listens(self, shop: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(endpoints.BIGQUERY, f"http://127.0.0.1:{free_port()}")
        started = time.monotonic()
        with shop.open() as session, pytest.raises(SourceUnavailable, match="can't be reached") as error:
            session.check()
        assert time.monotonic() - started < 30
        assert error.value.__cause__ is None

    def test_a_key_that_is_broken(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(endpoints.BIGQUERY, raising=False)
        pem = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0LWNhbmFyeQ==\n-----END PRIVATE KEY-----\n"
        with pytest.raises(SourceUnavailable, match="can't be read") as error:
            sources.get("bigquery").open(given(service_account_json=service_account(private_key=pem)), ReadLimits())
        assert "c2VjcmV0" not in str(error.value)
        assert error.value.__cause__ is None

    def test_a_missing_driver_says_what_to_install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import sys

        monkeypatch.setitem(sys.modules, "google.cloud.bigquery", None)
        monkeypatch.delattr("google.cloud.bigquery", raising=False)
        with pytest.raises(DriverMissing, match=r"pip install .dataask_jupyter\[bigquery\]"):
            sources.get("bigquery").open(given(), ReadLimits())

    @pytest.mark.parametrize(
        ("status", "reason", "message", "kind"),
        [
            (400, "invalidQuery", "Unrecognized name: nope at [2:8]", SqlInvalid),
            (400, "invalidQuery", "Query exceeded limit for bytes billed: 10. 20 or higher required.", QueryTooCostly),
            (400, "bytesBilledLimitExceeded", "Query exceeded limit", QueryTooCostly),
            (400, "resourcesExceeded", "Resources exceeded during query execution", QueryTooBig),
            (403, "responseTooLarge", "Response too large to return", QueryTooBig),
            (403, "accessDenied", "Access Denied: Table p:ds.t: User does not have permission", SqlRefused),
            (403, "quotaExceeded", "Quota exceeded", SourceUnavailable),
            (403, "billingNotEnabled", "Billing has not been enabled for this project", SourceUnavailable),
            (404, "notFound", "Not found: Table p:ds.t was not found in location US", SqlInvalid),
            (401, "authError", "Request had invalid authentication credentials", SourceUnavailable),
            (499, "stopped", "Job execution was cancelled: User requested cancellation", QueryCancelled),
            (400, "timeout", "Job timed out after 60 s", QueryTimeout),
            (503, "backendError", "Error encountered. Retrying may solve the problem.", SourceUnavailable),
        ],
    )  # fmt: skip
    def test_each_of_bigquerys_errors_has_its_kind(
        self, status: int, reason: str, message: str, kind: type[DataAskError]
    ) -> None:
        from google.api_core.exceptions import from_http_status

        error = from_http_status(
            status, f"POST https://bigquery.googleapis.com/x: {message}\n\nLocation: US\nJob ID: dataask_1\n",
            errors=[{"reason": reason, "message": message}],
        )  # fmt: skip
        found = translated(error, BigQuerySettings.model_validate(given()), "SELECT 1", shift=1)
        assert type(found) is kind
        assert "https://" not in found.detail
        if "at [2:8]" in message:
            assert found.extra == {"line": 1, "column": 8}
            assert found.detail == "Unrecognized name: nope."


class Recorder(BaseHTTPRequestHandler):
    """BigQuery's API as far as a test needs it: a query that never ends until it is cancelled."""

    asked: ClassVar[list[str]] = []
    bytes_processed = "0"
    cancelled = threading.Event()
    config: ClassVar[dict[str, Any]] = {}

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        self.asked.append(f"POST {self.path.partition('?')[0]}")
        if self.path.partition("?")[0].endswith("/cancel"):
            self.cancelled.set()
            self._answer({"kind": "bigquery#jobCancelResponse", "job": {}})
            return
        config = body["configuration"]
        statistics: dict[str, Any] = {"query": {"statementType": "SELECT", "totalBytesProcessed": self.bytes_processed}}
        dry = bool(config.get("dryRun"))
        if not dry:
            type(self).config = config
        self._answer({
            "jobReference": body["jobReference"] | {"location": "EU"}, "configuration": config,
            "status": {"state": "DONE" if dry else "RUNNING"},
            "statistics": statistics | {"totalBytesProcessed": self.bytes_processed},
        })  # fmt: skip

    def do_GET(self) -> None:
        self.asked.append(f"GET {self.path.partition('?')[0]}")
        self.cancelled.wait(2)
        name = self.path.partition("?")[0].rpartition("/")[2]
        self._answer({"jobReference": {"projectId": "my-project-1", "jobId": name}, "jobComplete": False})

    def _answer(self, body: dict[str, Any]) -> None:
        text = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def google(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Recorder]]:
    """A server that answers as BigQuery does, and remembers what it was asked."""
    handler = type("Asked", (Recorder,), {"asked": [], "cancelled": threading.Event(), "config": {}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv(endpoints.BIGQUERY, f"http://127.0.0.1:{server.server_port}")
    yield handler
    server.shutdown()
    server.server_close()


class TestCost:
    def test_a_query_that_would_read_too_much_is_refused_before_it_runs(self, google: Any) -> None:
        google.bytes_processed = str(3 * 1024**4)
        with sources.get("bigquery").open(given(), ReadLimits()) as session, pytest.raises(QueryTooCostly) as error:
            session.read("SELECT * FROM t")
        assert error.value.status == 422
        assert error.value.detail.startswith("The query would read 3 TiB, and this connection allows 10 GiB.")
        assert error.value.extra == {"bytes": 3 * 1024**4, "limit": 10 * 1024**3}
        assert google.config == {}, "no job was made"

    def test_the_job_itself_has_the_same_limit_and_an_end(self, google: Any) -> None:
        google.bytes_processed = "1000"
        settings = given(maximum_bytes_billed=50 * 1024**2, dataset="ds")
        with sources.get("bigquery").open(settings, ReadLimits(seconds=1)) as session, pytest.raises(QueryTimeout):
            session.read("SELECT * FROM t")
        assert google.config["query"]["maximumBytesBilled"] == str(50 * 1024**2)
        assert google.config["query"]["defaultDataset"]["datasetId"] == "ds"
        assert google.config["query"]["useLegacySql"] is False
        assert 0 < int(google.config["jobTimeoutMs"]) <= 3_000
        assert google.config["labels"] == {"application": "dataask"}


class TestStopping:
    def test_a_cancelled_query_ends_at_google_too(self, google: Any) -> None:
        with sources.get("bigquery").open(given(), ReadLimits(seconds=30)) as session:
            timer = threading.Timer(0.5, session.interrupt)
            timer.start()
            started = time.monotonic()
            with pytest.raises(QueryCancelled):
                session.read("SELECT * FROM t")
            assert time.monotonic() - started < 5
            timer.join()
        assert google.cancelled.wait(10)
        (cancel,) = [each for each in google.asked if each.endswith("/cancel")]
        job = cancel.split("/")[-2]
        assert job.startswith("dataask_")
        assert any(each.startswith("GET") and each.endswith(job) for each in google.asked), "that job was waited for"

    def test_a_query_past_its_deadline_ends_at_google_too(self, google: Any) -> None:
        with sources.get("bigquery").open(given(), ReadLimits(seconds=0.5)) as session, pytest.raises(QueryTimeout):
            session.read("SELECT * FROM t")
        assert google.cancelled.wait(10)
