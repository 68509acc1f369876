"""What was made of files that stay where they are, kept until they change: Parquet in a folder with a budget."""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from contextlib import suppress
from pathlib import Path

BUDGET_BYTES = 4 * 1024**3
IN_USE_SECONDS = 600.0


def place(folder: Path, version: str, key: str) -> Path:
    """Where the Parquet of this version of a file belongs, when it is read this way."""
    name = hashlib.sha256(f"{version}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()[:40]
    return folder / f"{name}.parquet"


def is_there(file: Path) -> bool:
    """Whether it was made; marks it as used."""
    try:
        os.utime(file)
    except FileNotFoundError:
        return False
    return True


def unfinished(file: Path) -> Path:
    """A name to write it under: it is renamed when it is whole."""
    return file.with_name(f"{file.stem}.{uuid.uuid4().hex[:12]}.tmp")


def prune(folder: Path, budget: int = BUDGET_BYTES) -> None:
    """Remove what wasn't used for the longest time, and what a process that died left, until the budget is kept."""
    now, found = time.time(), []
    for file in folder.iterdir():
        with suppress(OSError):
            about = file.stat()
            found.append((about.st_mtime, about.st_size, file))
    total = sum(size for _, size, _ in found)
    for used, size, file in sorted(found):
        if used > now - IN_USE_SECONDS:
            return
        if total > budget or file.suffix == ".tmp":
            with suppress(OSError):
                file.unlink()
                total -= size
