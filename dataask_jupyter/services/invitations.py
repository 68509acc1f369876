"""Invitations into a workspace."""

from __future__ import annotations

from dataask_jupyter.access.identity import Client, Identity
from dataask_jupyter.schemas import members as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.workspaces import Workspace

from .transactions import Transactions


class Invitations:
    """Invitations into a workspace."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(
        self, identity: Identity, workspace_id: str, cursor: str | None, limit: int
    ) -> Page[schemas.Invitation]:
        """Open and past invitations, newest first."""
        raise NotImplementedError

    async def create(
        self, identity: Identity, workspace_id: str, given: schemas.InvitationCreate
    ) -> schemas.InvitationCreated:
        """A new invitation, sent by e-mail when it has an address."""
        raise NotImplementedError

    async def revoke(self, identity: Identity, workspace_id: str, invitation_id: str) -> None:
        """End it."""
        raise NotImplementedError

    async def preview(self, token: str, client: Client) -> schemas.InvitationPreview:
        """What a link is for, to whoever holds it."""
        raise NotImplementedError

    async def accept(self, identity: Identity, token: str) -> Workspace:
        """Join."""
        raise NotImplementedError
