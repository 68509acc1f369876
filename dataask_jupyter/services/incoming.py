"""A file on its way in: its bytes go to the disk as they come."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import BinaryIO

from dataask_jupyter.errors import Malformed, StorageFull

_BUFFER_BYTES = 1024**2
_NO_SPACE = {28, 122}


class Incoming:
    """One upload that is being received. It ends by `finish`, or everything of it is removed."""

    def __init__(
        self,
        *,
        upload_id: str,
        workspace_id: str,
        name: str,
        length: int,
        file: Path,
        drop: Callable[[], Awaitable[None]],
    ) -> None:
        self.upload_id = upload_id
        self.workspace_id = workspace_id
        self.name = name
        self.length = length
        self.file = file
        self.received = 0
        self._drop = drop
        self._digest = hashlib.sha256()
        self._buffer = bytearray()
        self._open: BinaryIO | None = None
        self._writing: asyncio.Lock = asyncio.Lock()
        self._failure: Exception | None = None
        self._dropping: asyncio.Task[None] | None = None

    async def write(self, chunk: bytes) -> None:
        """Take a part. A disk that fails is remembered, so that the sender hears of it."""
        self.received += len(chunk)
        if self._failure is not None or self._dropping is not None:
            return
        self._buffer += chunk
        if len(self._buffer) >= _BUFFER_BYTES:
            await self._flush()

    async def finish(self) -> bytes:
        """All is there: its digest. Raises where it isn't whole, or the disk failed."""
        if self._buffer:
            await self._flush()
        async with self._writing:
            if self._open is not None:
                await asyncio.to_thread(self._open.close)
                self._open = None
        if self._failure is not None:
            raise self._failure
        if self.received != self.length:
            raise Malformed(f"{self.received:,} bytes came where {self.length:,} were announced. Send the file again.")
        return self._digest.digest()

    def discard_soon(self) -> None:
        """Remove everything of it, in the background."""
        if self._dropping is None:
            self._dropping = asyncio.get_running_loop().create_task(self.discard())

    async def discard(self) -> None:
        """Remove everything of it."""
        async with self._writing:
            if self._open is not None:
                await asyncio.to_thread(self._open.close)
                self._open = None
        await self._drop()

    async def _flush(self) -> None:
        async with self._writing:
            part, self._buffer = bytes(self._buffer), bytearray()
            if self._failure is None:
                try:
                    await asyncio.to_thread(self._append, part)
                except OSError as error:
                    self._failure = (
                        StorageFull("The disk filled up while the file came. Free some space and try again.")
                        if error.errno in _NO_SPACE
                        else error
                    )

    def _append(self, part: bytes) -> None:
        if self._open is None:
            self._open = self.file.open("xb")
        self._open.write(part)
        self._digest.update(part)
