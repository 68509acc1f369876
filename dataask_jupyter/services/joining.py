"""What an invitation's link is worth at this moment, and joining a workspace by it."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import TYPE_CHECKING, Literal, cast

from sqlalchemy import select, update

from dataask_jupyter.access.identity import Principal
from dataask_jupyter.access.roles import BUILT_IN, Grant
from dataask_jupyter.errors import Forbidden, LinkEnded
from dataask_jupyter.store.models import Invitation, Membership, Role, User, now

from . import events, grants

if TYPE_CHECKING:
    from sqlalchemy import CursorResult
    from sqlalchemy.orm import Session

State = Literal["open", "used", "expired", "revoked"]


def digest(token: str) -> str:
    """What the store keeps of a link's secret. One hash is enough: the secret is 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def folded(address: str) -> str:
    """An e-mail address for comparing."""
    return unicodedata.normalize("NFC", address).strip().casefold()


def look_up(session: Session, token: str, *, hold: bool = False) -> Invitation:
    """The invitation with this secret, whatever became of it. With `hold` nobody else uses it meanwhile."""
    query = select(Invitation).where(Invitation.hash == digest(token))
    found = session.scalar(query.with_for_update() if hold else query)
    if found is None:
        raise LinkEnded
    return found


def find_open(session: Session, token: str, *, hold: bool = False) -> Invitation:
    """The invitation with this secret, if it still lets somebody in; else `LinkEnded`, whatever the reason."""
    found = look_up(session, token, hold=hold)
    if state(session, found) != "open":
        raise LinkEnded
    return found


def state(session: Session, invitation: Invitation) -> State:
    """What the invitation is worth now. One whose maker may not give its role any more counts as revoked."""
    if invitation.revoked_at is not None:
        return "revoked"
    if invitation.uses >= invitation.max_uses:
        return "used"
    if invitation.expires_at <= now():
        return "expired"
    return "open" if _maker_may(session, invitation) else "revoked"


def grant_of(session: Session, workspace_id: str, role: str) -> Grant | None:
    """What a role of this workspace gives; None when the workspace has no such role."""
    if role in BUILT_IN:
        return grants.of(role, None, None)
    own = session.get(Role, role)
    if own is None or own.workspace_id != workspace_id:
        return None
    return grants.of(own.id, own.name, own.permissions)


def join(session: Session, principal: Principal, invitation: Invitation) -> Grant:
    """Make the principal a member by an invitation that was found open in this transaction."""
    grant = grant_of(session, invitation.workspace_id, invitation.role)
    if grant is None:
        raise LinkEnded
    user = session.get_one(User, principal.user_id)
    _require_address(user, invitation)
    # Counted where it is compared, so that of many who come at once no more get in than may.
    used = session.execute(
        update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.uses < Invitation.max_uses, Invitation.revoked_at.is_(None))
        .values(uses=Invitation.uses + 1)
        .execution_options(synchronize_session=False)
    )
    if cast("CursorResult[tuple[()]]", used).rowcount != 1:
        raise LinkEnded
    session.expire(invitation)
    session.add(Membership(workspace_id=invitation.workspace_id, user_id=user.id, role=invitation.role))
    session.flush()
    events.record(
        session,
        principal,
        "invitation.accept",
        "invitation",
        invitation.id,
        object_name=invitation.email or "link",
        workspace_id=invitation.workspace_id,
        payload={"role": invitation.role, "role_name": grant.name, "user_id": user.id},
    )
    return grant


def _require_address(user: User, invitation: Invitation) -> None:
    if invitation.email is None:
        return
    # Whoever has no address here comes from JupyterHub, which vouches for the name; there names are often addresses.
    address = user.email if user.email is not None else user.name
    if folded(address) != folded(invitation.email):
        raise Forbidden(
            f"This invitation is for {invitation.email}, and you are signed in as {address}. Sign in with that "
            "address, or ask for a link without an address.",
            workspace_id=invitation.workspace_id,
        )


def _maker_may(session: Session, invitation: Invitation) -> bool:
    """Whether who made it still is a member who may invite into that role."""
    given = grant_of(session, invitation.workspace_id, invitation.role)
    if given is None or invitation.created_by is None:
        return False
    held = session.execute(
        select(Membership.role, User.active)
        .join(User, User.id == Membership.user_id)
        .where(Membership.workspace_id == invitation.workspace_id, Membership.user_id == invitation.created_by)
    ).one_or_none()
    if held is None or not held.active:
        return False
    own = grant_of(session, invitation.workspace_id, held.role)
    return own is not None and "invitation.edit" in own.permissions and given.permissions <= own.permissions
