"""The server's accounts, for its administrators."""

from __future__ import annotations

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.schemas import users as schemas
from dataask_jupyter.schemas.common import Page

from .transactions import Transactions


class Users:
    """The server's accounts, for its administrators."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity, cursor: str | None, limit: int) -> Page[schemas.Account]:
        """All users, by name."""
        raise NotImplementedError

    async def update(self, identity: Identity, user_id: str, change: schemas.AccountUpdate) -> schemas.Account:
        """Deactivate, reactivate, make an administrator."""
        raise NotImplementedError

    async def reset_link(self, identity: Identity, user_id: str) -> schemas.ResetLink:
        """A link that sets a new password."""
        raise NotImplementedError
