"""Builds the semantic model of a catalog: labels, roles, keys, relationships and the index of known values."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable

from ..schemas.catalog import Catalog, CatalogProfile, Column, ColumnProfile, Table, TableProfile
from .keys import find_key, find_relationships
from .model import ColumnModel, KnownValue, Relationship, Role, SemanticModel, TableModel, TimePart
from .names import column_names, expand, label_of, table_names, words_of
from .words import lemma, normal, stem

MAX_VALUES = 300_000
"""How many known values a model indexes at most."""

_PARTS: dict[str, TimePart] = {
    "year": "year", "yr": "year", "quarter": "quarter", "month": "month", "week": "week", "day": "day",
    "weekday": "weekday", "hour": "hour", "minute": "minute", "season": "year",
}  # fmt: skip
_RANGES: dict[TimePart, tuple[float, float]] = {
    "year": (1000, 2200), "quarter": (1, 4), "month": (1, 12), "week": (0, 53), "day": (1, 31),
    "weekday": (0, 7), "hour": (0, 24), "minute": (0, 59),
}  # fmt: skip
_ISO = re.compile(r"^\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}.*)?$")
_NUMBER = re.compile(r"^\s*-?\d+(\.\d+)?\s*$")
_CODES = frozenset("id code zip zipcode postcode phone fax isbn ssn number key uuid lat latitude longitude".split())
_MOMENTS = frozenset("departure arrival start begin end open close scheduled planned actual check".split())
_DURATIONS = frozenset("air elapsed response run running travel total duration lap reaction processing wait".split())
_FLAGS = (
    {"t", "f"}, {"y", "n"}, {"yes", "no"}, {"true", "false"}, {"0", "1"}, {"0.0", "1.0"}, {"1", "0", ""},
)  # fmt: skip


def table_id(schema_name: str | None, name: str) -> str:
    """What identifies a table within a model."""
    return f"{schema_name}.{name}" if schema_name else name


def build(catalog: Catalog, profile: CatalogProfile | None = None) -> SemanticModel:
    """The model of a catalog. Without a profile it knows names and types but no values."""
    profiles = {table_id(p.schema_name, p.table): p for p in (profile.tables if profile else [])}
    # A schema's name says nothing when there is only one: ids stay short and readable.
    schemas = {t.schema_name for t in catalog.tables}
    several = len(schemas) > 1
    tables: dict[str, TableModel] = {}
    for table in catalog.tables:
        known = profiles.get(table_id(table.schema_name, table.name))
        made = _table(table, known, table_id(table.schema_name, table.name) if several else table.name)
        tables[made.id] = made
    relationships = find_relationships(catalog, tables, several=several)
    neighbours: dict[str, list[Relationship]] = defaultdict(list)
    for relationship in relationships:
        neighbours[relationship.table].append(relationship)
        if relationship.target != relationship.table:
            neighbours[relationship.target].append(relationship)
    values, value_words = _value_index(tables.values())
    table_words, column_words, weights = _word_index(tables)
    vocabulary: dict[int, list[str]] = defaultdict(list)
    for word in sorted(set(table_words) | set(column_words)):
        if word.isalpha():
            vocabulary[len(word)].append(word)
    return SemanticModel(
        dialect=catalog.dialect,
        tables=tables,
        relationships=tuple(relationships),
        neighbours={name: tuple(found) for name, found in neighbours.items()},
        values=values,
        value_words=value_words,
        table_words=table_words,
        column_words=column_words,
        vocabulary={size: tuple(words) for size, words in vocabulary.items()},
        word_weight=weights,
        complete=bool(profile and profile.complete),
    )


def _table(table: Table, profile: TableProfile | None, identity: str) -> TableModel:
    rows = profile.row_count if profile and profile.row_count is not None else table.row_estimate
    columns = tuple(
        _column(c, table, identity, profile.columns.get(c.name) if profile else None, rows) for c in table.columns
    )
    key = find_key(table, columns)
    references = {c.name for c in table.columns if c.references}
    others = [c for c in columns if c.name not in references and c.name not in key]
    return TableModel(
        id=identity,
        name=table.name,
        schema_name=table.schema_name,
        label=label_of(table.name),
        names=table_names(table.name, table.comment),
        columns=columns,
        rows=rows,
        key=key,
        display=_display(table.name, columns, key),
        time=_time(columns),
        bridge=len(references) >= 2 and not any(c.kind == "text" for c in others),
    )


def _column(
    column: Column, table: Table, identity: str, profile: ColumnProfile | None, rows: int | None
) -> ColumnModel:
    values = tuple(profile.values) if profile else ()
    minimum = profile.minimum if profile else None
    maximum = profile.maximum if profile else None
    text = column.kind in ("text", "other")
    text_time = text and bool(minimum and maximum and _ISO.match(minimum) and _ISO.match(maximum))
    sample = [v for v in values if v.strip()] or [v for v in (minimum, maximum) if v and v.strip()]
    numeric_text = text and bool(sample) and all(_NUMBER.match(v) for v in sample)
    distinct = profile.distinct if profile else None
    nulls = profile.nulls if profile else None
    words = words_of(column.name)
    part = _part(words, column, minimum, maximum, numeric_text=numeric_text)
    return ColumnModel(
        table=identity,
        name=column.name,
        kind=column.kind,
        label=label_of(column.name),
        names=column_names(column.name, table.name, column.comment),
        role=_role(column, table.name, words, part, values, distinct, text_time=text_time, numeric_text=numeric_text,
                   minimum=minimum, maximum=maximum),
        part=part,
        text_time=text_time,
        numeric_text=numeric_text,
        unique=bool(column.primary_key)
        or (distinct is not None and rows is not None and rows > 1 and distinct >= rows and not nulls),
        primary_key=column.primary_key,
        distinct=distinct,
        nulls=nulls,
        minimum=minimum,
        maximum=maximum,
        values=values,
    )  # fmt: skip


def _number(text: str | None) -> float | None:
    try:
        found = float(text) if text is not None else None
    except ValueError:
        return None
    return found if found is not None and math.isfinite(found) else None


def _part(
    words: list[str], column: Column, minimum: str | None, maximum: str | None, *, numeric_text: bool
) -> TimePart | None:
    """Which part of a date the column holds as a number."""
    if column.kind not in ("integer", "number") and not numeric_text:
        return None
    found = next((_PARTS[lemma(w)] for w in reversed(words) if lemma(w) in _PARTS), None)
    if found is None:
        return None
    if len(words) > 1 and found not in ("year", "month"):
        return None
    low, high = _number(minimum), _number(maximum)
    if low is not None and high is not None:
        floor, ceiling = _RANGES[found]
        return found if floor <= low and high <= ceiling else None
    return found if len(words) == 1 or words[-1] in ("year", "month") else None


def _role(
    column: Column, table: str, words: list[str], part: TimePart | None, values: tuple[str, ...],
    distinct: int | None, *, text_time: bool, numeric_text: bool, minimum: str | None, maximum: str | None,
) -> Role:  # fmt: skip
    full = [lemma(w) for w in expand(words)]
    if column.primary_key or column.references:
        return "key"
    if column.kind in ("date", "datetime", "time") or text_time:
        return "time"
    if column.kind == "boolean" or _is_flag(full, column, values, distinct, minimum, maximum):
        return "flag"
    if part:
        return "part"
    if column.kind in ("integer", "number"):
        if _clock(full, column, minimum, maximum):
            return "dimension"  # a clock written as a number: 1755
        if full == [lemma(w) for w in expand(words_of(table))]:
            return "key"  # flights.flight: a number that names the row
        if full[-1:] and (full[-1] in ("id", "key", "uuid") or (full[-1] in _CODES and full[-1] != "number")):
            return "key"
        return "measure"
    if numeric_text and full[-1:] and full[-1] not in _CODES:
        return "measure"
    return "dimension"


def _clock(words: list[str], column: Column, minimum: str | None, maximum: str | None) -> bool:
    """Whether "time" is the time of a day as a number: 517 is 5:17. "Air time" up to 695 minutes is a duration."""
    if column.kind != "integer" or words[-1:] != ["time"] or _DURATIONS & set(words):
        return False
    low, high = _number(minimum), _number(maximum)
    if low is None or high is None:
        return bool(_MOMENTS & set(words))  # nothing is known of the values: arrivals and departures are moments
    return low >= 0 and 1200 <= high <= 2400 and high % 100 < 60


def _is_flag(
    words: list[str], column: Column, values: tuple[str, ...], distinct: int | None, minimum: str | None,
    maximum: str | None,
) -> bool:  # fmt: skip
    """Two opposite values: yes and no, under whatever spelling."""
    seen = {v.lower() for v in values} or {v.lower() for v in (minimum, maximum) if v}
    if column.kind == "text":
        return bool(seen) and len(seen) <= 2 and any(seen <= pair for pair in _FLAGS[:4])
    said = bool(words) and (words[0] in ("is", "has", "can", "was") or words[-1] in ("yn", "flag"))
    if not seen:
        return said and column.kind == "integer"
    return distinct is not None and distinct <= 2 and seen <= {"0", "1", "0.0", "1.0"} and (said or distinct == 2)


_DISPLAY = ("name", "title", "label", "full name", "description", "detail")


def _display(table: str, columns: tuple[ColumnModel, ...], key: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that stand for a row when people speak of it."""
    own = tuple(lemma(w) for w in expand(words_of(table)))
    said: dict[tuple[str, ...], str] = {}
    for column in columns:
        for name in column.names:
            said.setdefault(name.words, column.name)
    for wanted in (("name",), ("title",), (*own, "name"), (*own[-1:], "name"), ("full", "name"), own):
        found = said.get(wanted)
        if found is not None and (wanted != own or next(c for c in columns if c.name == found).kind == "text"):
            return (found,)
    first, last = said.get(("first", "name")), said.get(("last", "name"))
    if first and last:
        return (first, last)
    for word in ("name", "title"):
        for column in columns:
            if column.kind == "text" and column.names[0].words[-1:] == (word,):
                return (column.name,)
    return key


