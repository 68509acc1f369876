"""Questions that the schema invites, worded so that the embedded engine certainly reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..semantic.model import ColumnModel, SemanticModel, TableModel
from ..semantic.words import plural

MAX_GROUPS = 60


def suggest(model: SemanticModel, prefix: str = "", limit: int = 6, about: Sequence[str] = ()) -> list[str]:
    """Questions about the schema, the largest and best connected tables first; those that begin with `prefix`."""
    wanted = " ".join(prefix.lower().split())
    tables = [model.tables[t] for t in about if t in model.tables]
    others = sorted(
        (t for t in model.tables.values() if t not in tables and not t.bridge),
        key=lambda t: (-(t.rows or 0), -len(model.neighbours.get(t.id, ())), t.id),
    )
    queues = [_questions(t) for t in [*tables, *others][:40]]
    found: list[str] = []
    while queues and len(found) < limit:
        for queue in list(queues):
            text = next(queue, None)
            if text is None:
                queues.remove(queue)
                continue
            while wanted and not text.lower().startswith(wanted):
                text = next(queue, None)
                if text is None:
                    queues.remove(queue)
                    break
            if text is not None and text not in found:
                found.append(text)
            if len(found) >= limit:
                break
    return found


def _questions(table: TableModel) -> Iterator[str]:
    noun = plural(table.label)
    measures = [c for c in table.columns if averaged(c)]
    parted = [c for c in table.columns if groups(c)]
    for column in parted[:1]:
        yield f"Number of {noun} by {column.label}"
    for measure in measures[:1]:
        if parted:
            yield f"Average {measure.label} by {parted[0].label}"
        else:
            yield f"Average {measure.label} of {noun}"
    if table.time or any(c.part == "month" for c in table.columns):
        yield f"{noun.capitalize()} per month"
    for column in parted[1:3]:
        yield f"Number of {noun} by {column.label}"
    for measure in measures[1:3]:
        for column in parted[:1]:
            yield f"Average {measure.label} by {column.label}"
    yield f"How many {noun} are there?"


_NAMED = frozenset(
    """id code key number no num zip zipcode postcode phone fax isbn latitude longitude coordinate x y year month day
    date time timezone zone offset direction angle heading bearing rank position index level version""".split()
)
"""What a number ends in when it names, places or orders something instead of measuring it."""

_LENGTHS = frozenset("air elapsed response run running travel total duration lap reaction processing wait".split())
"""Kinds of time that last: those can be averaged."""


def averaged(column: ColumnModel) -> bool:
    """Whether an average of the column means something to people."""
    if column.role != "measure" or column.distinct == 1:
        return False
    words = column.names[0].words
    last = words[-1:] and words[-1]
    return not (last in _NAMED and not (last == "time" and _LENGTHS & set(words)))


def groups(column: ColumnModel) -> bool:
    """Whether rows are well grouped by the column."""
    if column.role != "dimension" or column.unique or column.kind in ("integer", "number"):
        return False  # a clock or a code written as a number makes no groups
    return column.distinct is None or 2 <= column.distinct <= MAX_GROUPS
