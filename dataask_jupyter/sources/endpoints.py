"""Where the emulators of warehouses are, for tests and for trying things out.

Users can't say where a warehouse is: its address comes from the vendor, and a server could be made to send requests
elsewhere. Whoever runs the server may name an emulator on this same machine by an environment variable. Those are the
only variables of the server that workers see beside Python's own.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from dataask_jupyter.errors import SourceUnavailable

BIGQUERY = "DATAASK_BIGQUERY_ENDPOINT"
SNOWFLAKE = "DATAASK_SNOWFLAKE_ENDPOINT"
VARIABLES = (BIGQUERY, SNOWFLAKE)

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def emulator(variable: str) -> tuple[str, int] | None:
    """Host and port of an emulator; None where the vendor's own servers are meant."""
    address = os.environ.get(variable, "").strip()
    if not address:
        return None
    try:
        parts = urlsplit(address)
        if parts.scheme == "http" and parts.hostname in _LOOPBACK and parts.port and not parts.path.strip("/"):
            return parts.hostname or "", parts.port
    except ValueError:
        pass
    raise SourceUnavailable(
        f"{variable} must be like http://127.0.0.1:9050: it is for an emulator on the server's own machine."
        " Whoever runs this server can change or remove it."
    )
