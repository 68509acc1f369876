"""What the services need to know, as plain values: the server's traits and the shell's options end up here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dataask_jupyter.schemas.roles import BuiltInRole
from dataask_jupyter.schemas.users import Mode, Registration


@dataclass(frozen=True)
class Settings:
    """Where things are kept and how much may be used."""

    data_dir: Path
    database_url: str = ""
    """The metadata database; empty means SQLite in `data_dir`."""
    file_folders: tuple[Path, ...] = ()
    """Where several people use the server: folders whose files connections may open."""
    workers: int = 2
    max_rows: int = 1_000_000
    max_result_bytes: int = 1024**3
    query_seconds: float = 60.0
    query_memory_bytes: int = 3 * 1024**3
    results_budget_bytes: int = 4 * 1024**3
    max_upload_bytes: int = 512 * 1024**2
    uploads_budget_bytes: int = 10 * 1024**3
    """What the uploads of one workspace may take, with what is made of them."""
    ask_seconds: float = 120.0
    profile_wait_seconds: float = 4.0
    """How long a question waits for the profile of a source that was never read before."""
    queries_per_user: int = 16
    """More at once than this are refused, so that one person can't take all workers."""
    mode: Mode = "solo"
    """Whose users this server has."""
    registration: Registration = "invitation"
    """Who may make an account, where accounts are this server's own."""
    secret_key_file: Path | None = None
    """The file with the server's key, where the environment doesn't hold it."""
    access_minutes: int = 10
    """How long an access token is good for."""
    session_days: int = 30
    """After how many days without use somebody is signed out."""
    public_url: str = ""
    """Where people reach this server, as they type it; empty: not known."""
    smtp_url: str = field(default="", repr=False)
    """The mail server, with its password: never shown, never logged."""
    mail_from: str = ""
    """The sender of e-mails; empty: the user of `smtp_url`, where that is an address."""
    mail_seconds: float = 30.0
    """How long the mail server may take, in each of two tries."""
    mail_pause_seconds: float = 5.0
    """How long to wait between them."""

    group_roles: Mapping[str, Mapping[str, BuiltInRole]] = field(default_factory=dict)
    """Roles that JupyterHub's groups give, by group and name of the workspace."""
    admin_groups: tuple[str, ...] = ()
    """JupyterHub's groups whose members administer this server; empty: groups don't decide."""

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
    def uploads_dir(self) -> Path:
        """Where files are that people brought."""
        return self.data_dir / "uploads"

    @property
    def files_dir(self) -> Path:
        """Where is kept what was made of files that stay where they are."""
        return self.data_dir / "files"

    @property
    def demo_dir(self) -> Path:
        """Where the demo data are."""
        return self.data_dir / "demo"
