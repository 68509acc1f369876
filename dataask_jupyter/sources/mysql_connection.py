"""Connections to MySQL and MariaDB."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import DriverMissing

from .servers import CONNECT_SECONDS, Place

if TYPE_CHECKING:
    from .mysql import MySQLSettings

END_SECONDS = 2
_MODES = {"disable": "DISABLED", "prefer": "REQUIRED", "require": "REQUIRED", "verify-full": "VERIFY_IDENTITY"}
_TLS_FAILED = 2026


def connect(settings: MySQLSettings, place: Place, seconds: float) -> tuple[Any, dict[str, Any]]:
    """A new connection, and the options that it was made with. The driver's own errors pass."""
    try:
        from MySQLdb import _mysql
    except ImportError:
        raise DriverMissing('The driver for MySQL is missing. Run: pip install "dataask_jupyter[mysql]"') from None
    options = _options(settings, place, seconds)
    try:
        connection = _open(options)
    except _mysql.OperationalError as error:
        if settings.ssl_mode != "prefer" or error.args[:1] != (_TLS_FAILED,) or "not support" not in str(error):
            raise
        options = {**options, "ssl_mode": "DISABLED"}
        connection = _open(options)
    if settings.ssl_mode == "require" and not _is_encrypted(connection):
        # MariaDB's library goes on without encryption where the server has none, whatever it was told.
        connection.close()
        raise place.lacks_encryption()
    return connection, options


def _is_encrypted(connection: Any) -> bool:
    connection.query(b"SHOW SESSION STATUS LIKE 'Ssl_cipher'")
    rows = connection.store_result().fetch_row(maxrows=0)
    return bool(rows and rows[0][1])


def end(options: dict[str, Any], thread: int) -> None:
    """End what runs on another connection, which itself stays."""
    connection = _open({**options, "connect_timeout": END_SECONDS, "read_timeout": END_SECONDS})
    try:
        connection.query(f"KILL QUERY {thread}".encode())
    finally:
        connection.close()


def hang_up(connection: Any) -> None:
    """Cut the connection without a word, so that nothing more is read from it."""
    with socket.socket(fileno=connection.fileno()) as line:
        try:
            line.shutdown(socket.SHUT_RDWR)
        finally:
            line.detach()  # The library closes it.


def _open(options: dict[str, Any]) -> Any:
    from MySQLdb import _mysql

    return _mysql.connect(**options, conv=_converters())


def _converters() -> dict[int, Any]:
    """Texts as text, by the character set that the server says, and everything else as the bytes that came."""
    from MySQLdb.constants import FIELD_TYPE, FLAG

    texts = {"VARCHAR", "TINY_BLOB", "MEDIUM_BLOB", "LONG_BLOB", "BLOB", "VAR_STRING", "STRING", "ENUM", "SET"}
    known = {name: code for name, code in vars(FIELD_TYPE).items() if name.isupper() and isinstance(code, int)}
    found: dict[int, Any] = dict.fromkeys(known.values(), bytes)
    found |= {known[name]: [(FLAG.BINARY, bytes), (None, str)] for name in texts}
    found[known["JSON"]] = str
    return found


def _options(settings: MySQLSettings, place: Place, seconds: float) -> dict[str, Any]:
    options: dict[str, Any] = {
        # The library takes this name for a socket in a folder.
        "host": "127.0.0.1" if settings.host.lower() == "localhost" else settings.host,
        "port": settings.port,
        "user": settings.user,
        "password": settings.password or "",
        "database": settings.database,
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": max(1, int(seconds) + 5),
        "write_timeout": 15,
        "charset": "utf8mb4",
        "ssl_mode": _MODES[settings.ssl_mode],
        # A server may ask its client for any file in answer to a query.
        "local_infile": 0,
        # Neither several statements in one text nor several results.
        "client_flag": 0,
    }
    trusted = place.certificates if settings.ssl_mode == "verify-full" else place.own_certificate
    if trusted is not None:
        options["ssl"] = {"ca": trusted}
    return options
