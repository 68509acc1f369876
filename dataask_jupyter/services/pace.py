"""How often something may happen for one key, such as a user or an address, within a stretch of time."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerSecond
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from dataask_jupyter.errors import TooManyTries


class Pace:
    """So many times in so many seconds. Kept in memory: it slows people down, it decides nothing."""

    def __init__(self, times: int, seconds: int, *, words: str) -> None:
        self._item = RateLimitItemPerSecond(times, seconds)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._words = words

    def take(self, key: str) -> None:
        """It is about to happen: count it, or raise when that is too often."""
        if not self._limiter.hit(self._item, key):
            raise self._refusal(key)

    def _refusal(self, key: str) -> TooManyTries:
        again = self._limiter.get_window_stats(self._item, key).reset_time - time.time()
        seconds = max(1, math.ceil(again))
        wait = f"{seconds} seconds" if seconds < 120 else f"{math.ceil(seconds / 60)} minutes"
        return TooManyTries(f"{self._words} Try again in {wait}.", extra={"seconds": seconds})
