"""A kind of connection for tests: a SQLite file behind a password, whose driver tells secrets in its errors.

`fixture` makes the kind known in this process and in all processes that it starts.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import quote

import pytest
from pydantic import Field

from dataask_jupyter import sources
from dataask_jupyter.errors import SourceUnavailable
from dataask_jupyter.schemas.connections import ConnectionStatus
from dataask_jupyter.sources.base import ReadLimits, Session, SourceKind
from dataask_jupyter.sources.settings import FilePath, SourceSettings
from dataask_jupyter.sources.sqlite import SQLite

ROOT = Path(__file__).resolve().parents[1]


class GuardedSettings(SourceSettings):
    """As those of a server, and the file that stands for its data."""

    path: FilePath
    host: str = "db.example.com"
    port: int = 5432
    database: str = "shop"
    user: str = "reader"
    ssl_mode: Literal["disable", "prefer", "require", "verify-full"] = "prefer"
    ssl_root_cert: str | None = None
    password: str | None = Field(default=None, json_schema_extra={"writeOnly": True, "format": "password"})
    token: str | None = Field(default=None, json_schema_extra={"writeOnly": True, "format": "password"})


class Guarded(SourceKind[GuardedSettings]):
    """Opens the file for who knows the password; user `broken` meets a driver with a defect."""

    kind: ClassVar[str] = "guarded"
    label: ClassVar[str] = "Guarded"
    tile: ClassVar[str] = "Gu"
    dialect: ClassVar[str] = "sqlite"
    settings_model = GuardedSettings

    def fingerprint(self, settings: dict[str, Any]) -> str:
        assert "password" not in settings
        return SQLite().fingerprint({"path": settings["path"]})

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> Session:
        given = GuardedSettings.model_validate(settings)
        address = f"guarded://{given.user}:{quote(given.password or '')}@{given.host}/{given.database}"
        if given.user == "broken":
            raise RuntimeError(f"{settings} {address}")
        if _digest(given.password) != Path(f"{given.path}.password").read_text():
            raise SourceUnavailable(f"Password {given.password} was refused by {address}.", extra={"dsn": address})
        session: Session = SQLite().open({"path": given.path}, limits)
        check = session.check
        session.check = lambda: _talkative(check(), address)  # type: ignore[method-assign]
        return session


def _talkative(status: ConnectionStatus, address: str) -> ConnectionStatus:
    return status.model_copy(update={"detail": f"Connected to {address}", "server_version": f"1.0 at {address}"})


def _digest(password: str | None) -> str:
    return hashlib.sha256((password or "").encode("utf-8", "surrogatepass")).hexdigest()


def set_password(path: Path, password: str) -> None:
    """From now on the file opens with this password only."""
    Path(f"{path}.password").write_text(_digest(password))


def register() -> None:
    """Make the kind known in this process."""
    sources.KINDS[Guarded.kind] = Guarded()


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Guarded]]:
    """The kind, here and in workers."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "sitecustomize.py").write_text("from tests.guarded import register; register()\n")
    places = [str(folder), str(ROOT), os.environ.get("PYTHONPATH")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, places)))
    register()
    yield Guarded
    del sources.KINDS[Guarded.kind]
