"""The emulators of BigQuery and Snowflake, each a server of its own on free ports, and databases in them.

They stand in for services that nobody can start at home: the vendors' own clients talk to them over sockets. What they
don't do as the services do is told where a test has to know it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from dataask_jupyter.sources import Reading, Session, endpoints
from tests.servers import free_port

FOLDER = Path(__file__).parents[2] / ".emulators"
START_SECONDS = 60.0
PROJECT = "proj"


@dataclass(eq=False)
class Emulator:
    """A running emulator of this test run."""

    kind: str
    port: int = field(default_factory=free_port)
    other_port: int = field(default_factory=free_port)
    folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="dataask-emulator-")))
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)
    """What tests share in it and have to close."""

    @property
    def address(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        name = {"bigquery": "bqemulator", "snowflake": "fakesnow"}[self.kind]
        program = FOLDER / name / "bin" / name
        if not program.exists():
            pytest.fail(f"{program} is missing: run scripts/emulators .emulators, or make setup")
        command = [str(program), "-s", "-p", str(self.port)]
        if self.kind == "bigquery":
            ports = ["--rest-port", str(self.port), "--grpc-port", str(self.other_port)]
            command = [str(program), "start", *ports, "--project", PROJECT]
        # Its home holds the one extension of DuckDB that it wants; it would fetch another.
        environment = {**os.environ, "HOME": str(FOLDER / "home"), "BQEMU_ENABLE_FORMAT_EXTENSIONS": "false"}
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.running.append(process)
        deadline = time.monotonic() + START_SECONDS
        while not _listens(self.port):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{program} didn't start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop it, as a failing machine would: at once."""
        for each in self.kept.values():
            each.close()
        self.kept.clear()
        while self.running:
            process = self.running.pop()
            process.send_signal(signal.SIGKILL)
            process.wait()

    def settle(self) -> None:
        """Start it anew where a query still runs that was cancelled: an emulator doesn't end those."""
        if self.running and psutil.Process(self.running[0].pid).cpu_percent(interval=0.1) > 50:
            self.stop()
            self.start()


@pytest.fixture(scope="session")
def bigquery_emulator() -> Iterator[Emulator]:
    """BigQuery's emulator. Its data is gone when a test leaves it busy."""
    yield from _emulator("bigquery", endpoints.BIGQUERY)


@pytest.fixture(scope="session")
def snowflake_emulator() -> Iterator[Emulator]:
    """Snowflake's emulator."""
    yield from _emulator("snowflake", endpoints.SNOWFLAKE)


def _emulator(kind: str, variable: str) -> Iterator[Emulator]:
    emulator = Emulator(kind)
    try:
        emulator.start()
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv(variable, emulator.address)
            yield emulator
    finally:
        emulator.stop()
        shutil.rmtree(emulator.folder, ignore_errors=True)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def service_account(**changed: Any) -> str:
    """The JSON file of a service account's key, as Google gives it. The key is made anew."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    parts = {
        "type": "service_account", "project_id": PROJECT, "private_key_id": "abc123", "private_key": pem,
        "client_email": "reader@proj.iam.gserviceaccount.com", "client_id": "1234567890",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth", "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/reader",
        "universe_domain": "googleapis.com",
    }  # fmt: skip
    return json.dumps({name: value for name, value in (parts | changed).items() if value is not None})


# ---- Databases in them ---------------------------------------------------------------------------------------------


class BigQueryDataset:
    """A new dataset, and how to change it from outside."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.name = f"test_{uuid.uuid4().hex}"
        with self._client() as client:
            client.create_dataset(self.name, retry=None)

    def settings(self) -> dict[str, Any]:
        """Of a connection to it."""
        return {"project": PROJECT, "dataset": self.name, "service_account_json": service_account()}

    def run(self, script: str) -> None:
        """Run statements that are written as those for other servers."""
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{self.name}")
        with self._client() as client:
            for sql in filter(str.strip, script.split(";")):
                job = client.query(_bigquery(sql), job_config=config, retry=None, job_retry=None)
                job.result(retry=None, job_retry=None)

    def _client(self) -> Any:
        from google.api_core.client_options import ClientOptions
        from google.auth.credentials import AnonymousCredentials
        from google.cloud import bigquery

        options = ClientOptions(api_endpoint=self.emulator.address)
        return bigquery.Client(project=PROJECT, credentials=AnonymousCredentials(), client_options=options)


