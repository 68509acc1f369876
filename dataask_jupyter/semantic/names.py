"""How tables and columns are called: identifiers turned into the words that people say."""

from __future__ import annotations

from .lexicon import ABBREVIATIONS, COMPOUND_PARTS
from .model import Name
from .words import lemma, split_identifier

FILLERS = frozenset({"of", "the", "a", "an", "for", "in", "is", "to", "and", "by", "tbl", "dim", "fact", "ref", "tb"})
"""Words that a name may lose without changing what it names."""

MAX_LABEL_WORDS = 5


def words_of(identifier: str) -> list[str]:
    """The words of an identifier, compounds cut where both sides are words."""
    found: list[str] = []
    for part in split_identifier(identifier):
        found += _cut(part)
    return found


def _cut(part: str) -> list[str]:
    """`birthdate` → birth, date; words that don't cut cleanly stay."""
    if len(part) < 5 or part in COMPOUND_PARTS or lemma(part) in COMPOUND_PARTS or part in ABBREVIATIONS:
        return [part]
    for at in range(len(part) - 2, 1, -1):
        left, right = part[:at], part[at:]
        if right in COMPOUND_PARTS or right in ("yn", "num", "no"):
            if left in COMPOUND_PARTS or lemma(left) in COMPOUND_PARTS:
                return [left, right]
            if len(left) >= 6 and right not in ("id", "no", "num", "age", "car", "dep", "arr", "air", "bus", "rate"):
                rest = _cut(left)
                if len(rest) > 1:
                    return [*rest, right]
    return [part]


def expand(words: list[str]) -> list[str]:
    """Abbreviations written out."""
    full: list[str] = []
    for word in words:
        full += ABBREVIATIONS.get(word, (word,))
    return full


def label_of(identifier: str) -> str:
    """A readable label: `dep_delay` → departure delay."""
    return " ".join(expand(words_of(identifier))) or identifier


def _base(words: list[str]) -> tuple[str, ...]:
    return tuple(lemma(w) for w in words if w not in FILLERS) or tuple(lemma(w) for w in words)


def table_names(identifier: str, comment: str | None) -> tuple[Name, ...]:
    """The ways to say a table."""
    raw = words_of(identifier)
    return _distinct([Name(_base(expand(raw))), Name(_base(raw), 0.98), *_whole(identifier, raw), *_said(comment)])


def column_names(identifier: str, table: str, comment: str | None) -> tuple[Name, ...]:
    """The ways to say a column; its table's words may be left out of it."""
    raw = words_of(identifier)
    full = expand(raw)
    found = [Name(_base(full)), Name(_base(raw), 0.98), *_whole(identifier, raw), *_said(comment)]
    own = {lemma(w) for w in expand(words_of(table))} | {lemma(w) for w in words_of(table)}
    for name in list(found):
        rest = tuple(w for w in name.words if w not in own)
        if rest and rest != name.words:
            found.append(Name(rest, 0.96 * name.weight))
        if len(name.words) > 1 and name.words[-1] in ("yn", "name", "code") and name.words[-1] != "name":
            found.append(Name(name.words[:-1], 0.85 * name.weight))
    return _distinct(found)


def _whole(identifier: str, raw: list[str]) -> list[Name]:
    """A name that was cut is also said in one piece: hometown."""
    return [Name((lemma(identifier),), 0.97)] if len(raw) > 1 and identifier.isalpha() else []


def _said(comment: str | None) -> list[Name]:
    """A short comment is a label."""
    if not comment:
        return []
    words = split_identifier(comment)
    return [Name(_base(expand(words)), 0.99)] if 0 < len(words) <= MAX_LABEL_WORDS else []


def _distinct(names: list[Name]) -> tuple[Name, ...]:
    best: dict[tuple[str, ...], Name] = {}
    for name in names:
        if name.words and (name.words not in best or best[name.words].weight < name.weight):
            best[name.words] = name
    return tuple(best.values())
