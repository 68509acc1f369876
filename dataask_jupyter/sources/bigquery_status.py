"""What BigQuery says about a project and a service account."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from dataask_jupyter.schemas.connections import ConnectionStatus

from .bigquery_catalog import references

if TYPE_CHECKING:
    from .bigquery_client import Client

_WRITES = ["bigquery.tables.updateData", "bigquery.tables.delete"]


def status(client: Client) -> ConnectionStatus:
    """Whether the key works and the project may be asked. `read_only` is what the account may do by itself."""
    if client.settings.dataset:
        place = f"{client.settings.project}.{client.settings.dataset}"
        client.call(lambda: client.api.get_dataset(place, **client.patience()))
    found = references(client)
    # It costs nothing, and needs the same right as any other query.
    client.look("SELECT 1")
    read_only = None
    if found:
        with contextlib.suppress(Exception):
            given = client.api.test_iam_permissions(found[0].reference, _WRITES, **client.patience())
            read_only = not given.get("permissions")
    return ConnectionStatus(
        state="ok",
        server_version="BigQuery",
        table_count=len(found),
        read_only=read_only,
        detail=None
        if read_only is not False
        else "The service account may also change tables. Give it the role BigQuery Data Viewer instead.",
    )
