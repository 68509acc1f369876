"""Slowing down who guesses passwords: per account and address, per account, per address. Nobody is locked out."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from dataask_jupyter.errors import DataAskError

from .pace import Clock, Pace, too_often


class Throttle:
    """Counts failures only: who knows the password gets in."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._pair = Pace(10, 600, clock=clock)
        self._account = Pace(100, 3600, clock=clock)
        self._address = Pace(100, 600, clock=clock)

    def check(self, account: str, address: str) -> None:
        """Raise when another try would be one too many."""
        wait = max(pace.wait(key) for pace, key in self._of(account, address))
        if wait:
            raise too_often("Too many tries didn't work.", wait)

    @contextmanager
    def trying(self, account: str, address: str, *failures: type[DataAskError]) -> Iterator[None]:
        """One try: whatever of `failures` is raised inside counts as a failure."""
        self.check(account, address)
        counted = self._of(account, address)
        for pace, key in counted:
            pace.begin(key)
        try:
            yield
        except failures:
            for pace, key in counted:
                pace.count(key)
            raise
        finally:
            for pace, key in counted:
                pace.end(key)

    def _of(self, account: str, address: str) -> list[tuple[Pace, str]]:
        """What a try counts in; without an account the address alone."""
        found = [(self._address, address)]
        if account:
            # No account's name holds a space: it is a hash.
            found += [(self._pair, f"{account} {address}"), (self._account, account)]
        return found
