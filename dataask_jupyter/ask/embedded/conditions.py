"""Conditions: comparisons, values, dates, negations, counts of related rows."""

from __future__ import annotations

from .chunks import Chunk, DateRange
from .comparing import OPERATORS, CompareRules, year_like
from .draft import Absence, Cond, Ref
from .ordering import numberish, tableish


class ConditionRules(CompareRules):
    """Reads what narrows the rows."""

    def condition_cue(self, chunk: Chunk) -> None:
        """A cue that belongs to a condition."""
        cue = chunk.cue
        self.at += 1
        if cue in ("not", "but_not"):
            self.negated = True
            self.mode = "filter" if self.draft.items or self.draft.mentions else self.mode
            if cue == "but_not":
                self.contrast = True
        elif cue == "or":
            self.only_or = True
        elif cue == "both":
            self.both = True
        elif cue in (">=post", "<=post"):
            if self.last_cond is not None and self.last_cond.number is not None:
                self.last_cond.op = cue[:2]
        elif cue in (">", "<", ">=", "<=", "=", "!=") or cue in OPERATORS or cue.startswith("cmp"):
            self.compare(chunk)
        elif cue == "between":
            self.between()
        elif cue in ("like", "like?", "starts", "ends"):
            self.match(cue)
        elif cue in ("null", "notnull"):
            self.missing(cue)
        elif cue == "by_count":
            self.chunks[self.at - 1].cue = "count"
            self.at -= 1

    # ---- Nouns in conditions -----------------------------------------------------------------------------------------

    def filter_noun(self, chunk: Chunk) -> None:
        """A noun where conditions are read."""
        following = self.ahead(0)
        table = tableish(chunk)
        same = self.subject is not None and self.subject.chunk is not None and _same_table(self.subject.chunk, chunk)
        valued = following is not None and following.kind in ("value", "quote", "number")
        if self.negated and table and not same and not (valued and chunk.best_column() >= 0.9):
            self.absence = Absence(Ref(chunk, "mention", strong=True))
            self.draft.absences.append(self.absence)
            self.negated = False
            return
        if chunk.text.lower() == "name" and self.pending is not None and not valued:
            return  # "a state whose name contains …"
        self.flush_pending()
        columns = chunk.columns
        if (not table or (valued and columns)) and columns:
            ref = Ref(chunk, "cond", owner=self.absence.ref if self.absence else self.subject)
            top = columns[0].column
            if top.role == "flag" and not valued and self.peek_cue(0) not in ("be", "=", "!="):
                self.add(Cond("=", ref=ref, flag=True, negated=self.negated))
                self.negated = False
                return
            if self.negated and not valued and self.peek_cue(0) not in ("be", "=", ">", "<", "prep", "named", "by"):
                self.add(Cond("null", ref=ref))
                self.negated = False
                return
            self.pending = ref
            return
        if self.absence is not None and not valued and not same:
            return  # "did not treat any dog": what was not done to is part of the absence
        ref = Ref(chunk, "owner", strong=self.preposition in ("with",) or self.having_verb)
        if not same or self.subject is None:
            self.draft.mentions.append(ref)
        self.subject = ref
        self.last_noun = ref

    # ---- Comparisons -------------------------------------------------------------------------------------------------

    # ---- Values ------------------------------------------------------------------------------------------------------

    def value(self, chunk: Chunk) -> None:
        """A known value, or quoted text."""
        self.at += 1
        cond = Cond("=", chunk=chunk, text=chunk.text, subject=self.subject, negated=self.negated)
        if self.preposition in ("in", "from", "of", "at", "within", "through", "to", "by") and self.pending is None:
            cond.status = "within"
            cond.place = self.preposition
        following = self.chunks[self.at] if self.at < len(self.chunks) else None
        last = self.last_cond
        listed = last is not None and last.chunk is not None and last.op == "=" and (self.after_and or self.only_or)
        if self.pending is not None:
            cond.ref = self.left()
        elif following is not None and following.kind == "noun" and self.fits(chunk, following):
            cond.ref = Ref(following, "cond", owner=self.subject, tied=True)
            if not tableish(following):
                self.at += 1
        elif (
            self.last_noun is not None
            and self.last_noun.chunk is not None
            and chunk.first == self.last_noun.chunk.last + 1
        ):
            cond.ref = Ref(self.last_noun.chunk, "cond", tied=True)
        elif listed and last is not None and last.ref is not None:
            cond.ref = last.ref
        if self.naming:
            cond.status = "named"
            self.naming = False
        if listed and last is not None:
            cond.either = self.only_or
            cond.both = self.both or last.both
            cond.negated = last.negated or cond.negated
        elif self.both:
            cond.both = True
        self.add(cond)
        self.negated = False

    def fits(self, value: Chunk, noun: Chunk) -> bool:
        """Whether a noun right after a value says what the value is ("Math course", "Los Angeles county")."""
        holders = {s.known.column.id for s in value.values}
        if any(s.column.id in holders and s.score > 0.5 for s in noun.columns):
            return True
        tables = {s.known.column.table for s in value.values}
        return any(s.table.id in tables and s.score > 0.7 for s in noun.tables) and tableish(noun)

    def bare_number(self, chunk: Chunk) -> None:
        """A number without a comparison."""
        self.at += 1
        following = self.ahead(0)
        number = chunk.number
        if following is not None and following.kind == "cue" and (
            following.cue.startswith("sup") or following.cue in ("top", "bottom")
        ):  # fmt: skip
            return  # "3 oldest": the superlative looks back
        if self.only_or and self.last_cond is not None and self.last_cond.number is not None and not self.pending:
            last = self.last_cond
            self.add(Cond("=", ref=last.ref, number=number, date=_year(number) if last.date else None, either=True))
            return
        if following is not None and following.kind == "cue" and following.cue in (">=post", "<=post"):
            self.take()
            self.compare_number(following.cue[:2], chunk, "", timely=False)
            return
        if self.pending is not None or self.pending_aggregate is not None:
            self.compare_number("!=" if self.negated else "=", chunk, "", timely=False)
            self.negated = False
            return
        if following is not None and following.kind == "noun" and number is not None and not year_like(number):
            if self.mode == "filter" and self.preposition != "of":
                self.compare_number("=", chunk, "", timely=False)
            elif tableish(following) and number == int(number):
                self.draft.limit = int(number)
            else:
                self.compare_number("=", chunk, "", timely=False)
            return
        if (
            self.last_noun is not None
            and self.last_noun.chunk is not None
            and chunk.first == self.last_noun.chunk.last + 1
        ):
            top = self.last_noun.chunk
            if numberish(top) and not tableish(top):
                self.add(Cond("=", ref=Ref(top, "cond", owner=self.last_noun.owner), number=number))
                return
        if year_like(number):
            self.add(Cond("=", date=_year(number), number=number, subject=self.subject, negated=self.negated,
                          either=self.only_or, both=self.both))  # fmt: skip
            self.negated = False
            return
        self.draft.unread.append(chunk)

    def date_condition(self, chunk: Chunk) -> None:
        """In June, on 2024-05-01, last month."""
        self.at += 1
        self.add(Cond("=", ref=self.left(), date=chunk.date, subject=self.subject, chunk=chunk, negated=self.negated,
                      either=self.only_or, both=self.both))  # fmt: skip
        self.negated = False

    def status_condition(self, chunk: Chunk, word: str) -> None:
        """Cancelled, unpaid …: evidence is looked for when the schema is known."""
        self.add(Cond("status", status=word, chunk=chunk, subject=self.subject, negated=self.negated))
        self.negated = False

    # ---- Helpers -----------------------------------------------------------------------------------------------------


def _year(number: float | None) -> DateRange:
    return DateRange(None, None, str(int(number or 0)), "year", int(number or 0))


def _same_table(a: Chunk, b: Chunk) -> bool:
    return bool(a.tables and b.tables and a.tables[0].table is b.tables[0].table)
