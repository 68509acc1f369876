"""Superlatives and sort orders: "the oldest singer", "top 5 by sales", "sorted by age from high to low"."""

from __future__ import annotations

from .chunks import Chunk
from .draft import Aggregate, Item, Order, Ref, Role
from .state import State

_AGGREGATES: dict[str, Aggregate] = {"avg": "avg", "sum": "sum", "min": "min", "max": "max", "median": "median",
                                     "avg_count": "avg", "count": "count", "count_bare": "count",
                                     "count_or_sum": "sum"}  # fmt: skip
_PLAIN_ATTRIBUTES = {"sup+large": "large", "sup-small": "small", "sup+": "high", "sup-": "low"}
DEFAULT_TOP = 10


def tableish(chunk: Chunk) -> bool:
    """Whether a noun is more likely a table than a column."""
    return chunk.best_table() >= max(0.7, chunk.best_column() - 0.12)


def measurable(chunk: Chunk) -> bool:
    """Whether the noun is best read as a column of measured numbers."""
    if tableish(chunk) or not chunk.columns:
        return False
    best = chunk.best_column() - 0.02
    return all(s.column.role == "measure" for s in chunk.columns if s.score >= best)


def numberish(chunk: Chunk) -> bool:
    """Whether a noun may be a column that can be ranked by its own values."""
    return any(
        s.score >= 0.5 and s.score >= chunk.best_table() - 0.05 and (s.column.numeric or s.column.role == "time")
        and s.column.role != "key"
        for s in chunk.columns[:8]
    )  # fmt: skip


