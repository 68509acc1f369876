"""What a question asks to see: columns, entities, aggregates and what they are grouped by."""

from __future__ import annotations

from .annotate import is_unknown
from .chunks import Chunk
from .conditions import ConditionRules
from .draft import Aggregate, Cond, Item, Ref, Role
from .ordering import OrderRules, measurable, numberish, tableish
from .state import COMPARING

AGGREGATES: dict[str, Aggregate] = {
    "avg": "avg", "sum": "sum", "min": "min", "max": "max", "median": "median", "std": "std", "avg_count": "avg",
}  # fmt: skip


class SelectRules(OrderRules, ConditionRules):
    """Reads what to show."""

    def aggregate(self, chunk: Chunk) -> None:
        """Average, total, minimum … of the noun to come."""
        self.at += 1
        aggregate = AGGREGATES[chunk.cue]
        if self.mode == "filter" and not self.after_and and self.draft.items:
            self.pending_aggregate = aggregate
            return
        if chunk.cue == "sum" and (self.peek_cue(0) in ("count", "count_bare") or self.open_aggregates):
            return  # "total number of" counts, and so does "number of total"
        self.open_aggregates.append(aggregate)

    def count(self, chunk: Chunk) -> None:
        """How many: counts the noun to come."""
        self.at += 1
        if chunk.cue == "count_bare" and not (self.peek_kind(0) == "cue" and self.peek_cue(0) == "prep"):
            return
        if chunk.cue == "count_bare":
            self.at += 1
        if self.mode == "filter" and self.compared_ahead():
            self.pending_aggregate = "count"
            return
        if self.mode == "filter" and (self.after_and or self.sentence_start):
            self.mode = "select"
        self.open_aggregates.append("count" if chunk.cue != "count_or_sum" else "sum")
        self.preposition = ""
        if self.peek_kind(0) in (None, "punct"):
            self.draft.items.append(Item(None, "count"))
            self.open_aggregates.clear()

    def each(self, chunk: Chunk) -> None:
        """For each X: groups by X, and shows X."""
        self.at += 1
        if chunk.text.lower() in ("each", "every") and not self.draft.items and not self.open_aggregates:
            return  # "each X and its Y": an article
        self.preposition = ""
        self.in_group = not self.draft.items
        first = True
        while self.at < len(self.chunks):
            follower = self.chunks[self.at]
            if follower.kind == "cue" and follower.cue in ("skip", "distinct", "all", "each", "prep") and first:
                self.at += 1
                continue
            if follower.kind == "word" and first and not is_unknown(follower):
                self.at += 1
                continue
            if follower.kind in ("value", "quote") and first:
                self.value(follower)  # "each male student"
                continue
            if follower.kind == "noun":
                everything = self.chunks[self.at - 1].cue == "all"
                mentioned = chunk.cue == "across" and (everything or not self.has_aggregate())
                role: Role = "mention" if mentioned else "group"
                ref = Ref(follower, role, strong=True)
                if role == "group":
                    self.draft.groups.append(ref)
                    if follower.best_table() >= max(0.7, follower.best_column() - 0.12):
                        for item in self.draft.items:
                            if item.aggregate is None and item.ref is not None and item.ref.owner is None:
                                item.ref.owner = ref
                else:
                    self.mention(ref)
                self.last_noun = self.subject = ref
                self.at += 1
                first = False
                if not self.another_group():
                    break
                continue
            if first and follower.kind == "date" and follower.date and follower.date.part == "month":
                break
            break

    def another_group(self) -> bool:
        """Whether "and Y" or ", Y" goes on with the list of groups."""
        step = 0
        joined = False
        while self.at + step < len(self.chunks):
            chunk = self.chunks[self.at + step]
            if (chunk.kind == "punct" and chunk.text == ",") or (chunk.kind == "cue" and chunk.cue == "and"):
                if chunk.kind == "punct" and self.in_group:
                    return False
                joined = True
            elif chunk.kind == "cue" and chunk.cue in ("skip", "each"):
                pass
            else:
                break
            step += 1
        if joined and self.peek_kind(step) == "noun" and self.peek_cue(step + 1) not in ("be", ">", "<", "="):
            self.at += step
            return True
        return False

    def by(self, chunk: Chunk) -> None:
        """By: a group after a measure, a sort key after a superlative, else a preposition."""
        self.at += 1
        follows = self.peek_kind(0)
        if self.sorting and follows == "noun":
            self.sorting = False
            self.keys(descending=False, directed=False)
            return
        if self.draft.superlative and (follows == "noun" or self.peek_cue(0) in ("count", *AGGREGATES)):
            self.ranking_key()
            return
        if follows == "noun" and self.bare_measure() and not self.verb_before() and self.dimension_ahead():
            self.average()
        grouped = self.has_aggregate() or self.bare_entity() or self.draft.chart
        everything = self.at < len(self.chunks) and self.chunks[self.at].cue == "all"
        if follows == "noun" and grouped and not self.verb_before() and not everything:
            self.grouped_by = True
            self.at -= 1
            self.each(chunk)
            return
        if follows == "cue" and self.peek_cue(0) in ("distinct", "each") and grouped:
            self.grouped_by = True
            self.at -= 1
            self.each(chunk)
            return
        self.preposition = "by"

    def bare_measure(self) -> bool:
        """Whether one number is asked for and nothing says what to make of its values ("delays by carrier")."""
        items = self.draft.items
        if len(items) != 1 or items[0].aggregate is not None or items[0].ref is None or self.draft.orders:
            return False
        chunk = items[0].ref.chunk
        return chunk is not None and measurable(chunk)

    def dimension_ahead(self) -> bool:
        """Whether what follows "by" makes groups."""
        chunk = self.ahead(0)
        if chunk is None:
            return False
        return tableish(chunk) or any(
            s.column.role in ("dimension", "part", "flag", "key") and s.score >= chunk.best_column() - 0.05
            for s in chunk.columns
        )

    def average(self) -> None:
        """Take the average of the number that is asked for; the reader says that this is a guess."""
        item = self.draft.items[0]
        item.aggregate = "avg"
        if item.ref is not None:
            item.ref.numeric = True
        self.draft.notes.append("assumed_average")

    def noun(self, chunk: Chunk) -> None:
        """A name: something to show, its owner, or part of a condition."""
        self.at += 1
        if self.mode == "filter":
            self.filter_noun(chunk)
            return
        ref = Ref(chunk, "select", numeric=False)
        tableish = chunk.best_table() >= max(0.7, chunk.best_column() - 0.12)
        following = self.chunks[self.at] if self.at < len(self.chunks) else None
        adjacent = following is not None and following.kind == "noun" and following.first == chunk.last + 1
        counted = bool(self.open_aggregates)
        compared = self.peek_cue(0) in COMPARING and self.peek_kind(1) in ("number", "date")
        passive = chunk.text.lower().endswith("ed") and self.peek_cue(0) == "by" and chunk.best_column() < 0.99
        acts = self.acts(chunk) and chunk.best_table() > 0.5
        if self.draft.items and not counted and (compared or passive or acts) and not self.after_and:
            self.mode = "filter"  # "tracks opened after 2000"
            self.filter_noun(chunk)
            return
        if adjacent and not tableish and following is not None:
            if chunk.columns and chunk.columns[0].column.role == "flag" and chunk.best_column() > 0.7:
                self.add(Cond("=", ref=Ref(chunk, "cond"), flag=True, negated=self.negated))
                self.negated = False
            return  # "population density": the last noun is what is meant
        asked = self.draft.items[-1] if self.draft.items else None
        if adjacent and tableish and following is not None and not self.acts(following):
            self.mention(ref)
            return
        if asked is not None and asked is self.who and tableish and not counted and not self.after_and:
            self.own(ref, tableish=True)  # "where is the department"
        elif (
            self.preposition in ("of", "for", "in", "from", "at", "on", "among", "to", "with", "within", "into", "by")
            and (self.draft.items or self.draft.groups)
            and not counted
        ) or (
            self.preposition and counted and tableish and self.preposition in ("in", "from", "for") and self.draft.items
        ):
            self.own(ref, tableish=tableish)
        else:
            self.show(ref, tableish=tableish)
        for waiting in self.awaiting:
            waiting.owner = ref
        self.awaiting.clear()
        self.preposition = ""
        self.after_and = False
        self.sentence_start = False

    def show(self, ref: Ref, *, tableish: bool) -> None:
        """Add the noun to what is shown, with the aggregates that wait for it."""
        if self.fresh:
            self.replace_items()
        if ref.owner is None and not tableish and self.draft.groups and self.draft.groups[0].strong:
            chunk = self.draft.groups[0].chunk
            if chunk is not None and chunk.best_table() > 0.9 and not self.open_aggregates:
                ref.owner = self.draft.groups[0]
        previous = self.draft.items[-1] if self.draft.items else None
        if previous is not None and previous.distinct and self.after_and and not self.open_aggregates and not tableish:
            self.open_aggregates, self.distinct = ["count"], True  # "how many different series and contents"
        if len(self.open_aggregates) > 1 and ref.chunk is not None and numberish(ref.chunk):
            self.open_aggregates = [a for a in self.open_aggregates if a != "count"]  # "minimum number of floors"
        aggregates: list[Aggregate | None] = list(self.open_aggregates) or [None]
        if ref.owner is None and self.qualifier is not None and not tableish:
            ref.owner = self.qualifier
        if ref.chunk is not None and ref.chunk.qualified:
            self.qualifier = ref
        for aggregate in aggregates:
            distinct = self.distinct and aggregate == "count"
            if aggregate == "count":
                ref.role = "count"
                self.counted = ref
            elif aggregate in ("sum", "avg", "median", "std"):
                ref.numeric = True
            self.draft.items.append(
                Item(ref, aggregate, distinct=distinct, share=self.share, entity=tableish and aggregate is None)
            )
        if self.distinct and self.open_aggregates[:1] != ["count"]:
            self.draft.distinct = True
        self.share = False
        self.distinct = False
        self.open_aggregates.clear()
        self.last_noun = ref
        if tableish:
            self.subject = ref

    def own(self, ref: Ref, *, tableish: bool) -> None:
        """The noun says of what the things shown are."""
        last = self.draft.items[-1] if self.draft.items else None
        named = last.ref if last and last.ref and last.ref.chunk and last.ref.owner is None else None
        bare = named is not None and named.chunk is not None and named.chunk.text.lower() in ("name", "names")
        if bare and named is not None and ref.chunk and ref.chunk.best_table() < 0.5:
            named.chunk = ref.chunk  # "names of cities", where a city is a column
            self.last_noun = named
            return
        ref.role = "owner"
        if not tableish:
            ref.strong = False
        self.mention(ref)
        for item in reversed(self.draft.items):
            if item.ref is None or item.ref.owner is not None:
                break
            item.ref.owner = ref
        if tableish:
            self.subject = ref
        if self.distinct:
            self.draft.distinct = True
            self.distinct = False

    def replace_items(self) -> None:
        """ "Which X …? List its name and age." The list replaces X, which stays as what it is about."""
        for item in self.draft.items:
            ranked = any(o.item is item for o in self.draft.orders)
            if item.ref is not None and item.ref.chunk is not None and not ranked:
                item.ref.role = "owner"
                item.ref.numeric = False
                self.mention(item.ref)
        self.draft.items = []
        self.fresh = False

    def finish(self) -> None:
        """What is only clear at the end."""
        draft = self.draft
        self.flush_pending()
        if "count" in self.open_aggregates and not any(i.aggregate == "count" for i in draft.items):
            draft.items.append(Item(None, "count"))
        if "open_rank" in draft.notes:
            counted = [i for i in draft.items if i.aggregate is not None]
            if len(counted) == 1:  # "number of planes by manufacturer, top 5"
                draft.notes.remove("open_rank")
                draft.orders[-1].item = counted[0]
                draft.superlative = False
        if draft.star:
            for item in list(draft.items):
                if item.entity and item.ref is not None:
                    draft.items.remove(item)
                    self.mention(item.ref)
        if draft.grain and not draft.groups and self.bare_measure():
            self.average()
        plain = [i for i in draft.items if i.aggregate is None]
        measured = [i for i in draft.items if i.aggregate is not None]
        counting = bool(measured or draft.having or draft.grain or self.grouped_by)
        counting = counting or any(o.item.aggregate for o in draft.orders)
        if draft.groups and not counting and (draft.items or draft.star):
            for ref in draft.groups:  # "the name of each employee" groups nothing
                ref.role = "owner"
                self.mention(ref)
                for item in plain:
                    if item.ref is not None and item.ref.owner is None:
                        item.ref.owner = ref
            draft.groups = []
        if (draft.groups or draft.grain) and not measured and not any(o.item.aggregate for o in draft.orders):
            for item in plain:
                if item.entity and item.ref is not None:
                    item.aggregate = "count"
                    item.ref.role = "count"
                    item.entity = False
                    break
            else:
                if not plain:
                    draft.items.append(Item(None, "count"))
