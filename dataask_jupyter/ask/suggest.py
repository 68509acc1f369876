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
    measures = [c for c in table.columns if c.role == "measure" and c.distinct != 1]
    groups = [c for c in table.columns if _groups(c)]
    for column in groups[:1]:
        yield f"Number of {noun} by {column.label}"
    for measure in measures[:1]:
        if groups:
            yield f"Average {measure.label} by {groups[0].label}"
        else:
            yield f"Average {measure.label} of {noun}"
    if table.time or any(c.part == "month" for c in table.columns):
        yield f"{noun.capitalize()} per month"
    for column in groups[1:3]:
        yield f"Number of {noun} by {column.label}"
    for measure in measures[1:3]:
        for column in groups[:1]:
            yield f"Average {measure.label} by {column.label}"
    yield f"How many {noun} are there?"


def _groups(column: ColumnModel) -> bool:
    if column.role != "dimension" or column.unique:
        return False
    return column.distinct is None or 2 <= column.distinct <= MAX_GROUPS
