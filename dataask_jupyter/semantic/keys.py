"""Keys and relationships: declared ones, and those that names, types and values give away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from ..schemas.catalog import Catalog, Table
from .model import ColumnModel, Relationship, TableModel
from .names import expand, words_of
from .words import lemma

_PLAIN = frozenset({"id", "name", "code", "number", "key", "type", "date", "year", "month", "day", "time", "title",
                    "description", "status", "value", "no", "rank", "age"})  # fmt: skip
"""Names too common to mean the same thing in two tables."""

_KEYISH = frozenset({"id", "code", "key", "number", "uuid", "no", "symbol", "abbreviation"})
SECOND_ROLE = 0.77
"""How sure values must make a second relationship between tables that a declared key joins already."""

MIN_INCLUSION = 0.9
MIN_DISTINCT = 3


def find_key(table: Table, columns: Sequence[ColumnModel]) -> tuple[str, ...]:
    """The primary key: declared, else a unique column that looks like one, else one named like one."""
    declared = tuple(c.name for c in table.columns if c.primary_key)
    if declared:
        return declared
    unique = [c for c in columns if c.unique and c.kind in ("integer", "text", "number", "other")]
    own = {lemma(w) for w in expand(words_of(table.name))}

    def looks(column: ColumnModel) -> tuple[int, int]:
        words = [lemma(w) for w in expand(words_of(column.name))]
        rank = 3
        if words == ["id"] or (words and words[-1] in _KEYISH and set(words[:-1]) <= own):
            rank = 0
        elif words and words[-1] in _KEYISH:
            rank = 1
        elif columns and column is columns[0]:
            rank = 2
        return (rank, list(columns).index(column))

    if unique:
        best = min(unique, key=looks)
        return (best.name,) if looks(best)[0] < 3 else ()
    if all(c.distinct is None for c in columns) and columns:
        first = min(columns, key=looks)
        return (first.name,) if looks(first)[0] == 0 else ()
    return ()


def find_relationships(catalog: Catalog, tables: dict[str, TableModel], *, several: bool) -> list[Relationship]:
    """Declared foreign keys, then inferred ones for columns that have none."""
    found = _declared(catalog, tables, several=several)
    taken = {(r.table, c) for r in found for c in r.columns}
    found += _inferred(tables, taken, {(r.table, r.target) for r in found})
    return found


def _declared(catalog: Catalog, tables: dict[str, TableModel], *, several: bool) -> list[Relationship]:
    found: list[Relationship] = []
    for table in catalog.tables:
        source = f"{table.schema_name}.{table.name}" if several and table.schema_name else table.name
        by_target: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for column in table.columns:
            ref = column.references
            if ref is None:
                continue
            target = f"{ref.schema_name}.{ref.table}" if several and ref.schema_name else ref.table
            actual = next((name for name in tables if name.lower() == target.lower()), None)
            other = tables[actual] if actual else None
            to = next((c.name for c in other.columns if c.name.lower() == ref.column.lower()), None) if other else None
            if actual and to:  # foreign keys lie: the target may not exist
                by_target[actual].append((column.name, to))
        for target, pairs in by_target.items():
            ends = [to for _, to in pairs]
            if len(pairs) > 1 and len(set(ends)) == len(pairs) and set(ends) == set(tables[target].key):
                found.append(Relationship(source, tuple(p[0] for p in pairs), target, tuple(ends)))
                continue
            for name, to in pairs:
                role = _role(name, target) if len(pairs) > 1 else ""
                found.append(Relationship(source, (name,), target, (to,), role=role))
    return found


def _role(column: str, target: str) -> str:
    """What a foreign key's name says beyond its target: `home_team_id` → home."""
    own = {lemma(w) for w in expand(words_of(target))} | _KEYISH
    return " ".join(w for w in expand(words_of(column)) if lemma(w) not in own)


