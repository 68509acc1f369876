"""How often something may happen for one key, such as a user or an address, within a stretch of time.

Kept in memory and measured on a clock that nobody can set back: it slows people down, it decides nothing.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from dataask_jupyter.errors import TooManyTries

Clock = Callable[[], float]

_SWEEP_EVERY: Final = 1000


class _Window:
    """The moments in which it happened, oldest first, and how many times it is about to happen."""

    def __init__(self) -> None:
        self.moments: deque[float] = deque()
        self.under_way = 0


class Pace:
    """So many times in so many seconds, for each key."""

    def __init__(self, times: int, seconds: float, *, words: str = "", clock: Clock = time.monotonic) -> None:
        self._times = times
        self._seconds = seconds
        self._words = words
        self._clock = clock
        self._windows: dict[str, _Window] = {}
        self._made = 0

    def take(self, key: str) -> None:
        """It is about to happen: count it, or raise when that is too often."""
        wait = self.wait(key)
        if wait:
            raise too_often(self._words, wait)
        self.count(key)

    def wait(self, key: str) -> float:
        """Seconds until it may happen again; 0 for now."""
        window = self._windows.get(key)
        if window is None:
            return 0.0
        moment = self._clock()
        self._forget(window, moment)
        if len(window.moments) + window.under_way < self._times:
            return 0.0
        if not window.moments:
            return 1.0
        return max(1.0, window.moments[0] + self._seconds - moment)

    def count(self, key: str) -> None:
        """It happened."""
        self._window(key).moments.append(self._clock())

    def begin(self, key: str) -> None:
        """It may be about to happen, which counts until `end`."""
        self._window(key).under_way += 1

    def end(self, key: str) -> None:
        """Whether it happened is known now."""
        self._window(key).under_way -= 1

    def _window(self, key: str) -> _Window:
        found = self._windows.get(key)
        if found is None:
            self._made += 1
            if self._made % _SWEEP_EVERY == 0:
                self._sweep()
            found = self._windows[key] = _Window()
        return found

    def _forget(self, window: _Window, moment: float) -> None:
        while window.moments and window.moments[0] + self._seconds <= moment:
            window.moments.popleft()

    def _sweep(self) -> None:
        """Forget keys for which nothing counts any more, so that who makes keys up fills no memory."""
        moment = self._clock()
        for key, window in list(self._windows.items()):
            self._forget(window, moment)
            if not window.moments and not window.under_way:
                del self._windows[key]


def too_often(words: str, wait: float) -> TooManyTries:
    """The refusal, with how long to wait."""
    seconds = max(1, math.ceil(wait))
    again = f"{seconds} seconds" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
    return TooManyTries(f"{words} Try again in {again}.", extra={"seconds": seconds})
