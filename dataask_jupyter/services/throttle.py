"""Slowing down who guesses passwords: per account and address, per account, per address. Nobody is locked out for good.

Kept in memory and measured on a clock that nobody can set back.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from dataask_jupyter.errors import DataAskError, TooManyTries


@dataclass(frozen=True)
class Limit:
    """So many failures in so many seconds."""

    failures: int
    seconds: float


PAIR: Final = Limit(10, 600)
ACCOUNT: Final = Limit(100, 3600)
ADDRESS: Final = Limit(100, 600)
_SWEEP_EVERY = 1000


class _Window:
    """Moments of failures, oldest first, and how many tries are under way."""

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.moments: deque[float] = deque()
        self.under_way = 0

    def wait(self, moment: float) -> float:
        """Seconds until another try is let in; 0 for now."""
        self.forget(moment)
        if len(self.moments) + self.under_way < self.limit.failures:
            return 0.0
        if not self.moments:
            return 1.0
        return max(1.0, self.moments[0] + self.limit.seconds - moment)

    def forget(self, moment: float) -> None:
        while self.moments and self.moments[0] + self.limit.seconds <= moment:
            self.moments.popleft()


class Throttle:
    """Counts failures only: who knows the password gets in."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: dict[tuple[str, str], _Window] = {}
        self._made = 0

    def check(self, account: str, address: str) -> None:
        """Raise when another try would be one too many."""
        moment = self._clock()
        wait = max((window.wait(moment) for window in self._of(account, address)), default=0.0)
        if wait:
            seconds = math.ceil(wait)
            words = f"{seconds} seconds" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
            raise TooManyTries(f"Too many tries didn't work. Wait {words}, then try again.", extra={"seconds": seconds})

    @contextmanager
    def trying(self, account: str, address: str, *failures: type[DataAskError]) -> Iterator[None]:
        """One try: whatever of `failures` is raised inside counts as a failure."""
        self.check(account, address)
        windows = self._of(account, address)
        for window in windows:
            window.under_way += 1
        try:
            yield
        except failures:
            moment = self._clock()
            for window in windows:
                window.moments.append(moment)
            raise
        finally:
            for window in windows:
                window.under_way -= 1

    def _of(self, account: str, address: str) -> list[_Window]:
        """The windows that a try counts in; without an account the address's alone."""
        names = [(("", address), ADDRESS)]
        if account:
            names += [((account, address), PAIR), ((account, ""), ACCOUNT)]
        return [self._window(name, limit) for name, limit in names]

    def _window(self, name: tuple[str, str], limit: Limit) -> _Window:
        found = self._windows.get(name)
        if found is None:
            self._made += 1
            if self._made % _SWEEP_EVERY == 0:
                self._sweep()
            found = self._windows[name] = _Window(limit)
        return found

    def _sweep(self) -> None:
        moment = self._clock()
        for name, window in list(self._windows.items()):
            window.forget(moment)
            if not window.moments and not window.under_way:
                del self._windows[name]
