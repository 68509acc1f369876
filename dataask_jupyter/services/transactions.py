"""Transactions that know who asks: the principal is looked up inside, so a changed role counts from the next act."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.store.database import Store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from .accounts import Accounts
    from .recovery import Recovery

Result = TypeVar("Result")
Work = Callable[["Session", Principal], Result]


class Transactions:
    """Runs work in the store on somebody's behalf."""

    def __init__(self, store: Store, accounts: Accounts, recovery: Recovery) -> None:
        self.store = store
        self._accounts = accounts
        self._recovery = recovery

    async def read(self, identity: Identity, work: Work[Result]) -> Result:
        """Look something up."""
        return await self._run(identity, work, write=False)

    async def write(self, identity: Identity, work: Work[Result]) -> Result:
        """Change something: all of `work`, its event included, or nothing of it."""
        return await self._run(identity, work, write=True)

    async def _run(self, identity: Identity, work: Work[Result], *, write: bool) -> Result:
        await self._recovery.run_when_due()
        principal_of = self._accounts.principal

        def known(session: Session) -> tuple[bool, Result | None]:
            principal = principal_of(session, identity)
            return (False, None) if principal is None else (True, work(session, principal))

        act = self.store.write if write else self.store.read
        found, result = await act(known)
        if not found:
            await self._accounts.register(identity)
            found, result = await act(known)
            if not found:
                raise RuntimeError("A user who was just registered isn't there.")
        return result  # type: ignore[return-value]  # found says that work made it
