"""Comparisons: with numbers, dates, averages, patterns; counts of related rows."""

from __future__ import annotations

from .chunks import Chunk, DateRange
from .cues import UNITS
from .draft import Aggregate, Cond, Item, Ref
from .ordering import numberish, tableish
from .state import State

_INVERSE = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "=": "!=", "!=": "=", "like": "like", "null": "notnull",
            "notnull": "null"}  # fmt: skip
OPERATORS = {"before": "<", "after": ">", "since": ">=", "until": "<="}
_EXTREMES: dict[str, Aggregate] = {"max": "max", "min": "min"}


def year_like(number: float | None) -> bool:
    """Whether a bare number reads as a year."""
    return number is not None and number == int(number) and 1500 <= number <= 2100


class CompareRules(State):
    """Reads comparisons."""

    def compare(self, chunk: Chunk) -> None:
        """More than, older than, at least, before …"""
        cue = chunk.cue
        attribute = cue.partition("@")[2]
        op = OPERATORS.get(cue, ">" if cue.startswith("cmp+") else "<" if cue.startswith("cmp-") else cue)
        if self.negated:
            op, self.negated = _INVERSE.get(op, op), False
        following = self.ahead(0)
        if following is None:
            return
        self.mode = "filter" if self.draft.items else self.mode
        if following.kind == "number":
            self.take()
            self.compare_number(op, following, attribute, timely=cue in OPERATORS)
        elif following.kind == "date":
            self.take()
            date = following.date
            if date is not None:
                self.add(Cond(op, ref=self.left(), subject=self.subject, date=date, chunk=following))
        elif following.kind == "cue" and (following.cue in ("avg", "min", "max") or following.cue.startswith("sup")):
            self.compare_aggregate(op, attribute)
        elif following.kind in ("value", "quote"):
            if op in ("!=", "="):
                self.negated = op == "!="
            else:
                self.take()
                self.add(Cond(op, ref=self.left() or self.attribute(attribute), chunk=following, text=following.text,
                              subject=self.subject))  # fmt: skip
        elif following.kind == "noun" and numberish(following) and self.peek_kind(1) in ("number", "date"):
            self.take()  # "above age 20"
            self.pending = Ref(following, "cond", owner=self.subject)
            number = self.take()
            if number is not None and number.kind == "number":
                self.compare_number(op, number, attribute, timely=False)
        elif following.kind == "noun" and self.pending is not None and numberish(following):
            self.take()
            self.add(Cond(op, ref=self.left(), versus=Item(Ref(following, "cond", owner=self.subject))))
        elif op == "!=":
            self.negated = True

    def compare_number(self, op: str, chunk: Chunk, attribute: str, *, timely: bool) -> None:
        """… 5, … 5 concerts, … 5 years old."""
        number = chunk.number
        unit = ""
        follower = self.ahead(0)
        if follower is not None and follower.text.lower() in UNITS and not (
            follower.kind == "noun" and tableish(follower) and self.pending is None and follower.best_table() > 0.9
        ):  # fmt: skip
            unit = follower.text.lower()
            self.take()
            if self.peek_word(0) in ("old", "of") or (
                self.peek_cue(0) == "prep" and (self.ahead(0) or chunk).text == "of"
            ):
                old = self.take()
                if old is not None and old.text.lower() == "old":
                    attribute, unit = attribute or "old", ""
        if chunk.text.lower() in ("once", "twice") or (follower is not None and follower.text.lower() == "times"):
            if chunk.text.lower() not in ("once", "twice"):
                self.take()
            self.count_condition(op, number, None)
            return
        post = self.peek_cue(0)
        if post in (">=post", "<=post"):
            op = post[:2]
            self.take()
        if self.pending_aggregate is not None:
            aggregate, self.pending_aggregate = self.pending_aggregate, None
            ref, self.pending = self.pending, None
            if aggregate == "count" and ref is None and self.last_noun is not None:
                ref = self.last_noun
            self.draft.having.append(Cond(op, ref=ref, number=number, aggregate=aggregate))
            return
        if self.pending is not None:
            self.add(Cond(op, ref=self.left(), number=number, unit=unit, subject=self.subject))
            return
        if attribute:
            self.add(Cond(op, ref=self.attribute(attribute), number=number, unit=unit))
            return
        if self.peek_cue(0) == "sum":
            self.take()
        noun = self.ahead(0)
        distinct = False
        if noun is not None and noun.kind == "cue" and noun.cue == "distinct":
            self.take()
            distinct, noun = True, self.ahead(0)
        if noun is not None and noun.kind == "noun" and not timely:
            self.take()
            if numberish(noun) and not (tableish(noun) and noun.best_table() > noun.best_column() + 0.05):
                self.add(Cond(op, ref=Ref(noun, "cond", owner=self.subject), number=number, unit=unit))
            else:
                self.count_condition(op, number, noun, distinct=distinct)
            return
        if timely or year_like(number):
            date = DateRange(None, None, str(int(number or 0)), "year", int(number or 0))
            self.add(Cond(op, date=date, subject=self.subject, number=number))
            return
        last = self.last_cond
        if self.only_or and last is not None and last.number is not None and last.ref is not None:
            self.add(Cond(op, ref=last.ref, number=number, unit=unit))
            return
        shown = self.last_noun
        if shown is not None and shown.chunk is not None and numberish(shown.chunk) and not tableish(shown.chunk):
            self.add(Cond(op, ref=Ref(shown.chunk, "cond", owner=shown.owner), number=number, unit=unit))
            return
        self.add(Cond(op, ref=None, number=number, unit=unit, subject=self.subject))

    def count_condition(self, op: str, number: float | None, noun: Chunk | None, *, distinct: bool = False) -> None:
        """At least 2 concerts: a condition on how many related rows there are."""
        ref = Ref(noun, "count") if noun is not None else None
        self.draft.having.append(Cond(op, ref=ref, number=number, aggregate="count", distinct=distinct))
        self.last_cond = self.draft.having[-1]
        if ref is not None:
            self.subject = ref

    def compare_aggregate(self, op: str, attribute: str) -> None:
        """Above the average, more than the highest …"""
        taken = self.take()
        aggregate: Aggregate = "avg"
        if taken is not None and taken.cue != "avg":
            aggregate = _EXTREMES.get(taken.cue, "max" if "+" in taken.cue else "min")
        left = self.left() or (self.attribute(attribute) if attribute else None)
        noun = self.ahead(0)
        ref: Ref | None = None
        if noun is not None and noun.kind == "noun" and not tableish(noun):
            self.take()
            ref = Ref(noun, "cond", owner=self.subject)
        if left is None:
            left = ref
        if left is None and self.last_noun is not None and self.last_noun.chunk is not None:
            left = Ref(self.last_noun.chunk, "cond", owner=self.last_noun.owner)
        if self.peek_cue(0) == "prep" and self.peek_kind(1) == "noun":  # "of all dogs" adds nothing
            second = self.ahead(1)
            if second is not None and tableish(second):
                self.take()
                self.take()
        if left is not None:
            same = left if ref is None or ref.chunk is None else ref
            self.add(Cond(op, ref=left, versus=Item(same, aggregate)))

    def between(self) -> None:
        """Between A and B."""
        low, joint, high = self.ahead(0), self.ahead(1), self.ahead(2)
        if low is None or joint is None or high is None or low.kind not in ("number", "date"):
            return
        if low.kind == "number" and high.kind == "number":
            for _ in range(3):
                self.take()
            if self.peek_word(0) in UNITS:
                self.take()
            left = self.left()
            noun = self.ahead(0)
            if left is None and noun is not None and noun.kind == "noun" and numberish(noun):
                self.take()
                left = Ref(noun, "cond", owner=self.subject)
            date = None
            if left is None and year_like(low.number):
                date = DateRange(None, None, f"{low.text}–{high.text}", "year", int(low.number or 0))
            self.add(Cond("between", ref=left, number=low.number, upper=high.number, date=date, subject=self.subject,
                          negated=self.negated))  # fmt: skip
            self.negated = False
        elif low.date and high.date and low.date.start and high.date.end:
            for _ in range(3):
                self.take()
            span = DateRange(low.date.start, high.date.end, f"{low.text} to {high.text}")
            self.add(Cond("=", ref=self.left(), date=span, subject=self.subject))

    def match(self, cue: str) -> None:
        """Containing, starting with …"""
        following = self.ahead(0)
        literal = cue == "like" and self.chunks[self.at - 1].text.lower().endswith(
            ("word", "letter", "string", "phrase")
        )
        if literal and self.at < len(self.chunks) and self.chunks[self.at].kind != "punct":
            following = self.chunks[self.at]
            self.at += 1
        elif following is None or following.kind in ("cue", "punct", "number") or (
            cue == "like?" and following.kind != "quote"
        ):  # fmt: skip
            return
        if following is None or (following.kind == "noun" and cue not in ("starts", "ends") and not literal):
            return
        if not literal:
            self.take()
        left = self.left()
        if left is None and self.peek_cue(0) == "prep" and self.peek_kind(1) == "noun":
            self.take()
            noun = self.take()
            left = Ref(noun, "cond", owner=self.subject)
        shown = self.last_noun
        if left is None and shown is not None and shown.chunk is not None and not tableish(shown.chunk):
            left = Ref(shown.chunk, "cond", owner=shown.owner)
        self.add(Cond({"like?": "like"}.get(cue, cue), ref=left, text=following.text, subject=self.subject,
                      negated=self.negated, chunk=following))  # fmt: skip
        self.negated = False

    def missing(self, cue: str) -> None:
        """Without a value."""
        op = _INVERSE[cue] if self.negated else cue
        self.negated = False
        left = self.left()
        noun = self.ahead(0)
        if left is None and noun is not None and noun.kind == "noun":
            self.take()
            left = Ref(noun, "cond", owner=self.subject)
        if left is not None:
            self.add(Cond(op, ref=left))

    def left(self) -> Ref | None:
        """The column that waits for a condition."""
        found, self.pending = self.pending, None
        return found

    def attribute(self, attribute: str) -> Ref | None:
        """A column that only an adjective names."""
        return Ref(None, "cond", owner=self.subject, attribute=attribute) if attribute else None

    def add(self, cond: Cond) -> None:
        """Note a condition, in the absence that is open if there is one."""
        if self.only_or:
            cond.either = True
        cond.both = cond.both or self.both
        (self.absence.conds if self.absence else self.draft.conds).append(cond)
        self.last_cond = cond
        self.only_or = False
        self.after_and = False
