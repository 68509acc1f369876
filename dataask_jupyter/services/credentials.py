"""Another password, by the old one or by a link, and the end of an account."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, update

from dataask_jupyter.access.identity import Client, Identity, Principal
from dataask_jupyter.access.permissions import authorize_account
from dataask_jupyter.errors import Conflict, LinkEnded, SignInFailed
from dataask_jupyter.schemas import users as schemas
from dataask_jupyter.store.models import PasswordReset, User, now

from . import events, owners, secret_tokens
from .passwords import Passwords
from .sessions import revoke_all, revoke_tokens
from .sign_in import principal_of
from .throttle import Throttle
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Database

RESET_HOURS: Final = 24


class Credentials:
    """What an account is opened with."""

    def __init__(self, transactions: Transactions, passwords: Passwords, throttle: Throttle) -> None:
        self._transactions = transactions
        self._passwords = passwords
        self._throttle = throttle

    async def change_password(self, identity: Identity, given: schemas.PasswordChange) -> None:
        """Set another password; every other device is signed out, and open reset links end."""
        stored, hashed = await self._confirmed(
            identity,
            "user.password",
            given.current_password.get_secret_value(),
            then=given.new_password.get_secret_value(),
        )

        def work(database: Database, principal: Principal) -> None:
            user = _unchanged(database, principal, stored)
            set_password(database, user, hashed)
            revoke_all(database, user.id, but=principal.session_id)
            events.record(database, principal, "user.password", "user", user.id, object_name=user.display_name)

        await self._transactions.write(identity, work)

    async def reset(self, given: schemas.PasswordReset, client: Client) -> None:
        """Set another password by a link's secret, which is good once; every device is signed out."""
        name = secret_tokens.digest(given.token.get_secret_value())
        store = self._transactions.store
        with self._throttle.trying("", client.address or "", LinkEnded):
            await store.read(lambda database: _open_reset(database, name))
            hashed = await self._passwords.hash(given.password.get_secret_value())

            def work(database: Database) -> None:
                user = _open_reset(database, name, hold=True)
                set_password(database, user, hashed)
                revoke_all(database, user.id)
                actor = principal_of(user, client)
                events.record(
                    database, actor, "user.password", "user", user.id, object_name=user.display_name,
                    payload={"by": "reset link"},
                )  # fmt: skip

            await store.write(work)

    async def deactivate(self, identity: Identity, password: str) -> None:
        """End one's own account."""
        stored, _ = await self._confirmed(identity, "user.update", password)

        def work(database: Database, principal: Principal) -> None:
            user = _unchanged(database, principal, stored)
            deactivate(database, principal, user)

        await self._transactions.write(identity, work)

    async def _confirmed(
        self, identity: Identity, action: str, password: str, *, then: str | None = None
    ) -> tuple[str, str]:
        """The stored hash that the password belongs to, and the hash of the next one. A wrong password is recorded."""

        def look_up(database: Database, principal: Principal) -> tuple[str, str, Principal]:
            authorize_account(principal)
            user = database.get_one(User, principal.user_id)
            return user.password_hash or "", user.email_key or "", principal

        stored, key, principal = await self._transactions.read(identity, look_up)
        account, address = secret_tokens.digest(key), identity.client.address or ""
        self._throttle.check(account, address)
        async with self._passwords.turn() as turn:
            with self._throttle.trying(account, address, SignInFailed):
                if not await turn.matches(stored or None, password):
                    await self._transactions.refusals.note((principal.user_id,), principal, action, "user")
                    raise _not_yours()
            return stored, await turn.hash(then) if then is not None else ""


def set_password(database: Database, user: User, hashed: str) -> None:
    """Set it. Links that could set another one end."""
    user.password_hash = hashed
    open_ones = (PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
    database.execute(update(PasswordReset).where(*open_ones).values(used_at=now()))


def deactivate(database: Database, principal: Principal, user: User) -> None:
    """End an account, unless that would leave the server or a workspace without anybody to run it."""
    if user.is_admin:
        require_another_admin(database, user)
    alone = owners.alone_in(database, user.id)
    if alone:
        raise Conflict(
            f"Nobody else owns {', '.join(alone)}. Make somebody else an owner there first.",
            extra={"workspaces": list(alone)},
        )
    user.active = False
    revoke_all(database, user.id)
    revoke_tokens(database, user.id)
    payload = {"changes": {"active": [True, False]}}
    events.record(database, principal, "user.update", "user", user.id, object_name=user.display_name, payload=payload)


def require_another_admin(database: Database, user: User) -> None:
    """Raise unless somebody else administers the server. Holds the administrators until the transaction ends."""
    admins = database.scalars(
        select(User.id).where(User.is_admin, User.active).order_by(User.id).with_for_update(key_share=True)
    ).all()
    if not set(admins) - {user.id}:
        raise Conflict("This is the server's last administrator. Make somebody else one first.")


def make_reset(database: Database, actor: Principal, user: User) -> tuple[str, PasswordReset]:
    """A secret by which the user sets a new password once; links made before end."""
    if user.password_hash is None or not user.active:
        raise Conflict(
            "This account has no password to set: it is deactivated, or somebody else's sign-in vouches for it."
        )
    secret = secret_tokens.make()
    open_ones = (PasswordReset.user_id == user.id, PasswordReset.used_at.is_(None))
    database.execute(update(PasswordReset).where(*open_ones).values(used_at=now()))
    row = PasswordReset(
        hash=secret_tokens.digest(secret), user_id=user.id, expires_at=now() + timedelta(hours=RESET_HOURS)
    )
    database.add(row)
    events.record(database, actor, "user.reset-link", "user", user.id, object_name=user.display_name)
    return secret, row


def _open_reset(database: Database, name: str, *, hold: bool = False) -> User:
    """Whose link it is; with `hold` it is used up."""
    row = database.get(PasswordReset, name, with_for_update=hold or None)
    if row is None or row.used_at is not None or row.expires_at <= now():
        raise LinkEnded
    user = database.get_one(User, row.user_id)
    if not user.active:
        raise LinkEnded
    if hold:
        row.used_at = now()
    return user


def _unchanged(database: Database, principal: Principal, stored: str) -> User:
    """The user, if their password is still the one that was confirmed."""
    authorize_account(principal)
    user = database.get_one(User, principal.user_id, with_for_update={"key_share": True})
    if user.password_hash != stored:
        raise _not_yours()
    return user


def _not_yours() -> SignInFailed:
    return SignInFailed("This isn't your password. Check it, and try again.")
