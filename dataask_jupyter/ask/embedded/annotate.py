"""Cuts a question into chunks: every span that may mean something is scored, the best non-overlapping ones are kept."""

from __future__ import annotations

import re
from collections import defaultdict

from ...semantic.words import raw_tokens
from .chunks import Chunk, Kind, Token
from .cues import FUNCTION_WORDS, MAX_PHRASE, NUMBER_WORDS, PHRASES, SCALES, SOFT_WORDS
from .dates import date_at
from .naming import INNER
from .valuing import MAX_SPAN, ValueFinder

MAX_TOKENS = 90
"""Longer questions are not read: the time for reading stays bounded."""


def tokenize(question: str) -> list[Token]:
    """The tokens of a question."""
    return [
        Token(kind, text, text.lower().replace("’", "'"), start, end)
        for kind, text, start, end in raw_tokens(question)
        if kind != "other"
    ]


class Annotator(ValueFinder):
    """Finds the chunks of one question."""

    def chunks(self) -> list[Chunk]:
        """The best cut, in order."""
        self._complete_lists()
        for index, token in enumerate(self.tokens):
            self._hits(index, token)
        spans: dict[int, list[tuple[float, Chunk]]] = defaultdict(list)
        for index in range(len(self.tokens)):
            for weight, chunk in self._at(index):
                spans[index].append((weight, chunk))
        count = len(self.tokens)
        best: list[float] = [0.0] * (count + 1)
        choice: list[Chunk | None] = [None] * count
        for index in range(count - 1, -1, -1):
            best[index] = best[index + 1]
            for weight, chunk in spans[index]:
                total = weight + best[chunk.last + 1]
                if total > best[index] + 1e-9:
                    best[index], choice[index] = total, chunk
        found: list[Chunk] = []
        index = 0
        while index < count:
            picked = choice[index]
            if picked is None:
                picked = self._word(index)
            found.append(picked)
            index = picked.last + 1
        return found

    def _word(self, index: int) -> Chunk:
        token = self.tokens[index]
        kind: Kind = "punct" if token.kind in ("punct", "poss") else "word"
        chunk = Chunk(kind, token.text, index, index, token.start, token.end)
        if kind == "word" and token.low in SOFT_WORDS:
            chunk.tables = self._table_senses([index])  # "visited" may say which related rows are counted
        return chunk

    # ---- Names -------------------------------------------------------------------------------------------------------

    def _at(self, first: int) -> list[tuple[float, Chunk]]:
        """Everything that may begin at a token."""
        found: list[tuple[float, Chunk]] = []
        token = self.tokens[first]
        dated = date_at(self.tokens, first, self.now)
        if dated is not None:
            last, date = dated
            chunk = self._chunk("date", first, last)
            chunk.date = date
            found.append((1.1 * (last - first + 1) + 0.2, chunk))
        found += self._numbers(first)
        if token.kind == "quote":
            found.append(self._quote(first))
            return found
        for last in range(first, min(first + MAX_PHRASE, len(self.tokens))):
            cue = PHRASES.get(tuple(t.low for t in self.tokens[first : last + 1]))
            if cue is not None:
                chunk = self._chunk("cue", first, last)
                chunk.cue = cue
                size = last - first + 1
                strong = cue in ("avg", "min", "max", "sup+", "sup-", "sup+large", "sup-small", "how")
                weak = cue in ("skip", "prep", "by", "be", "their", "order?", "have", "rel", "sum") or cue.startswith(
                    "wh"
                )
                found.append((size * (1.02 if strong else 0.6 if weak else 0.9) + 0.12 * (size - 1), chunk))
        if token.kind in ("word", "number"):
            found += self._values(first)
        if token.kind == "word":
            for last in range(first, min(first + MAX_SPAN, len(self.tokens))):
                if self.tokens[last].kind not in ("word", "poss") and self.tokens[last].low not in INNER:
                    break
                if last > first and self.tokens[last].low in INNER:
                    continue
                named = self._noun(first, last)
                if named is not None:
                    found.append(named)
        return found

    def _noun(self, first: int, last: int) -> tuple[float, Chunk] | None:
        content = self._content(first, last)
        if not content or content[0] != first or content[-1] != last:
            return None
        if any(not self._columns[i] and not self._tables[i] for i in content):
            return None
        broken = any(self.tokens[i].low in ("and", "&", "to") for i in range(first, last + 1))
        columns = self._column_senses(content)
        tables = self._table_senses(content)
        if len(content) > 1 and not tables and not columns:
            columns = self._redundant(content)
        if self._crosses(first, last, content):
            return None
        if broken:  # "and" inside a name only when it is all of the name
            tables = [s for s in tables if s.score >= 0.99]
            columns = [s for s in columns if s.score >= 0.99]
        if not tables and not columns:
            return None
        chunk = self._chunk("noun", first, last)
        chunk.tables, chunk.columns = tables, columns
        if len(content) > 1 and columns and not tables:
            owners = {s.table.id for s in self._table_senses(content[:1]) if s.score >= 0.95}
            chunk.qualified = columns[0].column.table in owners
        chunk.corrected = next((self.corrections[i] for i in content if i in self.corrections), "")
        score = max([s.score for s in tables[:1]] + [s.score for s in columns[:1]])
        how = (tables[:1] or columns[:1])[0].how
        size = len(content)
        if (
            size == 1
            and self.tokens[first].low in SOFT_WORDS
            and how != "exact"
            and not self._population(first, columns)
        ):
            score *= 0.5
        if size == 1 and (self.tokens[first].low,) in PHRASES and score < 0.99:
            score *= 0.5
        inner = (last - first + 1 - size) * 0.62
        return (size * score + inner + 0.2 * (size - 1) * score, chunk)

    # ---- Values, numbers ---------------------------------------------------------------------------------------------

    def _numbers(self, first: int) -> list[tuple[float, Chunk]]:
        token = self.tokens[first]
        value: float | None = None
        if token.kind == "number":
            text = token.text.strip("$€£%").replace(",", "")
            value = float(text)
        elif token.low in NUMBER_WORDS and token.low not in ("hundred", "thousand"):
            value = float(NUMBER_WORDS[token.low])
            follows = self.tokens[first + 1].low if first + 1 < len(self.tokens) else ""
            if token.low == "one" and follows in ("of", "is", "has", "with", "that", "?", "in", "or", ""):
                value = 1.0 if follows == "or" else None
        if value is None:
            return []
        last = first
        if first + 1 < len(self.tokens) and self.tokens[first + 1].low in SCALES:
            scale = self.tokens[first + 1]
            if scale.low not in ("k", "m") or scale.start == token.end:
                value *= SCALES[scale.low]
                last = first + 1
        chunk = self._chunk("number", first, last)
        chunk.number = value
        return [(0.9 * (last - first + 1), chunk)]

    def _quote(self, index: int) -> tuple[float, Chunk]:
        chunk = self._chunk("quote", index, index)
        chunk.values = self._value_senses(self.tokens[index].text, 1.2)
        return (2.0, chunk)


def is_unknown(chunk: Chunk) -> bool:
    """Whether a chunk is a content word that nothing explains."""
    if chunk.kind != "word":
        return False
    low = chunk.text.lower()
    return bool(re.search(r"\w", low)) and low not in FUNCTION_WORDS and low not in SOFT_WORDS


__all__ = ["MAX_TOKENS", "Annotator", "is_unknown", "tokenize"]
