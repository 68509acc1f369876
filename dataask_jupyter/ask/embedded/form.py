"""The logical form: a query over named columns, independent of dialects and joins."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...semantic.model import ColumnModel, Relationship, TableModel
from .chunks import DateRange
from .draft import Aggregate


@dataclass(frozen=True)
class Field:
    """A column, or a part of a date column. `grain` truncates, `part` extracts."""

    column: ColumnModel
    grain: str = ""
    part: str = ""


@dataclass(frozen=True)
class Measure:
    """An aggregate. Without a field it counts the rows of `table`."""

    aggregate: Aggregate
    field: Field | None = None
    distinct: bool = False
    table: TableModel | None = None


Expression = Field | Measure


@dataclass(frozen=True)
class Output:
    """A column of the result."""

    expression: Expression
    label: str
    share: bool = False


@dataclass(frozen=True)
class Sub:
    """The single value of an aggregate over a whole table: "the average age"."""

    aggregate: Aggregate
    field: Field
    tests: tuple[tuple[Test, ...], ...] = ()


@dataclass(frozen=True)
class Test:
    """A condition. `value` by operator: number, text, several texts, a date range, another field or a sub-query."""

    op: str
    left: Expression
    value: bool | float | str | tuple[str, ...] | DateRange | Field | Sub | None = None
    upper: float | None = None
    text_like: bool = False


@dataclass(frozen=True)
class Missing:
    """Rows of `table` that have no related row: the path leads from `table` to it, `tests` narrow it."""

    table: TableModel
    path: tuple[Relationship, ...]
    target: TableModel
    tests: tuple[tuple[Test, ...], ...] = ()
    present: bool = False


@dataclass(frozen=True)
class Sort:
    """A sort key."""

    expression: Expression
    descending: bool = False


@dataclass
class Query:
    """A whole query. `tests` is a conjunction of disjunctions."""

    root: TableModel
    outputs: list[Output] = field(default_factory=list)
    tests: list[tuple[Test, ...]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    groups: list[Field] = field(default_factory=list)
    having: list[Test] = field(default_factory=list)
    sorts: list[Sort] = field(default_factory=list)
    limit: int | None = None
    distinct: bool = False
    star: bool = False
    tables: list[TableModel] = field(default_factory=list)
    also: list[tuple[Test, ...]] = field(default_factory=list)
    hidden: list[Output] = field(default_factory=list)
    words: frozenset[str] = frozenset()

    def fields(self) -> list[Field]:
        """Every field the main query uses."""
        found: list[Field] = list(self.groups)
        for expression in (
            [o.expression for o in [*self.outputs, *self.hidden]] + [s.expression for s in self.sorts]
            + [t.left for t in self.having]
        ):  # fmt: skip
            found += _fields(expression)
        for group in [*self.tests, (self.also and self.also[0]) or ()]:
            for test in group:
                found += _fields(test.left)
                if isinstance(test.value, Field):
                    found.append(test.value)
        return found


def _fields(expression: Expression) -> list[Field]:
    if isinstance(expression, Field):
        return [expression]
    return [expression.field] if expression.field else []
