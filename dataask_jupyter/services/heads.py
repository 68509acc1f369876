"""The newest record of each chain, kept in files outside the database: who cuts off records there is found out."""

from __future__ import annotations

import json
import logging
import os
import re
import tempfile
import threading
from pathlib import Path

from dataask_jupyter.store.models import now

from .chain import Head

_NAME = re.compile(r"[0-9a-z]{1,32}")
_log = logging.getLogger("dataask")


class Heads:
    """A folder with one small file per chain."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._kept: dict[str, int] = {}

    def keep(self, chain: str, head: Head) -> None:
        """Remember the head. The act is done already: a failure is logged, it can't be undone."""
        if not _NAME.fullmatch(chain):
            return
        with self._lock:
            # Two transactions can come here in another order than they were committed in.
            if head.number <= self._kept.get(chain, 0):
                return
            try:
                self._write(chain, head)
            except OSError as error:
                _log.warning("The audit log's head can't be kept in %s: %s", self.folder, error.strerror)
            else:
                self._kept[chain] = head.number

    def read(self, chain: str) -> Head | None:
        """The head that was kept, or None where none can be read."""
        try:
            found = json.loads(self._file(chain).read_text("utf-8"))
            return Head(int(found["number"]), str(found["hash"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError):
            _log.warning("The audit log's head in %s can't be read", self._file(chain))
            return None

    def chains(self) -> set[str]:
        """The chains of which a head was kept."""
        return {path.stem for path in self.folder.glob("*.json") if _NAME.fullmatch(path.stem)}

    def _file(self, chain: str) -> Path:
        return self.folder / f"{chain}.json"

    def _write(self, chain: str, head: Head) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = json.dumps({"number": head.number, "hash": head.hash, "at": now().isoformat()}) + "\n"
        handle, name = tempfile.mkstemp(prefix=".head-", dir=self.folder)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
            # Whole or not at all. Not forced to the disk: after a power cut the file may be one record behind,
            # which makes a check weaker by that record and never wrong.
            Path(name).replace(self._file(chain))
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
