"""The services of this server: built when the first request needs them, off the event loop, and once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataask_jupyter.services.container import Services


class Runtime:
    """Holds the services from the first request to the server's end."""

    def __init__(self, build: Callable[[], Services]) -> None:
        self._build = build
        self._services: Services | None = None
        self._building: asyncio.Lock | None = None

    async def services(self) -> Services:
        """The services; a failed building is tried again by the next request."""
        if self._services is not None:
            return self._services
        if self._building is None:
            self._building = asyncio.Lock()
        async with self._building:
            if self._services is None:
                # Importing them takes a good part of a second.
                self._services = await asyncio.to_thread(self._build)
        return self._services

    async def close(self) -> None:
        """End the services, if there are any."""
        services, self._services = self._services, None
        if services is not None:
            await services.close()
