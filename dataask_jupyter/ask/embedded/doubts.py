"""What a reading guessed although the question left it open, each with the same question asked more precisely."""

from __future__ import annotations

from ...schemas.conversations import Assumption, Choice
from ...semantic.model import ColumnModel, SemanticModel
from .chunks import Chunk, ValueSense
from .draft import Cond, Draft, Ref
from .labels import column_label
from .narrow import values_with
from .resolve import Choice as Senses

TIE = 0.02
"""How close two columns' scores are when neither fits better."""

MAX_CHOICES = 6


def twins(ref: Ref | None, senses: Senses) -> list[ColumnModel]:
    """Other columns of the same table that the noun names equally well: "delay" of departure and of arrival."""
    column = senses.column(ref)
    if ref is None or ref.chunk is None or column is None or column.role != "measure":
        return []
    found = {s.column.id: s for s in ref.chunk.columns}
    chosen = found.get(column.id)
    if chosen is None or chosen.how == "exact":
        return []
    near = [s for s in found.values() if abs(s.score - chosen.score) <= TIE and s.column.table == column.table]
    return [s.column for s in near if s.column is not column and s.column.role == "measure"]


def open_columns(draft: Draft, senses: Senses) -> list[tuple[Ref, list[ColumnModel]]]:
    """The nouns that were taken for one of several equally good measures."""
    seen: set[int] = set()
    found: list[tuple[Ref, list[ColumnModel]]] = []
    for ref in draft.refs():
        others = twins(ref, senses)
        if others and id(ref.chunk) not in seen:
            seen.add(id(ref.chunk))
            found.append((ref, others))
    return found


def parts(draft: Draft, senses: Senses) -> list[tuple[Cond, ValueSense]]:
    """The conditions whose value is only part of a known one."""
    found: list[tuple[Cond, ValueSense]] = []
    for cond in [*draft.conds, *[c for a in draft.absences for c in a.conds]]:
        sense = senses.of(cond)
        if isinstance(sense, ValueSense) and sense.how == "partial" and cond.chunk is not None:
            found.append((cond, sense))
    return found


def doubts(question: str, draft: Draft, senses: Senses, model: SemanticModel) -> list[Assumption]:
    """Amber assumptions for all of it."""
    found: list[Assumption] = []
    for ref, others in open_columns(draft, senses):
        column = senses.column(ref)
        assert column is not None and ref.chunk is not None  # noqa: S101, PT018 - open_columns has only such
        choices = [
            Choice(
                label=c.label.capitalize(), detail=f"{c.table}.{c.name}", question=_said(question, ref.chunk, c.label)
            )
            for c in [column, *others][:MAX_CHOICES]
        ]
        found.append(Assumption(kind="measure", label=ref.chunk.text.capitalize(), value=column.label, guess=True,
                                choices=choices))  # fmt: skip
    if "assumed_average" in draft.notes and draft.items and draft.items[0].ref is not None:
        item = draft.items[0]
        column = senses.column(item.ref)
        chunk = item.ref.chunk if item.ref else None
        if column is not None and chunk is not None:
            noun = column.label if twins(item.ref, senses) else chunk.text.lower()
            choices = [
                Choice(label=word.capitalize(), question=_said(question, chunk, f"{word} {noun}"))
                for word in ("average", "total", "highest")
            ]
            found.append(Assumption(kind="measure", label=column.label.capitalize(), value="average", guess=True,
                                    choices=choices))  # fmt: skip
    for cond, sense in parts(draft, senses):
        found.append(_part(question, cond, sense, model))
    return found


def _part(question: str, cond: Cond, sense: ValueSense, model: SemanticModel) -> Assumption:
    chunk = cond.chunk
    assert chunk is not None  # noqa: S101 - parts has only such
    column = sense.known.column
    values = values_with(column, chunk.text)
    choices = [
        Choice(label=value, detail=f"{column.table}.{column.name}", question=_said(question, chunk, f'"{value}"'))
        for value in values[:MAX_CHOICES]
        if '"' not in value
    ]
    several = f"contains “{chunk.text}”: {len(values)} values" if len(values) > 1 else sense.known.value
    return Assumption(kind="filter", label=column_label(column, model).capitalize(), value=several, guess=True,
                      choices=choices)  # fmt: skip


def _said(question: str, chunk: Chunk, words: str) -> str:
    """The question with a piece of it said in other words."""
    begin = question[: chunk.start]
    if chunk.text.lower().endswith("ed") and begin.strip():
        words = f"with {words}"  # "flights delayed more than …": a verb gives way to a noun
    text = f"{begin}{words}{question[chunk.end :]}"
    return text[:1].upper() + text[1:] if not begin.strip() else text
