"""What server and worker say to each other: one JSON object a line."""

from __future__ import annotations

import json
from typing import Any

MAX_LINE = 64 * 1024 * 1024
"""A catalog or a profile of a large database is one line."""


def encode(message: dict[str, Any]) -> bytes:
    """A message as a line."""
    return json.dumps(message, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """A line as a message."""
    found = json.loads(line)
    if not isinstance(found, dict):
        raise TypeError("a message is an object")
    return found
