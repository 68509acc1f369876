"""From a resolved draft to the logical form."""

from __future__ import annotations

from collections.abc import Mapping

from ...semantic.model import ColumnModel, SemanticModel, TableModel, TimePart
from .chunks import ColumnSense, DateRange, TableSense, ValueSense
from .draft import Absence, Cond, Item, Ref
from .form import Expression, Field, Measure, Missing, Output, Query, Sort, Test
from .labels import measure_label
from .narrow import Incomplete, Narrower


class Composer(Narrower):
    """Builds the query of one joint choice."""

    def query(self) -> Query:
        """The query; raises `Incomplete` when part of the question stays open."""
        draft = self.draft
        root = self._root()
        query = Query(root=root, limit=draft.limit, star=False)
        for item in draft.items:
            query.outputs += [o for o in self._outputs(item, root) if o not in query.outputs]
        # Rows without a name are shown whole; where only what was asked for may show, their key stands for them.
        unnamed = not root.display or (self.ranking and root.display == root.key)
        nameless = len(draft.items) == 1 and draft.items[0].entity and unnamed
        if draft.star or (nameless and not draft.groups) or (not query.outputs and not draft.groups):
            query.star = True
            query.outputs = []
        for cond in draft.conds:
            self._condition(query, cond, query.tests, query.missing)
        for absence in draft.absences:
            query.missing.append(self._absence(query, absence))
        for cond in draft.having:
            self._having(query, cond)
        self._order(query)
        self._group(query)
        query.distinct = draft.distinct and not query.groups and not self._aggregated(query)
        if any(o.share for o in query.outputs) and (not query.groups or len(query.outputs) < 2):
            raise Incomplete("share")
        self._both(query)
        self._two_ends()
        self._tables(query)
        return query

    # ---- The table that it is about ----------------------------------------------------------------------------------

    # ---- Outputs -----------------------------------------------------------------------------------------------------

    def _outputs(self, item: Item, root: TableModel) -> list[Output]:
        expression = self._expression(item, root)
        if isinstance(expression, list):
            return [Output(Field(c), _label(c, alone=False)) for c in expression]
        if isinstance(expression, Field):
            return [Output(expression, _label(expression.column, alone=True))]
        label = measure_label(expression, self.model)
        return [Output(expression, f"share of {label}" if item.share else label, share=item.share)]

    def _expression(self, item: Item, root: TableModel) -> Expression | list[ColumnModel]:
        ref = item.ref
        table, column = self.choice.table(ref), self.choice.column(ref)
        if ref is not None and ref.chunk is None and ref.attribute == "who":
            table = self._subject_table() or root
        if item.aggregate is None:
            if table is not None:
                return self._display(table)
            if column is None:
                raise Incomplete(ref.chunk.text if ref and ref.chunk else "column")
            names = self._person_names(ref, column)
            return names or Field(column)
        if item.aggregate == "count":
            return self._count(item, table, column, root)
        if column is None:
            if table is not None and item.aggregate in ("sum", "avg"):
                return Measure("count", table=table)
            raise Incomplete(ref.chunk.text if ref and ref.chunk else item.aggregate)
        if item.aggregate in ("sum", "avg", "median", "std") and not column.numeric:
            raise Incomplete(column.label)
        return Measure(item.aggregate, Field(column), distinct=item.distinct)

    def _count(self, item: Item, table: TableModel | None, column: ColumnModel | None, root: TableModel) -> Expression:
        if table is not None:
            self._need(table)
            return Measure("count", table=table)
        if column is None:
            return Measure("count", table=self._events(root) if item.ref is None else root)
        if column.role == "measure" and not item.distinct and column.kind != "text":
            return Measure("sum", Field(column))
        if column.unique or column.primary_key:
            return Measure("count", table=self.model.tables[column.table])
        return Measure("count", Field(column), distinct=True)

    def _events(self, root: TableModel) -> TableModel:
        """What is counted when only "times" or "most common" is said: rows that point to the things shown."""
        plain = [i for i in self.draft.items if i.aggregate is None]
        shown = [self.choice.column(i.ref) for i in plain]
        whole = any(self.choice.table(i.ref) is not None for i in plain)
        identifying = whole or any(
            c is not None and c.table == root.id and (c.unique or c.name in root.key or c.name in root.display)
            for c in shown
        )
        children = [
            self.model.tables[r.table]
            for r in self.model.neighbours.get(root.id, ())
            if r.target == root.id and r.table != root.id
        ]
        if not identifying or not plain or not root.key or not children:
            return root
        named = {s.table.id for chunk in self.draft.verbs for s in chunk.tables if s.score > 0.55}
        used = [c for c in children if c.id in named] or [c for c in children if c.id in self.choice.tables]
        chosen = used or children
        if len(chosen) > 1:
            raise Incomplete("times")
        self._need(chosen[0])
        return chosen[0]

    def _subject_table(self) -> TableModel | None:
        for ref in self.draft.mentions:
            found = self.choice.table(ref)
            if found is not None:
                return found
        return None

    def _entity(self, table: TableModel, query: Query) -> bool:
        """Whether rows of the table are best shown whole: nothing in it is a name."""
        return not table.display or table.display == table.key[:1]

    def _display(self, table: TableModel) -> list[ColumnModel]:
        self._need(table)
        found = [c for c in (table.column(name) for name in table.display) if c is not None]
        return found or list(table.columns[:6])

    def _person_names(self, ref: Ref | None, column: ColumnModel) -> list[ColumnModel]:
        """The whole name where only its parts are columns: "names of students" → first and last name."""
        if (
            ref is None
            or ref.chunk is None
            or ref.chunk.text.lower() not in ("name", "names", "full name", "full names")
        ):
            return []
        table = self.model.tables[column.table]
        if len(table.display) == 2 and column.name in table.display:
            return [c for c in (table.column(name) for name in table.display) if c is not None]
        return []

    # ---- Conditions --------------------------------------------------------------------------------------------------

    def _absence(self, query: Query, absence: Absence) -> Missing:
        target = self._holder(absence.ref)
        if target is None:
            raise Incomplete(absence.ref.chunk.text if absence.ref.chunk else "table")
        base = query.root
        path = self.joins.path(base.id, target.id)
        if not path:
            raise Incomplete(target.label)
        tests: list[tuple[Test, ...]] = []
        for cond in absence.conds:
            self._condition(query, cond, tests, None)
        return Missing(base, tuple(step.relationship for step in path), target, tuple(tests))

    def _having(self, query: Query, cond: Cond) -> None:
        table, column = self.choice.table(cond.ref), self.choice.column(cond.ref)
        number = float(cond.number or 0)
        if cond.aggregate == "count":
            left: Expression = self._count(Item(cond.ref, "count", distinct=cond.distinct), table, column, query.root)
            if isinstance(left, Measure) and left.aggregate == "sum" and not self._aggregated(query):
                query.tests.append((Test(cond.op, Field(column), number),) if column else ())
                return
        elif column is not None and cond.aggregate is not None:
            left = Measure(cond.aggregate, Field(column))
        else:
            raise Incomplete(cond.op)
        query.having.append(Test(cond.op, left, number))

    # ---- Order, groups -----------------------------------------------------------------------------------------------

    def _order(self, query: Query) -> None:
        for order in self.draft.orders:
            if order.item.aggregate is None and order.item.ref is not None and self.choice.table(order.item.ref):
                table = self.choice.table(order.item.ref)
                assert table is not None  # noqa: S101
                shown = [
                    o
                    for o in query.outputs
                    if isinstance(o.expression, Field) and o.expression.column.table == table.id
                ]
                for output in shown[:1]:
                    query.sorts.append(Sort(output.expression, order.descending))
                if shown:
                    continue
            expression = self._expression(order.item, query.root)
            if isinstance(expression, list):
                expression = Field(expression[0])
            query.sorts.append(Sort(expression, order.descending))

    def _aggregated(self, query: Query) -> bool:
        return any(isinstance(o.expression, Measure) for o in query.outputs)

    def _group(self, query: Query) -> None:
        measured = (
            self._aggregated(query) or query.having or any(isinstance(s.expression, Measure) for s in query.sorts)
        )
        explicit: list[Field] = []
        for ref in self.draft.groups:
            explicit += self._group_fields(query, ref)
        if self.draft.grain:
            explicit.append(self._grain_field(query))
        if not measured:
            return
        shown = [o.expression for o in query.outputs if isinstance(o.expression, Field)]
        if query.star and not self._aggregated(query):
            query.star = False
            query.outputs = [Output(Field(c), c.label) for c in self._display(query.root)]
            shown = [o.expression for o in query.outputs if isinstance(o.expression, Field)]
        added = [f for f in explicit if not any(_covers(s, f, self.model) for s in shown)]
        query.outputs = [*[Output(f, _field_label(f)) for f in added], *query.outputs]
        if self._aggregated(query) and not explicit and not shown:
            if self.draft.superlative and any(isinstance(s.expression, Field) for s in query.sorts):
                raise Incomplete("superlative")  # one total has no first row
            query.sorts = [s for s in query.sorts if isinstance(s.expression, Measure)]
            return
        fields = [*explicit, *[f for f in shown if f not in explicit]]
        keys: list[Field] = []
        for field in fields:
            table = self.model.tables[field.column.table]
            if len(table.key) == 1 and not field.grain and self._identifies(field, table, query):
                key = table.column(table.key[0])
                if key is not None and Field(key) not in keys:
                    keys.append(Field(key))
        query.groups = _unique([*keys, *fields])
        timed = [f for f in query.groups if f.grain or f.part or f.column.part]
        if timed and not query.sorts:
            query.sorts = [Sort(f) for f in timed]
        if self.ranking:
            for sort in query.sorts:
                if isinstance(sort.expression, Measure) and all(o.expression != sort.expression for o in query.outputs):
                    query.outputs.append(Output(sort.expression, measure_label(sort.expression, self.model)))
        for sort in query.sorts:
            if isinstance(sort.expression, Field) and sort.expression not in query.groups:
                query.groups.append(sort.expression)

    def _identifies(self, field: Field, table: TableModel, query: Query) -> bool:
        """Whether the field stands for a row of its table, so that rows that share it by chance stay apart."""
        if field.column.name in table.key:
            return False
        return field.column.name in table.display and table.key != table.display

    def _group_fields(self, query: Query, ref: Ref) -> list[Field]:
        table, column = self.choice.table(ref), self.choice.column(ref)
        if column is not None:
            return [Field(column)]
        if table is None:
            raise Incomplete(ref.chunk.text if ref.chunk else "group")
        for output in query.outputs:  # already shown by one of its columns
            expression = output.expression
            if isinstance(expression, Field) and expression.column.table == table.id:
                return [Field(c) for c in (table.column(k) for k in table.key[:1]) if c is not None] or [expression]
        return [Field(c) for c in self._display(table)]

    def _grain_field(self, query: Query) -> Field:
        """The column behind "per month": a part column or the rows' time, cut to the period."""
        grain = self.draft.grain
        table = query.root
        if grain == "auto":
            grain = "month"
        time = table.column(table.time) if table.time else None
        parts = {c.part: c for c in table.columns if c.part}
        if grain in parts and (grain == "year" or time is None or self._one_year(parts)):
            return Field(parts[grain])
        if time is not None:
            return Field(time, part="weekday") if grain == "weekday" else Field(time, grain=grain)
        for name in self._used():
            other = self.model.tables[name]
            for column in other.columns:
                if column.part == grain:
                    return Field(column)
            if other.time:
                column = self.model.column(name, other.time)
                return Field(column, part="weekday") if grain == "weekday" else Field(column, grain=grain)
        raise Incomplete(grain)

    def _one_year(self, parts: Mapping[TimePart, ColumnModel]) -> bool:
        year = parts.get("year")
        return year is not None and year.distinct == 1

    # ---- Both, tables ------------------------------------------------------------------------------------------------

    def _both(self, query: Query) -> None:
        """Two conditions on one column that no row meets at once: the rows under each, intersected."""
        by_column: dict[tuple[str, str], list[int]] = {}
        for index, group in enumerate(query.tests):
            if len(group) == 1 and isinstance(group[0].left, Field):
                by_column.setdefault(group[0].left.column.id, []).append(index)
        for indices in by_column.values():
            pair = [query.tests[i][0] for i in indices]
            if len(pair) == 2 and _exclusive(*pair):
                counted = len(query.outputs) == 1 and _counts(query.outputs[0], query.root)
                if query.groups or (self._aggregated(query) and not counted):
                    raise Incomplete("both")
                query.also = [tuple(pair)]
                query.tests = [g for i, g in enumerate(query.tests) if i not in indices]
                return

    def _two_ends(self) -> None:
        """ "From A to B" where both are rows of one other table: a single join of it can't be both ends."""
        ends: dict[str, set[str]] = {}
        for cond in self.draft.conds:
            sense = self.choice.of(cond)
            if cond.place in ("from", "to") and isinstance(sense, ValueSense):
                ends.setdefault(sense.known.column.table, set()).add(cond.place)
        for table, places in ends.items():
            targets = [r.target for r in self.model.neighbours.get(table, ())]
            if len(places) == 2 and targets.count(table) > 1:
                raise Incomplete("to")

    def _need(self, table: TableModel) -> None:
        if table not in self.needed:
            self.needed.append(table)

    def _tables(self, query: Query) -> None:
        """Every table that has to be joined."""
        for field in query.fields():
            self._need(self.model.tables[field.column.table])
        for measure in (
            [o.expression for o in query.outputs] + [t.left for t in query.having] + [s.expression for s in query.sorts]
        ):
            if isinstance(measure, Measure) and measure.table is not None:
                self._need(measure.table)
        for ref in self.draft.mentions:
            sense = self.choice.of(ref)
            if isinstance(sense, TableSense) and sense.score > 0.75:
                self._need(sense.table)
            elif isinstance(sense, ColumnSense) and ref.strong:
                self._need(self.model.tables[sense.column.table])
        query.tables = [t for t in self.needed if t is not query.root]


