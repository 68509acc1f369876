"""Finds which tables and columns a span of words may name: exact words, stems, synonyms, typos, parts of names."""

from __future__ import annotations

from datetime import datetime

from ...semantic.lexicon import ABBREVIATIONS, SYNONYMS
from ...semantic.model import ColumnModel, SemanticModel, TableModel
from ...semantic.words import close, lemma, normal, stem
from .chunks import Chunk, ColumnSense, How, Kind, TableSense, Token
from .cues import COMMANDS, FUNCTION_WORDS, PHRASES, SOFT_WORDS

MAX_SENSES = 24

INNER = frozenset({"of", "the", "a", "in", "for", "'s", "’s", "'", "’", "to", "and", "&"})

_QUALITY: dict[How, int] = {"exact": 0, "stem": 1, "synonym": 2, "partial": 3, "fuzzy": 4, "attribute": 5}

Hits = dict[tuple[str, str], dict[str, tuple[float, How]]]


class NameFinder:
    """Looks names up for one question."""

    def __init__(self, model: SemanticModel, tokens: list[Token], now: datetime) -> None:
        self.model = model
        self.tokens = tokens
        self.now = now
        self._columns: list[Hits] = []
        self._tables: list[Hits] = []
        self.corrections: dict[int, str] = {}

    def _chunk(self, kind: Kind, first: int, last: int) -> Chunk:
        tokens = self.tokens[first : last + 1]
        text = " ".join(t.text for t in tokens)
        return Chunk(kind, text, first, last, tokens[0].start, tokens[-1].end)

    def _complete_lists(self) -> None:
        """ "First and last name" is "first name and last name" where both are columns."""
        index = 0
        while index + 3 < len(self.tokens):
            left, joint, right, noun = (t.low for t in self.tokens[index : index + 4])
            if joint in ("and", ",", "or") and self._names_column(left, noun) and self._names_column(right, noun):
                end = self.tokens[index].end
                self.tokens.insert(index + 1, Token("word", self.tokens[index + 3].text, noun, end, end))
                index += 1
            index += 1

    def _names_column(self, first: str, second: str) -> bool:
        if not first.isalpha() or not second.isalpha() or first in SOFT_WORDS:
            return False
        wanted = {lemma(first), lemma(second)}
        pool = self.model.column_words.get(lemma(second), ())
        return len(wanted) == 2 and any(wanted == set(n.words) for c in pool for n in c.names)

    def _options(self, index: int, token: Token) -> dict[str, tuple[float, How]]:
        """The index words that a token may stand for."""
        word = lemma(token.low)
        found: dict[str, tuple[float, How]] = {}
        if word in self.model.column_words or word in self.model.table_words:
            found[word] = (1.0, "exact")
        for full in ABBREVIATIONS.get(token.low, ())[:1]:
            found.setdefault(lemma(full), (0.93, "exact"))
        loose = "~" + stem(token.low)
        if len(loose) > 3:
            # "shared by" is rarely the column "share": verbs count less than nouns.
            found.setdefault(loose, (0.6 if token.low.endswith(("ed", "ing")) else 0.84, "stem"))
        for other in SYNONYMS.get(word, ()):
            found.setdefault(other, (0.72, "synonym"))
        known = any(o in self.model.column_words or o in self.model.table_words for o in found)
        if not known and self._may_be_typo(token, word):
            nearest: tuple[float, str] = (0.0, "")
            for size in range(len(word) - 2, len(word) + 3):
                for candidate in self.model.vocabulary.get(size, ()):
                    if candidate[0] != word[0] and candidate[1:2] != word[1:2]:
                        continue
                    nearness = close(word, candidate)
                    if nearness > nearest[0]:
                        nearest = (nearness, candidate)
            if nearest[0] >= 0.72:
                found[nearest[1]] = (0.62 * nearest[0], "fuzzy")
                self.corrections[index] = nearest[1]
        return found

    def _may_be_typo(self, token: Token, word: str) -> bool:
        return (
            token.kind == "word"
            and len(word) >= 4
            and word.isalpha()
            and token.low not in FUNCTION_WORDS
            and token.low not in SOFT_WORDS
            and (token.low,) not in PHRASES
            and normal(token.low) not in self.model.values
            and normal(token.low) not in self.model.value_words
        )

    def _commands(self, index: int, token: Token) -> bool:
        """Whether a word opens a sentence as a command: "show" is no table there."""
        before = self.tokens[index - 1].low if index else "."
        return token.low in COMMANDS and before in (".", "?", "!", ";", "please", "and", ",", "you", "me", "to", "then")

    def _hits(self, index: int, token: Token) -> None:
        columns: Hits = {}
        tables: Hits = {}
        plain = token.low in FUNCTION_WORDS or self._commands(index, token)
        if token.kind in ("word",) and not plain:
            for word, (weight, how) in self._options(index, token).items():
                for column in self.model.column_words.get(word, ()):
                    slot = columns.setdefault(column.id, {})
                    if slot.get(word, (0.0, how))[0] < weight:
                        slot[word] = (weight, how)
                for table in self.model.table_words.get(word, ()):
                    tables.setdefault((table.id, ""), {})[word] = (weight, how)
        self._columns.append(columns)
        self._tables.append(tables)

    def _content(self, first: int, last: int) -> list[int]:
        return [i for i in range(first, last + 1) if self.tokens[i].low not in INNER]

    def _crosses(self, first: int, last: int, content: list[int]) -> bool:
        """ "type code of the template": a column and its table, not one name."""
        if not any(self.tokens[i].low in ("of", "in", "for", "to") for i in range(first, last + 1)):
            return False
        head = [i for i in content if i < last]
        return any(s.score >= 0.9 for s in self._table_senses(content[-1:])) and any(
            s.score >= 0.6 for s in self._column_senses(head)
        )

    def _population(self, first: int, columns: list[ColumnSense]) -> bool:
        """ "People", where their number is a column."""
        return self.tokens[first].low in ("people", "persons") and any(
            "population" in name.words for s in columns[:1] for name in s.column.names
        )

    def _redundant(self, content: list[int]) -> list[ColumnSense]:
        """ "continent name", "status value": a column with a word that adds nothing."""
        if self.tokens[content[-1]].low not in ("name", "names", "value", "values", "code", "codes", "number", "type"):
            return []
        return [
            ColumnSense(s.column, s.score * 0.93, s.how)
            for s in self._column_senses(content[:-1])
            if s.score > 0.9 and s.column.kind == "text"
        ]

    def _table_senses(self, content: list[int]) -> list[TableSense]:
        shared = set(self._tables[content[0]])
        for i in content[1:]:
            shared &= set(self._tables[i])
        senses: list[TableSense] = []
        for key in shared:
            table = self.model.tables[key[0]]
            scored = _fit([self._tables[i][key] for i in content], table, self.model)
            if scored:
                senses.append(TableSense(table, scored[0], scored[1]))
        senses.sort(key=lambda s: (-s.score, len(s.table.names[0].words), s.table.id))
        return senses[:MAX_SENSES]

    def _column_senses(self, content: list[int]) -> list[ColumnSense]:
        shared = set(self._columns[content[0]])
        for i in content[1:]:
            shared &= set(self._columns[i])
        senses: dict[tuple[str, str], ColumnSense] = {}
        for key in shared:
            column = self.model.column(*key)
            scored = _fit([self._columns[i][key] for i in content], column, self.model)
            if scored:
                senses[key] = ColumnSense(column, scored[0], scored[1])
        if len(content) > 1:  # a table's words before its column's: "customer name"
            for cut in range(1, len(content)):
                for table_sense in self._table_senses(content[:cut]):
                    if table_sense.score < 0.7:
                        continue
                    for column_sense in self._column_senses(content[cut:]):
                        column = column_sense.column
                        if column.table != table_sense.table.id or column_sense.score < 0.9:
                            continue
                        score = min(0.97, table_sense.score) * column_sense.score
                        if column.id not in senses or senses[column.id].score < score:
                            senses[column.id] = ColumnSense(column, score, table_sense.how)
        ordered = sorted(senses.values(), key=lambda s: (-s.score, _QUALITY[s.how], s.column.id))
        return ordered[:MAX_SENSES]


