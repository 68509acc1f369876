"""Members of a workspace, and invitations to become one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .common import Id, Schema, Timestamp
from .roles import RoleId
from .users import Email, Secret


class Member(Schema):
    """A person in a workspace."""

    user_id: Id
    display_name: str
    email: str | None
    role: RoleId
    role_name: str
    source: Literal["direct", "group"]
    """`group`: a JupyterHub group gives this role, so it is changed there."""
    active: bool
    """False for a deactivated account."""
    version: int
    created_at: Timestamp


class MemberUpdate(Schema):
    """Another role for a member."""

    role: RoleId


class Invitation(Schema):
    """An open or past invitation. Its link is shown once, when it is made."""

    id: Id
    email: str | None
    """Who it was sent to; null for a link that anyone may use who has it."""
    role: RoleId
    role_name: str
    max_uses: int
    uses: int
    state: Literal["open", "used", "expired", "revoked"]
    """`revoked` also while who made it may not give this role (any more)."""
    mail: Literal["none", "sending", "sent", "failed"]
    mail_problem: str | None
    created_by: str
    """The display name of who made it."""
    created_at: Timestamp
    expires_at: Timestamp


class InvitationCreate(Schema):
    """A new invitation: by e-mail when an address is given, else by link."""

    role: RoleId
    email: Email | None = None
    max_uses: Annotated[int, Field(ge=1, le=1_000)] = 1
    days: Annotated[int, Field(ge=1, le=90)] = 7


class InvitationCreated(Schema):
    """The invitation with its link, which nobody can read again later."""

    invitation: Invitation
    link: str
    """The address to open. The secret stands after `#`, so it never reaches a server's log."""


class InvitationToken(Schema):
    """The secret of an invitation's link."""

    token: Secret


class InvitationPreview(Schema):
    """What an invitation is for, as its holder sees it before accepting."""

    workspace_name: str
    role_name: str
    invited_by: str
    email: str | None
    expires_at: Timestamp
