"""What one job may use."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Limits:
    """Limits of one job. Beyond rows or bytes a result is cut; beyond the others the job fails with a typed error."""

    max_rows: int = 1_000_000
    max_bytes: int = 1024**3
    seconds: float = 60.0
    memory_bytes: int = 3 * 1024**3
    """Address space of the worker (`RLIMIT_AS`). DuckDB holds a value of 500 MB several times while it makes it."""
    temporary_bytes: int = 4 * 1024**3
    """What a database may spill to disk while it runs."""
    threads: int = 2

    def as_dict(self) -> dict[str, Any]:
        """As JSON, for the worker."""
        return asdict(self)
