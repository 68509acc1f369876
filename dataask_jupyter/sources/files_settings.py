"""Settings of the kind `files`: which uploads or files are which tables, and how they are read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, field_validator, model_validator

from dataask_jupyter.schemas.common import Id
from dataask_jupyter.schemas.uploads import ColumnType, ColumnTypes, Delimiter, Encoding, FileFormat, Sheet

from .settings import FilePath, SourceSettings

MAX_TABLES = 200
MAX_FILES = 500
"""Files of one table."""
_READER = 1
"""Another number with each change of how files are read: what an older one made of them isn't used any more."""


def _without_control(text: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ValueError("A name can't hold control characters.")
    return text


def _pattern(text: str) -> str:
    parts = Path(text).parts
    if ".." in parts:
        raise ValueError("The path can't hold “..”. Write it out.")
    if any("**" in part for part in parts):
        raise ValueError("“**” isn't known. Name each level of folders, e.g. /data/*/*.parquet.")
    if sum(1 for part in parts if any(sign in part for sign in "*?[")) > 4:
        raise ValueError("At most four levels of a path may hold wildcards.")
    return text


TableName = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120),
    AfterValidator(_without_control),
]
FilePattern = Annotated[FilePath, AfterValidator(_pattern)]


@dataclass(frozen=True)
class ReadAs:
    """How one file is read; None is found out from the file."""

    format: FileFormat | None = None
    delimiter: str | None = None
    header: bool | None = None
    sheet: str | None = None
    encoding: Encoding | None = None
    columns: tuple[tuple[str, ColumnType], ...] = ()

    @property
    def key(self) -> str:
        """Another text for each other way of reading."""
        parts = json.dumps([_READER, asdict(self)], sort_keys=True)
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:24]

    def as_dict(self) -> dict[str, Any]:
        """As JSON, for a worker."""
        return asdict(self)

    @staticmethod
    def from_dict(found: dict[str, Any]) -> ReadAs:
        """The inverse of `as_dict`."""
        return ReadAs(**{**found, "columns": tuple((name, type_) for name, type_ in found["columns"])})


class FilesTable(SourceSettings):
    """One table: some uploads, or the files that a path names."""

    name: TableName = Field(title="Table", description="What the table is called in queries.")
    uploads: list[Id] = Field(default_factory=list, max_length=MAX_FILES, title="Uploads")
    path: FilePattern | None = Field(
        default=None,
        title="Path",
        description="A file, a folder, or a pattern such as /data/orders-*.csv on the server's machine.",
    )
    format: Literal["auto", "csv", "tsv", "parquet", "json", "excel"] = Field(default="auto", title="Format")
    delimiter: Delimiter | None = Field(default=None, title="Delimiter")
    header: bool | None = Field(default=None, title="First row holds the names")
    sheet: Sheet | None = Field(default=None, title="Sheet")
    encoding: Encoding | None = Field(default=None, title="Encoding")
    columns: ColumnTypes = Field(default_factory=dict, title="Types of columns that differ from those found")

    @model_validator(mode="after")
    def _one_place(self) -> FilesTable:
        if bool(self.uploads) == (self.path is not None):
            raise ValueError("Give either uploads or a path.")
        return self

    @property
    def read_as(self) -> ReadAs:
        """How its files are read."""
        return ReadAs(
            format=None if self.format == "auto" else self.format,
            delimiter=self.delimiter,
            header=self.header,
            sheet=self.sheet,
            encoding=self.encoding,
            columns=tuple(sorted(self.columns.items())),
        )


class FilesSettings(SourceSettings):
    """Files as tables."""

    tables: list[FilesTable] = Field(title="Tables", min_length=1, max_length=MAX_TABLES)

    @field_validator("tables")
    @classmethod
    def _different_names(cls, tables: list[FilesTable]) -> list[FilesTable]:
        seen: set[str] = set()
        for table in tables:
            if table.name.casefold() in seen:
                raise ValueError(f"Two tables are named {table.name}. Names must differ by more than their case.")
            seen.add(table.name.casefold())
        return tables


@dataclass(frozen=True)
class Places:
    """Where files are, and which may be read. The server says so beside the settings; nobody else can."""

    uploads: str | None = None
    """The folder of the workspace's uploads."""
    cache: str | None = None
    """The folder for what was made of files that stay where they are."""
    folders: tuple[str, ...] | None = None
    """The only folders that paths may lead into; None for all."""
    private: tuple[str, ...] = ()
    """Folders that no path may lead into: DataAsk's own."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON, for a worker."""
        return asdict(self)


PLACES = "places"
"""The name of the places beside the settings' own fields."""


def take_apart(settings: dict[str, Any]) -> tuple[FilesSettings, Places]:
    """Settings as the server gives them to a worker."""
    given = dict(settings)
    places = given.pop(PLACES, None) or {}
    if places.get("folders") is not None:
        places = {**places, "folders": tuple(places["folders"])}
    places = {**places, "private": tuple(places.get("private", ()))}
    return FilesSettings.model_validate(given), Places(**places)
