"""Expressions and conditions as syntax trees."""

from __future__ import annotations

import re

from sqlglot import exp

from ...semantic.model import Relationship, TableModel
from .chunks import DateRange
from .dialect import Unsupported, dialect_of
from .form import Expression, Field, Measure, Query, Sub, Test
from .joins import Joins, Step

_PLAIN = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")

RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric between both by case cast check collate column constraint
    create cross current current_date current_time current_timestamp default deferrable desc describe distinct do
    else end except exists false fetch for foreign from full glob grant group having ilike in index initially inner
    intersect into is isnull join key lateral leading left like limit natural not notnull null offset on only or
    order outer over overlaps pivot placing primary qualify references replace returning right select set show
    similar some summarize symmetric table then to trailing transaction true union unique unpivot update user using
    values variadic when where window with row rows match""".split()
)
_OPS: dict[str, type[exp.Binary]] = {">": exp.GT, "<": exp.LT, ">=": exp.GTE, "<=": exp.LTE, "=": exp.EQ, "!=": exp.NEQ}

_AGGREGATES: dict[str, type[exp.AggFunc]] = {"sum": exp.Sum, "avg": exp.Avg, "min": exp.Min, "max": exp.Max}


def identifier(name: str) -> exp.Identifier:
    """A name, quoted when it has to be."""
    return exp.to_identifier(name, quoted=not _PLAIN.match(name) or name.lower() in RESERVED)


class Unjoinable(Exception):
    """No relationship leads to a table that the query needs."""


class Predicates:
    """Writes the parts of one query."""

    def __init__(self, query: Query, joins: Joins, dialect: str) -> None:
        self.query = query
        self.joins = joins
        self.dialect = dialect_of(dialect)
        self.name = dialect
        self.steps: list[Step] = []
        self.qualified = False
        self.aliases: list[str] = []

    def _named(self, table: TableModel, column: str) -> exp.Column:
        return exp.Column(this=identifier(column), table=identifier(table.name) if self.qualified else None)

    def _column(self, field: Field) -> exp.Expr:
        return self._named(self.joins.model.tables[field.column.table], field.column.name)

    def _field(self, field: Field) -> exp.Expr:
        column = self._column(field)
        if field.grain:
            return self.dialect.truncate(field.grain, field.column, column)
        if field.part:
            return self.dialect.part(field.part, field.column, column)
        return column

    def _expression(self, expression: Expression, *, fans: bool) -> exp.Expr:
        return self._field(expression) if isinstance(expression, Field) else self._measure(expression, fans=fans)

    def _measure(self, measure: Measure, *, fans: bool) -> exp.Expr:
        if measure.aggregate == "count":
            if measure.field is not None:
                column = self._field(measure.field)
                return (
                    exp.Count(this=exp.Distinct(expressions=[column])) if measure.distinct else exp.Count(this=column)
                )
            table = measure.table
            if fans and table is not None and len(table.key) == 1 and self._multiplied(table):
                return exp.Count(this=exp.Distinct(expressions=[self._named(table, table.key[0])]))
            if fans and table is not None and self._multiplied(table) and not table.key:
                raise Unjoinable("rows would be counted several times and nothing tells them apart")
            return exp.Count(this=exp.Star())
        if measure.field is None:
            raise Unsupported(measure.aggregate)
        value = self._field(measure.field)
        if measure.field.column.numeric_text:
            value = self.dialect.number(measure.field.column, value)
        if measure.distinct and measure.aggregate in ("sum", "avg"):
            value = exp.Distinct(expressions=[value])
        if measure.aggregate == "median":
            return self.dialect.median(value)
        if measure.aggregate == "std":
            return self.dialect.deviation(value)
        return _AGGREGATES[measure.aggregate](this=value)

    def _multiplied(self, table: TableModel) -> bool:
        """Whether the joins repeat the table's rows."""
        reached = {table.id}
        pending = list(self.steps)
        while pending:
            moved = False
            for step in list(pending):
                up_from_source = step.source in reached
                up_from_target = step.target in reached
                if up_from_source and not up_from_target:
                    if step.fans:
                        return True
                    reached.add(step.target)
                elif up_from_target and not up_from_source:
                    if not step.fans:
                        return True
                    reached.add(step.source)
                elif not (up_from_source and up_from_target):
                    continue
                pending.remove(step)
                moved = True
            if not moved:
                break
        return False

    def _any(self, group: tuple[Test, ...]) -> exp.Expr:
        return (
            exp.or_(*[self._test(t, fans=False) for t in group]) if len(group) > 1 else self._test(group[0], fans=False)
        )

    def _test(self, test: Test, *, fans: bool) -> exp.Expr:
        left = self._expression(test.left, fans=fans)
        value = test.value
        column = test.left.column if isinstance(test.left, Field) else None
        if test.op in ("null", "notnull"):
            is_null = exp.Is(this=left, expression=exp.Null())
            return is_null if test.op == "null" else exp.Not(this=is_null)
        if isinstance(value, DateRange):
            return self._date_test(test, value, left)
        if isinstance(value, Sub):
            return _OPS[test.op](this=left, expression=exp.Subquery(this=self._sub(value)))
        if isinstance(value, Field):
            return _OPS[test.op](this=left, expression=self._field(value))
        if isinstance(value, tuple):
            found: exp.Expr = exp.In(this=left, expressions=[exp.Literal.string(v) for v in value])
            return exp.Not(this=found) if test.op == "!=" else found
        if isinstance(value, str):
            return self._text_test(test, value, left)
        if value is True or value is False:
            return exp.EQ(this=left, expression=exp.Boolean(this=value))
        if isinstance(value, (int, float)):
            if column is not None and column.kind == "text":
                left = self.dialect.number(column, left)
            number = exp.Literal.number(int(value) if value == int(value) else value)
            if test.op == "between" and test.upper is not None:
                high = exp.Literal.number(int(test.upper) if test.upper == int(test.upper) else test.upper)
                return exp.Between(this=left, low=number, high=high)
            return _OPS.get(test.op, exp.EQ)(this=left, expression=number)
        raise Unsupported(test.op)

    def _text_test(self, test: Test, value: str, left: exp.Expr) -> exp.Expr:
        if test.op in ("like", "notlike", "starts", "ends"):
            pattern = {"starts": f"{value}%", "ends": f"%{value}"}.get(test.op, f"%{value}%")
            found = self.dialect.like(left, pattern)
            return exp.Not(this=found) if test.op == "notlike" else found
        if test.op in (">", "<", ">=", "<="):
            return _OPS[test.op](this=left, expression=exp.Literal.string(value))
        same = self.dialect.same_text(left, value, known=not test.text_like)
        if test.op == "!=":
            if isinstance(same, exp.EQ):
                return exp.NEQ(this=same.this, expression=same.expression)
            return exp.Not(this=same)
        return same

    def _date_test(self, test: Test, value: DateRange, left: exp.Expr) -> exp.Expr:
        if not isinstance(test.left, Field):
            raise Unsupported("date")
        column = test.left.column
        plain = self._column(test.left)
        if value.part is not None:
            return self._part_test(test, value, plain)
        time = self.dialect.time(column, plain)
        start = self.dialect.day(value.start, column) if value.start else None
        end = self.dialect.day(value.end, column) if value.end else None
        if test.op == "<" and start is not None:
            return exp.LT(this=time, expression=start)
        if test.op == ">" and end is not None:
            return exp.GTE(this=time, expression=end)
        if test.op == ">=" and start is not None:
            return exp.GTE(this=time, expression=start)
        if test.op == "<=" and end is not None:
            return exp.LT(this=time, expression=end)
        parts: list[exp.Expr] = []
        if start is not None:
            parts.append(exp.GTE(this=time, expression=start))
        if end is not None:
            parts.append(exp.LT(this=time.copy(), expression=end))
        found = exp.and_(*parts)
        return exp.Not(this=exp.Paren(this=found)) if test.op == "!=" else found

    def _part_test(self, test: Test, value: DateRange, plain: exp.Expr) -> exp.Expr:
        assert isinstance(test.left, Field)  # noqa: S101 - the caller checked it
        column = test.left.column
        number = value.number or 0
        if value.part == "monthday":
            month = self.dialect.part("month", column, plain)
            day = self.dialect.part("day", column, plain.copy())
            return exp.and_(exp.EQ(this=month, expression=exp.Literal.number(number // 100)),
                            exp.EQ(this=day, expression=exp.Literal.number(number % 100)))  # fmt: skip
        number = number // 100 if value.part == "month" else number
        if column.part == value.part or (value.part == "year" and column.role != "time"):
            left = self.dialect.number(column, plain) if column.kind == "text" else plain
        else:
            left = self.dialect.part(value.part or "year", column, plain)
        literal = exp.Literal.number(number)
        if test.op == "between" and test.upper is not None:
            return exp.Between(this=left, low=literal, high=exp.Literal.number(int(test.upper)))
        return _OPS.get(test.op, exp.EQ)(this=left, expression=literal)

    def _sub(self, sub: Sub) -> exp.Select:
        table = self.joins.model.tables[sub.field.column.table]
        inner = Query(root=table, tests=list(sub.tests))
        for group in sub.tests:
            for test in group:
                if isinstance(test.left, Field):
                    other = self.joins.model.tables[test.left.column.table]
                    if other.id != table.id and other not in inner.tables:
                        inner.tables.append(other)
        generator = type(self)(inner, self.joins, self.name)
        steps = self.joins.tree(table, inner.tables)
        if steps is None:
            raise Unjoinable(table.id)
        generator.qualified = bool(steps)
        value = generator._measure(Measure(sub.aggregate, sub.field), fans=False)
        select = exp.select(value).from_(self._table(table))
        for step in steps:
            target = self.joins.model.tables[step.target]
            select = select.join(self._table(target), on=generator._on(step), join_type="inner")
        for group in sub.tests:
            select = select.where(generator._any(group))
        return select

    def _table(self, table: TableModel) -> exp.Table:
        schema = identifier(table.schema_name) if table.schema_name and table.id != table.name else None
        return exp.Table(this=identifier(table.name), db=schema)

    def _on(self, step: Step) -> exp.Expr:
        return self._equal(step.relationship)

    def _equal(self, relationship: Relationship) -> exp.Expr:
        pairs = zip(relationship.columns, relationship.target_columns, strict=True)
        tables = self.joins.model.tables
        parts = [
            exp.EQ(
                this=self._named(tables[relationship.table], name),
                expression=self._named(tables[relationship.target], to),
            )
            for name, to in pairs
        ]
        return exp.and_(*parts)
