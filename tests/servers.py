"""Fixtures that start real database servers on free ports of the loopback interface."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest


@dataclass(frozen=True)
class PostgreSQL:
    """A running cluster of this test run."""

    folder: Path
    port: int

    def url(self, database: str = "postgres") -> str:
        """The address of a database in it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """The address of a new, empty database."""
        import psycopg

        name = f"test_{uuid.uuid4().hex}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def stop(self) -> None:
        """Stop it, as a failing machine would: at once."""
        _control(self.folder, "stop", "-m", "immediate")

    def start(self) -> None:
        """Start it again."""
        options = (
            f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c fsync=off "
            "-c full_page_writes=off -c shared_buffers=32MB -c max_connections=50"
        )
        _control(self.folder, "start", "-l", str(self.folder / "log"), "-o", options)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A PostgreSQL cluster; its databases are for the tests to make."""
    # Not pytest's own folder: the postgres user must be able to go there.
    folder = Path(tempfile.mkdtemp(prefix="dataask-pg-", dir="/tmp"))
    server = PostgreSQL(folder, free_port())
    try:
        _initialise(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class MariaDB:
    """A running server of this test run. `test` may do everything, as `root` may."""

    folder: Path
    port: int
    user: str = "test"
    password: str = "test-pass-1"
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def socket(self) -> Path:
        """The socket that `root` comes in by, without a password."""
        return self.folder / "m.sock"

    def url(self, database: str = "mysql") -> str:
        """The address of a database in it."""
        return f"mysql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create_database(self) -> str:
        """The name of a new, empty database."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return name

    def execute(self, sql: str, database: str = "mysql") -> str:
        """Run statements as `root` with the command line client; its output."""
        command = ["mariadb", "--no-defaults", "-S", str(self.socket), "-u", "root", "-N", "-B", database]
        done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.fail(f"MariaDB refused {sql[:200]!r}: {done.stderr}")
        return done.stdout

    def stop(self) -> None:
        """Stop it, as a failing machine would: at once."""
        while self.running:
            process = self.running.pop()
            process.kill()
            process.wait()

    def start(self) -> None:
        """Start it again."""
        as_user = ["--user=mysql"] if os.geteuid() == 0 else []
        command = [_required("mariadbd", "mariadb-server"), "--no-defaults", *as_user]
        command += [f"--datadir={self.folder}/data", f"--socket={self.socket}", f"--pid-file={self.folder}/m.pid"]
        command += [f"--tmpdir={self.folder}/tmp", f"--port={self.port}", "--bind-address=127.0.0.1"]
        command += ["--skip-log-bin", "--innodb-flush-log-at-trx-commit=2", "--innodb-doublewrite=0"]
        command += ["--innodb-buffer-pool-size=32M", "--performance-schema=OFF", "--secure-file-priv="]
        with (self.folder / "m.log").open("ab") as log:
            # A session of its own: an interrupted test run must not stop it before its fixture does.
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self.running.append(process)
        ping = ["mariadb-admin", "--no-defaults", "-S", str(self.socket), "-u", "root", "ping"]
        _wait(lambda: subprocess.run(ping, capture_output=True, check=False).returncode == 0, "MariaDB didn't start")


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB server; its databases are for the tests to make."""
    folder = Path(tempfile.mkdtemp(prefix="dataask-maria-", dir="/tmp"))
    server = MariaDB(folder, free_port())
    try:
        (folder / "tmp").mkdir()
        as_user = []
        if os.geteuid() == 0:
            as_user = ["--user=mysql"]
            for place in (folder, folder / "tmp"):
                shutil.chown(place, "mysql", "mysql")
        install = [_required("mariadb-install-db", "mariadb-server"), "--no-defaults", *as_user, "--skip-test-db"]
        install += [f"--datadir={folder}/data", "--auth-root-authentication-method=normal"]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.fail(f"mariadb-install-db failed:\n{done.stdout}{done.stderr}")
        try:
            server.start()
            for host in ("127.0.0.1", "localhost"):
                account = f"'{server.user}'@'{host}'"
                server.execute(f"CREATE USER {account} IDENTIFIED BY '{server.password}'")
                server.execute(f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION")
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "dataask-test", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.fail(f"A disk that can be filled needs root, or the right to mount: {done.stderr}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _initialise(folder: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    command = [_program("initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
    _run([*command, "--locale=C.UTF-8", "--no-sync"])


def _control(folder: Path, *command: str) -> None:
    _run([_program("pg_ctl"), "-D", str(folder / "data"), "-w", "-s", *command])


def _run(command: list[str]) -> None:
    # PostgreSQL refuses to run as root.
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    # Its output goes to a file: the server that pg_ctl leaves behind would keep a pipe open for ever.
    with tempfile.TemporaryFile() as out:
        done = subprocess.run(
            [*as_user, *command], stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", check=False
        )
        if done.returncode != 0:
            out.seek(0)
            pytest.fail(f"{' '.join(command)} failed:\n{out.read().decode(errors='replace')}")


def _wait(done: Callable[[], bool], failure: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            pytest.fail(f"{failure} within {seconds:.0f} seconds.")
        time.sleep(0.05)


def _required(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        pytest.fail(f"{name} is missing: apt-get install -y --no-install-recommends {package}")
    return found


def _program(name: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is missing: apt-get install -y --no-install-recommends postgresql")
    return found
