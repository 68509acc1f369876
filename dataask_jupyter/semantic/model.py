"""The semantic model: a catalog read as people speak of it. Built once for a catalog, then only read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..schemas.catalog import ColumnKind

Role = Literal["key", "measure", "dimension", "time", "part", "flag"]
"""What a column is good for. `part` is a year, month, day … kept as a number."""

TimePart = Literal["year", "quarter", "month", "week", "weekday", "day", "hour", "minute", "decade"]


@dataclass(frozen=True)
class Name:
    """One way to say a table or column: base forms in order, and how sure that way is."""

    words: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, eq=False)
class ColumnModel:
    """A column with its words, its role and what is known of its values."""

    table: str
    name: str
    kind: ColumnKind
    label: str
    names: tuple[Name, ...]
    role: Role
    part: TimePart | None = None
    text_time: bool = False
    numeric_text: bool = False
    unique: bool = False
    primary_key: bool = False
    distinct: int | None = None
    nulls: int | None = None
    minimum: str | None = None
    maximum: str | None = None
    values: tuple[str, ...] = ()

    @property
    def numeric(self) -> bool:
        """Whether arithmetic on it makes sense."""
        return self.kind in ("integer", "number") or self.numeric_text

    @property
    def id(self) -> tuple[str, str]:
        """What identifies it within a model."""
        return (self.table, self.name)


@dataclass(frozen=True, eq=False)
class TableModel:
    """A table with its words and columns."""

    id: str
    name: str
    schema_name: str | None
    label: str
    names: tuple[Name, ...]
    columns: tuple[ColumnModel, ...]
    rows: int | None
    key: tuple[str, ...]
    display: tuple[str, ...]
    time: str | None
    bridge: bool = False

    def column(self, name: str) -> ColumnModel | None:
        """The column of that name."""
        return next((c for c in self.columns if c.name == name), None)


@dataclass(frozen=True)
class Relationship:
    """Many rows of `table` belong to one row of `target`."""

    table: str
    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    declared: bool = True
    confidence: float = 1.0
    role: str = ""


@dataclass(frozen=True)
class KnownValue:
    """A value that a text column holds."""

    column: ColumnModel
    value: str


@dataclass(frozen=True, eq=False)
class SemanticModel:
    """Everything that reading a question needs. Lookups are prepared by `build`."""

    dialect: str
    tables: dict[str, TableModel]
    relationships: tuple[Relationship, ...]
    neighbours: dict[str, tuple[Relationship, ...]]
    values: dict[str, tuple[KnownValue, ...]] = field(repr=False)
    value_words: dict[str, tuple[KnownValue, ...]] = field(repr=False)
    table_words: dict[str, tuple[TableModel, ...]] = field(repr=False)
    column_words: dict[str, tuple[ColumnModel, ...]] = field(repr=False)
    vocabulary: dict[int, tuple[str, ...]] = field(repr=False)
    word_weight: dict[str, float] = field(repr=False)
    complete: bool = True

    def column(self, table: str, name: str) -> ColumnModel:
        """The column; raises KeyError when the model has none of that name."""
        found = self.tables[table].column(name)
        if found is None:
            raise KeyError(f"{table}.{name}")
        return found
