"""What the kinds that are one local file have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

from dataask_jupyter.errors import DataAskError, QueryTooBig

from .base import SourceKind
from .settings import FileSettings, file_version, path_of

TOO_BIG = "The query needs more memory than one query may use. Filter or group the rows, or select fewer columns."


class FileKind(SourceKind[FileSettings]):
    """A kind of source that is one file, with perhaps others beside it."""

    settings_model = FileSettings
    beside: ClassVar[tuple[str, ...]] = ()
    """Endings of the files beside it that hold data too."""

    def fingerprint(self, settings: dict[str, Any]) -> str:
        """The version of the file and of those beside it."""
        return file_version(path_of(settings), *self.beside)


class FileErrors(ABC):
    """A context that turns a database's errors into DataAsk's."""

    foreign: ClassVar[type[Exception]]
    """What is translated; other errors pass, and so do DataAsk's own."""

    def __init__(self, path: str, *, opening: bool = False) -> None:
        self.path = path
        self.opening = opening

    @abstractmethod
    def translate(self, error: Any) -> DataAskError:
        """DataAsk's error for a foreign one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DataAskError):
            return
        if isinstance(error, MemoryError):
            raise QueryTooBig(TOO_BIG) from error
        if isinstance(error, self.foreign):
            raise self.translate(error) from error
