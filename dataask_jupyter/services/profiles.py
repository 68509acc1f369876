"""Profiles kept on disk, so that a restarted server (and the shell) needn't read a large source again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

from dataask_jupyter.schemas.catalog import CatalogProfile
from dataask_jupyter.sources import SourceSpec

KEPT = 64
"""How many profiles are kept; the least recently used is forgotten."""
FORMAT = 1


class Profiles:
    """Profiles by source and version of its data. A profile that can't be kept is no failure, only slower."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def load(self, spec: SourceSpec, version: str) -> CatalogProfile | None:
        """The profile of this version, if it is kept."""
        if self._folder is None:
            return None
        file = self._file(self._folder, spec, version)
        try:
            found = CatalogProfile.model_validate_json(file.read_bytes())
            os.utime(file)
        except (OSError, ValueError):
            return None
        return found

    def save(self, spec: SourceSpec, version: str, profile: CatalogProfile) -> None:
        """Keep it. It holds values of the source, so nobody else may read it."""
        if self._folder is None:
            return
        file = self._file(self._folder, spec, version)
        draft = file.with_suffix(f".{os.getpid()}.tmp")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                out.write(profile.model_dump_json().encode())
            draft.replace(file)
            self._forget_old(self._folder)
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()

    @staticmethod
    def _file(folder: Path, spec: SourceSpec, version: str) -> Path:
        parts = json.dumps([FORMAT, spec.kind, spec.settings, version], sort_keys=True)
        return folder / f"{hashlib.sha256(parts.encode()).hexdigest()}.json"

    @staticmethod
    def _forget_old(folder: Path) -> None:
        files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)
