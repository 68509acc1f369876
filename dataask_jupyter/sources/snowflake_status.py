"""What Snowflake says about itself and about the role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import QueryCancelled, SqlInvalid, SqlRefused
from dataask_jupyter.schemas.connections import ConnectionStatus

from .profiling import quote
from .snowflake_catalog import COUNT, within

if TYPE_CHECKING:
    from .snowflake_client import Client

MIGHTY = frozenset({"ACCOUNTADMIN", "ORGADMIN", "GLOBALORGADMIN", "SECURITYADMIN", "SYSADMIN", "USERADMIN"})
_WRITES = re.compile(r"INSERT|UPDATE|DELETE|TRUNCATE|OWNERSHIP|CREATE .*|MANAGE GRANTS|WRITE|APPLY .*|MODIFY")


def status(client: Client) -> ConnectionStatus:
    """`read_only` is what the role may do by itself, as far as it is told."""
    (row,) = client.rows("SELECT current_version() AS version, current_role() AS role")
    role = str(row["role"] or "")
    (tables,) = client.rows(within(client, COUNT))
    read_only = _read_only(client, role)
    return ConnectionStatus(
        state="ok",
        server_version=f"Snowflake {row['version']}",
        table_count=int(tables["found"]),
        read_only=read_only,
        detail=_warning(role, read_only),
    )


def _warning(role: str, read_only: bool | None) -> str | None:
    if role.upper() in MIGHTY:
        return f"{role} is a role that administers the account. Use one that may only read."
    if read_only is False:
        return f"The role {role} may also change data. Use one that may only read."
    return None


def _read_only(client: Client, role: str) -> bool | None:
    if role.upper() in MIGHTY:
        return False
    try:
        grants: list[dict[str, Any]] = client.rows(f"SHOW GRANTS TO ROLE {quote(role)}")
    except QueryCancelled:
        raise
    except (SqlInvalid, SqlRefused):
        return None
    return judged(grants)


def judged(grants: list[dict[str, Any]]) -> bool | None:
    """Whether a role with these grants may only read; None where that can't be told."""
    if any(_WRITES.fullmatch(str(grant.get("privilege", ""))) for grant in grants):
        return False
    # What other roles hold that were granted to this one isn't followed.
    return None if any(str(grant.get("granted_on")) == "ROLE" for grant in grants) else True
