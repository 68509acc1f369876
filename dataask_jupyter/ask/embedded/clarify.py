"""Asks back: what was understood, which words were not, and questions that would work."""

from __future__ import annotations

import re

from ...schemas.conversations import Choice, Clarification, WordReading
from ...semantic.words import normal, plural
from ..engine import AskInput
from ..suggest import averaged, suggest
from .chunks import Chunk, ColumnSense, TableSense
from .draft import Draft
from .joins import Joins
from .rank import Ranked

_SQL = re.compile(
    r"\b(select\b.{1,400}\bfrom|insert\s+into|update\s+\w+\s+set|delete\s+from|drop\s+(table|database|view)|"
    r"alter\s+table|create\s+(table|view|database)|truncate\s+table|union\s+select|attach\s+database)\b|;\s*--|--\s*$",
    re.IGNORECASE | re.DOTALL,
)
_MARKUP = re.compile(r"<\s*/?\s*[a-z!][^>]*>|\{\{|\{%|\$\{", re.IGNORECASE)


MAX_CHOICES = 6
MAX_WORD = 40
"""Longer words are cut where they are quoted."""


class Clarifier:
    """Writes clarifications for one question."""

    def __init__(self, question: AskInput, joins: Joins) -> None:
        self.question = question
        self.model = question.model
        self.joins = joins

    def unreadable(self) -> Clarification | None:
        """What can't be a question about these data at all."""
        text = self.question.question.strip()
        if not self.model.tables:
            return Clarification(reason="no_data", message="This connection has no tables to ask about.")
        if not text or not re.search(r"\w", text):
            return self._unreadable("There is no question to read. Ask about a table or a column.")
        if len(text) > 4_000:
            return self.too_long()
        if _SQL.search(text):
            return self._unreadable("This looks like SQL. Ask in words here; in a notebook, da.sql(…) runs SQL.")
        if _MARKUP.search(text):
            return self._unreadable("This contains markup, which can't be read as a question. Ask in words.")
        letters = [c for c in text if c.isalpha()]
        if letters and sum(c.isascii() for c in letters) < 0.6 * len(letters):
            return self._unreadable("Questions are read in English. Ask in English.")
        return None

    def too_long(self) -> Clarification:
        """A question beyond what is read."""
        return self._unreadable("The question is too long to be read with certainty. Ask for one thing at a time.")

    def _unreadable(self, message: str) -> Clarification:
        return Clarification(reason="unreadable", message=message, suggestions=suggest(self.model, limit=3))

    def vague(self, draft: Draft, chunks: list[Chunk]) -> Clarification | None:
        """ "Best" has several meanings in most data: ask which."""
        if not draft.vague:
            return None
        best = draft.vague in ("best", "good", "better", "busiest")
        busy = draft.vague in ("busiest", "quietest")
        subject = next((c for c in chunks if c.kind == "noun" and c.tables), None)
        if subject is None:
            return None
        table = subject.tables[0].table
        word = self._original(draft.vague)
        choices = self._meanings(table.id, word, best=best, busy=busy)
        if not choices:
            return None
        return Clarification(
            reason="ambiguous",
            message=f"“{word.capitalize()}” can mean different things in this data. Which one do you mean?",
            choices=choices[:4],
        )

    def _original(self, word: str) -> str:
        found = re.search(rf"\b{re.escape(word)}\b", self.question.question, re.IGNORECASE)
        return found.group() if found else word

    def _meanings(self, table_id: str, word: str, *, best: bool, busy: bool = False) -> list[Choice]:
        table = self.model.tables[table_id]
        end, most = ("highest", "most") if best else ("lowest", "fewest")
        noun = plural(table.label)
        choices = [
            Choice(
                label=f"{end.capitalize()} {column.label}",
                detail=f"{table.id}.{column.name}",
                question=f"Top 10 {noun} with the {end} {column.label}",
            )
            for column in table.columns
            if averaged(column) and not busy
        ][:2]
        counted: set[str] = set()
        for relationship in self.model.neighbours.get(table_id, ()):
            if relationship.target != table_id or relationship.table == table_id:
                continue
            child = self.model.tables[relationship.table]
            if child.id in counted:
                continue  # two roles of one relationship count the same rows
            counted.add(child.id)
            top = "Top" if best else "Bottom"
            choices.append(
                Choice(
                    label=f"{most.capitalize()} {plural(child.label)}",
                    detail=f"Number of rows in {child.id}",
                    question=f"{top} 10 {noun} by number of {plural(child.label)}",
                )
            )
            choices += [
                Choice(
                    label=f"{end.capitalize()} average {column.label}",
                    detail=f"Average of {child.id}.{column.name}",
                    question=f"{top} 10 {noun} by average {column.label}",
                )
                for column in child.columns
                if averaged(column) and not busy
            ][:2]
        return choices

    def ask(self, draft: Draft, chunks: list[Chunk], ranked: list[Ranked], open_part: str) -> Clarification:
        """What was and wasn't understood."""
        readings: list[WordReading] = []
        dropped = ranked[0].dropped if ranked else []
        unread = [*draft.unread, *([] if ranked else [c for c in chunks if c.cue == "literal" and not c.values])]
        corrected = self.question.question
        changed = False
        unknown = 0
        for chunk in chunks:
            if chunk.kind == "noun" and chunk.corrected:
                _, detail = _meaning(chunk)
                many = chunk.text.lower().endswith("s") and not chunk.corrected.endswith("s")
                meant = plural(chunk.corrected) if many else chunk.corrected
                corrected = corrected.replace(chunk.text, meant, 1)
                meaning = meant.capitalize()
                changed = True
                readings.append(WordReading(text=chunk.text, meaning=meaning, detail=detail))
            elif chunk in unread:
                unknown += 1
                readings.append(WordReading(text=_short(chunk.text)))
            elif chunk in dropped:
                # Known, but nothing in the best query stands for it: that is as good as not understood.
                meaning, detail = _meaning(chunk)
                readings.append(WordReading(text=_short(chunk.text), detail=f"{meaning} ({detail})" if detail else ""))
            elif chunk.kind == "noun" and len(readings) < 8:
                meaning, detail = _meaning(chunk)
                readings.append(WordReading(text=chunk.text, meaning=meaning, detail=detail))
            elif chunk.kind == "value" and chunk.values:
                known = chunk.values[0].known
                readings.append(
                    WordReading(
                        text=chunk.text, meaning=known.value, detail=f"{known.column.table}.{known.column.name}"
                    )
                )
        choices: list[Choice] = []
        if changed and not unknown:
            choices.append(Choice(label="Yes, answer that", detail=corrected, question=corrected))
            fuzzy = [r for r in readings if r.meaning and r.text.lower() != r.meaning.lower()]
            count = len([c for c in chunks if c.corrected])
            message = (
                "One word doesn’t" if count == 1 else f"{count} words don’t"
            ) + " match anything exactly. Did you mean this?"
            return Clarification(reason="unknown_words", message=message, readings=fuzzy or readings, choices=choices,
                                 suggestions=suggest(self.model, limit=3))  # fmt: skip
        if unknown:
            words = [f"“{_short(c.text)}”" for c in unread if c.kind != "punct"][:4]
            held = [c for c in unread if c.kind != "punct"]
            choices = self._containing(held[0]) if len(held) == 1 else []
            if choices:
                return Clarification(
                    reason="ambiguous",
                    message=f"{words[0]} is only part of what is stored. Which one do you mean?",
                    readings=readings[:10],
                    choices=choices,
                    suggestions=self._near(chunks),
                )
            verb = "matches" if len(words) == 1 else "match"
            message = f"{' and '.join(words)} {verb} nothing in this data. Say it in other words."
            return Clarification(reason="unknown_words", message=message, readings=readings[:10],
                                 suggestions=self._near(chunks))  # fmt: skip
        understood = [r for r in readings if r.meaning]
        if dropped:
            named = _listed([f"“{_short(c.text)}”" for c in dropped][:4])
            state = "is known, but not what it says" if len(dropped) == 1 else "are known, but not what they say"
            about = f" about {_listed([r.text for r in understood][:3])}" if understood else ""
            return Clarification(
                reason="unreadable",
                message=f"{named} {state}{about}. Say it in other words, for example with a comparison.",
                readings=readings[:10],
                suggestions=self._near([c for c in chunks if c not in dropped] + dropped),
            )
        message = (
            "The words are known, but not how they belong together. Say it in other words."
            if understood
            else "Nothing in the question matches a table or a column here."
        )
        return Clarification(
            reason="unreadable", message=message, readings=readings[:10], suggestions=self._near(chunks)
        )

    def _containing(self, chunk: Chunk) -> list[Choice]:
        """Known values that contain the words, each as the same question with that value said in full."""
        form = normal(chunk.text)
        options = [form.split(), [form.replace(" ", "")]]
        pools = next((p for p in ([self.model.value_words.get(w, ()) for w in o] for o in options) if p and all(p)), [])
        if not pools:
            return []
        held = [k for k in pools[0] if all(k in pool for pool in pools[1:]) and '"' not in k.value]
        text = self.question.question
        return [
            Choice(
                label=known.value,
                detail=f"{known.column.table}.{known.column.name}",
                question=f'{text[: chunk.start]}"{known.value}"{text[chunk.end :]}',
            )
            for known in {k.value: k for k in held}.values()
        ][:MAX_CHOICES]

    def _near(self, chunks: list[Chunk]) -> list[str]:
        """Suggestions about the tables that the question names."""
        named = [c.tables[0].table.id for c in chunks if c.kind == "noun" and c.tables and c.tables[0].score > 0.6]
        named += [c.columns[0].column.table for c in chunks if c.kind == "noun" and c.columns]
        return suggest(self.model, limit=3, about=tuple(dict.fromkeys(named)))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _short(text: str) -> str:
    return text if len(text) <= MAX_WORD else f"{text[:MAX_WORD]}…"


def _meaning(chunk: Chunk) -> tuple[str, str]:
    best: TableSense | ColumnSense | None = None
    if chunk.tables and chunk.best_table() >= chunk.best_column():
        best = chunk.tables[0]
        return best.table.label.capitalize(), best.table.id
    if chunk.columns:
        column = chunk.columns[0].column
        return column.label.capitalize(), f"{column.table}.{column.name}"
    return chunk.text, ""
