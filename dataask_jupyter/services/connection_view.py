"""Connections as clients see them: which secrets are set, never what they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import object_session

from dataask_jupyter.schemas import connections as schemas
from dataask_jupyter.sources import get, secret_fields
from dataask_jupyter.store.models import Connection, ConnectionSecret

from . import secrets

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def present(row: Connection) -> schemas.Connection:
    """As clients see it."""
    session = object_session(row)
    if session is None:
        raise TypeError("A connection is presented while its session is there.")
    return present_all(session, [row])[0]


def present_all(session: Session, rows: Sequence[Connection]) -> list[schemas.Connection]:
    """The same for many, with one look at what is kept of them."""
    kept = secrets.rows_of(session, [row.id for row in rows if secret_fields(row.kind)])
    return [_present(session, row, kept.get(row.id, [])) for row in rows]


def _present(session: Session, row: Connection, kept: list[ConnectionSecret]) -> schemas.Connection:
    status = schemas.ConnectionStatus.model_validate(row.status)
    lost = [secret.field for secret in kept if not secrets.vault_of(session).knows(secret.key_id)]
    if lost:
        detail = secrets.unreadable(lost, lost=True).detail
        status = schemas.ConnectionStatus(state="failed", checked_at=status.checked_at, detail=detail)
    return schemas.Connection(
        id=row.id,
        workspace_id=row.workspace_id,
        name=row.name,
        kind=row.kind,
        dialect=get(row.kind).dialect,
        settings=row.settings,
        secrets=[secret.field for secret in kept],
        status=status,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
