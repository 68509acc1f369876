"""The pieces a question is cut into, with every meaning each piece may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ...semantic.model import ColumnModel, KnownValue, TableModel

Kind = Literal["noun", "value", "number", "quote", "date", "cue", "word", "punct"]
How = Literal["exact", "stem", "synonym", "fuzzy", "partial", "attribute"]


@dataclass(frozen=True, eq=False)
class Token:
    """A word, number, quote or sign of the question."""

    kind: str
    text: str
    low: str
    start: int
    end: int


@dataclass(frozen=True, eq=False)
class TableSense:
    """A piece read as a table."""

    table: TableModel
    score: float
    how: How = "exact"


@dataclass(frozen=True, eq=False)
class ColumnSense:
    """A piece read as a column."""

    column: ColumnModel
    score: float
    how: How = "exact"


@dataclass(frozen=True, eq=False)
class ValueSense:
    """A piece read as a value that a column holds; without `known` it is taken literally."""

    known: KnownValue
    score: float
    how: How = "exact"


@dataclass(frozen=True)
class DateRange:
    """From `start` on, before `end` (ISO dates); open ends are None. `part` and `number` when only a part is named."""

    start: str | None
    end: str | None
    label: str
    part: str | None = None
    number: int | None = None


@dataclass(eq=False)
class Chunk:
    """A piece of the question."""

    kind: Kind
    text: str
    first: int
    last: int
    start: int
    end: int
    cue: str = ""
    tables: list[TableSense] = field(default_factory=list)
    columns: list[ColumnSense] = field(default_factory=list)
    values: list[ValueSense] = field(default_factory=list)
    number: float | None = None
    date: DateRange | None = None
    used: bool = False
    corrected: str = ""
    qualified: bool = False

    @property
    def noun(self) -> bool:
        """Whether it may name a table or column."""
        return self.kind == "noun"

    def best_table(self) -> float:
        """The best score as a table, 0 for none."""
        return self.tables[0].score if self.tables else 0.0

    def best_column(self) -> float:
        """The best score as a column, 0 for none."""
        return self.columns[0].score if self.columns else 0.0
