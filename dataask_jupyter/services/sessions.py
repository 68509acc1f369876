"""Who a token belongs to at this moment, and the devices that somebody is signed in on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select, update

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize_account
from dataask_jupyter.errors import DataAskError, NotFound, SessionEnded
from dataask_jupyter.schemas import users as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.store.changes import Changes
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import ApiToken, Session, User, now

from . import events
from .access_tokens import LEEWAY_SECONDS, AccessTokens, looks_like_one
from .secret_tokens import digest
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Database

REMEMBERED: Final = 10_000
SEEN_SECONDS: Final = 300
"""How often it is written down, at most, that somebody was here."""

_log = logging.getLogger("dataask")


@dataclass(frozen=True)
class _Known:
    identity: Identity
    user_id: str
    token_id: str | None
    ends: float
    """When the token ends, in seconds since 1970."""
    version: Hashable


class Sessions:
    """Tokens to people. Remembers them only for as long as the store has not changed."""

    def __init__(self, store: Store, changes: Changes, tokens: AccessTokens, transactions: Transactions) -> None:
        self._store = store
        self._changes = changes
        self._tokens = tokens
        self._transactions = transactions
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._seen: dict[str, float] = {}
        self._noting: set[asyncio.Task[None]] = set()

    async def identify(self, token: str) -> Identity | None:
        """Whose token this is; None for one that this server never gave or whose time is over.

        Raises `SessionEnded` for one that was good once and was ended.
        """
        name = digest(token)
        # Before the store is read: what is committed after this moment makes what was read worthless.
        version = self._changes.version()
        known = self._known.get(name)
        if known is None or known.version is None or known.version != version or known.ends < time.time():
            known = await self._look_up(token, name, version)
            if known is None:
                self._known.pop(name, None)
                return None
            self._remember(name, known)
        self._note(known)
        return known.identity

    async def _look_up(self, token: str, name: str, version: Hashable) -> _Known | None:
        if not looks_like_one(token):
            return await self._store.read(lambda database: _by_api_token(database, name, version))
        claims = self._tokens.read(token)
        if claims is None:
            return None
        ends = claims.expires_at + LEEWAY_SECONDS
        return await self._store.read(
            lambda database: _by_session(database, claims.session_id, claims.user_id, ends, version)
        )

    def _remember(self, name: str, known: _Known) -> None:
        self._known[name] = known
        self._known.move_to_end(name)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    # ---- When somebody was here -------------------------------------------------------------------------------

    def _note(self, known: _Known) -> None:
        """Write it down now and then, and not while they wait."""
        who = known.token_id or known.identity.session_id or known.user_id
        moment = time.monotonic()
        last = self._seen.get(who)
        if last is not None and moment - last < SEEN_SECONDS:
            return
        if len(self._seen) > REMEMBERED:
            self._seen.clear()
        self._seen[who] = moment
        task = asyncio.get_running_loop().create_task(self._write_seen(known))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _write_seen(self, known: _Known) -> None:
        def work(database: Database) -> None:
            moment = now()
            due = moment - timedelta(seconds=SEEN_SECONDS)
            database.execute(
                update(User)
                .where(User.id == known.user_id, (User.last_seen_at.is_(None)) | (User.last_seen_at < due))
                .values(last_seen_at=moment)
            )
            if known.token_id is not None:
                database.execute(update(ApiToken).where(ApiToken.id == known.token_id).values(last_used_at=moment))
            else:
                own = Session.id == known.identity.session_id
                database.execute(update(Session).where(own).values(last_used_at=moment))

        try:
            await self._store.write(work)
        except DataAskError as error:
            _log.warning("When somebody was here couldn't be noted: %s", error.detail)

    async def close(self) -> None:
        """Finish what is being written."""
        if self._noting:
            await asyncio.gather(*self._noting, return_exceptions=True)
        self._changes.close()

    # ---- Devices ----------------------------------------------------------------------------------------------

    async def list(self, identity: Identity) -> Page[schemas.Session]:
        """Where the user is signed in, the newest first."""

        def work(database: Database, principal: Principal) -> Page[schemas.Session]:
            authorize_account(principal)
            rows = database.scalars(
                select(Session)
                .where(Session.user_id == principal.user_id, Session.revoked_at.is_(None), Session.expires_at > now())
                .order_by(Session.created_at.desc(), Session.id)
            )
            return Page(
                items=[
                    schemas.Session(
                        id=row.id,
                        current=row.id == principal.session_id,
                        agent=row.agent,
                        address=row.address,
                        created_at=row.created_at,
                        last_used_at=row.last_used_at,
                    )
                    for row in rows
                ]
            )

        return await self._transactions.read(identity, work)

    async def end(self, identity: Identity, session_id: str) -> None:
        """Sign one device out."""

        def work(database: Database, principal: Principal) -> None:
            authorize_account(principal)
            row = database.get(Session, session_id)
            if row is None or row.user_id != principal.user_id:
                raise NotFound
            if row.revoked_at is None:
                row.revoked_at = now()
                events.record(database, principal, "session.end", "session", row.id, object_name=row.agent[:300])

        await self._transactions.write(identity, work)

    async def sign_out(self, identity: Identity, *, everywhere: bool) -> None:
        """Sign out on this device, or on all of them. API tokens stay: they are no devices."""

        def work(database: Database, principal: Principal) -> None:
            if everywhere or identity.session_id is None:
                authorize_account(principal)
                count = revoke_all(database, principal.user_id)
            else:
                own: Any = (Session.id == identity.session_id, Session.revoked_at.is_(None))
                count = len(
                    database.scalars(update(Session).where(*own).values(revoked_at=now()).returning(Session.id)).all()
                )
            if count:
                payload = {"everywhere": everywhere, "count": count}
                events.record(database, principal, "session.end", "session", identity.session_id, payload=payload)

        await self._transactions.write(identity, work)


def revoke_all(database: Database, user_id: str, *, but: str | None = None) -> int:
    """End all sessions of a user, except one; how many there were."""
    query = update(Session).where(Session.user_id == user_id, Session.revoked_at.is_(None))
    if but is not None:
        query = query.where(Session.id != but)
    return len(database.scalars(query.values(revoked_at=now()).returning(Session.id)).all())


def revoke_tokens(database: Database, user_id: str) -> None:
    """End all API tokens of a user."""
    own = (ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    database.execute(update(ApiToken).where(*own).values(revoked_at=now()))


def identity_of(user: User, *, session_id: str | None = None) -> Identity:
    """What an account's session vouches for."""
    return Identity(
        subject=user.subject,
        name=user.name,
        display_name=user.display_name,
        via="account",
        session_id=session_id,
    )