class OrderRules(State):
    """Reads superlatives and sort clauses."""

    # ---- Superlatives ------------------------------------------------------------------------------------------------

    def superlative(self, chunk: Chunk) -> None:
        """The one, or the N, at an end of an order."""
        cue = chunk.cue
        before = self.chunks[self.at - 1] if self.at else None
        self.at += 1
        limit = int(before.number) if before and before.kind == "number" and before.number else None
        if cue in ("top", "bottom", "first"):
            if not self.top(cue, limit):
                return
            self.draft.superlative = True
            return
        following = self.ahead(0)
        if following is not None and following.kind == "number" and following.number and limit is None:
            after = self.ahead(1)
            if after is not None and after.kind in ("noun", "cue"):
                limit = int(following.number)
                self.take()
        descending = "+" in cue
        attribute = cue.partition("@")[2]
        if attribute in ("good", "bad"):
            self.draft.vague = chunk.text.lower()
        if cue.startswith("sup_count"):
            self.rank(Item(None, "count"), descending, limit)
            return
        following = self.ahead(0)
        if following is not None and following.kind == "word" and self.peek_kind(1) == "noun" and "sup" in cue:
            self.take()
            self.draft.unread.append(following)
            following = self.ahead(0)
        if following is not None and following.cue == "distinct":
            self.take()
            following = self.ahead(0)
        if cue.startswith("sup_number"):
            self.by_number(following, descending, limit, chunk)
            return
        if following is not None and following.kind == "cue" and following.cue in _AGGREGATES:
            self.take()
            noun = self.ahead(0)
            if following.cue == "count" or noun is None or noun.kind != "noun":
                self.by_number(noun, descending, limit, chunk)
                return
            self.take()
            ref = Ref(noun, "order", owner=self.subject, numeric=True)
            self.rank(Item(ref, _AGGREGATES[following.cue]), descending, limit)
            return
        self.by_noun(following, descending, limit, attribute, cue, chunk.text.lower())

    def top(self, cue: str, limit: int | None) -> bool:
        """Top 5 …: the order comes with a "by", or with the superlative that follows."""
        following = self.ahead(0)
        if following is not None and following.kind == "number" and following.number:
            limit = int(following.number)
            self.take()
        if limit is None and cue == "first":
            noun = self.ahead(0)
            if noun is not None and noun.kind == "noun" and tableish(noun):
                self.rank(Item(self.attribute_ref("first")), False, 1)
            return False
        if limit is None:
            noun = self.ahead(0)
            many = noun is not None and noun.text.lower().endswith("s")
            limit = DEFAULT_TOP if many else 1
            self.draft.notes.append("default_top")
        self.draft.limit = limit
        following = self.ahead(0)
        if following is not None and following.kind == "cue" and following.cue.startswith("sup"):
            return False
        measured = following is not None and following.kind == "noun" and numberish(following)
        if measured and following is not None and not tableish(following) and self.draft.items:
            self.take()  # "with the top 3 scores"
            self.rank(Item(Ref(following, "order", owner=self.subject)), cue != "bottom", limit)
            return False
        self.draft.orders.append(Order(Item(None, "count"), cue != "bottom"))
        self.draft.notes.append("open_rank")
        return True

    def by_number(self, noun: Chunk | None, descending: bool, limit: int | None, chunk: Chunk) -> None:
        """Most of something countable."""
        if noun is None or noun.kind != "noun":
            if noun is not None and noun.kind == "cue" and noun.cue == "distinct":
                self.take()
                self.by_number(self.ahead(0), descending, limit, chunk)
                return
            self.rank(Item(None, "count"), descending, limit)
            return
        asks_value = chunk.text.lower().startswith(("max", "min"))
        if asks_value and self.mode == "select" and not self.draft.items and not self.preposition:
            self.open_aggregates.append("max" if descending else "min")
            return
        self.take()
        ref = Ref(noun, "count", owner=None)
        self.rank(Item(ref, "count"), descending, limit)

    def by_noun(
        self, noun: Chunk | None, descending: bool, limit: int | None, attribute: str, cue: str, text: str
    ) -> None:
        """Highest X: X's largest value, the rows with it, or most of X — by what X is and where it stands."""
        if noun is None or noun.kind != "noun":
            if cue == "sup+" and noun is not None and noun.kind in ("value", "quote"):
                self.rank(Item(self.attribute_ref("high")), descending, limit)
                return
            self.rank(Item(self.attribute_ref(attribute or _PLAIN_ATTRIBUTES[cue])), descending, limit)
            return
        second = self.ahead(1)
        beside = second is not None and second.kind == "noun" and second.first == noun.last + 1
        if beside and second is not None and not tableish(noun) and numberish(second):
            self.take()  # "highest population density": the last noun is what is meant
            noun = second
        ranked = numberish(noun)
        table = tableish(noun)
        describing = bool(self.draft.items) and not self.after_and and (
            self.mode == "filter" or self.preposition in ("of", "with", "for", "in", "by", "from")
        )  # fmt: skip
        most = cue in ("sup+", "sup-") and not attribute
        if most and text in ("most", "fewest", "least") and (table or not ranked) and self.draft.items:
            self.take()
            self.rank(Item(Ref(noun, "count"), "count"), descending, limit)
            return
        if ranked and (not table or not attribute):
            if describing or self.mode == "filter" or limit is not None:
                self.take()
                ref = Ref(noun, "order", owner=self.subject)
                self.rank(Item(ref), descending, limit)
                if self.mode == "select" and not self.draft.items:
                    self.show(Ref(noun, "select"), tableish=False)
                elif self.mode == "select":
                    self.mode = "filter"
            else:
                self.open_aggregates.append("max" if descending else "min")
            return
        if most and (self.mode == "filter" or self.preposition in ("with", "by", "to")) and not (
            self.preposition in ("of", "in", "for", "from") and table
        ):  # fmt: skip
            self.take()
            self.rank(Item(Ref(noun, "count"), "count"), descending, limit)
            return
        ref = self.attribute_ref(attribute or _PLAIN_ATTRIBUTES[cue])
        self.awaiting.append(ref)
        self.rank(Item(ref), descending, limit)

    def attribute_ref(self, attribute: str) -> Ref:
        """A sort key that only an adjective names."""
        return Ref(None, "order", owner=self.subject, attribute=attribute)

    def rank(self, item: Item, descending: bool, limit: int | None) -> None:
        """Order by the item and keep the first."""
        if "open_rank" in self.draft.notes and self.draft.orders:
            self.draft.notes.remove("open_rank")
            self.draft.orders[-1] = Order(item, descending)
            return
        self.draft.orders.append(Order(item, descending))
        self.draft.superlative = True
        self.draft.limit = limit or self.draft.limit or 1
        self.preposition = "" if self.preposition == "with" else self.preposition

    def ranking_key(self) -> None:
        """The key after "by" in "top 5 airports by number of flights"."""
        key = self.key_item()
        if key is None:
            return
        descending = self.draft.orders[-1].descending if self.draft.orders else True
        if self.draft.orders:
            self.draft.orders[-1] = Order(key, descending)
        else:
            self.draft.orders.append(Order(key, descending))
        if "open_rank" in self.draft.notes:
            self.draft.notes.remove("open_rank")

    # ---- Sort clauses ------------------------------------------------------------------------------------------------

    def order(self, chunk: Chunk) -> None:
        """Sorted by …, in descending order of …"""
        self.at += 1
        self.flush_pending()
        if chunk.cue in ("asc", "desc"):
            follower = self.ahead(0)
            if follower is not None and follower.cue in ("asc", "desc") and "phabet" in follower.text + chunk.text:
                self.take()  # "descending alphabetical order"
                if "phabet" in chunk.text.lower():
                    chunk = follower
            self.direction(descending=chunk.cue == "desc", text=chunk.text.lower())
            return
        if chunk.cue == "order?":
            self.sorting = True
            for step in range(4):
                follower = self.ahead(step)
                if follower is None or follower.kind not in ("cue", "word"):
                    return
                if follower.cue in ("asc", "desc"):
                    while self.take() is not follower:
                        pass
                    self.direction(descending=follower.cue == "desc", text=follower.text.lower())
                    return
            return
        self.keys(descending=False, directed=False)

    def keys(self, *, descending: bool, directed: bool) -> None:
        """The sort keys that follow."""
        first = True
        while True:
            follower = self.ahead(0)
            if follower is not None and follower.kind == "cue" and follower.cue in ("asc", "desc") and first:
                descending, directed = follower.cue == "desc", True
                self.take()
                while self.peek_word(0) in ("order", "orders", "manner") or self.peek_cue(0) in ("prep", "by"):
                    self.take()
                continue
            if follower is not None and follower.kind == "cue" and follower.cue.startswith(("sup", "top")):
                self.take()
                descending, directed = "+" in follower.cue, True
                continue
            item = self.key_item()
            if item is None:
                return
            order = Order(item, descending)
            self.draft.orders.append(order)
            if not directed:
                order.descending = self.trailing_direction(default=False)
            first = False
            ahead, then = self.ahead(0), self.ahead(1)
            joined = ahead is not None and (
                (ahead.kind == "punct" and ahead.text == ",")
                or (ahead.kind == "cue" and ahead.cue in ("and", "and_select"))
            )
            if not joined or then is None or then.kind != "noun" or self.peek_kind(2) == "noun":
                return
            if ahead is not None and ahead.text == "," and self.peek_cue(2) in ("of", "prep"):
                return
            self.take()

    def trailing_direction(self, *, default: bool) -> bool:
        """ "… in descending order", "… from high to low", "… descending" after a key."""
        for step in range(3):
            follower = self.ahead(step)
            if follower is None or follower.kind not in ("cue", "word", "punct"):
                return default
            if follower.kind == "cue" and follower.cue in ("asc", "desc"):
                while self.take() is not follower:
                    pass
                while self.peek_word(0) in ("order", "orders", "manner"):
                    self.take()
                return follower.cue == "desc"
            if follower.kind == "cue" and follower.cue not in ("prep", "with", "be"):
                return default
        return default

    def key_item(self) -> Item | None:
        """One sort key: an aggregate, a count or a column."""
        aggregate: Aggregate | None = None
        distinct = False
        while True:
            follower = self.ahead(0)
            if follower is None:
                break
            if follower.kind == "cue" and follower.cue in _AGGREGATES:
                aggregate = "count" if aggregate == "sum" and follower.cue == "count" else _AGGREGATES[follower.cue]
                self.take()
            elif follower.kind == "cue" and follower.cue.startswith("sup_number"):
                aggregate = "count"
                self.take()
            elif follower.kind == "cue" and follower.cue == "distinct":
                distinct = True
                self.take()
            elif (follower.kind == "cue" and follower.cue == "prep") or follower.text.lower() in (
                "how",
                "old",
                "their",
            ):
                if follower.text.lower() == "old":
                    self.take()
                    return Item(self.attribute_ref("old"))
                self.take()
            else:
                break
        follower = self.ahead(0)
        if follower is None or follower.kind != "noun":
            return Item(None, "count") if aggregate == "count" else None
        self.take()
        owner = self.subject
        if (
            self.peek_cue(0) == "prep"
            and self.peek_kind(1) == "noun"
            and (self.ahead(0) or follower).text.lower() == "of"
        ):
            self.take()
            of = self.take()
            if of is not None:
                owner = Ref(of, "owner")
                self.draft.mentions.append(owner)
        if aggregate is None and follower.text.lower() == "count":
            return Item(None, "count")
        role: Role = "count" if aggregate == "count" else "order"
        ref = Ref(follower, role, owner=owner, numeric=aggregate in ("avg", "sum"))
        return Item(ref, aggregate, distinct=distinct)

    def direction(self, *, descending: bool, text: str) -> None:
        """A direction by itself: of the keys just read, of a key that follows, or of what is shown."""
        while self.peek_word(0) in ("order", "orders", "manner", "ordering", "sequence"):
            self.take()
        if self.peek_cue(0) in ("order",) or (
            self.peek_cue(0) in ("prep", "by", "by_count") and self.peek_kind(1) in ("noun", "cue")
        ):
            word = (self.ahead(0) or self.chunks[0]).text.lower()
            if word in ("of", "by", "for") or self.peek_cue(0) in ("order", "by_count"):
                taken = self.take()
                if taken is not None and taken.cue == "by_count":
                    self.at -= 1
                    self.chunks[self.at].cue = "count"
                self.keys(descending=descending, directed=True)
                return
        if self.draft.orders and not self.draft.superlative:
            self.draft.orders[-1].descending = descending
            return
        items = [i for i in self.draft.items if i.ref is not None and i.ref.chunk is not None]
        if not items:
            return
        plain = [i for i in items if i.aggregate is None]
        chosen = (plain[0] if "lphabet" in text or "exico" in text else items[-1]) if plain else items[-1]
        self.draft.orders.append(Order(chosen, descending))

    def show(self, ref: Ref, *, tableish: bool) -> None:
        """Implemented by the parser."""
        raise AssertionError("the parser shows")
