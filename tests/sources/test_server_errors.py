"""What goes wrong between DataAsk and a server: each is told apart, in words, and without the password."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from dataask_jupyter import sources
from dataask_jupyter.errors import (
    DataAskError,
    DriverMissing,
    InvalidInput,
    QueryTimeout,
    SourceUnavailable,
    SqlInvalid,
)
from dataask_jupyter.sources import SourceSpec
from tests.servers import PostgreSQL, free_port

from . import tls
from .conftest import Create
from .databases import SERVERS, Database, rows

CANARY = "canary-Passw0rd'\\ \"x"


def failure(source: Database, **settings: Any) -> DataAskError:
    with pytest.raises(DataAskError) as error, source.open(**settings) as session:
        session.check()
    told = f"{error.value.detail} {error.value.extra} {error.value.errors}"
    assert CANARY not in told
    assert "canary" not in told
    assert error.value.__cause__ is None, "the driver's own error may hold the password"
    assert error.value.status in (502, 503)
    return error.value


@pytest.fixture
def password_database(server_database: Database) -> Iterator[Database]:
    """One whose account has a password."""
    if not isinstance(server_database.server, PostgreSQL):
        yield server_database
        return
    password = "right 'one' \\ \"x"
    literal = password.replace("'", "''")
    server_database.run(f"DROP ROLE IF EXISTS locked; CREATE ROLE locked LOGIN PASSWORD '{literal}'")
    with tls.rules(server_database.server, "host all locked 127.0.0.1/32 scram-sha-256"):
        yield replace(server_database, settings={**server_database.settings, "user": "locked", "password": password})


class TestConnecting:
    def test_a_wrong_password(self, password_database: Database) -> None:
        assert "the password is wrong" in failure(password_database, password=CANARY).detail
        assert "asks for a password" in failure(password_database, password=None).detail
        with password_database.open() as session:
            assert session.check().state == "ok"

    def test_an_unknown_user(self, server_database: Database) -> None:
        assert "no such user" in failure(server_database, user="nobody-there", password=CANARY).detail

    def test_an_unknown_host(self, server_database: Database) -> None:
        error = failure(server_database, host="nowhere.invalid", password=CANARY)
        assert error.detail == "No server named nowhere.invalid was found. Check the host, and the network."

    def test_a_port_that_nobody_listens_on(self, server_database: Database) -> None:
        port = free_port()
        error = failure(server_database, port=port, password=CANARY)
        assert error.detail.startswith(f"127.0.0.1:{port} refused the connection. Check host and port")

    def test_an_unknown_database(self, server_database: Database) -> None:
        assert "There is no database nope on 127.0.0.1" in failure(server_database, database="nope").detail

    def test_encryption_that_the_server_has_not(self, server_database: Database) -> None:
        for mode in ("require", "verify-full"):
            assert "doesn't offer encryption" in failure(server_database, ssl_mode=mode).detail

    def test_a_server_that_says_nothing(self, server_database: Database) -> None:
        """X3: it takes the connection and never answers."""
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            started = time.monotonic()
            error = failure(server_database, port=silent.getsockname()[1], password=CANARY)
        assert time.monotonic() - started < 9
        assert "didn't answer" in error.detail

    def test_something_else_than_a_database(self, server_database: Database, create_database: Create) -> None:
        other = create_database("mysql" if server_database.kind == "postgresql" else "postgresql")
        error = failure(server_database, port=other.settings["port"], password=CANARY)
        assert isinstance(error, SourceUnavailable)

    @pytest.mark.parametrize(
        ("kind", "package", "extra"),
        [("postgresql", "adbc_driver_postgresql", "postgresql"), ("mysql", "MySQLdb", "mysql")],
    )
    def test_a_missing_driver_says_what_to_install(
        self, kind: str, package: str, extra: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, package, None)
        settings = {"host": "127.0.0.1", "database": "x", "user": "x"}
        with pytest.raises(DriverMissing) as error:
            sources.get(kind).open(settings, sources.ReadLimits())
        assert f'pip install "dataask_jupyter[{extra}]"' in error.value.detail


class TestRunning:
    def test_a_query_that_takes_too_long_is_ended_by_the_server(self, server_database: Database) -> None:
        sleep = "pg_sleep(20)" if server_database.kind == "postgresql" else "sleep(20)"
        with server_database.open(limits={"seconds": -1.0}) as session, pytest.raises(QueryTimeout):
            rows(session, f"SELECT {sleep} AS a")

    def test_a_syntax_error_has_a_position(self, server_database: Database) -> None:
        with server_database.open() as session, pytest.raises(SqlInvalid) as error:
            rows(session, "SELECT id,\n  name\nFORM customers WHERE WHERE")
        assert error.value.extra["line"] == 3

    def test_sessions_do_not_see_what_others_set(self, server_database: Database) -> None:
        """Q15: each job has a connection of its own."""
        own = "pg_backend_pid()" if server_database.kind == "postgresql" else "connection_id()"
        seen = {server_database.rows(f"SELECT {own} AS a")[0]["a"] for _ in range(3)}
        assert len(seen) == 3


class TestVersions:
    @pytest.mark.parametrize("kind", SERVERS)
    def test_results_are_current_for_a_minute_and_schemas_for_an_hour(
        self, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        spec = SourceSpec(kind, {"host": "h", "port": 1, "database": "d", "user": "u"})
        moment = [1_000_000 * 3600.0]
        monkeypatch.setattr(time, "time", lambda: moment[0])
        first, shape = sources.source_version(spec), sources.schema_version(spec)
        moment[0] += 59
        assert (sources.source_version(spec), sources.schema_version(spec)) == (first, shape)
        moment[0] += 1
        assert sources.source_version(spec) != first
        assert sources.schema_version(spec) == shape
        moment[0] += 3600
        assert sources.schema_version(spec) != shape


class TestSettings:
    @pytest.mark.parametrize("kind", SERVERS)
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("host", "/var/run/postgresql"),
            ("host", "@abstract"),
            ("host", "a,b"),
            ("host", "a:5432"),
            ("host", "postgresql://a"),
            ("host", "a b"),
            ("host", ""),
            ("host", "-oProxyCommand=x"),
            ("host", "a'b"),
            ("port", 0),
            ("port", 65536),
            ("database", ""),
            ("database", "a\0b"),
            ("user", "a\nb"),
            ("password", "a\0b"),
            ("ssl_mode", "allow"),
            ("ssl_root_cert", "/etc/passwd"),
            ("options", "-c statement_timeout=0"),
            ("sslkey", "/root/key"),
            ("service", "x"),
            ("read_default_file", "/etc/passwd"),
            ("init_command", "SELECT 1"),
            ("unix_socket", "/tmp/x"),
            ("local_infile", 1),
        ],
    )
    def test_what_drivers_could_be_told_is_refused(self, kind: str, name: str, value: Any) -> None:
        """S3: only the settings of the form, and in each only what it is for."""
        settings = {"host": "h", "database": "d", "user": "u", name: value}
        with pytest.raises(InvalidInput) as error:
            sources.validate(kind, settings)
        assert [problem.field for problem in error.value.errors] == [f"settings.{name}"]

    @pytest.mark.parametrize("kind", SERVERS)
    def test_hosts_are_names_and_addresses(self, kind: str) -> None:
        for host, normal in (("db.example.com", "db.example.com"), (" 10.0.0.1 ", "10.0.0.1"), ("[::1]", "::1")):
            assert sources.validate(kind, {"host": host, "database": "d", "user": "u"})["host"] == normal

    @pytest.mark.parametrize("kind", SERVERS)
    def test_the_password_is_the_only_secret(self, kind: str) -> None:
        assert sources.secret_fields(kind) == {"password"}
        model = sources.parse(kind, {"host": "h", "database": "d", "user": "u", "password": CANARY})
        assert "canary" not in repr(model)
