"""Which files of the server's machine connections may open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folders:
    """The rule about files.

    Whoever runs a server for themselves may open what they could open anyway. On a server for several people a path
    reaches into the machine of somebody else, so the administrator names the folders.
    """

    own_store: Path | None
    """The file of DataAsk's own database, which nobody may open."""
    named: tuple[Path, ...] | None
    """The folders that connections may open files in; None for all."""

    def refusal(self, path: Path) -> str | None:
        """Why the file can't be opened, in words; None when it may be. Looks at the disk.

        Outside of the named folders the words are the same whether or not the file exists.
        """
        if self.named is not None and not self._is_inside(path):
            return (
                "Files on this server can be connected from the folders only that its administrator named "
                "(DataAsk.file_folders). Ask them to put the file there."
            )
        if self._is_own_store(path):
            return "This file is DataAsk's own database. Choose another one."
        return None

    def _is_inside(self, path: Path) -> bool:
        try:
            # Where links lead in the end is what counts.
            real = path.resolve()
            return any(real.is_relative_to(folder.resolve()) for folder in self.named or ())
        except (OSError, RuntimeError):
            return False

    def _is_own_store(self, path: Path) -> bool:
        if self.own_store is None:
            return False
        try:
            return path.samefile(self.own_store)
        except OSError:
            return False
