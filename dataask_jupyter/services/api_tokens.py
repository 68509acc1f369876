"""Personal API tokens, for scripts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize_account
from dataask_jupyter.errors import Conflict, NotFound
from dataask_jupyter.schemas import users as schemas
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.store.models import ApiToken, now

from . import events, secret_tokens
from .transactions import Transactions

if TYPE_CHECKING:
    from sqlalchemy.orm import Session as Database

MOST: Final = 100
"""Live tokens that one person may have."""
HINT_CHARACTERS: Final = 4


class ApiTokens:
    """A user's own tokens. Nobody else sees or makes them."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def list(self, identity: Identity) -> Page[schemas.ApiToken]:
        """Those that were not revoked, the newest first."""

        def work(database: Database, principal: Principal) -> Page[schemas.ApiToken]:
            authorize_account(principal)
            rows = database.scalars(
                select(ApiToken)
                .where(ApiToken.user_id == principal.user_id, ApiToken.revoked_at.is_(None))
                .order_by(ApiToken.created_at.desc(), ApiToken.id)
            )
            return Page(items=[_present(row) for row in rows])

        return await self._transactions.read(identity, work)

    async def create(self, identity: Identity, given: schemas.ApiTokenCreate) -> schemas.ApiTokenCreated:
        """A new token; its secret is in this answer only."""
        secret = secret_tokens.make(secret_tokens.API_PREFIX)

        def work(database: Database, principal: Principal) -> schemas.ApiToken:
            authorize_account(principal)
            live = (ApiToken.user_id == principal.user_id, ApiToken.revoked_at.is_(None))
            if (database.scalar(select(func.count()).select_from(ApiToken).where(*live)) or 0) >= MOST:
                raise Conflict(f"You have {MOST} tokens. Revoke one that you don't need any more.")
            row = ApiToken(
                user_id=principal.user_id,
                name=given.name,
                hash=secret_tokens.digest(secret),
                hint=secret[-HINT_CHARACTERS:],
                scope=given.scope,
                expires_at=now() + timedelta(days=given.days) if given.days is not None else None,
            )
            database.add(row)
            database.flush()
            payload = {"scope": given.scope, "days": given.days}
            events.record(database, principal, "token.create", "token", row.id, object_name=row.name, payload=payload)
            return _present(row)

        return schemas.ApiTokenCreated(token=await self._transactions.write(identity, work), secret=secret)

    async def revoke(self, identity: Identity, token_id: str) -> None:
        """End it. It counts from the next request on."""

        def work(database: Database, principal: Principal) -> None:
            authorize_account(principal)
            row = database.get(ApiToken, token_id)
            if row is None or row.user_id != principal.user_id:
                raise NotFound
            if row.revoked_at is None:
                row.revoked_at = now()
                events.record(database, principal, "token.revoke", "token", row.id, object_name=row.name)

        await self._transactions.write(identity, work)


def _present(row: ApiToken) -> schemas.ApiToken:
    return schemas.ApiToken.model_validate(
        {
            "id": row.id,
            "name": row.name,
            "scope": row.scope,
            "hint": row.hint,
            "created_at": row.created_at,
            "expires_at": row.expires_at,
            "last_used_at": row.last_used_at,
        }
    )
