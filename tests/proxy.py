"""A TCP proxy that loses answers: the server acts, and the client never hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast


class Proxy:
    """Passes bytes on to a port of this machine; while `losing`, answers are thrown away and the client cut off."""

    def __init__(self, target: int) -> None:
        self._target = target
        self.losing = False
        self.lost = 0
        """How many answers the server began that nobody received."""
        self.port = 0
        self._pipes: set[asyncio.Task[None]] = set()
        """Held here: the event loop alone would let a connection's task be collected while it waits."""

    async def serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        """One connection, from start to end."""
        self._pipes.add(own := cast("asyncio.Task[None]", asyncio.current_task()))
        own.add_done_callback(self._pipes.discard)
        from_server, server = await asyncio.open_connection("127.0.0.1", self._target)
        requests = asyncio.create_task(self._pass(client, server))
        try:
            while part := await from_server.read(65536):
                if self.losing:
                    self.lost += 1
                    answers.transport.abort()
                    return
                answers.write(part)
                await answers.drain()
        except ConnectionError:
            pass
        finally:
            requests.cancel()
            await asyncio.gather(requests, return_exceptions=True)
            for writer in (server, answers):
                writer.close()

    async def close(self) -> None:
        """End what is open."""
        open_pipes = list(self._pipes)
        for pipe in open_pipes:
            pipe.cancel()
        await asyncio.gather(*open_pipes, return_exceptions=True)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while part := await reader.read(65536):
            writer.write(part)
            await writer.drain()


@asynccontextmanager
async def proxy(target: int) -> AsyncIterator[Proxy]:
    """A proxy before a port, from start to end."""
    made = Proxy(target)
    listening = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = listening.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        listening.close()
        await made.close()
