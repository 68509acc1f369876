"""The server's accounts, for its administrators and for the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from dataask_jupyter.access.identity import NOWHERE, Identity, Principal
from dataask_jupyter.access.permissions import authorize_account
from dataask_jupyter.errors import Conflict, NotFound
from dataask_jupyter.schemas import users as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.store import paging
from dataask_jupyter.store.models import PasswordReset, User

from . import events, secret_tokens
from .credentials import deactivate, make_reset, require_another_admin
from .passwords import Passwords
from .sign_in import add_account
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Database

SHELL = Principal(user_id="", name="shell", display_name="Shell", via="shell")
"""Whoever runs this server, at its command line."""


class Users:
    """The server's accounts, for its administrators."""

    def __init__(self, transactions: Transactions, passwords: Passwords, *, public_url: str = "") -> None:
        self._transactions = transactions
        self._passwords = passwords
        self._public_url = public_url

    async def list(self, identity: Identity, cursor: str | None, limit: int) -> Page[schemas.Account]:
        """All users, by name."""

        def work(database: Database, principal: Principal) -> Page[schemas.Account]:
            authorize_account(principal, admin=True)
            rows, following = paging.fetch(
                database, select(User), (User.display_name, User.id), cursor=cursor, limit=limit
            )
            return Page(items=[_present(row) for row in rows], next_cursor=following)

        return await self._transactions.read(identity, work)

    async def update(self, identity: Identity, user_id: str, change: schemas.AccountUpdate) -> schemas.Account:
        """Deactivate, reactivate, make an administrator."""

        def work(database: Database, principal: Principal) -> schemas.Account:
            authorize_account(principal, admin=True)
            user = _find(database, user_id)
            if change.is_admin is not None and change.is_admin != user.is_admin:
                if not change.is_admin:
                    require_another_admin(database, user)
                _change(database, principal, user, "is_admin", change.is_admin)
            if change.active is True and not user.active:
                _change(database, principal, user, "active", True)
            elif change.active is False and user.active:
                deactivate(database, principal, user)
            return _present(user)

        return await self._transactions.write(identity, work)

    async def reset_link(self, identity: Identity, user_id: str, *, base_url: str = "/") -> schemas.ResetLink:
        """A link that sets a new password."""

        def work(database: Database, principal: Principal) -> tuple[str, PasswordReset]:
            authorize_account(principal, admin=True)
            return make_reset(database, principal, _find(database, user_id))

        secret, row = await self._transactions.write(identity, work)
        return self._link(secret, row, base_url)

    # ---- For the shell ----------------------------------------------------------------------------------------

    async def create_admin(self, email: str, name: str, password: str) -> schemas.Account:
        """An administrator's account. One that is there already is made an administrator only by other ones."""
        key = secret_tokens.fold_email(email)
        await self._transactions.store.read(lambda database: _require_free(database, key))
        hashed = await self._passwords.hash(password)

        def work(database: Database) -> schemas.Account:
            _require_free(database, key)
            return _present(add_account(database, email, name, hashed, NOWHERE, is_admin=True))

        try:
            return await self._transactions.store.write(work)
        except IntegrityError:
            raise _taken() from None

    async def reset_link_for(self, email: str, *, base_url: str = "/") -> schemas.ResetLink:
        """A link that sets a new password, for the shell."""

        def work(database: Database) -> tuple[str, PasswordReset]:
            user = database.scalar(select(User).where(User.email_key == secret_tokens.fold_email(email)))
            if user is None:
                raise NotFound("There is no account with this e-mail address.")
            return make_reset(database, SHELL, user)

        secret, row = await self._transactions.store.write(work)
        return self._link(secret, row, base_url)

    def _link(self, secret: str, row: PasswordReset, base_url: str) -> schemas.ResetLink:
        # After the #, which browsers keep to themselves: paths and queries end up in logs.
        base = (self._public_url or base_url).rstrip("/")
        return schemas.ResetLink(link=f"{base}/dataask/reset#{secret}", expires_at=row.expires_at)


def _find(database: Database, user_id: str) -> User:
    found = database.get(User, user_id, with_for_update={"key_share": True})
    if found is None:
        raise NotFound
    return found


def _change(database: Database, principal: Principal, user: User, field: str, value: Any) -> None:
    before = getattr(user, field)
    setattr(user, field, value)
    payload = {"changes": {field: [before, value]}}
    events.record(database, principal, "user.update", "user", user.id, object_name=user.display_name, payload=payload)


def _require_free(database: Database, key: str) -> None:
    if database.scalar(select(User.id).where(User.email_key == key)) is not None:
        raise _taken()


def _taken() -> Conflict:
    return Conflict("There is an account with this e-mail address. An administrator can make it one too.")


def _present(user: User) -> schemas.Account:
    return schemas.Account(
        id=user.id,
        display_name=user.display_name,
        email=user.email,
        active=user.active,
        is_admin=user.is_admin,
        created_at=user.created_at,
        last_seen_at=user.last_seen_at,
    )
