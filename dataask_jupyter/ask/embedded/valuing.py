"""Finds which known values a span of words may be, and names that nothing knows."""

from __future__ import annotations

from ...semantic.lexicon import NATIONALITIES
from ...semantic.words import lemma, normal
from .chunks import Chunk, ValueSense
from .cues import FUNCTION_WORDS, NUMBER_WORDS, PHRASES, SOFT_WORDS
from .naming import INNER, MAX_SENSES, NameFinder

MAX_SPAN = 6


class ValueFinder(NameFinder):
    """Looks values up for one question."""

    def _values(self, first: int) -> list[tuple[float, Chunk]]:
        found: list[tuple[float, Chunk]] = []
        for last in range(min(first + MAX_SPAN, len(self.tokens)) - 1, first - 1, -1):
            span = self.tokens[first : last + 1]
            if any(t.kind == "quote" or t.text in "?,;" for t in span) or span[-1].kind in ("poss", "punct"):
                continue
            text = " ".join(t.text for t in span)
            size = len(span)
            if size == 1 and not self._may_be_value(first):
                continue
            if all(t.low in FUNCTION_WORDS for t in span):
                continue
            capital = all(t.text[:1].isupper() or t.kind != "word" or t.low in INNER for t in span) and first > 0
            score = 1.15 if size > 1 else 1.06 if capital and span[0].text[:1].isupper() else 0.8
            senses = self._value_senses(text, score)
            if size > 1 and senses:
                senses = [*self._of_kind(first, last, score), *senses]
            if senses:
                chunk = self._chunk("value", first, last)
                chunk.values = senses
                found.append((size * senses[0].score + 0.25 * (size - 1), chunk))
        found += self._literal(first)
        return found

    def _of_kind(self, first: int, last: int, score: float) -> list[ValueSense]:
        """ "Colorado river" may be a river called Colorado."""
        holders = {s.table.id: s.table for s in self._table_senses([last]) if s.score >= 0.95}
        if not holders:
            return []
        form = normal(" ".join(t.text for t in self.tokens[first:last]))
        return [
            ValueSense(k, score + 0.02)
            for k in self.model.values.get(form, ())
            if k.column.table in holders and k.column.name in holders[k.column.table].display
        ]

    def _may_be_value(self, index: int) -> bool:
        token = self.tokens[index]
        if token.kind == "number":
            return False
        if len(token.text) == 1:
            return token.text.isupper() and token.text not in ("I", "A")
        if token.low in FUNCTION_WORDS or token.low in NUMBER_WORDS:
            return token.text.isupper() and len(token.text) > 1 and index > 0
        if token.low in SOFT_WORDS or (token.low,) in PHRASES:
            return token.text[:1].isupper() and index > 0
        return True

    def _value_senses(self, text: str, score: float) -> list[ValueSense]:
        form = normal(text)
        if not form:
            return []
        found = [ValueSense(k, score) for k in self.model.values.get(form, ())]
        if not found:
            base = " ".join(lemma(w) for w in form.split())
            found = [ValueSense(k, score - 0.04) for k in self.model.values.get(base, ())]
        if not found and form in NATIONALITIES:
            for name in NATIONALITIES[form]:
                found = [ValueSense(k, score - 0.05) for k in self.model.values.get(name, ())]
                if found:
                    break
        if not found:
            found = self._partial(form, score)
        found.sort(key=lambda s: (-s.score, s.known.value.lower() != text.lower(), s.known.column.id))
        return found[:MAX_SENSES]

    def _partial(self, form: str, score: float) -> list[ValueSense]:
        """Values that contain all the words; only when few do."""
        words = form.split()
        pools = [self.model.value_words.get(w, ()) for w in words]
        if not all(pools):
            return []
        shared = [k for k in pools[0] if all(k in pool for pool in pools[1:])]
        columns = {k.column.id for k in shared}
        if not shared or len(shared) > 4 * len(columns):
            return []
        found = []
        for known in shared:
            share = len(words) / len(normal(known.value).split())
            if share >= 0.5:
                found.append(ValueSense(known, score * (0.55 + 0.3 * share), "partial"))
        return found

    def _literal(self, first: int) -> list[tuple[float, Chunk]]:
        """Capitalised words that nothing knows: a name, taken as written."""
        if first == 0:
            return []
        last = first - 1
        for index in range(first, min(first + MAX_SPAN, len(self.tokens))):
            token = self.tokens[index]
            joins = token.low in ("of", "the", "de", "van", "von", "&", "-", ".") and index > first
            if token.kind != "word" or not (token.text[:1].isupper() or joins):
                break
            if not joins:
                if token.low in FUNCTION_WORDS or token.low in SOFT_WORDS or (token.low,) in PHRASES:
                    break
                if any(self._columns[index].values()) or any(self._tables[index].values()):
                    break
                last = index
        if last < first:
            return []
        chunk = self._chunk("quote", first, last)
        chunk.cue = "literal"
        return [(0.5 * (last - first + 1), chunk)]
