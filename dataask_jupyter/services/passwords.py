"""Passwords: Argon2id, on few threads that others' requests don't wait for, and not for ever many at once."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
import unicodedata
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Final, TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from dataask_jupyter.errors import SignInBusy, StoreUnavailable

THREADS: Final = 2
WAITING: Final = 300
"""Sign-ins that may wait for their turn. More are told to come again, before they cost anything."""

Result = TypeVar("Result")


class Passwords:
    """Hashes and compares. The work is bounded: two at a time, 19 MiB each."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="dataask-passwords", initializer=_step_back)
        self._turns = asyncio.Semaphore(THREADS)
        self._waiting = 0
        # What a password is compared with where there is no account, so that both take as long.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        """Wait for a thread; what is looked at inside is looked at when it counts."""
        if self._waiting >= WAITING:
            raise SignInBusy("Very many people are signing in at this moment. Try again in a few seconds.")
        self._waiting += 1
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
        try:
            yield Turn(self)
        finally:
            self._turns.release()

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        async with self.turn() as turn:
            return await turn.hash(password)

    def outdated(self, stored: str) -> bool:
        """Whether it was made with other parameters than today's."""
        try:
            return self._hasher.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Give back the threads."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def hash_now(self, password: str) -> str:
        """On the calling thread."""
        return self._hasher.hash(_plain(password))

    def matches_now(self, stored: str | None, password: str) -> bool:
        """On the calling thread; no stored hash costs the same and never matches."""
        try:
            found = self._hasher.verify(stored or self._nobody, _plain(password))
        except Argon2Error:
            return False
        return bool(found) and stored is not None

    async def _run(self, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except RuntimeError:
            raise StoreUnavailable("The server is shutting down.") from None


class Turn:
    """The right to use a thread."""

    def __init__(self, passwords: Passwords) -> None:
        self._passwords = passwords

    async def hash(self, password: str) -> str:
        """What is kept of a password."""
        return await self._passwords._run(lambda: self._passwords.hash_now(password))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether it is the password; without an account never, and not sooner."""
        return await self._passwords._run(lambda: self._passwords.matches_now(stored, password))


def _plain(password: str) -> bytes:
    """The same bytes for what keyboards write in different ways."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


def _step_back() -> None:
    """Everything else of the server goes first."""
    with suppress(AttributeError, OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
