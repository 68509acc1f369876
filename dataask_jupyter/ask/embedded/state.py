"""The parser's cursor and memory, and what it asks of them."""

from __future__ import annotations

from typing import Literal

from .chunks import Chunk, ColumnSense, TableSense
from .cues import SOFT_WORDS
from .draft import Absence, Aggregate, Cond, Draft, Item, Ref

COMPARING = frozenset({">", "<", ">=", "<=", "=", "!=", "between", "before", "after", "since", "until"})


class State:
    """Where the parser is and what is still open."""

    def __init__(self, chunks: list[Chunk]) -> None:
        self.chunks = chunks
        self.at = 0
        self.draft = Draft()
        self.mode: Literal["select", "filter"] = "select"
        self.preposition = ""
        self.after_and = False
        self.sentence_start = True
        self.asked = False
        self.fresh = False
        self.in_group = False
        self.grouped_by = False
        self.qualifier: Ref | None = None
        self.sorting = False
        self.counted: Ref | None = None
        self.distinct = False
        self.share = False
        self.naming = False
        self.negated = False
        self.only_or = False
        self.both = False
        self.contrast = False
        self.having_verb = False
        self.open_aggregates: list[Aggregate] = []
        self.pending_aggregate: Aggregate | None = None
        self.pending: Ref | None = None
        self.subject: Ref | None = None
        self.last_noun: Ref | None = None
        self.last_cond: Cond | None = None
        self.who: Item | None = None
        self.absence: Absence | None = None
        self.awaiting: list[Ref] = []

    # ---- Looking ahead -----------------------------------------------------------------------------------------------

    def ahead(self, step: int) -> Chunk | None:
        """The chunk `step` places after the cursor, articles left out."""
        index = self.at
        while index < len(self.chunks):
            chunk = self.chunks[index]
            if chunk.kind == "cue" and chunk.cue in ("skip", "all", "their"):
                index += 1
                continue
            if step == 0:
                return chunk
            step -= 1
            index += 1
        return None

    def peek_kind(self, step: int) -> str | None:
        """The kind of what follows."""
        chunk = self.ahead(step)
        return chunk.kind if chunk else None

    def peek_cue(self, step: int) -> str:
        """The cue that follows, or nothing."""
        chunk = self.ahead(step)
        return chunk.cue if chunk and chunk.kind == "cue" else ""

    def peek_word(self, step: int) -> str:
        """The plain word that follows, or nothing."""
        chunk = self.ahead(step)
        return chunk.text.lower() if chunk and chunk.kind in ("word", "noun") else ""

    def skip_articles(self) -> None:
        """Move the cursor over articles."""
        while self.at < len(self.chunks):
            chunk = self.chunks[self.at]
            if chunk.kind == "cue" and chunk.cue in ("skip", "all", "their"):
                self.at += 1
            else:
                return

    def take(self) -> Chunk | None:
        """The next chunk that is no article, passed."""
        self.skip_articles()
        if self.at >= len(self.chunks):
            return None
        self.at += 1
        return self.chunks[self.at - 1]

    def compared_ahead(self) -> bool:
        """Whether the next noun is compared with something: then it is a condition and nothing to show."""
        seen_noun = False
        for step in range(7):
            chunk = self.ahead(step)
            if chunk is None or (chunk.kind == "punct" and chunk.text in ".?;,"):
                return False
            if chunk.kind == "noun":
                if seen_noun:
                    return False
                seen_noun = True
            elif (seen_noun and chunk.kind == "cue" and (chunk.cue in COMPARING or chunk.cue.startswith("cmp"))) or (
                seen_noun and chunk.kind in ("number", "quote")
            ):
                return True
            elif chunk.kind == "cue" and chunk.cue in ("and", "each", "order", "rel", "whose"):
                return False
        return False

    def has_aggregate(self) -> bool:
        """Whether something measured is shown."""
        return any(item.aggregate for item in self.draft.items)

    def bare_entity(self) -> bool:
        """Whether only a table is asked for ("flights by carrier")."""
        return len(self.draft.items) == 1 and self.draft.items[0].entity

    def verb_before(self) -> bool:
        """Whether a passive verb stands before the cursor's "by" ("directed by")."""
        index = self.at - 2
        if index < 0:
            return False
        chunk = self.chunks[index]
        return chunk.text.lower().endswith("ed") or chunk.text.lower() in ("written", "made", "taught", "won", "held")

    def acts(self, chunk: Chunk) -> bool:
        """Whether a noun is rather a verb: "students *enrolled* in", "who *play* games"."""
        low = chunk.text.lower()
        senses: list[TableSense | ColumnSense] = [*chunk.tables[:1], *chunk.columns[:1]]
        top = max(chunk.best_table(), chunk.best_column())
        best = [s.how for s in senses if s.score >= top]
        loose = bool(best) and best[0] in ("stem", "partial", "synonym")
        return loose and chunk.first == chunk.last and (low.endswith(("ed", "ing")) or low in SOFT_WORDS)

    def verbish(self, chunk: Chunk) -> bool:
        """Whether a soft word ties the noun before to what follows ("concerts held in …")."""
        low = chunk.text.lower()
        previous = self.chunks[self.at - 2] if self.at >= 2 else None
        return previous is not None and previous.kind in ("noun", "cue") and low not in (
            "information", "info", "details", "detail", "data", "records", "record", "name", "names", "values", "value",
            "me", "list", "kind", "kinds", "type", "types", "people", "total", "combinations", "combination", "pairs",
            "different", "table", "tables", "entry", "entries", "order", "describing", "row", "rows", "possible",
            "corresponding", "respective", "please", "chart", "plot", "graph", "distribution", "showing",
        )  # fmt: skip

    # ---- Remembering -------------------------------------------------------------------------------------------------

    def mention(self, ref: Ref | None) -> None:
        """Note a noun that the query is about."""
        if ref is not None and ref not in self.draft.mentions:
            if ref.role == "select":
                ref.role = "owner"
            self.draft.mentions.append(ref)
            self.last_noun = ref
            if ref.chunk is not None and ref.chunk.best_table() >= max(0.7, ref.chunk.best_column() - 0.12):
                self.subject = ref

    def new_sentence(self) -> None:
        """A sentence ended: what follows shows more about the same."""
        self.flush_pending()
        self.sentence_start = True
        self.after_and = False
        self.preposition = ""
        self.negated = False
        self.both = False
        self.absence = None
        self.in_group = False
        if self.draft.items:
            self.mode = "filter"

    def flush_pending(self) -> None:
        """A column in a condition to which nothing came: it is only mentioned."""
        if self.pending is not None:
            self.pending.role = "mention"
            self.draft.mentions.append(self.pending)
            self.pending = None
        self.pending_aggregate = None
