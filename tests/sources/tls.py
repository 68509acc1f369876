"""Servers with certificates, and rules of who may come in to PostgreSQL."""

from __future__ import annotations

import contextlib
import datetime
import ipaddress
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.servers import MariaDB, PostgreSQL, free_port


@dataclass(frozen=True)
class Certificates:
    """PEM texts: an authority, and a server at 127.0.0.1."""

    authority: str
    certificate: str
    key: str


def certificates() -> Certificates:
    """A new authority, and what it signed."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DataAsk tests")])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)

    def builder(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(subject_name=subject, issuer_name=authority_name, public_key=public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
        )

    authority = (
        builder(authority_name, authority_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(authority_key, hashes.SHA256())
    )
    names = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    server = (
        builder(name, key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Certificates(authority.public_bytes(pem).decode(), server.public_bytes(pem).decode(), private.decode())


@contextlib.contextmanager
def rules(server: PostgreSQL, *lines: str) -> Iterator[None]:
    """Rules of who may come in, before those that are there."""
    file = server.folder / "data" / "pg_hba.conf"
    before = file.read_text()
    file.write_text("\n".join([*lines, before]))
    _reload(server)
    try:
        yield
    finally:
        file.write_text(before)
        _reload(server)


@contextlib.contextmanager
def postgresql(server: PostgreSQL, given: Certificates) -> Iterator[None]:
    """The cluster with encryption."""
    for name, text in (("server.crt", given.certificate), ("server.key", given.key)):
        file = server.folder / "data" / name
        file.write_text(text)
        shutil.chown(file, file.parent.owner(), file.parent.group())
        file.chmod(0o600)
    _set(server, "on")
    try:
        yield
    finally:
        _set(server, "off")


def _set(server: PostgreSQL, value: str) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute(f"ALTER SYSTEM SET ssl = {value}")
    _reload(server)


def _reload(server: PostgreSQL) -> None:
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("SELECT pg_reload_conf(), pg_sleep(0.2)")


@contextlib.contextmanager
def mariadb(given: Certificates) -> Iterator[MariaDB]:
    """A server of its own with encryption."""
    folder = Path(tempfile.mkdtemp(prefix="dataask-maria-tls-", dir="/tmp"))
    shutil.chown(folder, "mysql", "mysql")
    (folder / "tmp").mkdir()
    shutil.chown(folder / "tmp", "mysql", "mysql")
    for name, text in (("ca.pem", given.authority), ("cert.pem", given.certificate), ("key.pem", given.key)):
        (folder / name).write_text(text)
        shutil.chown(folder / name, "mysql", "mysql")
    install = ["mariadb-install-db", "--no-defaults", "--user=mysql", "--skip-test-db", f"--datadir={folder}/data"]
    subprocess.run([*install, "--auth-root-authentication-method=normal"], capture_output=True, check=True)
    server = MariaDB(folder, free_port())
    command = ["/usr/sbin/mariadbd", "--no-defaults", "--user=mysql", f"--datadir={folder}/data"]
    command += [f"--socket={server.socket}", f"--pid-file={folder}/m.pid", f"--tmpdir={folder}/tmp"]
    command += [f"--port={server.port}", "--bind-address=127.0.0.1", "--innodb-buffer-pool-size=32M"]
    command += [f"--ssl-ca={folder}/ca.pem", f"--ssl-cert={folder}/cert.pem", f"--ssl-key={folder}/key.pem"]
    try:
        server.running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, start_new_session=True))
        ping = ["mariadb-admin", "--no-defaults", "-S", str(server.socket), "-u", "root", "ping"]
        deadline = time.monotonic() + 60
        while subprocess.run(ping, capture_output=True, check=False).returncode != 0:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        server.execute(f"CREATE USER '{server.user}'@'127.0.0.1' IDENTIFIED BY '{server.password}'")
        server.execute(f"GRANT ALL ON *.* TO '{server.user}'@'127.0.0.1'")
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
