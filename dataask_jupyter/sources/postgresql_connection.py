"""Connections to PostgreSQL, and the handles of ADBC that they come from."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import DriverMissing

from .servers import CONNECT_SECONDS, Place

if TYPE_CHECKING:
    from .postgresql import PostgreSQLSettings

KEPT_HANDLES = 4

_handles: dict[str, Any] = {}
"""By connection string. A handle isn't a connection: it holds the types of a database.

Reading those takes 30 ms, and half a second where there are 5,000 tables, so they are kept for the life of a worker.
A type that is made later reads as one that ADBC doesn't know, which `postgresql_arrow` has the server write as text.
"""


def connect(settings: PostgreSQLSettings, place: Place) -> Any:
    """A new connection. The driver's own errors pass."""
    try:
        import adbc_driver_postgresql
        from adbc_driver_manager import AdbcConnection
    except ImportError:
        raise DriverMissing(
            'The driver for PostgreSQL is missing. Run: pip install "dataask_jupyter[postgresql]"'
        ) from None
    address = _address(settings, place)
    key = hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()
    handle = _handles.pop(key, None)
    if handle is None:
        handle = adbc_driver_postgresql.connect(address)
    _handles[key] = handle
    while len(_handles) > KEPT_HANDLES:
        _handles.pop(next(iter(_handles))).close()
    return AdbcConnection(handle)


def _address(settings: PostgreSQLSettings, place: Place) -> str:
    """The connection string. Everything that the driver would look for elsewhere is said here."""
    parts = {
        "host": settings.host,
        "port": str(settings.port),
        "dbname": settings.database,
        "user": settings.user,
        "password": settings.password or "",
        "sslmode": settings.ssl_mode,
        "application_name": "dataask",
        "client_encoding": "UTF8",
        "connect_timeout": str(CONNECT_SECONDS),
        # A server that is gone without a word, e.g. behind a cut cable.
        "keepalives_idle": "10",
        "keepalives_interval": "3",
        "keepalives_count": "3",
        "tcp_user_timeout": "15000",
        # Neither tickets, keys nor passwords of whoever runs DataAsk.
        "gssencmode": "disable",
        "sslcertmode": "disable",
        "passfile": "/nonexistent/pgpass",
    }
    if settings.ssl_mode == "verify-full":
        parts["sslrootcert"] = place.certificates or "system"
    elif place.own_certificate is not None:
        parts["sslrootcert"] = place.own_certificate
    return " ".join(f"{name}={_quoted(value)}" for name, value in parts.items())


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