def _inferred(
    tables: dict[str, TableModel], taken: set[tuple[str, str]], linked: set[tuple[str, str]]
) -> list[Relationship]:
    ends: list[tuple[TableModel, ColumnModel]] = []
    for table in tables.values():
        if len(table.key) == 1:
            key = table.column(table.key[0])
            if key is not None:
                ends.append((table, key))
    by_name: dict[str, list[tuple[TableModel, ColumnModel]]] = defaultdict(list)
    by_words: dict[tuple[str, ...], list[tuple[TableModel, ColumnModel]]] = defaultdict(list)
    for end in ends:
        by_name[end[1].name.lower()].append(end)
        own = tuple(lemma(w) for w in expand(words_of(end[0].name)))
        key_words = tuple(lemma(w) for w in expand(words_of(end[1].name)))
        rest = tuple(w for w in key_words if w not in own)
        for words in {(*own, *rest), own, (*own[-1:], *rest), own[-1:], (*own, "id"), (*own[-1:], "id")}:
            by_words[words].append(end)
    value_ends = [(t, k, frozenset(k.values)) for t, k in ends if k.kind == "text" and len(k.values) >= MIN_DISTINCT]
    found: list[Relationship] = []
    for table in tables.values():
        for column in table.columns:
            if (table.id, column.name) in taken or column.role == "time" or column.part or column.kind == "boolean":
                continue
            best = _best_target(table, column, by_name, by_words, value_ends)
            if best is None:
                continue
            # Beside a declared key, a second role ("destination" beside "origin") needs a telling name or values.
            by_values = best[2] >= SECOND_ROLE and bool(column.values) and column.kind == "text"
            if (table.id, best[0].id) in linked and best[2] < 0.9 and not by_values:
                continue
            target, key, confidence = best
            own_key = table.key == (column.name,)
            if own_key and target.key == (key.name,) and (table.rows or 0) > (target.rows or 0):
                continue
            found.append(
                Relationship(table.id, (column.name,), target.id, (key.name,), declared=False, confidence=confidence,
                             role=_role(column.name, target.name))
            )  # fmt: skip
    return found


def _best_target(
    table: TableModel,
    column: ColumnModel,
    by_name: dict[str, list[tuple[TableModel, ColumnModel]]],
    by_words: dict[tuple[str, ...], list[tuple[TableModel, ColumnModel]]],
    value_ends: list[tuple[TableModel, ColumnModel, frozenset[str]]],
) -> tuple[TableModel, ColumnModel, float] | None:
    words = tuple(lemma(w) for w in expand(words_of(column.name)))
    options: list[tuple[float, TableModel, ColumnModel]] = []
    if column.name.lower() not in _PLAIN:
        options += [(0.9, t, k) for t, k in by_name.get(column.name.lower(), ())]
    for at in range(len(words)):
        weight = (0.92 if words[-1] in _KEYISH else 0.75) - 0.06 * at
        options += [(weight, t, k) for t, k in by_words.get(words[at:], ())]
    scored: list[tuple[float, str, TableModel, ColumnModel]] = []
    for weight, target, key in options:
        if target.id == table.id and (key.name == column.name or len(words) < 2):
            continue
        if not _alike(column, key):
            continue
        share = _inclusion(column, key)
        if share is not None and share < 0.25:
            continue
        if share is None and weight < 0.75 and column.kind == "text" and column.values:
            continue
        scored.append((weight + 0.05 * (share or 0), target.id, target, key))
    if not scored and column.kind == "text" and len(column.values) >= 2 and not column.unique:
        values = set(column.values)
        for target, key, known in value_ends:
            if target.id == table.id or len(values) > len(known) * 1.1 or all(len(v) < 2 for v in values):
                continue
            share = len(values & known) / len(values)
            if share >= MIN_INCLUSION:
                scored.append((0.6 + 0.2 * share, target.id, target, key))
    if not scored:
        return None
    weight, _, target, key = min(scored, key=lambda s: (-s[0], s[1]))
    return target, key, min(weight, 0.95)


def _alike(a: ColumnModel, b: ColumnModel) -> bool:
    numbers = ("integer", "number")
    return a.kind == b.kind or (a.kind in numbers and b.kind in numbers) or "other" in (a.kind, b.kind)


def _inclusion(column: ColumnModel, key: ColumnModel) -> float | None:
    """The share of the column's known values that the key has; None when it isn't known."""
    if column.values and key.values:
        known = set(key.values)
        if key.distinct is not None and len(known) < key.distinct:
            return None
        return len(known.intersection(column.values)) / len(column.values)
    if column.kind in ("integer", "number") and None not in (column.minimum, column.maximum, key.minimum, key.maximum):
        try:
            low, high = float(column.minimum or 0), float(column.maximum or 0)
            return 1.0 if float(key.minimum or 0) <= low and high <= float(key.maximum or 0) else 0.5
        except ValueError:
            return None
    return None
