"""Settings of sources that are one local file, and the version of a file's data."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from dataask_jupyter.errors import SourceUnavailable


class SourceSettings(BaseModel):
    """Base of every kind's settings: unknown fields are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _normal(text: str) -> str:
    if "\0" in text:
        raise ValueError("A path can't hold a NUL character.")
    if "://" in text or text.startswith("file:"):
        raise ValueError("This must be the path of a file, not an address.")
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("The path must be absolute, e.g. /home/you/sales.db.")
    # Not resolved: a link may point elsewhere tomorrow, and the user should see the path that they gave.
    return str(Path(*[part for part in path.parts if part != "."]))


FilePath = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=4096),
    AfterValidator(_normal),
]


class FileSettings(SourceSettings):
    """One local database file."""

    path: FilePath = Field(
        title="File", description="The full path of the database file on this machine. It is only read."
    )


def file_version(path: str, *beside: str) -> str:
    """Path, device, inode, size and times of a file, and of the files that stand beside it with these endings."""
    parts = [path]
    for ending in ("", *beside):
        try:
            found = Path(path + ending).stat()
        except FileNotFoundError:
            if not ending:
                raise SourceUnavailable(f"{path} was not found. Check the path, or restore the file.") from None
            parts.append("-")
            continue
        except OSError as error:
            raise SourceUnavailable(f"{path} can't be read: {error.strerror or error}.") from error
        parts.append(f"{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}")
    return "|".join(parts)


def require_file(path: str) -> None:
    """Raise SourceUnavailable where there is no readable file."""
    file = Path(path)
    try:
        if not file.exists():
            raise SourceUnavailable(f"{path} was not found. Check the path, or restore the file.")
        if not file.is_file():
            raise SourceUnavailable(f"{path} isn't a file. Choose a database file.")
        with file.open("rb"):
            pass
    except OSError as error:
        reason = error.strerror or str(error)
        raise SourceUnavailable(f"{path} can't be read: {reason}. Check its permissions.") from error


def path_of(settings: dict[str, Any]) -> str:
    """The path in settings of this kind, validated."""
    return FileSettings.model_validate(settings).path
