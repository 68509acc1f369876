"""Goes through a finished query: which content words of the question does nothing in its SQL account for?

Reading is generous: a noun that fits nowhere is only "mentioned". Here every noun and value has to be found again in
what is really asked of the database; what isn't must not be dropped quietly.
"""

from __future__ import annotations

import re

from ...semantic.lexicon import ATTRIBUTES
from ...semantic.model import ColumnModel, SemanticModel
from ...semantic.words import lemma, normal, stem
from .chunks import Chunk
from .cues import SOFT_WORDS, UNITS
from .form import Field, Measure, Query, Sub, Test
from .joins import Step

_READ = re.compile(r'\b(?:FROM|JOIN)\s+(?:"?\w+"?\.)?"?(\w+)')
NEAR = 0.3
"""How much worse than a noun's best sense another may be and still account for it."""


def unrealised(chunks: list[Chunk], query: Query, sql: str, steps: list[Step], model: SemanticModel) -> list[Chunk]:
    """The nouns and values of the question that the query does nothing with."""
    tables, columns = _used(query, steps)
    # Sub-queries that keep the grain are only made with the SQL.
    read = {match.lower() for match in _READ.findall(sql)}
    tables |= {s.table.id for c in chunks for s in c.tables if s.table.name.lower() in read}
    for absence in query.missing:  # "treated no dog": that there are no treatments says it, they belong to dogs
        tables |= {r.target for r in model.neighbours.get(absence.target.id, ()) if r.table == absence.target.id}
    names = [n for c in columns for n in c.names] + [n for t in tables for n in model.tables[t].names]
    stems = {stem(w) for name in names for w in name.words}
    text = normal(sql)
    found: list[Chunk] = []
    for chunk in chunks:
        if chunk.kind == "noun":
            if not _named(chunk, tables, columns, stems):
                found.append(chunk)
        elif chunk.kind == "value" and not any(
            form in text for form in (normal(chunk.text), *[normal(s.known.value) for s in chunk.values])
        ):
            found.append(chunk)
    return found


def _named(chunk: Chunk, tables: set[str], columns: set[ColumnModel], stems: set[str]) -> bool:
    """Whether a table or column in the query is what the noun may mean."""
    low = chunk.text.lower()
    if low in SOFT_WORDS or low in UNITS or low in ATTRIBUTES:
        return True
    best = max(chunk.best_table(), chunk.best_column()) - NEAR
    if any(s.score >= best and s.table.id in tables for s in chunk.tables):
        return True
    if any(s.score >= best and s.column in columns for s in chunk.columns):
        return True
    # "Train number" where the query shows the number: the words are there, under another table's name.
    content = [stem(lemma(w)) for w in normal(low).split() if w not in SOFT_WORDS]
    return bool(content) and all(w in stems for w in content)


def _used(query: Query, steps: list[Step]) -> tuple[set[str], set[ColumnModel]]:
    """Every table and column that the query touches."""
    tables = {query.root.id} | {t for s in steps for t in (s.source, s.target)}
    columns = {f.column for f in query.fields()}
    groups = [*query.tests, *query.also]
    for absence in query.missing:
        tables |= {absence.table.id, absence.target.id}
        tables |= {t for r in absence.path for t in (r.table, r.target)}
        groups += absence.tests
    for test in [t for group in groups for t in group] + query.having:
        columns |= _tested(test)
    measures = [o.expression for o in [*query.outputs, *query.hidden]] + [s.expression for s in query.sorts]
    measures += [t.left for t in query.having]
    for measure in measures:
        if isinstance(measure, Measure) and measure.table is not None:
            tables.add(measure.table.id)  # rows are counted: what names a row is counted with them
            columns |= {c for c in measure.table.columns if c.unique or c.name in measure.table.key}
    return tables | {c.table for c in columns}, columns


def _tested(test: Test) -> set[ColumnModel]:
    found: set[ColumnModel] = set()
    if isinstance(test.left, Field):
        found.add(test.left.column)
    elif test.left.field is not None:
        found.add(test.left.field.column)
    if isinstance(test.value, Field):
        found.add(test.value.column)
    elif isinstance(test.value, Sub):
        found.add(test.value.field.column)
        for group in test.value.tests:
            for inner in group:
                found |= _tested(inner)
    return found
