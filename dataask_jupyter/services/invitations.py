"""Invitations into a workspace."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dataask_jupyter.access.identity import Client, Identity, Principal
from dataask_jupyter.access.permissions import authorize, authorize_account
from dataask_jupyter.access.roles import Grant
from dataask_jupyter.errors import Conflict, Forbidden, InvalidInput, LinkEnded, NotFound
from dataask_jupyter.schemas import members as schemas
from dataask_jupyter.schemas.common import FieldProblem, Page
from dataask_jupyter.schemas.workspaces import Workspace as WorkspaceView
from dataask_jupyter.store import paging
from dataask_jupyter.store.models import Invitation, Membership, User, Workspace, now

from . import events, letters, workspaces
from .invitation_mail import InvitationMail
from .joining import digest, find_open, grant_of, join, look_up, state
from .mail import deliverable
from .pace import Pace
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["Invitations", "find_open"]

PER_HOUR: Final = 100
"""Invitations that one person makes or sends again in an hour."""
WRONG_LINKS: Final = 100
"""Links that don't work which one address may try in ten minutes; links that work aren't counted."""
SECRET_BYTES: Final = 32
_FORMER = "A former user"


class Invitations:
    """Ways into a workspace, by link and by e-mail."""

    def __init__(self, transactions: Transactions, mail: InvitationMail, *, public_url: str = "") -> None:
        self._transactions = transactions
        self._mail = mail
        self._public_url = public_url
        self._made = Pace(PER_HOUR, 3600, words="You sent many invitations in the last hour.")
        self._wrong = Pace(WRONG_LINKS, 600, words="Too many links that don't work were tried from your address.")

    async def list(
        self, identity: Identity, workspace_id: str, cursor: str | None, limit: int
    ) -> Page[schemas.Invitation]:
        """Open and past invitations, newest first."""

        def work(session: Session, principal: Principal) -> Page[schemas.Invitation]:
            _permitted(session, principal, workspace_id)
            rows, following = paging.fetch(
                session,
                select(Invitation).where(Invitation.workspace_id == workspace_id),
                (Invitation.created_at, Invitation.id),
                cursor=cursor,
                limit=limit,
                descending=True,
            )
            return Page(items=[_present(session, row) for row in rows], next_cursor=following)

        return await self._transactions.read(identity, work)

    async def create(
        self, identity: Identity, workspace_id: str, given: schemas.InvitationCreate, *, base_url: str = "/"
    ) -> schemas.InvitationCreated:
        """A new invitation, sent by e-mail when it has an address. Nobody is told whether the address is known."""
        secret = secrets.token_urlsafe(SECRET_BYTES)

        def work(
            session: Session, principal: Principal
        ) -> tuple[Invitation, schemas.Invitation, letters.Letter | None]:
            workspace = _permitted(session, principal, workspace_id)
            if workspace.personal_to is not None:
                raise Conflict("Personal workspaces take no invitations. Make a workspace and invite people there.")
            grant = _giveable(session, principal, workspace_id, given.role)
            if given.email is not None:
                self._require_mail(given.email, given.max_uses)
            self._made.take(principal.user_id)
            row = Invitation(
                workspace_id=workspace_id,
                hash=digest(secret),
                email=given.email,
                role=given.role,
                max_uses=given.max_uses,
                uses=0,
                mail="none",
                created_by=principal.user_id,
                expires_at=now() + timedelta(days=given.days),
            )
            if row.email is not None:
                self._mail.mark(row)
            session.add(row)
            session.flush()
            _record(session, principal, "invitation.create", row, grant)
            return row, _present(session, row), self._letter(session, row, workspace, secret)

        row, view, letter = await self._transactions.write(identity, work)
        if letter is not None:
            self._mail.post(row, letter)
        return schemas.InvitationCreated(invitation=view, link=self._link(secret, base_url))

    async def send(self, identity: Identity, workspace_id: str, invitation_id: str) -> schemas.Invitation:
        """Send the e-mail again. The secret isn't kept, so this makes a new one, and the link sent before ends."""
        secret = secrets.token_urlsafe(SECRET_BYTES)

        def work(
            session: Session, principal: Principal
        ) -> tuple[Invitation, schemas.Invitation, letters.Letter | None]:
            workspace = _permitted(session, principal, workspace_id)
            row = _find(session, workspace_id, invitation_id)
            if row.email is None:
                raise Conflict("This invitation is a link without an address, so there is nobody to send it to.")
            if state(session, row) != "open":
                raise Conflict("This invitation has ended. Make a new one.")
            if row.mail == "sending":
                raise Conflict("The e-mail is being sent at this moment.")
            grant = _giveable(session, principal, workspace_id, row.role)
            self._require_mail(row.email, row.max_uses)
            self._made.take(principal.user_id)
            row.hash = digest(secret)
            self._mail.mark(row)
            session.flush()
            _record(session, principal, "invitation.send", row, grant)
            return row, _present(session, row), self._letter(session, row, workspace, secret)

        row, view, letter = await self._transactions.write(identity, work)
        if letter is not None:
            self._mail.post(row, letter)
        return view

    async def revoke(self, identity: Identity, workspace_id: str, invitation_id: str) -> None:
        """End it."""

        def work(session: Session, principal: Principal) -> None:
            _permitted(session, principal, workspace_id)
            row = _find(session, workspace_id, invitation_id)
            if row.revoked_at is not None:
                return
            row.revoked_at = now()
            _record(session, principal, "invitation.revoke", row, grant_of(session, workspace_id, row.role))

        await self._transactions.write(identity, work)

    async def preview(self, token: str, client: Client) -> schemas.InvitationPreview:
        """What a link is for, to whoever holds it."""

        def work(session: Session) -> schemas.InvitationPreview:
            row = find_open(session, token)
            view = _present(session, row)
            return schemas.InvitationPreview(
                workspace_name=session.get_one(Workspace, row.workspace_id).name,
                role_name=view.role_name,
                invited_by=view.created_by,
                email=row.email,
                expires_at=row.expires_at,
            )

        with self._slowing(client):
            return await self._transactions.store.read(work)

    async def accept(self, identity: Identity, token: str) -> WorkspaceView:
        """Join, and switch to the workspace. For members it changes nothing else, so it can be tried again safely."""

        def work(session: Session, principal: Principal) -> WorkspaceView:
            authorize_account(principal)
            row = look_up(session, token, hold=True)
            # Asked anew: the same person may have joined between the beginning and the hold.
            held = session.get(Membership, (row.workspace_id, principal.user_id))
            if held is not None:
                grant = grant_of(session, row.workspace_id, held.role)
            else:
                grant = join(session, principal, find_open(session, token))
            if grant is None:
                raise LinkEnded
            session.get_one(User, principal.user_id).last_workspace_id = row.workspace_id
            member = replace(principal, roles={**principal.roles, row.workspace_id: grant})
            return workspaces.present(session, session.get_one(Workspace, row.workspace_id), member)

        with self._slowing(identity.client):
            try:
                return await self._transactions.write(identity, work)
            except IntegrityError:
                # The same person joined by another way at this moment: the second look finds a member.
                return await self._transactions.write(identity, work)

    async def close(self) -> None:
        """End the e-mails that are under way."""
        await self._mail.close()

    # ---- Parts ------------------------------------------------------------------------------------------------

    @contextmanager
    def _slowing(self, client: Client) -> Iterator[None]:
        """Count links that don't work. One that works does so however many others were tried from its address."""
        try:
            yield
        except LinkEnded:
            self._wrong.take(client.address or "")
            raise

    def _link(self, secret: str, base_url: str) -> str:
        # After the #, which browsers keep to themselves: paths and queries end up in logs.
        return f"{(self._public_url or base_url).rstrip('/')}/dataask/invitation#{secret}"

    def _require_mail(self, email: str, max_uses: int) -> None:
        if not deliverable(email):
            raise _invalid("email", "This isn't an address that e-mail can be sent to.")
        if max_uses != 1:
            raise _invalid("max_uses", "An invitation by e-mail is for one person. Make a link for several.")
        missing = self._mail.missing
        if missing is not None:
            raise Conflict(
                f"This server can't send e-mail: {missing} isn't set, or can't work. Invite by link, or ask "
                "whoever runs the server to set it.",
                extra={"setting": missing},
            )

    def _letter(self, session: Session, row: Invitation, workspace: Workspace, secret: str) -> letters.Letter | None:
        if row.email is None:
            return None
        view = _present(session, row)
        return letters.invitation(
            to=row.email,
            inviter=view.created_by,
            workspace=workspace.name,
            role=view.role_name,
            link=self._link(secret, ""),
            expires_at=row.expires_at,
        )