def _time(columns: tuple[ColumnModel, ...]) -> str | None:
    """The column that says when a row happened: a real time before a part of one, the most specific first."""
    times = [c for c in columns if c.role == "time" and c.kind != "time"]
    if not times:
        return None
    avoid = ("birth", "end", "update", "modified", "due", "expiry", "expire", "death", "hire")
    ranked = sorted(
        times, key=lambda c: (any(w in avoid for n in c.names[:1] for w in n.words), c.kind == "text", c.nulls or 0)
    )
    return ranked[0].name


def _value_index(
    tables: Iterable[TableModel],
) -> tuple[dict[str, tuple[KnownValue, ...]], dict[str, tuple[KnownValue, ...]]]:
    exact: dict[str, list[KnownValue]] = defaultdict(list)
    partial: dict[str, list[KnownValue]] = defaultdict(list)
    count = 0
    for table in tables:
        for column in table.columns:
            if column.kind != "text" or column.role == "time":
                continue
            for value in column.values:
                count += 1
                if count > MAX_VALUES:
                    break
                form = normal(value)
                if not form:
                    continue
                known = KnownValue(column, value)
                exact[form].append(known)
                words = form.split()
                base = " ".join(lemma(w) for w in words)
                if base != form:
                    exact[base].append(known)
                if 1 < len(words) <= 8:
                    for word in set(words):
                        if len(word) > 2:
                            partial[word].append(known)
    return (
        {form: tuple(found) for form, found in exact.items()},
        {word: tuple(found) for word, found in partial.items() if len(found) <= 40},
    )


def _word_index(
    tables: dict[str, TableModel],
) -> tuple[dict[str, tuple[TableModel, ...]], dict[str, tuple[ColumnModel, ...]], dict[str, float]]:
    """Which tables and columns have a word (or its stem) in one of their names, and how telling words are."""
    by_table: dict[str, dict[str, TableModel]] = defaultdict(dict)
    by_column: dict[str, dict[tuple[str, str], ColumnModel]] = defaultdict(dict)
    counts: Counter[str] = Counter()
    for table in tables.values():
        for word in {w for name in table.names for w in name.words}:
            by_table[word][table.id] = table
            by_table["~" + stem(word)][table.id] = table
        for column in table.columns:
            seen = {w for name in column.names for w in name.words}
            counts.update(seen)
            for word in seen:
                by_column[word][column.id] = column
                by_column["~" + stem(word)][column.id] = column
    total = sum(len(t.columns) for t in tables.values()) or 1
    weights = {word: 1.0 + 0.25 * math.log(total / count) for word, count in counts.items()}
    return (
        {word: tuple(found.values()) for word, found in by_table.items()},
        {word: tuple(found.values()) for word, found in by_column.items()},
        weights,
    )