def _counts(output: Output, root: TableModel) -> bool:
    expression = output.expression
    return (
        isinstance(expression, Measure) and expression.aggregate == "count" and expression.table is root
        and len(root.key) == 1
    )  # fmt: skip


def _exclusive(a: Test, b: Test) -> bool:
    if a.op == b.op == "=":
        return a.value != b.value
    numbers = isinstance(a.value, (int, float)) and isinstance(b.value, (int, float))
    dates = isinstance(a.value, DateRange) and isinstance(b.value, DateRange)
    if numbers or dates:
        low = next((t for t in (a, b) if t.op in (">", ">=")), None)
        high = next((t for t in (a, b) if t.op in ("<", "<=")), None)
        if low is None or high is None:
            return False
        first = low.value.number if isinstance(low.value, DateRange) else low.value
        second = high.value.number if isinstance(high.value, DateRange) else high.value
        return isinstance(first, (int, float)) and isinstance(second, (int, float)) and first >= second
    return False


def _covers(shown: Field, wanted: Field, model: SemanticModel) -> bool:
    if shown == wanted:
        return True
    table = model.tables[wanted.column.table]
    return shown.column.table == wanted.column.table and wanted.column.name in table.key


def _unique(fields: list[Field]) -> list[Field]:
    found: list[Field] = []
    for field in fields:
        if field not in found:
            found.append(field)
    return found


def _label(column: ColumnModel, *, alone: bool) -> str:
    return column.label


def _field_label(field: Field) -> str:
    return field.grain or field.part or field.column.label
