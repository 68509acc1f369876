"""Refused acts in the audit log: each in a transaction of its own, and not so many that they hide the rest."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace

from dataask_jupyter.access.identity import Principal
from dataask_jupyter.errors import DataAskError, Forbidden
from dataask_jupyter.store.database import Store

from . import events

WINDOW_SECONDS = 60.0
EACH = 5
"""Refusals of one person for one act and workspace that are recorded one by one in a minute; the rest are counted."""
MOST = 1000
"""Windows that are open at once. Whoever is refused beyond that is counted with all others."""

_log = logging.getLogger("dataask")


OTHERS = replace(events.SYSTEM, name="others", display_name="Several people")
"""The actor of refusals that are counted together, whoever's they were."""


@dataclass
class _Window:
    principal: Principal
    action: str
    kind: str
    workspace_id: str | None
    ends: float
    recorded: int = 0
    counted: int = 0


class Refusals:
    """Records that somebody was told no."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._windows: dict[tuple[str | None, ...], _Window] = {}

    async def record(self, principal: Principal, error: Forbidden) -> None:
        """Record it. A failure is logged only: the answer is no in any case, and no act depends on the record."""
        if error.workspace_id is None:
            return
        action = str(error.extra.get("action", "unknown"))
        await self.note((principal.user_id,), principal, action, action.partition(".")[0], error.workspace_id)

    async def note(
        self, who: tuple[str, ...], principal: Principal, action: str, kind: str, workspace_id: str | None = None
    ) -> None:
        """Record that an act was refused. What has the same `who`, act and workspace is bounded together."""
        name = (*who, workspace_id, action)
        window = self._windows.get(name)
        if window is None and len(self._windows) >= MOST:
            await self.settle()
            if len(self._windows) >= MOST:
                # Somebody makes names up.
                principal, name = OTHERS, ("", workspace_id, action)
                window = self._windows.get(name)
        if window is None or window.ends < time.monotonic():
            ends = time.monotonic() + WINDOW_SECONDS
            ended, window = window, _Window(principal, action, kind, workspace_id, ends)
            self._windows[name] = window
            if ended is not None and ended.counted:
                await self._write(ended, ended.counted)
        if window.recorded < EACH:
            window.recorded += 1
            await self._write(window, 1)
        else:
            window.counted += 1

    async def settle(self, *, all_of_them: bool = False) -> None:
        """Write one record for what was counted in minutes that are over."""
        if not self._windows:
            return
        moment = time.monotonic()
        for name, window in list(self._windows.items()):
            if all_of_them or window.ends < moment:
                self._windows.pop(name, None)
                if window.counted:
                    await self._write(window, window.counted)

    async def _write(self, window: _Window, count: int) -> None:
        payload = {"count": count} if count > 1 else {}
        try:
            await self._store.write(
                lambda session: events.record(
                    session,
                    window.principal,
                    window.action,
                    window.kind,
                    None,
                    workspace_id=window.workspace_id,
                    payload=payload,
                    result="refused",
                )
            )
        except DataAskError as error:
            _log.error("A refusal of %s couldn't be recorded: %s", window.action, error.detail)
