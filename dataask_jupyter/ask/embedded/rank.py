"""How sure a reading is: one figure from everything that had to be assumed for it."""

from __future__ import annotations

from dataclasses import dataclass, field

from .annotate import is_unknown
from .audit import unrealised
from .chunks import Chunk, ColumnSense, TableSense, ValueSense
from .doubts import open_columns, parts
from .draft import Draft
from .form import Measure, Query
from .joins import Joins, Step, role_words
from .resolve import DIRECTIONS, Choice, Ignored

HIGH = 0.75
SOME = 0.5
DROPPED = 0.45
"""What a word that nothing in the SQL accounts for leaves of the confidence: such a reading is asked back."""

GUESSED = 0.74
"""The most that a reading with a guess can have."""


@dataclass
class Ranked:
    """A reading with its SQL and how sure it is."""

    choice: Choice
    query: Query
    sql: str
    steps: list[Step]
    notes: tuple[tuple[str, str, str], ...]
    names: list[str] = field(default_factory=list)
    confidence: float = 0.0
    reasons: list[str] = field(default_factory=list)
    dropped: list[Chunk] = field(default_factory=list)


def rank(found: list[Ranked], draft: Draft, chunks: list[Chunk], joins: Joins) -> list[Ranked]:
    """Readings with their confidence, best first. The joint choice decides; confidence only says how sure."""
    if not found:
        return []
    found.sort(key=lambda r: -(r.choice.score - 0.1 * len(r.steps)))
    for ranked in found:
        _judge(ranked, draft, chunks, joins)
    best = found[0]
    rivals = [
        r for r in found[1:] if r.choice.score - 0.1 * len(r.steps) > best.choice.score - 0.1 * len(best.steps) - 0.08
    ]
    if rivals:
        best.confidence *= 0.88
        best.reasons.append("Another reading fits almost as well")
    return found


def _judge(ranked: Ranked, draft: Draft, chunks: list[Chunk], joins: Joins) -> None:
    confidence = 0.97
    reasons: list[str] = []
    unread = [c for c in draft.unread if c.kind != "word" or is_unknown(c)]
    for chunk in unread:
        confidence *= 0.5
        reasons.append(f"“{chunk.text}” was not read")
    lost, operations = _lost(draft, chunks)
    for chunk in lost:
        confidence *= 0.6 if chunk.kind in ("value", "quote", "number", "date") else 0.8
        reasons.append(f"“{chunk.text}” had no effect")
    if operations:
        confidence *= 0.6 ** len(operations)
        reasons += [f"“{chunk.text}” had no effect" for chunk in operations]
    ranked.dropped = [
        c for c in unrealised(chunks, ranked.query, ranked.sql, ranked.steps, joins.model) if c not in unread
    ]
    for chunk in ranked.dropped:
        confidence *= DROPPED
        if chunk not in lost:
            reasons.append(f"“{chunk.text}” had no effect")
    for sense in ranked.choice.senses.values():
        if isinstance(sense, Ignored):
            confidence *= 0.88
        elif sense.how == "fuzzy":
            confidence *= 0.45  # asked back, never assumed
            reasons.append("A word was taken for a similar one")
        elif sense.how == "synonym":
            confidence *= 0.9
            reasons.append(f"{_named(sense)} was found through a synonym")
        elif sense.how == "partial":
            confidence *= 0.93 if sense.score > 0.65 else 0.85
        elif sense.how == "attribute":
            confidence *= 0.88
            reasons.append(f"{_named(sense)} was chosen for what was asked")
        elif sense.how == "stem":
            confidence *= 0.95
    for step in ranked.steps:
        if not step.relationship.declared:
            confidence *= 0.9 + 0.1 * step.relationship.confidence
            if step.relationship.confidence < 0.85:
                reasons.append("A join was inferred from names and values")
    for step in ranked.steps:
        if against(step, ranked.query.words, joins):
            confidence *= DROPPED
            reasons.append("The tables can only be joined by the other end")
    inner = {s.target for s in ranked.steps if not s.fans}
    measured = any(isinstance(o.expression, Measure) for o in ranked.query.outputs)
    if measured and any(s.fans and s.source in inner for s in ranked.steps):
        # Up to a shared parent and down again pairs every row with every other: a count of pairs, not of rows.
        confidence *= 0.6
        reasons.append("The tables are only related through a third one")
    if len(ranked.steps) > 2:
        confidence *= 0.94 ** (len(ranked.steps) - 2)
    for ref, _ in open_columns(draft, ranked.choice):
        confidence = min(confidence, GUESSED)
        reasons.append(f"Several columns match “{ref.chunk.text if ref.chunk else ''}” equally well")
    if "assumed_average" in draft.notes:
        confidence = min(confidence, GUESSED)
        reasons.append("Whether average or total is meant was not said")
    for cond, _ in parts(draft, ranked.choice):
        confidence = min(confidence, GUESSED)
        reasons.append(f"“{cond.text}” is only part of a value")
    for kind, _, _ in ranked.notes:
        if kind in ("unit", "status", "not status"):
            confidence = min(0.85 * confidence, GUESSED)
            reasons.append("A meaning was assumed that the schema doesn't state")
    if "open_rank" in draft.notes:
        confidence *= 0.7
        reasons.append("What to rank by was not said")
    if open_roles(ranked, joins):
        confidence = min(0.9 * confidence, GUESSED)
        reasons.append("More than one relationship could join the tables")
    ranked.confidence = round(max(0.01, min(confidence, 0.99)), 3)
    ranked.reasons = list(dict.fromkeys(reasons))