def _permitted(session: Session, principal: Principal, workspace_id: str) -> Workspace:
    workspace = workspaces.find(session, principal, workspace_id)
    authorize(principal, "invitation.edit", workspace)
    return workspace


def _giveable(session: Session, principal: Principal, workspace_id: str, role: str) -> Grant:
    """The role's grant, if the principal holds all of it: else an invitation would be a way up."""
    grant = grant_of(session, workspace_id, role)
    if grant is None:
        raise _invalid("role", "This workspace has no such role.")
    own = principal.roles[workspace_id]
    beyond = sorted(grant.permissions - own.permissions)
    if beyond:
        raise Forbidden(
            f"Your role in this workspace is {own.name}. You can't invite as {grant.name}, which allows more than "
            f"yours: {', '.join(beyond)}.",
            extra={"action": "invitation.edit"},
            workspace_id=workspace_id,
        )
    return grant


def _find(session: Session, workspace_id: str, invitation_id: str) -> Invitation:
    row = session.scalar(
        select(Invitation)
        .where(Invitation.id == invitation_id, Invitation.workspace_id == workspace_id)
        .with_for_update()
    )
    if row is None:
        raise NotFound
    return row


def _present(session: Session, row: Invitation) -> schemas.Invitation:
    grant = grant_of(session, row.workspace_id, row.role)
    maker = session.get(User, row.created_by) if row.created_by is not None else None
    return schemas.Invitation.model_validate(
        {
            "id": row.id,
            "email": row.email,
            "role": row.role,
            "role_name": grant.name if grant is not None else "Unknown",
            "max_uses": row.max_uses,
            "uses": row.uses,
            "state": state(session, row),
            "mail": row.mail,
            "mail_problem": row.mail_problem,
            "created_by": maker.display_name if maker is not None else _FORMER,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
        }
    )


def _record(session: Session, principal: Principal, action: str, row: Invitation, grant: Grant | None) -> None:
    events.record(
        session,
        principal,
        action,
        "invitation",
        row.id,
        object_name=row.email or "link",
        workspace_id=row.workspace_id,
        payload={"role": row.role, "role_name": grant.name if grant is not None else "", "max_uses": row.max_uses},
    )


def _invalid(field: str, detail: str) -> InvalidInput:
    return InvalidInput(detail, errors=[FieldProblem(field=field, detail=detail)])
