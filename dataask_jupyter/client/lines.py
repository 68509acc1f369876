"""JSON lines from a stream of bytes.

Only a line feed ends a line: text inside JSON may hold other characters, such as U+2028, that `str.splitlines`
and httpx's own lines would break at.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx


class _Splitter:
    def __init__(self) -> None:
        self._rest = b""

    def feed(self, chunk: bytes) -> list[bytes]:
        """The lines that are complete now."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        return [line for line in lines if line.strip()]

    def end(self) -> list[bytes]:
        """What came after the last line feed."""
        return [self._rest] if self._rest.strip() else []


def read_lines(response: httpx.Response) -> Iterator[bytes]:
    """The response's lines, as they come."""
    splitter = _Splitter()
    for chunk in response.iter_bytes():
        yield from splitter.feed(chunk)
    yield from splitter.end()


async def read_lines_async(response: httpx.Response) -> AsyncIterator[bytes]:
    """The same on an event loop."""
    splitter = _Splitter()
    async for chunk in response.aiter_bytes():
        for line in splitter.feed(chunk):
            yield line
    for line in splitter.end():
        yield line
