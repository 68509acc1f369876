"""What every kind of source is: settings, a version of its data, and how a worker reads it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.schemas.connections import ConnectionKind, ConnectionStatus

from .settings import SourceSettings

if TYPE_CHECKING:
    import pyarrow as pa

Settings = TypeVar("Settings", bound=SourceSettings)

VALUES_PER_COLUMN = 5_000
"""A text column with more distinct values than this has none of them in its profile."""
VALUES_PER_CATALOG = 100_000
VALUE_CHARACTERS = 120


class Secrets:
    """Passwords and the like that a source needs besides its settings. This one is none; services have another.

    It holds no plain text: that is made for the message to a worker, and nowhere else.
    """

    @property
    def version(self) -> str:
        """Another text with every other secret: what was read with one isn't shown to who has another."""
        return ""

    def reveal(self) -> dict[str, str]:
        """Plain text, by name of the setting. Only for what goes to a worker over its standard input."""
        return {}


NO_SECRETS: Final = Secrets()


@dataclass(frozen=True)
class SourceSpec:
    """What a worker needs to open a source. Settings that are secret (`writeOnly`) aren't among its settings."""

    kind: str
    settings: dict[str, Any]
    secrets: Secrets = NO_SECRETS


@dataclass(frozen=True)
class ReadLimits:
    """What reading may use. The worker process has harder limits around it."""

    batch_rows: int = 16_384
    batch_bytes: int = 16 * 1024 * 1024
    """Roughly how large one batch may get."""
    memory_bytes: int = 1024**3
    cell_bytes: int = 512 * 1024 * 1024
    threads: int = 2
    seconds: float = 60.0
    """When the job's deadline is. A server is told, so that it stops even if nobody is left to say so."""
    temporary: Path | None = None
    """A folder for spilled data; None means that nothing is spilled."""
    temporary_bytes: int = 0


@dataclass(frozen=True)
class Budget:
    """How long a profile may take, and of how many rows it reads all."""

    seconds: float = 20.0
    rows: int = 5_000_000


@dataclass
class Reading:
    """A running read: record batches, and what can only be said when all of them are there."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]
    timestamps: set[int] = field(default_factory=set)
    """Positions of text columns to turn into dates or timestamps if every value is one. Grows while reading."""


class Interruptible(ABC):
    """Something that another thread may interrupt."""

    @abstractmethod
    def interrupt(self) -> None:
        """Stop what runs as soon as possible; the running call raises."""


class SourceKind(ABC, Generic[Settings]):
    """One kind of source. `open_*` and what follows run only inside a worker process."""

    kind: ClassVar[str]
    label: ClassVar[str]
    tile: ClassVar[str]
    dialect: ClassVar[str]
    notes: ClassVar[str] = ""
    settings_model: type[Settings]

    def describe(self) -> ConnectionKind:
        """The entry in the catalogue of kinds."""
        return ConnectionKind(
            kind=self.kind,
            label=self.label,
            tile=self.tile,
            dialect=self.dialect,
            settings_schema=self.settings_model.model_json_schema(),
            notes=self.notes,
        )

    @abstractmethod
    def fingerprint(self, settings: dict[str, Any]) -> str:
        """The version of the data: the same text as long as the same query gives the same rows.

        This runs in the server, so the settings come without the secret ones.
        """

    def schema_version(self, settings: dict[str, Any]) -> str:
        """The version of tables, columns and typical values. Reading these takes long, so it may change more seldom."""
        return self.fingerprint(settings)

    @abstractmethod
    def open(self, settings: dict[str, Any], limits: ReadLimits) -> Session:
        """Open the source read-only; the settings hold the secret ones. Raises SourceUnavailable or SourceLocked."""


class Session(Interruptible):
    """An open source, inside a worker. It is used for one job and closed."""

    @abstractmethod
    def read(self, sql: str) -> Reading:
        """Run SQL that passed the gate and read its rows."""

    @abstractmethod
    def catalog(self) -> Catalog:
        """Tables, columns and keys."""

    @abstractmethod
    def profile(self, catalog: Catalog, budget: Budget) -> CatalogProfile:
        """Facts about the values of the catalog's columns, within the budget."""

    @abstractmethod
    def check(self) -> ConnectionStatus:
        """Whether the source answers, and what it is."""

    @abstractmethod
    def close(self) -> None:
        """Give everything back."""

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
