"""Which files a path, a folder or a pattern names, and whether they may be read."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator
from pathlib import Path

from dataask_jupyter.errors import SourceUnavailable

from .files_settings import MAX_FILES, FilesTable, Places

MAX_ENTRIES = 20_000
"""Entries of folders that one pattern may make one look at."""
ENDINGS: dict[str, str] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".xlsx": "excel",
    ".xlsm": "excel",
}
OUTSIDE = (
    "Files on this server can be connected from the folders only that its administrator named (DataAsk.file_folders). "
    "Ask them to put the file there."
)
PRIVATE = "This leads into DataAsk's own folder. Choose another place."
_WILD = re.compile(r"[*?\[]")


def ending(name: str) -> str | None:
    """The format that a name's ending promises; `.gz` beside it is no matter."""
    path = Path(name.lower())
    suffix = path.suffixes[-2] if path.suffix == ".gz" and len(path.suffixes) > 1 else path.suffix
    return ENDINGS.get(suffix)


def files_of(table: FilesTable, places: Places) -> list[Path]:
    """The files of a table by path, in the order of their names; raises SourceUnavailable."""
    given = Path(table.path or "")
    # First, so that what is outside of the folders gives the same words whether it is there or not.
    _permit(_fixed_part(given), places)
    try:
        if given.is_dir():
            found = _in_folder(given, table)
        elif given.exists() or not _WILD.search(str(given)):
            found = [given]
        else:
            found = sorted(_matches(given))
    except OSError as error:
        raise SourceUnavailable(f"{given} can't be read: {error.strerror or error}.") from error
    if not found:
        raise SourceUnavailable(f"No file fits {given}. Check the path, or put the files there.")
    if len(found) > MAX_FILES:
        raise SourceUnavailable(f"{given} names {len(found):,} files; one table takes at most {MAX_FILES}.")
    for file in found:
        _permit(file, places)
        _require(file)
    return found


def refusal(table: FilesTable, places: Places) -> str | None:
    """Why a table's path may not be read, in words; None when it may, be there a file or not."""
    try:
        files_of(table, places)
    except SourceUnavailable as error:
        return error.detail if error.detail in {OUTSIDE, PRIVATE} else None
    return None


def _fixed_part(path: Path) -> Path:
    """The path up to its first wildcard."""
    parts = list(path.parts)
    for index, part in enumerate(parts):
        if _WILD.search(part):
            fixed = Path(*parts[:index])
            return fixed if not path.exists() else path
    return path


def _permit(path: Path, places: Places) -> None:
    try:
        # Where links lead in the end is what counts.
        real = path.resolve()
        inside = places.folders is None or any(real.is_relative_to(Path(each).resolve()) for each in places.folders)
        private = any(real.is_relative_to(Path(each).resolve()) for each in places.private)
    except (OSError, RuntimeError):
        inside, private = places.folders is None, False
    if not inside:
        raise SourceUnavailable(OUTSIDE)
    if private:
        raise SourceUnavailable(PRIVATE)


def _require(file: Path) -> None:
    try:
        if not file.exists():
            raise SourceUnavailable(f"{file} was not found. Check the path, or restore the file.")
        if not file.is_file():
            raise SourceUnavailable(f"{file} isn't a file.")
        with file.open("rb"):
            pass
    except OSError as error:
        raise SourceUnavailable(f"{file} can't be read: {error.strerror or error}. Check its permissions.") from error


def _in_folder(folder: Path, table: FilesTable) -> list[Path]:
    entries = [folder / name for name in _names(folder, [0])]
    known = [(file, ending(file.name)) for file in sorted(entries) if ending(file.name) and file.is_file()]
    wanted = None if table.format == "auto" else table.format
    formats = {format_ for _, format_ in known}
    if wanted is None and len(formats) > 1:
        names = ", ".join(sorted(filter(None, formats)))
        raise SourceUnavailable(f"{folder} holds files of several formats ({names}). Say which one, or use a pattern.")
    return [file for file, format_ in known if wanted in {None, format_}]


def _matches(pattern: Path) -> Iterator[Path]:
    """Files that fit, level by level. Hidden ones have to be named."""
    seen = [0]
    found = [Path(pattern.anchor)]
    for part in pattern.parts[1:]:
        if not _WILD.search(part):
            found = [each / part for each in found if (each / part).exists()]
            continue
        fits = re.compile(fnmatch.translate(part))
        found = [
            each / name
            for each in found
            if each.is_dir()
            for name in _names(each, seen)
            if fits.match(name) and (part.startswith(".") or not name.startswith("."))
        ]
    yield from (each for each in found if each.is_file())


def _names(folder: Path, seen: list[int]) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            seen[0] += 1
            if seen[0] > MAX_ENTRIES:
                raise SourceUnavailable(f"{folder} holds too many entries to look for files in. Use a narrower path.")
            yield entry.name


def version_of(files: list[Path]) -> str:
    """Paths, sizes and times of files."""
    parts = []
    for file in files:
        try:
            found = file.stat()
        except OSError as error:
            raise SourceUnavailable(f"{file} can't be read: {error.strerror or error}.") from error
        parts.append(f"{file}:{found.st_dev}:{found.st_ino}:{found.st_size}:{found.st_mtime_ns}:{found.st_ctime_ns}")
    return "|".join(parts)
