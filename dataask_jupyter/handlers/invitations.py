"""Invitations into a workspace."""

from __future__ import annotations

from dataask_jupyter.errors import Conflict, Forbidden, LinkEnded, NotFound, TooManyTries
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.members import (
    Invitation,
    InvitationCreate,
    InvitationCreated,
    InvitationPreview,
    InvitationToken,
)
from dataask_jupyter.schemas.workspaces import Workspace

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ListQuery


class InvitationsHandler(BaseHandler):
    """Open and past invitations."""

    @endpoint(
        "listInvitations",
        "A workspace's invitations, newest first",
        action="read",
        resource="invitations",
        problems=(NotFound, Forbidden),
    )
    async def get(self, workspace_id: str, query: ListQuery) -> Page[Invitation]:
        return await (await self.services()).invitations.list(self.identity, workspace_id, query.cursor, query.limit)

    @endpoint(
        "createInvitation",
        "Invite by e-mail or by link; the link is in this answer only",
        action="write",
        resource="invitations",
        status=201,
        problems=(NotFound, Forbidden, Conflict, TooManyTries),
    )
    async def post(self, workspace_id: str, body: InvitationCreate) -> InvitationCreated:
        return await (await self.services()).invitations.create(
            self.identity, workspace_id, body, base_url=self.base_url
        )


class InvitationHandler(BaseHandler):
    """One invitation."""

    @endpoint(
        "revokeInvitation",
        "End an invitation; its link stops working",
        action="write",
        resource="invitations",
        problems=(NotFound, Forbidden),
    )
    async def delete(self, workspace_id: str, invitation_id: str) -> None:
        await (await self.services()).invitations.revoke(self.identity, workspace_id, invitation_id)


class InvitationSendHandler(BaseHandler):
    """An invitation's e-mail."""

    @endpoint(
        "sendInvitation",
        "Send an invitation's e-mail again, with a new link; the one sent before stops working",
        action="write",
        resource="invitations",
        problems=(NotFound, Forbidden, Conflict, TooManyTries),
    )
    async def post(self, workspace_id: str, invitation_id: str) -> Invitation:
        return await (await self.services()).invitations.send(self.identity, workspace_id, invitation_id)


class InvitationPreviewHandler(BaseHandler):
    """What a link is for. The secret comes in the body, because addresses end up in logs."""

    @endpoint(
        "previewInvitation",
        "What an invitation's link is for",
        action="read",
        resource="invitations",
        public=True,
        problems=(LinkEnded, TooManyTries),
    )
    async def post(self, body: InvitationToken) -> InvitationPreview:
        return await (await self.services()).invitations.preview(body.token.get_secret_value(), self.client)


class InvitationAcceptHandler(BaseHandler):
    """Joining."""

    @endpoint(
        "acceptInvitation",
        "Join the workspace of an invitation and switch to it",
        action="write",
        resource="invitations",
        problems=(LinkEnded, Forbidden, TooManyTries),
    )
    async def post(self, body: InvitationToken) -> Workspace:
        return await (await self.services()).invitations.accept(self.identity, body.token.get_secret_value())
