"""From the logical form to SQL, as a syntax tree. Joins are added here, and the grain is kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from ...semantic.model import TableModel
from .form import Expression, Field, Measure, Missing, Output, Query, Test
from .joins import Joins, Step
from .predicates import RESERVED, Predicates, Unjoinable, identifier


class Generator(Predicates):
    """Writes one query."""

    def sql(self) -> str:
        """The statement."""
        return self.tree().sql(dialect=self.name, pretty=True, pad=2, indent=2, max_text_width=100)

    def tree(self) -> exp.Expr:
        """The statement's syntax tree."""
        query = self.query
        if not query.also:
            return self._select(query.tests)
        # Both of two conditions that one row can't meet at once: rows that appear under each.
        counted = [o for o in query.outputs[:1] if isinstance(o.expression, Measure)]
        if counted:
            key = query.root.column(query.root.key[0])
            query.outputs = [Output(Field(key), key.label)] if key else []
        branches: list[exp.Expr] = [
            self._select([*query.tests, (alternative,)], bare=True) for alternative in query.also[0]
        ]
        found = branches[0]
        for branch in branches[1:]:
            found = exp.Intersect(this=found, expression=branch, distinct=True)
        if counted:
            query.outputs = counted
            self.aliases = []
            count = exp.alias_(exp.Count(this=exp.Star()), self._alias(counted[0].label), quoted=False)
            table = exp.Subquery(this=found, alias=exp.TableAlias(this=identifier("matching")))
            return exp.select(count).from_(table)
        return found

    def _select(self, tests: list[tuple[Test, ...]], *, bare: bool = False) -> exp.Select:
        query = self.query
        root, tables, tests, missing = self._keep_grain(tests)
        steps = self.joins.tree(root, tables)
        if steps is None:
            raise Unjoinable(", ".join(t.id for t in tables))
        visible = frozenset(o.expression.column.id for o in query.outputs if isinstance(o.expression, Field))
        fixed = frozenset(t.left.column.id for g in tests for t in g if t.op == "=" and isinstance(t.left, Field))
        steps = [self.joins.in_role(step, query.words, visible, fixed) for step in steps]
        self.steps = steps
        self.qualified = bool(steps)
        fans = any(step.fans for step in steps)
        select = exp.Select()
        self.aliases = []
        if query.star:
            star: exp.Expr = exp.Column(this=exp.Star(), table=identifier(root.name)) if steps else exp.Star()
            select = select.select(star)
        for output in [*query.outputs, *query.hidden]:
            select = select.select(self._output(output.expression, output.label, fans=fans, share=output.share))
        select = select.from_(self._table(root))
        for step in steps:
            select = select.join(
                self._table(self.joins.model.tables[step.target]), on=self._on(step), join_type="inner"
            )
        for group in tests:
            select = select.where(self._any(group))
        for absence in missing:
            select = select.where(self._missing(absence))
        if query.groups and not bare:
            select = select.group_by(*[self._field(g) for g in query.groups])
        if not bare:
            for test in query.having:
                select = select.having(self._test(test, fans=fans))
            for sort in query.sorts:
                key = self._expression(sort.expression, fans=fans)
                if isinstance(sort.expression, Field) and sort.expression.column.numeric_text:
                    key = self.dialect.number(sort.expression.column, key)
                # "The lowest" must not be a row without a value; plain sorting keeps the engine's way with nulls.
                small = self.name == "sqlite" and not sort.descending and query.limit is None
                select = select.order_by(exp.Ordered(this=key, desc=sort.descending, nulls_first=small))
            if query.limit is not None and query.groups and all(isinstance(s.expression, Measure) for s in query.sorts):
                # Ties at the cut fall the same way every time.
                shown = [o.expression for o in query.outputs if isinstance(o.expression, Field)]
                for tie in [f for f in shown if f in query.groups][:1]:
                    select = select.order_by(self._field(tie))
            if query.limit is not None:
                select = select.limit(query.limit)
        if query.distinct or (fans and self._repeats()):
            select = select.distinct()
        return select

    def _repeats(self) -> bool:
        """Whether joins would show the same thing several times: a list then gives each once."""
        query = self.query
        shown = [o.expression for o in query.outputs]
        plain = not query.groups and not query.star and all(isinstance(e, Field) for e in shown)
        return plain and all(s.expression in shown for s in query.sorts)

    # ---- Grain -------------------------------------------------------------------------------------------------------

    def _keep_grain(
        self, tests: list[tuple[Test, ...]]
    ) -> tuple[TableModel, list[TableModel], list[tuple[Test, ...]], list[Missing]]:
        """Conditions on "many" sides become sub-queries when a sum or average would count rows twice."""
        query = self.query
        missing = list(query.missing)
        measures = [o.expression for o in [*query.outputs, *query.hidden] if isinstance(o.expression, Measure)]
        measures += [s.expression for s in query.sorts if isinstance(s.expression, Measure)]
        measures += [t.left for t in query.having if isinstance(t.left, Measure)]
        sensitive = any(m.aggregate in ("sum", "avg", "median", "std") for m in measures)
        if not sensitive:
            return query.root, query.tables, tests, missing
        weighed = [m.field for m in measures if m.field and m.aggregate in ("sum", "avg", "median", "std")]
        root = weighed[0].column.table if weighed else query.root.id
        base = self.joins.model.tables[root]
        shown = {f.column.table for f in query.fields() if not self._only_tested(f, tests)}
        needed = [t for t in query.tables if t.id in shown and t.id != root]
        needed += [query.root] if query.root.id in shown and query.root.id != root else []
        used = {f.column.table for f in query.fields()}
        for table in query.tables:  # only mentioned: "the age of dogs that had a treatment"
            path = self.joins.path(root, table.id) if table.id not in used and table.id != root else None
            if path and any(step.fans for step in path):
                missing.append(Missing(base, tuple(s.relationship for s in path), table, present=True))
        kept: list[tuple[Test, ...]] = []
        for group in tests:
            tables = {f.column.table for t in group for f in ([t.left] if isinstance(t.left, Field) else [])}
            outside = [t for t in tables if t != root and t not in {n.id for n in needed}]
            if len(outside) == 1 and len(tables) == 1:
                path = self.joins.path(root, outside[0])
                if path and any(step.fans for step in path):
                    target = self.joins.model.tables[outside[0]]
                    missing.append(Missing(base, tuple(s.relationship for s in path), target, (group,), present=True))
                    continue
            needed += [self.joins.model.tables[t] for t in outside]
            kept.append(group)
        steps = self.joins.tree(base, needed)
        if steps and any(step.fans for step in steps):
            raise Unjoinable("the measure would be counted twice")
        return base, needed, kept, missing

    def _only_tested(self, field: Field, tests: list[tuple[Test, ...]]) -> bool:
        query = self.query
        used = list(query.groups)
        for output in [*query.outputs, *query.hidden]:
            expression = output.expression
            if isinstance(expression, Field):
                used.append(expression)
            elif expression.field:
                used.append(expression.field)
        for sort in query.sorts:
            expression = sort.expression
            if isinstance(expression, Field):
                used.append(expression)
            elif expression.field:
                used.append(expression.field)
        return not any(u.column.table == field.column.table for u in used)

    def _missing(self, absence: Missing) -> exp.Expr:
        """`key NOT IN (SELECT key FROM related …)`."""
        first = absence.path[0]
        up = first.table == absence.table.id and first.target != absence.table.id
        own = first.columns[0] if up else first.target_columns[0]
        other = first.target_columns[0] if up else first.columns[0]
        tables = self.joins.model.tables
        start = tables[first.target if up else first.table]
        needed = [absence.target] if absence.target.id != start.id else []
        needed += [tables[t.left.column.table] for g in absence.tests for t in g if isinstance(t.left, Field)]
        inner = Query(root=start, outputs=[], tests=list(absence.tests), tables=[t for t in needed if t.id != start.id])
        generator = Generator(inner, self.joins, self.name)
        steps = self.joins.tree(start, inner.tables)
        if steps is None:
            raise Unjoinable(absence.target.id)
        generator.qualified = bool(steps)
        column = generator._named(start, other)
        select = exp.select(column).from_(self._table(start))
        for step in steps:
            select = select.join(self._table(tables[step.target]), on=generator._on(step), join_type="inner")
        for group in absence.tests:
            select = select.where(generator._any(group))
        if not absence.present:
            select = select.where(exp.Not(this=exp.Is(this=column.copy(), expression=exp.Null())))
        outer = self._named(absence.table, own)
        found: exp.Expr = exp.In(this=outer, query=exp.Subquery(this=select))
        return found if absence.present else exp.Not(this=found)

    # ---- Parts -------------------------------------------------------------------------------------------------------

    def _output(self, expression: Expression, label: str, *, fans: bool, share: bool) -> exp.Expr:
        made = self._expression(expression, fans=fans)
        if share:
            total = exp.Window(this=exp.Sum(this=made.copy()))
            made = exp.Div(this=exp.Mul(this=exp.Literal.number("100.0"), expression=made), expression=total)
        if isinstance(expression, Field) and not expression.grain and not expression.part:
            used = {a.lower() for a in self.aliases}
            self.aliases.append(expression.column.name)
            if expression.column.name.lower() in used:
                return exp.alias_(made, self._alias(label), quoted=False)
            return made
        return exp.alias_(made, self._alias(label), quoted=False)

    def _alias(self, label: str) -> str:
        base = re.sub(r"\W+", "_", label.lower(), flags=re.ASCII).strip("_")[:50] or "value"
        base = f"n_{base}" if base[0].isdigit() or base in RESERVED else base
        name, number = base, 2
        while name in (a.lower() for a in self.aliases):
            name, number = f"{base}_{number}", number + 1
        self.aliases.append(name)
        return name

    # ---- Conditions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Generated:
    """A statement, the joins it needed and what its columns are called."""

    sql: str
    steps: list[Step]
    names: list[str]


def generate(query: Query, joins: Joins, dialect: str) -> Generated:
    """The SQL of a query."""
    generator = Generator(query, joins, dialect)
    sql = generator.sql()
    return Generated(sql, generator.steps, generator.aliases)
