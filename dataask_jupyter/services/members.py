"""Who works in a workspace."""

from __future__ import annotations

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.schemas import members as schemas
from dataask_jupyter.schemas.common import Page

from .transactions import Transactions


class Members:
    """Who works in a workspace."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity, workspace_id: str, cursor: str | None, limit: int) -> Page[schemas.Member]:
        """The members, by name."""
        raise NotImplementedError

    async def update(
        self, identity: Identity, workspace_id: str, user_id: str, version: int, change: schemas.MemberUpdate
    ) -> schemas.Member:
        """Another role."""
        raise NotImplementedError

    async def remove(self, identity: Identity, workspace_id: str, user_id: str) -> None:
        """Take somebody out."""
        raise NotImplementedError

    async def leave(self, identity: Identity, workspace_id: str) -> None:
        """Go; the last owner can't."""
        raise NotImplementedError
