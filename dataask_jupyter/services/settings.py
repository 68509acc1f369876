"""What the services need to know, as plain values: the server's traits and the shell's options end up here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Where things are kept and how much may be used."""

    data_dir: Path
    database_url: str = ""
    """The metadata database; empty means SQLite in `data_dir`."""
    workers: int = 2
    max_rows: int = 1_000_000
    max_result_bytes: int = 1024**3
    query_seconds: float = 60.0
    query_memory_bytes: int = 2 * 1024**3
    results_budget_bytes: int = 4 * 1024**3
    ask_seconds: float = 120.0
    profile_wait_seconds: float = 4.0
    """How long a question waits for the profile of a source that was never read before."""
    queries_per_user: int = 16
    """More at once than this are refused, so that one person can't take all workers."""

    @property
    def url(self) -> str:
        """The metadata database's address."""
        return self.database_url or f"sqlite:///{self.data_dir / 'dataask.db'}"

    @property
    def results_dir(self) -> Path:
        """Where results are kept."""
        return self.data_dir / "results"

    @property
    def profiles_dir(self) -> Path:
        """Where profiles of sources are kept."""
        return self.data_dir / "profiles"

    @property
    def demo_dir(self) -> Path:
        """Where the demo data are."""
        return self.data_dir / "demo"
