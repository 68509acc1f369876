"""What the parser makes of a question: a query whose nouns are still open, to be resolved against the schema."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ...schemas.charts import ChartType
from .chunks import Chunk, DateRange

Role = Literal["select", "group", "order", "cond", "count", "mention", "owner"]
Aggregate = Literal["count", "sum", "avg", "min", "max", "median", "std"]


@dataclass(eq=False)
class Ref:
    """A noun of the question in a role. `owner` is the noun that it hangs on ("name *of the singer*")."""

    chunk: Chunk | None
    role: Role
    owner: Ref | None = None
    attribute: str = ""
    strong: bool = False
    numeric: bool = False
    tied: bool = False


@dataclass(eq=False)
class Item:
    """Something to show or to order by."""

    ref: Ref | None
    aggregate: Aggregate | None = None
    distinct: bool = False
    share: bool = False
    entity: bool = False


@dataclass(eq=False)
class Cond:
    """A condition on a column; without `ref` the value says which."""

    op: str
    ref: Ref | None = None
    subject: Ref | None = None
    chunk: Chunk | None = None
    number: float | None = None
    upper: float | None = None
    date: DateRange | None = None
    text: str | None = None
    versus: Item | None = None
    aggregate: Aggregate | None = None
    distinct: bool = False
    negated: bool = False
    either: bool = False
    both: bool = False
    unit: str = ""
    status: str = ""
    flag: bool = False
    place: str = ""


@dataclass(eq=False)
class Absence:
    """Rows without related rows: "stadiums without any concert in 2014"."""

    ref: Ref
    conds: list[Cond] = field(default_factory=list)


@dataclass(eq=False)
class Order:
    """A sort key."""

    item: Item
    descending: bool = False


@dataclass(eq=False)
class Draft:
    """A parsed question."""

    items: list[Item] = field(default_factory=list)
    groups: list[Ref] = field(default_factory=list)
    grain: str = ""
    conds: list[Cond] = field(default_factory=list)
    having: list[Cond] = field(default_factory=list)
    absences: list[Absence] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    limit: int | None = None
    superlative: bool = False
    distinct: bool = False
    star: bool = False
    mentions: list[Ref] = field(default_factory=list)
    verbs: list[Chunk] = field(default_factory=list)
    unread: list[Chunk] = field(default_factory=list)
    chart: ChartType | None = None
    vague: str = ""
    notes: list[str] = field(default_factory=list)

    def refs(self) -> list[Ref]:
        """All nouns of the main query, in the order of the question as far as it matters."""
        found: list[Ref] = [*self.mentions, *self.groups]
        found += [i.ref for i in self.items if i.ref]
        for cond in [*self.conds, *self.having]:
            found += [r for r in (cond.ref, cond.versus.ref if cond.versus else None) if r]
        found += [o.item.ref for o in self.orders if o.item.ref]
        unique: list[Ref] = []
        for ref in found:
            if ref not in unique:
                unique.append(ref)
        return unique
