"""Conditions of a resolved draft, as tests over columns."""

from __future__ import annotations

from ...semantic.lexicon import ACTUAL_WORDS
from ...semantic.model import ColumnModel, SemanticModel, TableModel
from ...semantic.words import normal, split_identifier
from .chunks import DateRange, ValueSense
from .dialect import dialect_of
from .draft import Cond, Draft, Ref
from .form import Field, Missing, Query, Sub, Test
from .joins import FAR, Joins
from .resolve import Choice

MINUTES = {"hour": 60, "minute": 1, "second": 1 / 60, "day": 1440}


LASTING = frozenset(
    "delay time duration length wait runtime period stay latency age overtime lateness elapsed late minute".split()
)
"""Words of columns that may hold a span of time."""


_SPANS = frozenset("km kilometer m meter metre mile mi feet foot ft inch cm mm".split())


class Incomplete(Exception):
    """Something that the question asks for has no place in the schema."""


class Narrower:
    """Builds the tests of one joint choice."""

    def __init__(self, draft: Draft, choice: Choice, model: SemanticModel, joins: Joins, *, ranking: bool) -> None:
        self.draft = draft
        self.choice = choice
        self.model = model
        self.joins = joins
        self.ranking = ranking
        self.notes: list[tuple[str, str, str]] = []
        self.dialect = dialect_of(model.dialect)
        self.needed: list[TableModel] = []
        self._places = {c.place for c in draft.conds}

    def _root(self) -> TableModel:
        draft, choice = self.draft, self.choice
        for item in draft.items:
            if item.aggregate is not None:
                found = self._holder(item.ref)
                if found is not None:
                    return found
        for item in draft.items:
            found = self._holder(item.ref)
            if found is not None:
                return found
        for ref in [*draft.mentions, *draft.groups]:
            found = self._holder(ref)
            if found is not None:
                return found
        if choice.tables:
            return self.model.tables[choice.tables[0]]
        if len(self.model.tables) == 1:
            return next(iter(self.model.tables.values()))
        raise Incomplete("table")

    def _holder(self, ref: Ref | None) -> TableModel | None:
        if ref is None:
            return None
        table = self.choice.table(ref)
        column = self.choice.column(ref)
        return table or (self.model.tables[column.table] if column is not None else None)

    def _used(self) -> list[str]:
        return list(self.choice.tables)

    def _condition(
        self, query: Query, cond: Cond, tests: list[tuple[Test, ...]], missing: list[Missing] | None
    ) -> None:
        test = self._test(query, cond)
        if test is None:
            return
        negative = test.op in ("!=", "notlike") or cond.flag
        if cond.negated and missing is not None and isinstance(test.left, Field) and negative:
            target = self.model.tables[test.left.column.table]
            path = self.joins.path(query.root.id, target.id)
            if path and any(step.fans for step in path):
                value = self._truth(test.left.column, yes=True) if cond.flag else test.value
                positive = Test("like" if test.op == "notlike" else "=", test.left, value, text_like=test.text_like)
                steps = tuple(step.relationship for step in path)
                # What else is said of the same rows belongs to what is missing: "English is not official".
                along = [g for g in tests if cond.flag and all(
                    isinstance(t.left, Field) and t.left.column.table == target.id for t in g)]  # fmt: skip
                tests[:] = [g for g in tests if g not in along]
                missing.append(Missing(query.root, steps, target, (*along, (positive,))))
                return
        previous = tests[-1] if tests else ()
        if previous and self._joinable(query, cond, test, previous):
            tests[-1] = _merge(previous, test)
        else:
            tests.append((test,))

    def _joinable(self, query: Query, cond: Cond, test: Test, previous: tuple[Test, ...]) -> bool:
        if cond.both:
            return False
        if cond.either:
            return True
        last = previous[-1]
        same = isinstance(last.left, Field) and isinstance(test.left, Field) and last.left.column is test.left.column
        equal = last.op == test.op == "=" and _single(last.value) and _single(test.value)
        if equal and same and self._refers(query):
            return False
        if equal and same and cond.place == "to" and "from" in self._places:
            raise Incomplete("to")  # two roles of one table; either reading of one column would be wrong
        # "in June and July", "red and blue": one row can't be both, so either is meant.
        return same and equal and not self._fans(test) and last.value != test.value

    def _refers(self, query: Query) -> bool:
        """Whether only keys of other tables are shown: then several rows speak of one thing."""
        fields = [o.expression for o in query.outputs]
        return bool(fields) and all(
            isinstance(f, Field) and any(
                f.column.name in r.columns
                for r in self.model.neighbours.get(f.column.table, ())
                if r.table == f.column.table
            )
            for f in fields
        )  # fmt: skip

    def _fans(self, test: Test) -> bool:
        root = self._root()
        if not isinstance(test.left, Field):
            return False
        path = self.joins.path(root.id, test.left.column.table)
        return bool(path and any(step.fans for step in path))

    def _test(self, query: Query, cond: Cond) -> Test | None:
        sense = self.choice.of(cond)
        if isinstance(sense, ValueSense):
            return self._value_test(cond, sense)
        if cond.op == "status":
            return self._status(query, cond)
        if cond.date is not None:
            return self._date_test(query, cond)
        column = self.choice.column(cond.ref)
        if column is None and cond.ref is not None:
            table = self.choice.table(cond.ref)
            if table is not None and cond.number is not None and len(table.key) == 1:
                column = table.column(table.key[0])
        if column is None:
            raise Incomplete(cond.text or (str(cond.number) if cond.number is not None else cond.op))
        left = Field(column)
        if cond.flag:
            return Test("=", left, self._truth(column, yes=not cond.negated))
        if cond.op in ("null", "notnull"):
            return Test(cond.op, left)
        if cond.versus is not None:
            other = self.choice.column(cond.versus.ref) or column
            if cond.versus.aggregate is not None:
                return Test(cond.op, left, Sub(cond.versus.aggregate, Field(other)))
            return Test(cond.op, left, Field(other))
        if cond.number is not None:
            number = self._in_unit(column, cond)
            if column.role == "time":
                date = DateRange(None, None, str(int(number)), "year", int(number))
                return Test(cond.op, left, date, upper=cond.upper)
            if not column.numeric:
                if cond.op == "=" and column.kind == "text":
                    return Test("=", left, _plain(number))
                raise Incomplete(column.label)
            op = "!=" if cond.negated and cond.op == "=" else cond.op
            return Test(op, left, number, upper=cond.upper)
        raise Incomplete(cond.op)

    def _truth(self, column: ColumnModel, *, yes: bool) -> bool | float | str:
        value = self.dialect.truth(column, yes=yes)
        return value if isinstance(value, (str, bool)) else float(value)

    def _value_test(self, cond: Cond, sense: ValueSense) -> Test:
        column = sense.known.column
        value = sense.known.value
        known = value in column.values
        op = cond.op
        if op == "=" and column.role == "flag" and not known:
            op = "="
        if cond.negated:
            op = {"=": "!=", "like": "notlike"}.get(op, op)
        if sense.how == "partial" and known and cond.text:
            # One word of a longer value: equal to one of several would be a guess, containing it is what was said.
            self.notes.append(("part", column.label, cond.text))
            meant = values_with(column, cond.text)
            if len(meant) > 1 and all(cond.text.lower() in v.lower() for v in meant):
                return Test({"=": "like", "!=": "notlike"}.get(op, op), Field(column), cond.text, text_like=True)
            if len(meant) > 1:
                return Test(op, Field(column), tuple(meant))
        elif sense.how != "exact" and known:
            self.notes.append(("filter", column.label, value))
        return Test(op, Field(column), value, text_like=not known and op in ("=", "!="))

    def _in_unit(self, column: ColumnModel, cond: Cond) -> float:
        """Hours compared with a column of minutes: units stand in no schema, so what is assumed is said."""
        number = float(cond.number or 0)
        unit = cond.unit.rstrip("s")
        if unit not in MINUTES or unit in {w for n in column.names for w in n.words}:
            return number
        if unit == "minute" or column.role == "time":
            return number
        highest = _float(column.maximum)
        names = {w for n in column.names for w in n.words}
        names = set() if _SPANS & {*names, *split_identifier(column.name)} else names
        if unit == "hour" and (not names & LASTING or column.role != "measure"):
            raise Incomplete(f"{_plain(number)} {cond.unit}")  # a distance is never five hours long
        if unit == "hour" and (highest is None or highest > 24) and column.role == "measure":
            self.notes.append(("unit", column.label, "minutes"))
            return number * 60
        return number

    def _date_test(self, query: Query, cond: Cond) -> Test:
        date = cond.date
        assert date is not None  # noqa: S101 - the caller checked it
        column = self.choice.column(cond.ref)
        if column is None or not (column.role in ("time", "part") or column.part):
            column = self._time_column(query, cond, date)
        op = "!=" if cond.negated and cond.op == "=" else cond.op
        if column.role != "time" and date.part is None and column.part == "year" and date.start:
            date = DateRange(None, None, date.label, "year", int(date.start[:4]))
        return Test(op, Field(column), date, upper=cond.upper)

    def _time_column(self, query: Query, cond: Cond, date: DateRange) -> ColumnModel:
        """The column that dates the rows in question."""
        subjects = [self._holder(cond.subject), query.root, *[self.model.tables[t] for t in self._used()]]
        seen: list[TableModel] = []
        for table in subjects:
            if table is not None and table not in seen:
                seen.append(table)
        near = sorted(
            (t for t in self.model.tables.values() if t not in seen),
            key=lambda t: (self.joins.nearest([s.id for s in seen], t.id), t.id),
        )
        part = {"monthday": "month"}.get(date.part or "", date.part)
        for table in [*seen, *[t for t in near if self.joins.nearest([s.id for s in seen], t.id) < FAR]]:
            parts = [c for c in table.columns if part and c.part == part]
            if part in ("month", "year") and parts:
                return min(parts, key=lambda c: len(c.name))
            if table.time is not None:
                column = table.column(table.time)
                if column is not None:
                    self.notes.append(("time", column.label, date.label))
                    return column
            if parts:
                return parts[0]
            years = [c for c in table.columns if c.part == "year"]
            if years and date.part is None and date.start and date.start[5:] == "01-01":
                return years[0]
        raise Incomplete(date.label)

    def _status(self, query: Query, cond: Cond) -> Test:
        """What was planned but has no actual: `sched_x` is there and `x` is null."""
        holders = [self._holder(cond.subject), query.root]
        for table in [t for t in holders if t is not None]:
            found = self._twin(table)
            if found is not None:
                self.notes.append(("not status" if cond.negated else "status", cond.status, found.label))
                return Test("notnull" if cond.negated else "null", Field(found))
        raise Incomplete(cond.status)

    def _twin(self, table: TableModel) -> ColumnModel | None:
        by_words: dict[tuple[str, ...], ColumnModel] = {}
        for column in table.columns:
            by_words.setdefault(column.names[0].words, column)
        for column in table.columns:
            words = column.names[0].words
            if not ACTUAL_WORDS & set(words):
                continue
            actual = tuple(w for w in words if w not in ACTUAL_WORDS)
            twin = by_words.get(actual) or by_words.get(("actual", *actual))
            if twin is not None and (twin.nulls is None or twin.nulls > 0):
                return twin
        return None


def _merge(previous: tuple[Test, ...], test: Test) -> tuple[Test, ...]:
    """Equal tests of one column become a list."""
    last = previous[-1]
    same = isinstance(last.left, Field) and isinstance(test.left, Field) and last.left == test.left
    if same and last.op == test.op and test.op in ("=", "!=") and not last.text_like and not test.text_like:
        values: list[str] = []
        for value in (last.value, test.value):
            if isinstance(value, tuple):
                values += value
            elif isinstance(value, str):
                values.append(value)
            else:
                return (*previous, test)
        return (*previous[:-1], Test(test.op, test.left, tuple(dict.fromkeys(values))))
    return (*previous, test)


def values_with(column: ColumnModel, text: str) -> list[str]:
    """The known values of a column that contain all the words."""
    words = set(normal(text).split())
    return [v for v in column.values if words <= set(normal(v).split())]


def _single(value: object) -> bool:
    return isinstance(value, (str, float, int, tuple, DateRange))


def _float(text: str | None) -> float | None:
    try:
        return float(text) if text is not None else None
    except ValueError:
        return None


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