def against(step: Step, words: frozenset[str], joins: Joins) -> bool:
    """Whether "to" is asked for and the join is by the origin, or the other way round."""
    role = role_words(step.relationship, joins.model)
    return any(
        DIRECTIONS[said] <= words and role & DIRECTIONS[other] and not role & words
        for said, other in (("from", "to"), ("to", "from"))
    )


def open_roles(ranked: Ranked, joins: Joins) -> list[Step]:
    """Joins for which the question doesn't say which of several relationships it means."""
    return [
        step
        for step in ranked.steps
        if len(joins.roles(step)) > 1 and not ranked.query.words & role_words(step.relationship, joins.model)
    ]


def _lost(draft: Draft, chunks: list[Chunk]) -> tuple[list[Chunk], list[Chunk]]:
    """Names, values and operations that the question has and the query hasn't: a reading may not drop them quietly."""
    used: set[int] = set()
    for ref in [*draft.refs(), *[a.ref for a in draft.absences]]:
        used.add(id(ref.chunk))
        used.add(id(ref.owner.chunk) if ref.owner else 0)
    conds = [*draft.conds, *draft.having, *[c for a in draft.absences for c in a.conds]]
    numbers: list[float] = [float(draft.limit)] if draft.limit is not None else []
    for cond in conds:
        used.add(id(cond.chunk))
        used.add(id(cond.ref.chunk) if cond.ref else 0)
        numbers += [n for n in (cond.number, cond.upper) if n is not None]
        if cond.date is not None:
            numbers.append(float(cond.date.number or 0))
    texts = {c.text for c in conds}
    lost: list[Chunk] = []
    units = {c.unit for c in conds}
    for chunk in chunks:
        number = chunk.kind == "number" and chunk.number not in numbers
        value = chunk.kind in ("value", "quote") and id(chunk) not in used and chunk.text not in texts
        date = chunk.kind == "date" and not any(c.date for c in conds)
        noun = (
            chunk.kind == "noun"
            and id(chunk) not in used
            and chunk.text.lower() not in units
            and max(chunk.best_table(), chunk.best_column()) > 0.5
        )
        if (number or value or date or noun) and chunk not in draft.unread:
            lost.append(chunk)
    operations: list[Chunk] = []
    cues = [c for c in chunks if c.kind == "cue"]
    superlatives = [c for c in cues if c.cue.startswith("sup") or c.cue in ("top", "bottom")]
    extremes = any(i.aggregate in ("min", "max") for i in draft.items) or any(c.versus for c in conds)
    if superlatives and not draft.orders and not extremes:
        operations += superlatives[:1]
    negations = [c for c in cues if c.cue in ("not", "but_not")]
    negated = any(c.negated or c.op in ("!=", "null", "notnull", "<=", ">=", "<", ">", "status") for c in conds)
    if negations and not draft.absences and not negated:
        operations += negations[:1]
    compared = [c for c in cues if c.cue in (">", "<", ">=", "<=", "between", "before", "after", "since", "until")
                or c.cue.startswith("cmp")]  # fmt: skip
    made = sum(c.op in (">", "<", ">=", "<=", "between") for c in conds)
    if compared and made < len(compared):
        operations += compared[made:]
    averages = [c for c in cues if c.cue in ("avg", "sum", "median", "std")]
    aggregated = any(i.aggregate for i in draft.items) or any(o.item.aggregate for o in draft.orders)
    if averages and not aggregated and not any(c.versus or c.aggregate for c in conds):
        operations += averages[:1]
    operations += [c for c in cues if c.cue in (">n", "<n")]
    if any(c.cue == "both" for c in cues) and not any(c.both for c in conds):
        operations += [c for c in cues if c.cue == "both"]
    grouping = [c for c in cues if c.cue == "each" and c.text.lower() not in ("each", "every", "of each", "with each")]
    if grouping and not draft.groups and not draft.grain:
        operations += grouping[:1]
    return lost, operations


def _named(sense: TableSense | ColumnSense | ValueSense) -> str:
    if isinstance(sense, TableSense):
        return sense.table.label.capitalize()
    column = sense.column if isinstance(sense, ColumnSense) else sense.known.column
    return column.label.capitalize()
