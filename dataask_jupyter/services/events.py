"""One event per act, written in the act's own transaction: what the audit log and every feed will read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from dataask_jupyter.access.identity import Principal
from dataask_jupyter.store.models import Event

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def record(
    session: Session,
    principal: Principal,
    action: str,
    object_kind: str,
    object_id: str | None,
    *,
    object_name: str = "",
    workspace_id: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> None:
    """Add the event. The payload holds names and counts: no SQL, no rows, no settings, no secrets.

    `payload["changes"]`, where something was changed, maps each field to `[before, after]`.
    """
    session.add(
        Event(
            workspace_id=workspace_id,
            actor_id=principal.user_id,
            actor_name=principal.display_name,
            via=principal.via,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            object_name=object_name,
            payload=dict(payload or {}),
            address=principal.client.address,
            agent=principal.client.agent,
            request_id=principal.client.request_id,
        )
    )
