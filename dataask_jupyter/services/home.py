"""What the home page shows."""

from __future__ import annotations

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.schemas.home import Home

from .transactions import Transactions


class HomePage:
    """What the home page shows."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def get(self, identity: Identity) -> Home:
        """All of it."""
        raise NotImplementedError
