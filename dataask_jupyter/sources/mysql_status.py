"""What a MySQL or MariaDB server says about itself and about the account."""

from __future__ import annotations

import re

from dataask_jupyter.schemas.connections import ConnectionStatus

from .mysql_catalog import Rows

_TABLES = "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()"
_GRANT = re.compile(r"\AGRANT (?P<rights>.+?) ON (?P<where>.+?) TO ", re.DOTALL)
_VERSION = re.compile(r"(?:5\.5\.5-)?(\d+(?:\.\d+)+)")
_READS = frozenset(
    ["SELECT", "USAGE", "SHOW VIEW", "SHOW DATABASES", "PROCESS", "REPLICATION CLIENT", "BINLOG MONITOR", "REFERENCES"]
)
_MIGHTY = frozenset(["ALL", "ALL PRIVILEGES", "SUPER", "FILE", "CREATE USER", "SHUTDOWN", "GRANT OPTION"])


def status(rows: Rows, server: str) -> ConnectionStatus:
    """`read_only` is what the account may do by itself: DataAsk's own session is read-only in any case."""
    ((tables,),) = rows(_TABLES)
    rights: set[str] = set()
    everywhere: set[str] = set()
    for (line,) in rows("SHOW GRANTS"):
        found = _GRANT.match(str(line))
        if found:
            # A right on columns names them in parentheses.
            granted = {right.strip().upper() for right in re.sub(r"\([^)]*\)", "", found["rights"]).split(",")}
            rights |= {right.strip() for right in granted}
            if found["where"] == "*.*":
                everywhere |= granted
                if "WITH GRANT OPTION" in str(line):
                    everywhere.add("GRANT OPTION")
    version = _VERSION.match(server)
    name = "MariaDB" if "MariaDB" in server else "MySQL"
    mighty = everywhere & _MIGHTY
    return ConnectionStatus(
        state="ok",
        server_version=f"{name} {version[1] if version else server[:40]}",
        table_count=int(tables),
        read_only=rights <= _READS,
        detail=(
            "This account is a superuser: it may administer the server or read its files. Use one that may only read."
            if mighty
            else None
        ),
    )
