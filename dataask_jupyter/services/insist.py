"""Writing an outcome down for certain: a full or absent database must not leave "running" behind for ever."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from dataask_jupyter.errors import DataAskError

_PAUSES = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
_log = logging.getLogger("dataask")


class Insistence:
    """Tries at once, and when that fails again and again in the background, a few minutes long."""

    def __init__(self) -> None:
        self._trying: set[asyncio.Task[None]] = set()

    async def write(self, what: str, act: Callable[[], Awaitable[Any]], then: Callable[[], object]) -> None:
        """Run `act`; `then` is called once it worked, or was given up."""
        try:
            await act()
        except DataAskError as error:
            _log.warning("%s can't be saved yet: %s", what, error.detail)
        else:
            then()
            return
        task = asyncio.create_task(self._again(what, act, then))
        self._trying.add(task)
        task.add_done_callback(self._trying.discard)

    async def close(self) -> None:
        """Stop trying; what is open is ended by the recovery of the next start."""
        trying = list(self._trying)
        for task in trying:
            task.cancel()
        await asyncio.gather(*trying, return_exceptions=True)

    async def _again(self, what: str, act: Callable[[], Awaitable[Any]], then: Callable[[], object]) -> None:
        try:
            for pause in _PAUSES:
                await asyncio.sleep(pause)
                try:
                    await act()
                except DataAskError as error:
                    _log.debug("%s can't be saved yet: %s", what, error.detail)
                else:
                    return
            _log.error("%s couldn't be saved.", what)
        finally:
            then()
