"""Reads chunks from left to right into a draft: what to show, of what, under which conditions, in which order."""

from __future__ import annotations

from ...schemas.charts import ChartType
from ...semantic.lexicon import NOT_HAPPENED
from .annotate import is_unknown
from .chunks import Chunk
from .cues import COMMANDS
from .draft import Draft, Item, Order, Ref
from .selecting import AGGREGATES, SelectRules

_CHARTS: dict[str, ChartType] = {
    "bar": "bar", "pie": "pie", "line": "line", "scatter": "scatter", "area": "area", "histogram": "bar",
}  # fmt: skip
_CHART_NOUNS = ("chart", "graph", "plot", "diagram")


class Parser(SelectRules):
    """One reading of one list of chunks."""

    def parse(self) -> Draft:
        """The draft."""
        while self.at < len(self.chunks):
            before = self.at
            self.step()
            if self.at == before:
                self.at += 1
        self.finish()
        return self.draft

    # ---- One step ----------------------------------------------------------------------------------------------------

    def step(self) -> None:
        """Read what stands at the cursor."""
        chunk = self.chunks[self.at]
        if chunk.kind == "punct":
            self.punctuation(chunk)
        elif chunk.kind == "cue":
            self.cue(chunk)
        elif chunk.kind == "noun":
            self.noun(chunk)
        elif chunk.kind in ("value", "quote"):
            self.value(chunk)
        elif chunk.kind == "number":
            self.bare_number(chunk)
        elif chunk.kind == "date":
            self.date_condition(chunk)
        else:
            self.word(chunk)

    def punctuation(self, chunk: Chunk) -> None:
        """Sentences end; a possessive turns the noun before it into an owner."""
        self.at += 1
        if chunk.text in ".?;!":
            self.new_sentence()
        elif chunk.text.startswith(("'", "’")):
            if self.draft.items and self.last_noun is not None and self.draft.items[-1].ref is self.last_noun:
                item = self.draft.items.pop()
                self.mention(item.ref)
                self.open_aggregates = ([item.aggregate] if item.aggregate else []) + self.open_aggregates
        elif chunk.text == ",":
            self.comma()

    def word(self, chunk: Chunk) -> None:
        """A word that names nothing: a command starts a new list of things to show, a status word is a condition."""
        self.at += 1
        low = chunk.text.lower()
        if low in COMMANDS:
            if self.draft.items and self.mode == "filter":
                self.mode = "select"
                self.fresh = True
            return
        if low in NOT_HAPPENED:
            self.status_condition(chunk, low)
            return
        if low in _CHARTS and self.peek_word(0) in _CHART_NOUNS:
            self.draft.chart = _CHARTS[low]
            self.at += 1
            return
        if low in ("histogram", "pie", "scatter"):
            self.draft.chart = _CHARTS[low]
            return
        if low in ("best", "worst", "good", "bad", "better", "busiest", "quietest"):
            self.draft.vague = low
        if low in ("information", "info", "details", "detail", "data", "everything") and self.mode == "select":
            if not self.draft.items and not self.open_aggregates:
                self.draft.star = True
            return
        if low in ("number", "count", "counts", "numbers") and self.mode == "select" and self.counted is not None:
            self.replace_items()
            self.draft.items.append(Item(self.counted, "count"))
            return
        if chunk.tables and chunk.tables[0].score > 0.55:
            self.draft.verbs.append(chunk)
        if is_unknown(chunk):
            self.draft.unread.append(chunk)
        elif self.mode == "select" and self.draft.items and self.verbish(chunk):
            self.mode = "filter"

    def cue(self, chunk: Chunk) -> None:
        """An operation."""
        cue = chunk.cue
        if cue in AGGREGATES:
            self.aggregate(chunk)
        elif cue == "how":
            self.at += 1
            self.draft.items.append(Item(Ref(None, "select", attribute=chunk.text.lower())))
            self.who = self.draft.items[-1]
            self.preposition = "of"
        elif cue == "count_rows":
            self.at += 1
            self.draft.items.append(Item(None, "count"))
        elif cue in ("count", "count_or_sum", "count_bare"):
            self.count(chunk)
        elif cue == "distinct":
            if self.preposition in ("for", "in", "of", "across", "by") and self.has_aggregate():
                self.each(chunk)  # "the price of rooms in different decors"
                return
            self.at += 1
            self.distinct = True
        elif cue.startswith("sup") or cue in ("top", "bottom", "first"):
            self.superlative(chunk)
        elif cue in ("order", "order?", "asc", "desc"):
            self.order(chunk)
        elif cue in ("each", "across"):
            self.each(chunk)
        elif cue.startswith("grain:"):
            self.at += 1
            self.draft.grain = cue[6:]
        elif cue in ("wh", "rel", "rel_or_wh", "whose", "rel_those"):
            self.relative(chunk)
        elif cue in ("with", "have"):
            self.with_or_have(chunk)
        elif cue in ("and", "and_select"):
            self.and_(chunk)
        elif cue == "by":
            self.by(chunk)
        elif cue == "share":
            self.at += 1
            self.share = True
            self.open_aggregates.append("count")
        elif cue == "star":
            self.at += 1
            self.draft.star = self.draft.star or not self.draft.items
        elif cue in ("prep", "their", "be", "skip", "named", "than", "all"):
            self.joint(chunk)
        else:
            self.condition_cue(chunk)

    # ---- Joints ------------------------------------------------------------------------------------------------------

    def joint(self, chunk: Chunk) -> None:
        """Prepositions, possessives, forms of be."""
        self.at += 1
        if chunk.cue == "prep":
            self.preposition = chunk.text.lower()
        elif chunk.cue == "their":
            if self.mode == "filter" and self.after_and:
                self.mode = "select"
            self.row_of_extreme()
            self.preposition = ""
        elif chunk.cue == "named":
            self.naming = True
            self.mode = "filter" if self.draft.items else self.mode
        elif chunk.cue == "be" and self.mode == "select" and self.draft.items and self.asked:
            before = self.chunks[self.at - 2] if self.at >= 2 else None
            if before is not None and before.kind == "noun":
                self.mode = "filter"

    def row_of_extreme(self) -> None:
        """ "The lowest price along with its product": the row that has it, not a price for each product."""
        last = self.draft.items[-1] if self.draft.items else None
        if self.mode == "select" and len(self.draft.items) == 1 and last and last.aggregate in ("min", "max"):
            self.draft.orders.append(Order(Item(last.ref), last.aggregate == "max"))
            self.draft.limit = 1
            self.draft.superlative = True
            last.aggregate = None

    def relative(self, chunk: Chunk) -> None:
        """That, who, which …: the start of a question, or of a clause about the noun before."""
        self.at += 1
        low = chunk.text.lower()
        asks = not self.draft.items or self.sentence_start or (self.after_and and chunk.cue == "wh")
        if chunk.cue == "rel_those":
            if self.after_and and self.mode == "filter":
                self.contrast = True
            return
        if asks and chunk.cue in ("wh", "rel_or_wh"):
            if self.mode == "filter":
                self.mode = "select"
            if self.sentence_start and self.draft.items and chunk.cue == "wh":
                self.fresh = True
            self.asked = chunk.cue == "wh" or low in ("who", "where", "when")
            if chunk.cue == "rel_or_wh":
                self.wh_item(low)
            return
        if self.draft.items or self.draft.mentions:
            self.mode = "filter"

    def wh_item(self, low: str) -> None:
        """Who, where and when ask for a column without naming it."""
        ref = Ref(None, "select", attribute=low)
        self.draft.items.append(Item(ref, entity=low == "who"))
        self.who = self.draft.items[-1]
        self.mode = "filter" if low == "who" else self.mode

    def with_or_have(self, chunk: Chunk) -> None:
        """With, have: what follows describes the noun before."""
        self.at += 1
        self.preposition = "with"
        if self.draft.items or self.draft.mentions:
            self.mode = "filter"
            self.having_verb = chunk.cue == "have"

    def and_(self, chunk: Chunk) -> None:
        """Goes on with what was going on; "along with" and "and their" go back to what to show."""
        self.at += 1
        self.after_and = True
        if chunk.cue == "and_select" and self.mode == "filter" and self.peek_kind(0) in ("noun", "cue"):
            self.mode = "select"
        elif self.mode == "filter" and (self.peek_cue(0) in ("count", "wh") or self.peek_word(0) in COMMANDS):
            # "and how many", "and the number of": something more to show — unless it is compared with something.
            if not self.compared_ahead():
                self.mode = "select"
        elif self.mode == "filter" and self.peek_cue(0) in AGGREGATES and not self.compared_ahead():
            self.mode = "select"
        self.preposition = self.preposition if self.mode == "filter" else ""

    def comma(self) -> None:
        """A list goes on, or a clause ends."""
        self.after_and = True
        self.preposition = ""
        if self.in_group:
            self.in_group = False
            self.mode = "select"
        elif self.mode == "filter" and self.peek_cue(0) in ("count", "wh") and not self.compared_ahead():
            self.mode = "select"

    # ---- What to show ------------------------------------------------------------------------------------------------
