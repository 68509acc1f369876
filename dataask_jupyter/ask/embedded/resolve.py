"""Chooses, jointly, what every noun and value of a draft means: by fit, by what hangs on what, by join length."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...semantic.lexicon import ATTRIBUTES, WH_ATTRIBUTES
from ...semantic.model import ColumnModel, KnownValue, SemanticModel, TableModel
from .chunks import ColumnSense, How, TableSense, ValueSense
from .draft import Cond, Draft, Ref
from .joins import FAR, Joins

BEAM = 16
HOP_COST = 0.17
UNRELATED_COST = 1.5
MAX_OPTIONS = 10
IGNORED = 0.35


@dataclass(frozen=True, eq=False)
class Ignored:
    """A noun that is only mentioned and adds nothing."""

    score: float = IGNORED


Sense = TableSense | ColumnSense | ValueSense | Ignored


@dataclass(eq=False)
class Slot:
    """Something to be resolved, and its possible senses."""

    key: Ref | Cond
    options: list[Sense]
    owner: Ref | None = None
    weight: float = 1.0


@dataclass
class Choice:
    """One joint choice."""

    score: float
    senses: dict[int, Sense] = field(default_factory=dict)
    tables: tuple[str, ...] = ()

    def of(self, key: Ref | Cond | None) -> Sense | None:
        """What a noun or value was taken for."""
        return self.senses.get(id(key)) if key is not None else None

    def column(self, key: Ref | None) -> ColumnModel | None:
        """The column a noun was taken for."""
        sense = self.of(key)
        return sense.column if isinstance(sense, ColumnSense) else None

    def table(self, key: Ref | None) -> TableModel | None:
        """The table a noun was taken for."""
        sense = self.of(key)
        return sense.table if isinstance(sense, TableSense) else None


class Resolver:
    """Resolves one draft."""

    def __init__(self, draft: Draft, model: SemanticModel, joins: Joins) -> None:
        self.draft = draft
        self.model = model
        self.joins = joins

    def choices(self) -> list[Choice]:
        """The best joint choices, best first."""
        slots = self._slots()
        beam = [Choice(0.0)]
        for slot in slots:
            grown: list[Choice] = []
            for state in beam:
                for sense in slot.options:
                    score = state.score + slot.weight * (sense.score + self._context(slot, sense, state))
                    table = _table_of(sense)
                    tables = state.tables
                    if table is not None and table not in tables:
                        if tables:
                            distance = self.joins.nearest(tables, table)
                            score -= UNRELATED_COST if distance >= FAR else HOP_COST * distance
                        tables = (*tables, table)
                    grown.append(Choice(score, {**state.senses, id(slot.key): sense}, tables))
            grown.sort(key=lambda c: -c.score)
            beam = grown[:BEAM]
        return beam

    # ---- Slots -------------------------------------------------------------------------------------------------------

    def _slots(self) -> list[Slot]:
        slots: list[Slot] = []
        tied: set[int] = set()
        conds = [*self.draft.conds, *[c for a in self.draft.absences for c in a.conds]]
        for cond in conds:
            if cond.chunk is not None and cond.date is None and cond.number is None and cond.op != "status":
                options = self._value_options(cond)
                if options:
                    slots.append(Slot(cond, options, owner=cond.subject))
                    if cond.ref is not None:
                        tied.add(id(cond.ref))
        refs = self.draft.refs() + [a.ref for a in self.draft.absences]
        refs += [c.ref for a in self.draft.absences for c in a.conds if c.ref]
        seen: set[int] = set()
        for ref in refs:
            if id(ref) in tied or id(ref) in seen:
                continue
            seen.add(id(ref))
            options = self._ref_options(ref)
            if options:
                weight = 0.6 if ref.role in ("owner", "mention") else 1.0
                slots.append(Slot(ref, options, owner=ref.owner, weight=weight))
        first = [s for s in slots if isinstance(s.key, Ref) and s.key.role in ("owner", "count") and s.key.chunk]
        attributes = [s for s in slots if isinstance(s.key, Ref) and s.key.chunk is None]
        rest = [s for s in slots if s not in first and s not in attributes]
        for group in (first, rest):
            group.sort(key=lambda s: -_margin(s))
        return [*first, *rest, *attributes]

    def _ref_options(self, ref: Ref) -> list[Sense]:
        if ref.chunk is None:
            return self._attribute_options(ref)
        tables: list[Sense] = []
        columns: list[Sense] = []
        for table in ref.chunk.tables:
            bonus = {"owner": 0.12, "mention": 0.1, "count": 0.12, "select": 0.06, "group": 0.0}.get(ref.role, -0.6)
            if ref.numeric:
                bonus = -0.5
            tables.append(TableSense(table.table, table.score + bonus, table.how))
        named = {t.table.id: t.score for t in ref.chunk.tables if t.score >= 0.9}
        for sense in ref.chunk.columns:
            score = sense.score + self._role_fit(ref, sense.column)
            if named and any(
                r.target in named and sense.column.name in r.columns
                for r in self.model.neighbours.get(sense.column.table, ())
                if r.table == sense.column.table
            ):
                score -= 0.3  # the table itself is named: its key elsewhere stands for it only in passing
            elif sense.column.table in named and len(sense.column.names[0].words) == 1:
                score -= 0.05
            columns.append(ColumnSense(sense.column, score, sense.how))
        if ref.role in ("owner", "mention") and tables and not ref.strong:
            columns = [c for c in columns if c.score > tables[0].score + 0.05]
        options = sorted([*tables, *columns], key=lambda s: -s.score)[:MAX_OPTIONS]
        options += [o for o in tables[:2] if o not in options]
        if ref.role in ("owner", "mention"):
            options.append(Ignored(IGNORED if not ref.strong else 0.1))
        return options

    def _role_fit(self, ref: Ref, column: ColumnModel) -> float:
        if ref.numeric:
            return 0.1 if column.role == "measure" else -0.1 if column.numeric and column.role != "key" else -0.7
        if ref.role == "order":
            return 0.02 if column.numeric or column.role == "time" else -0.03
        if ref.role == "group":
            return -0.1 if column.role == "measure" else 0.03
        if ref.role == "count":
            return -0.05
        if ref.role in ("owner", "mention"):
            return -0.1
        return 0.0

    def _attribute_options(self, ref: Ref) -> list[Sense]:
        """Columns that an adjective or a question word may mean."""
        words = ATTRIBUTES.get(ref.attribute, ()) or WH_ATTRIBUTES.get(ref.attribute, ())
        options: list[Sense] = []
        for rank, word in enumerate(words):
            last = word.split()[-1]
            for column in self.model.column_words.get(last, ()):
                if ref.attribute == "who":
                    continue
                names = {w for n in column.names for w in n.words}
                if not set(word.split()) <= names or column.role == "key":
                    continue
                sortable = column.numeric or column.role in ("time", "part")
                if not sortable and ref.attribute not in ("where", "when"):
                    continue
                short = min(len(n.words) for n in column.names if last in n.words)
                options.append(ColumnSense(column, 0.8 - 0.05 * rank - 0.06 * (short - 1), "attribute"))
        options.sort(key=lambda s: -s.score)
        return options[:40]

    # ---- Values ------------------------------------------------------------------------------------------------------

    def _value_options(self, cond: Cond) -> list[Sense]:
        chunk = cond.chunk
        assert chunk is not None  # noqa: S101 - the caller checked it
        ref = cond.ref
        options: list[Sense] = []
        by_column: dict[tuple[str, str], float] = {}
        by_table: dict[str, float] = {}
        if ref is not None and ref.chunk is not None:
            by_column = {s.column.id: s.score for s in ref.chunk.columns}
            by_table = {s.table.id: s.score for s in ref.chunk.tables}
        for value in chunk.values if cond.op == "=" else ():
            column = value.known.column
            score = value.score
            if ref is not None and ref.chunk is not None:
                if column.id in by_column:
                    score += 0.4 * by_column[column.id]
                elif column.table in by_table:
                    score += 0.25 * by_table[column.table]
                else:
                    score -= 0.3
            score += _direction(cond.place, column)
            if column.name in self.model.tables[column.table].display:
                score += 0.2 if cond.status == "named" else 0.03
                subject = cond.subject.chunk if cond.subject else None
                if cond.status == "within" and subject is not None and ref is None:
                    # "cities in Wyoming": hardly the city of that name.
                    score -= 0.25 if any(t.table.id == column.table and t.score > 0.9 for t in subject.tables) else 0.0
            options.append(ValueSense(value.known, score, value.how))
        text = chunk.text
        if ref is not None and ref.chunk is not None and (chunk.kind == "quote" or cond.op != "=" or not options):
            options += [
                ValueSense(KnownValue(s.column, text), 0.45 + 0.4 * s.score, "attribute")
                for s in ref.chunk.columns[:MAX_OPTIONS]
                if s.column.kind in ("text", "other") or cond.op != "="
            ]
            if not ref.chunk.columns or cond.status == "named":
                for table in ref.chunk.tables[:3]:
                    options += self._displays(table.table, text, 0.4 + 0.3 * table.score)
        if (ref is None or cond.status == "named") and (chunk.kind == "quote" or cond.op != "="):
            holder = cond.subject.chunk if cond.subject else None
            if holder is not None:
                for table in holder.tables[:3]:
                    options += self._displays(table.table, text, 0.3 + 0.3 * table.score)
        options.sort(key=lambda s: -s.score)
        return options[:MAX_OPTIONS]

    def _displays(self, table: TableModel, text: str, score: float) -> list[Sense]:
        found: list[Sense] = []
        for name in table.display:
            column = table.column(name)
            if column is not None and column.kind == "text":
                found.append(ValueSense(KnownValue(column, text), score, "attribute"))
        return found

    # ---- Context -----------------------------------------------------------------------------------------------------

    def _context(self, slot: Slot, sense: Sense, state: Choice) -> float:
        """What choices made so far say about this one."""
        if isinstance(sense, Ignored):
            return 0.0
        bonus = 0.0
        table = _table_of(sense)
        owner = state.of(slot.owner) if slot.owner is not None else None
        owner_table = _table_of(owner) if owner is not None else None
        if owner_table is not None and table is not None:
            if table == owner_table:
                bonus += (
                    0.3
                    if isinstance(owner, TableSense)
                    or (slot.owner is not None and slot.owner.role != "select")
                    or (slot.owner is not None and slot.owner.chunk is not None and slot.owner.chunk.qualified)
                    else 0.1
                )
            else:
                distance = self.joins.distance(owner_table, table)
                bonus += -0.05 if distance < 1.5 else -0.15 if distance < FAR else -0.4
        elif slot.owner is not None and slot.owner.chunk is not None and owner is None and table is not None:
            scores = {s.table.id: s.score for s in slot.owner.chunk.tables}
            bonus += 0.25 * scores.get(table, 0.0)
        if isinstance(slot.key, Ref) and slot.key.chunk is not None and isinstance(sense, (ColumnSense, TableSense)):
            for twin in self.draft.refs():
                if twin is not slot.key and twin.chunk is slot.key.chunk:
                    chosen = state.of(twin)
                    if chosen is not None and _same(chosen, sense):
                        bonus += 0.25
        if isinstance(sense, ColumnSense) and state.tables and table in state.tables:
            bonus += 0.04
            if isinstance(slot.key, Ref) and slot.key.role == "select":
                beside = [i.ref for i in self.draft.items if i.ref is not slot.key and not i.aggregate]
                if any(_table_of(state.of(shown)) == table for shown in beside):
                    bonus += 0.1
        if isinstance(sense, ColumnSense):
            holder = self.model.tables[sense.column.table]
            if holder.rows == 0:
                bonus -= 0.3
            # A key that points elsewhere says less than the table it points to.
            if len(holder.columns) <= 2 and holder.bridge:
                bonus -= 0.05
        return bonus


DIRECTIONS = {
    "from": frozenset("origin source from start departure src begin sender home".split()),
    "to": frozenset("destination target to end arrival dst receiver recipient away".split()),
}
"""Words in columns that say which end of a movement they hold, by the preposition that asks for it."""


def _direction(place: str, column: ColumnModel) -> float:
    """ "From A to B" names an origin and a destination, where columns say which they are."""
    words = {w for name in column.names for w in name.words}
    if place not in DIRECTIONS or not any(words & said for said in DIRECTIONS.values()):
        return 0.0
    return 0.2 if words & DIRECTIONS[place] else -0.3


def _same(a: Sense, b: Sense) -> bool:
    if isinstance(a, ColumnSense) and isinstance(b, ColumnSense):
        return a.column is b.column
    return isinstance(a, TableSense) and isinstance(b, TableSense) and a.table is b.table


def _table_of(sense: Sense | None) -> str | None:
    if isinstance(sense, TableSense):
        return sense.table.id
    if isinstance(sense, ColumnSense):
        return sense.column.table
    return sense.known.column.table if isinstance(sense, ValueSense) else None


def _margin(slot: Slot) -> float:
    """How clear the best option is: clear ones are settled first."""
    scores = sorted((o.score for o in slot.options), reverse=True)
    return scores[0] - (scores[1] if len(scores) > 1 else 0.0) + 0.01 * scores[0]


def quality(sense: Sense) -> How:
    """How a sense was found."""
    return "exact" if isinstance(sense, Ignored) else sense.how


__all__ = ["Choice", "Ignored", "Resolver", "Sense", "quality"]
