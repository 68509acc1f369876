"""Making an account, signing in, and staying signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from dataask_jupyter.access.identity import Client, Principal
from dataask_jupyter.errors import (
    Conflict,
    DataAskError,
    Forbidden,
    LinkEnded,
    SessionEnded,
    SignInFailed,
    TooManyTries,
)
from dataask_jupyter.schemas import users as schemas
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Invitation, RefreshToken, Session, User, new_id, now

from . import events, joining, secret_tokens
from .access_tokens import AccessTokens
from .accounts import PERSONAL, add_workspace, present
from .passwords import Passwords
from .refusals import Refusals
from .throttle import Throttle

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Database

AGENT_CHARACTERS: Final = 300


@dataclass(frozen=True)
class Signed:
    """Somebody who is signed in now, with the secrets that say so."""

    user: schemas.User
    session_id: str
    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int


class SignIn:
    """The ways in for people with an account of this server."""

    def __init__(
        self,
        store: Store,
        tokens: AccessTokens,
        passwords: Passwords,
        throttle: Throttle,
        refusals: Refusals,
        *,
        registration: schemas.Registration,
        session_days: int,
    ) -> None:
        self._store = store
        self._tokens = tokens
        self._passwords = passwords
        self._throttle = throttle
        self._refusals = refusals
        self._registration = registration
        self.session_seconds: Final = session_days * 86_400

    async def register(self, given: schemas.Register, client: Client) -> Signed:
        """A new account with its workspace, signed in; with an invitation also a member of that workspace."""
        try:
            return await self._register(given, client)
        except (Forbidden, LinkEnded, Conflict, TooManyTries) as error:
            await self._refused("user.create", given.email, client, error)
            raise

    async def _register(self, given: schemas.Register, client: Client) -> Signed:
        invitation = given.invitation.get_secret_value() if given.invitation is not None else None
        with self._throttle.trying("", client.address or "", Conflict, LinkEnded, Forbidden):
            # Asked first: hashing costs, and whoever may not come in shall not cause that cost.
            await self._store.read(lambda database: self._admit(database, given.email, invitation))
            hashed = await self._passwords.hash(given.password.get_secret_value())

            def work(database: Database) -> Signed:
                joining_by = self._admit(database, given.email, invitation, hold=True)
                user = add_account(database, given.email, given.display_name, hashed, client)
                if joining_by is not None:
                    # In the same transaction: a link makes no more accounts than it lets in people.
                    user.last_workspace_id = joining_by.workspace_id
                    joining.join(database, principal_of(user, client), joining_by)
                return self._open_session(database, user, client, "user.register")

            try:
                return await self._store.write(work)
            except IntegrityError:
                # Somebody registered the same address in this moment.
                raise _taken() from None

    def _admit(
        self, database: Database, email: str, invitation: str | None, *, hold: bool = False
    ) -> Invitation | None:
        """The invitation to join by, if there is one; raises for whoever gets no account."""
        if self._registration == "off":
            raise Forbidden("On this server only its administrators make accounts. Ask one of them.")
        found = None
        if invitation is not None:
            try:
                found = _invitation(database, email, invitation, hold=hold)
            except (LinkEnded, Forbidden):
                # Where everybody may make an account, a link that doesn't work keeps nobody out.
                if self._registration == "invitation":
                    raise
        elif self._registration == "invitation":
            raise Forbidden("Accounts are by invitation here. Open the link of your invitation.")
        if database.scalar(select(User.id).where(User.email_key == secret_tokens.fold_email(email))) is not None:
            raise _taken()
        return found

    async def login(self, given: schemas.Login, client: Client) -> Signed:
        """A new session, for the right password. An unknown address costs and answers the same as a wrong password."""
        try:
            return await self._login(given, client)
        except (SignInFailed, TooManyTries) as error:
            await self._refused("session.create", given.email, client, error)
            raise

    async def _login(self, given: schemas.Login, client: Client) -> Signed:
        key = secret_tokens.fold_email(given.email)
        account, address = secret_tokens.digest(key), client.address or ""
        # Without waiting for a turn first; looked at again when it is there.
        self._throttle.check(account, address)
        password = given.password.get_secret_value()
        async with self._passwords.turn() as turn:
            with self._throttle.trying(account, address, SignInFailed):
                found = await self._store.read(
                    lambda database: database.execute(
                        select(User.id, User.password_hash, User.active).where(User.email_key == key)
                    ).one_or_none()
                )
                stored = found.password_hash if found is not None and found.active else None
                if not await turn.matches(stored, password) or found is None or stored is None:
                    raise _wrong()
            renewed = await turn.hash(password) if self._passwords.outdated(stored) else None

        def work(database: Database) -> Signed:
            user = database.get(User, found.id, with_for_update={"key_share": True})
            # In the meantime another password may have been set, or the account ended.
            if user is None or not user.active or user.password_hash != stored:
                raise _wrong()
            if renewed is not None:
                user.password_hash = renewed
            self._forget_old(database, user.id)
            return self._open_session(database, user, client, "session.create")

        return await self._store.write(work)

    async def refresh(self, token: str, client: Client) -> Signed:
        """The next refresh token, and an access token. One that was used before ends its whole session."""
        name = secret_tokens.digest(token)

        def work(database: Database) -> Signed | None:
            row = database.get(RefreshToken, name, with_for_update=True)
            session = database.get(Session, row.session_id, with_for_update=True) if row is not None else None
            user = database.get(User, session.user_id) if session is not None else None
            if row is None or session is None or user is None:
                return None
            if session.revoked_at is not None or session.expires_at <= now() or not user.active:
                return None
            if row.used_at is not None:
                session.revoked_at = now()
                events.record(
                    database,
                    principal_of(user, client),
                    "session.reuse",
                    "session",
                    session.id,
                    object_name=session.agent,
                    result="refused",
                )
                return None
            row.used_at = session.last_used_at = now()
            session.expires_at = now() + timedelta(seconds=self.session_seconds)
            return self._signed(database, user, session.id)

        found = await self._store.write(work)
        if found is None:
            raise SessionEnded("You were signed out here. Sign in again.")
        return found

    # ---- Parts ------------------------------------------------------------------------------------------------

    async def _refused(self, action: str, email: str, client: Client, error: DataAskError) -> None:
        """Record it under the address as it was typed: the same record, and as slowly, whether or not it is known."""
        actor = Principal(user_id="", name=email, display_name=email, via="account", client=client)
        # Who is slowed down may try any number of names; they are bounded by where they come from.
        account = "" if isinstance(error, TooManyTries) else secret_tokens.digest(secret_tokens.fold_email(email))
        await self._refusals.note((account, client.address or ""), actor, action, "user")

    def _open_session(self, database: Database, user: User, client: Client, action: str) -> Signed:
        session = Session(
            user_id=user.id,
            agent=(client.agent or "")[:AGENT_CHARACTERS],
            address=(client.address or "")[:64],
            expires_at=now() + timedelta(seconds=self.session_seconds),
        )
        database.add(session)
        database.flush()
        user.last_seen_at = now()
        if action == "session.create":
            events.record(
                database, principal_of(user, client), action, "session", session.id, object_name=session.agent
            )
        return self._signed(database, user, session.id)

    def _signed(self, database: Database, user: User, session_id: str) -> Signed:
        secret = secret_tokens.make()
        database.add(RefreshToken(hash=secret_tokens.digest(secret), session_id=session_id))
        return Signed(
            user=present(user),
            session_id=session_id,
            access_token=self._tokens.make(user.id, session_id),
            refresh_token=secret,
            expires_in=self._tokens.seconds,
        )

    def _forget_old(self, database: Database, user_id: str) -> None:
        """Sessions that ended long ago: their tokens are over in any case."""
        before = now() - timedelta(seconds=self.session_seconds)
        over = (Session.expires_at < before) | (Session.revoked_at < before)
        database.execute(delete(Session).where(Session.user_id == user_id, over))


def add_account(
    database: Database, email: str, display_name: str, password_hash: str, client: Client, *, is_admin: bool = False
) -> User:
    """A new account and its personal workspace, with their events."""
    number = new_id()
    user = User(
        id=number,
        subject=f"account:{number}",
        name=email,
        display_name=display_name,
        email=email,
        email_key=secret_tokens.fold_email(email),
        password_hash=password_hash,
        is_admin=is_admin,
    )
    database.add(user)
    database.flush()
    principal = principal_of(user, client)
    add_workspace(database, principal, PERSONAL, personal=True)
    payload = {"is_admin": True} if is_admin else {}
    events.record(database, principal, "user.create", "user", user.id, object_name=display_name, payload=payload)
    return user


def principal_of(user: User, client: Client) -> Principal:
    """The user as an actor, where the permission gate isn't asked: they came by a password or a secret."""
    return Principal(user_id=user.id, name=user.name, display_name=user.display_name, via="account", client=client)


def _invitation(database: Database, email: str, secret: str, *, hold: bool) -> Invitation:
    found = joining.find_open(database, secret, hold=hold)
    if found.email is not None and joining.folded(found.email) != joining.folded(email):
        raise Forbidden("This invitation is for another e-mail address. Use the one that it was sent to.")
    return found


def _wrong() -> DataAskError:
    return SignInFailed("The e-mail address and the password don't belong together. Check both.")


def _taken() -> DataAskError:
    return Conflict(
        "There is an account with this e-mail address. Sign in, or ask an administrator for a new password."
    )
