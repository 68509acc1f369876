"""Roles of a workspace."""

from __future__ import annotations

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.schemas import roles as schemas
from dataask_jupyter.schemas.common import Page

from .transactions import Transactions


class Roles:
    """Roles of a workspace."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity, workspace_id: str) -> Page[schemas.Role]:
        """Built-in roles, then own ones by name."""
        raise NotImplementedError

    async def create(self, identity: Identity, workspace_id: str, given: schemas.RoleCreate) -> schemas.Role:
        """A new role."""
        raise NotImplementedError

    async def update(
        self, identity: Identity, workspace_id: str, role_id: str, version: int, change: schemas.RoleUpdate
    ) -> schemas.Role:
        """Another name or other permissions."""
        raise NotImplementedError

    async def delete(self, identity: Identity, workspace_id: str, role_id: str, version: int) -> None:
        """Delete a role that nobody has."""
        raise NotImplementedError
