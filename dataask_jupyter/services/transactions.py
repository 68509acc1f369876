"""Transactions that know who asks: the principal is looked up inside, so a changed role counts from the next act."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.errors import Forbidden
from dataask_jupyter.store.database import Store
from dataask_jupyter.store.models import Workspace

from . import idempotency
from .refusals import Refusals

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from .accounts import Accounts
    from .recovery import Recovery
    from .retention import Retention

Result = TypeVar("Result")
Work = Callable[["Session", Principal], Result]


class Transactions:
    """Runs work in the store on somebody's behalf."""

    def __init__(
        self, store: Store, accounts: Accounts, recovery: Recovery, retention: Retention | None = None
    ) -> None:
        self.store = store
        self._accounts = accounts
        self._recovery = recovery
        self._retention = retention
        self.refusals = Refusals(store)

    async def read(self, identity: Identity, work: Work[Result]) -> Result:
        """Look something up."""
        return await self._run(identity, work, write=False)

    async def write(self, identity: Identity, work: Work[Result], *, hold: str | None = None) -> Result:
        """Change something: all of `work`, its event included, or nothing of it.

        `hold` is the id of a workspace whose members or roles the work decides on: from before the principal is looked
        up until the end, no other act that holds it changes them.
        """
        return await self._run(identity, work, write=True, hold=hold)

    async def close(self) -> None:
        """Write down what was only counted."""
        await self.refusals.settle(all_of_them=True)

    async def _run(self, identity: Identity, work: Work[Result], *, write: bool, hold: str | None = None) -> Result:
        await self._housekeeping()
        asked: Principal | None = None

        def known(session: Session) -> tuple[bool, Result | None]:
            nonlocal asked
            if hold is not None:
                # Not the key's lock: adding rows that refer to the workspace waits for nobody.
                query = select(Workspace.id).where(Workspace.id == hold).with_for_update(key_share=True)
                session.execute(query)
            asked = self._accounts.principal(session, identity)
            if asked is None:
                return False, None
            if write:
                # First, so that a request whose reservation was taken over meanwhile does nothing at all.
                idempotency.mark_acted(session, identity.client.reservation)
            return True, work(session, asked)

        act = self.store.write if write else self.store.read
        try:
            found, result = await act(known)
            if not found:
                await self._accounts.register(identity)
                found, result = await act(known)
        except Forbidden as refusal:
            if asked is not None:
                await self.refusals.record(asked, refusal)
            raise
        if not found:
            raise RuntimeError("A user who was just registered isn't there.")
        return result  # type: ignore[return-value]  # found says that work made it

    async def _housekeeping(self) -> None:
        await self._recovery.run_when_due()
        if self._retention is not None:
            await self._retention.run_when_due()
        await self.refusals.settle()