def _fit(
    hits: list[dict[str, tuple[float, How]]], target: TableModel | ColumnModel, model: SemanticModel
) -> tuple[float, How] | None:
    """How well words fit a name: all of them must be in it, and what it has beyond them costs."""
    best: tuple[float, How] | None = None
    column = isinstance(target, ColumnModel)
    for name in target.names:
        words = {w: w for w in name.words} | {"~" + stem(w): w for w in name.words}
        taken: dict[str, tuple[float, How]] = {}
        for hit in hits:
            options = [(weight, words[w], how) for w, (weight, how) in hit.items() if w in words]
            options = [o for o in options if o[1] not in taken]
            if not options:
                break
            weight, word, how = max(options)
            taken[word] = (weight, how)
        else:
            total = sum(model.word_weight.get(w, 1.5) for w in name.words)
            share = sum(model.word_weight.get(w, 1.5) for w in taken) / total if total else 0
            quality = sum(w for w, _ in taken.values()) / len(taken)
            how = max((h for _, h in taken.values()), key=lambda h: _QUALITY[h])
            if len(taken) == len(set(name.words)):
                score = quality * name.weight
            else:
                head = name.words[-1] in taken
                if not column and not head and name.words[0] not in taken:
                    continue
                score = quality * name.weight * (0.42 + (0.36 if column else 0.28) * share + (0.08 if head else 0))
                how = how if how == "fuzzy" else "partial"
            if best is None or score > best[0]:
                best = (score, how)
    return best