def _bigquery(sql: str) -> str:
    """Without keys, which the emulator doesn't take, and with BigQuery's names of types."""
    sql = re.sub(r",\s*(?:FOREIGN|PRIMARY) KEY \([^)]*\)(?: REFERENCES \w+ \(\w+\))?|\bPRIMARY KEY\b", "", sql)
    for ours, theirs in (("VARCHAR", "STRING"), ("DECIMAL", "NUMERIC"), ("DOUBLE PRECISION", "FLOAT64")):
        sql = sql.replace(ours, theirs)
    return sql.replace("''", "\\'")


class SnowflakeDatabase:
    """A new database, and how to change it from outside."""

    def __init__(self, emulator: Emulator) -> None:
        self.emulator = emulator
        self.name = f"TEST_{uuid.uuid4().hex.upper()}"
        self.run("CREATE SCHEMA IF NOT EXISTS PUBLIC")

    def settings(self) -> dict[str, Any]:
        """Of a connection to it."""
        return {
            "account": "myorg-account1", "user": "reader", "password": "right 'one' \\ \"x", "database": self.name,
            "schema_name": "PUBLIC",
        }  # fmt: skip

    def run(self, script: str) -> None:
        """Run statements."""
        with self.connect() as connection, connection.cursor() as cursor:
            for sql in filter(str.strip, script.split(";")):
                cursor.execute(sql)

    def connect(self, network_timeout: int = 20) -> Any:
        """A connection that may do everything."""
        import snowflake.connector

        return snowflake.connector.connect(
            user="admin", password="x", account="any", host="127.0.0.1", port=self.emulator.port, protocol="http",
            database=self.name, schema="PUBLIC", network_timeout=network_timeout, login_timeout=5,
            platform_detection_timeout_seconds=0.0, session_parameters={"CLIENT_TELEMETRY_ENABLED": False},
        )  # fmt: skip


class LowerCase(Session):
    """A session in Snowflake, whose own names are in capitals, with the names that other databases have."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.whole: Any = None

    def read(self, sql: str) -> Reading:
        """With column names in lower case."""
        reading = self.session.read(sql)
        names = [name.lower() for name in reading.schema.names]
        reading.batches = (batch.rename_columns(names) for batch in reading.batches)
        reading.schema = reading.schema.empty_table().rename_columns(names).schema
        return reading

    def catalog(self) -> Any:
        """With all names in lower case."""
        self.whole = self.session.catalog()
        found = self.whole.model_validate(_lower(self.whole.model_dump(mode="json")))
        return found.model_copy(update={"tables": sorted(found.tables, key=lambda table: table.name)})

    def profile(self, catalog: Any, budget: Any) -> Any:
        """Of the catalog that was read last."""
        found = self.session.profile(self.whole, budget)
        return found.model_validate(_lower(found.model_dump(mode="json")))

    def check(self) -> Any:
        """As it is."""
        return self.session.check()

    def interrupt(self) -> None:
        """As it is."""
        self.session.interrupt()

    def close(self) -> None:
        """As it is."""
        self.session.close()


def _lower(value: Any) -> Any:
    match value:
        case list():
            return [_lower(each) for each in value]
        case dict():
            return {
                name.lower() if isinstance(inner, dict) else name: inner.lower()
                if name in ("name", "table", "column") and isinstance(inner, str)
                else _lower(inner)
                for name, inner in value.items()
            }
    return value