def _by_session(database: Database, session_id: str, user_id: str, ends: float, version: Hashable) -> _Known | None:
    row = database.execute(
        select(Session, User).join(User, User.id == Session.user_id).where(Session.id == session_id)
    ).one_or_none()
    if row is None or row.User.id != user_id:
        return None
    if row.Session.revoked_at is not None or row.Session.expires_at <= now() or not row.User.active:
        raise SessionEnded("You were signed out here. Sign in again.")
    return _Known(identity_of(row.User, session_id=session_id), user_id, None, ends, version)


def _by_api_token(database: Database, name: str, version: Hashable) -> _Known | None:
    row = database.execute(
        select(ApiToken, User).join(User, User.id == ApiToken.user_id).where(ApiToken.hash == name)
    ).one_or_none()
    if row is None:
        return None
    token: ApiToken = row.ApiToken
    if (
        token.revoked_at is not None
        or not row.User.active
        or (token.expires_at is not None and token.expires_at <= now())
    ):
        raise SessionEnded("This token was revoked, or its time is over. Make a new one.")
    identity = Identity(
        subject=row.User.subject,
        name=row.User.name,
        display_name=row.User.display_name,
        via="token",
        scope=token.scope,  # type: ignore[arg-type]  # written from the schema's values alone
    )
    ends = token.expires_at.timestamp() if token.expires_at is not None else float("inf")
    return _Known(identity, row.User.id, token.id, ends, version)
