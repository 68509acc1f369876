"""The audit log."""

from __future__ import annotations

from typing import Any

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.schemas import audit as schemas
from dataask_jupyter.schemas.common import Page

from .transactions import Transactions


class Audit:
    """The audit log."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity, workspace_id: str | None, query: Any) -> Page[schemas.AuditRecord]:
        """Records, newest first; without a workspace those of the server."""
        raise NotImplementedError

    async def facets(self, identity: Identity, workspace_id: str) -> schemas.AuditFacets:
        """What can be filtered by."""
        raise NotImplementedError

    async def verify(self, identity: Identity, workspace_id: str) -> schemas.AuditVerification:
        """Check the chain."""
        raise NotImplementedError
