"""Encrypted connections: what each mode demands, and of whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from dataask_jupyter.errors import SourceUnavailable
from tests.servers import MariaDB, PostgreSQL

from . import tls
from .conftest import Create
from .databases import SERVERS, Database, create
from .tls import Certificates

ENCRYPTED = {
    "postgresql": "SELECT CASE WHEN ssl THEN 1 ELSE 0 END AS n FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mysql": "SELECT length(VARIABLE_VALUE) > 0 AS n FROM information_schema.SESSION_STATUS"
    " WHERE VARIABLE_NAME = 'Ssl_cipher'",
}


@pytest.fixture(scope="module")
def certificates() -> Certificates:
    return tls.certificates()


@pytest.fixture(scope="module")
def maria(certificates: Certificates) -> Iterator[MariaDB]:
    with tls.mariadb(certificates) as server:
        yield server


@pytest.fixture(params=SERVERS)
def encrypted(
    request: pytest.FixtureRequest, create_database: Create, certificates: Certificates, tmp_path: object
) -> Iterator[Database]:
    if request.param == "mysql":
        yield create("mysql", tmp_path, request.getfixturevalue("maria"))  # type: ignore[arg-type]
        return
    database = create_database("postgresql")
    assert isinstance(database.server, PostgreSQL)
    with tls.postgresql(database.server, certificates):
        yield database


def test_each_mode_encrypts_where_it_can(encrypted: Database, certificates: Certificates) -> None:
    sql = ENCRYPTED[encrypted.kind]
    for mode, wanted in (("disable", 0), ("prefer", 1), ("require", 1)):
        assert encrypted.rows(sql, ssl_mode=mode) == [{"n": wanted}], mode
    found = encrypted.rows(sql, ssl_mode="verify-full", ssl_root_cert=certificates.authority)
    assert found == [{"n": 1}]


def test_a_certificate_of_another_authority_is_not_trusted(encrypted: Database) -> None:
    for certificate in (None, tls.certificates().authority):
        with pytest.raises(SourceUnavailable) as error:
            encrypted.open(ssl_mode="verify-full", ssl_root_cert=certificate)
        assert "can't be trusted" in error.value.detail


def test_a_certificate_for_another_host_is_not_trusted(encrypted: Database, certificates: Certificates) -> None:
    elsewhere = replace(encrypted, settings={**encrypted.settings, "host": "localhost"})
    if encrypted.kind == "mysql":
        # The driver takes “localhost” for a socket, so DataAsk says 127.0.0.1, which the certificate names.
        elsewhere.settings["host"] = "127.0.0.2"
        assert isinstance(encrypted.server, MariaDB)
    with pytest.raises(SourceUnavailable):
        elsewhere.open(ssl_mode="verify-full", ssl_root_cert=certificates.authority)


def test_a_server_that_demands_encryption_says_so(encrypted: Database) -> None:
    if isinstance(encrypted.server, PostgreSQL):
        with tls.rules(encrypted.server, "hostssl all postgres 127.0.0.1/32 trust", "host all postgres all reject"):
            with pytest.raises(SourceUnavailable) as error:
                encrypted.open(ssl_mode="disable")
            encrypted.open(ssl_mode="require").close()
    else:
        assert encrypted.server is not None
        encrypted.run("SET GLOBAL require_secure_transport = 1")
        with pytest.raises(SourceUnavailable) as error:
            encrypted.open(ssl_mode="disable")
        encrypted.open(ssl_mode="require").close()
        encrypted.run("SET GLOBAL require_secure_transport = 0")
    assert "only takes encrypted connections" in error.value.detail


def test_cancelling_works_when_encrypted(encrypted: Database, certificates: Certificates) -> None:
    with encrypted.open(ssl_mode="verify-full", ssl_root_cert=certificates.authority) as session:
        session.interrupt()
