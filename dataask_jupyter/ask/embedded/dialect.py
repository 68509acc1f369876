"""Where SQL dialects differ: parts of dates, truncation, numbers kept as text. One entry a dialect."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlglot import exp

from ...semantic.model import ColumnModel

_SQLITE_GRAINS = {"year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "hour": "%Y-%m-%d %H:00"}
_SQLITE_PARTS = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "weekday": "%w", "week": "%W"}


class Unsupported(Exception):
    """The dialect can't express it: the reading is dropped instead of answering something else."""


class Dialect:
    """Standard SQL; what follows overrides it."""

    name = "duckdb"

    def time(self, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """The column as a date or time."""
        return exp.TryCast(this=expression, to=exp.DataType.build("TIMESTAMP")) if column.text_time else expression

    def truncate(self, grain: str, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """The start of the period in which a time lies."""
        return exp.Anonymous(this="date_trunc", expressions=[exp.Literal.string(grain), self.time(column, expression)])

    def part(self, part: str, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """A part of a time as a whole number; Sunday is weekday 0."""
        name = "dow" if part == "weekday" else part
        return exp.Extract(this=exp.var(name.upper()), expression=self.time(column, expression))

    def number(self, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """A text column that holds numbers, as numbers."""
        return exp.TryCast(this=expression, to=exp.DataType.build("DOUBLE"))

    def day(self, iso: str, column: ColumnModel) -> exp.Expr:
        """A day to compare the column with."""
        return exp.Cast(this=exp.Literal.string(iso), to=exp.DataType.build("DATE"))

    def median(self, expression: exp.Expr) -> exp.Expr:
        """The median."""
        return exp.Median(this=expression)

    def deviation(self, expression: exp.Expr) -> exp.Expr:
        """The sample's standard deviation."""
        return exp.Stddev(this=expression)

    def same_text(self, left: exp.Expr, text: str, *, known: bool) -> exp.Expr:
        """Equality with a text; one that isn't known is compared without regard to case."""
        literal = exp.Literal.string(text)
        if known:
            return exp.EQ(this=left, expression=literal)
        return exp.EQ(this=exp.Lower(this=left), expression=exp.Literal.string(text.lower()))

    def like(self, left: exp.Expr, pattern: str) -> exp.Expr:
        """Matches without regard to case."""
        return exp.ILike(this=left, expression=exp.Literal.string(pattern))

    def truth(self, column: ColumnModel, *, yes: bool) -> Any:
        """How the column writes yes or no."""
        if column.kind == "boolean":
            return yes
        seen = {v.lower(): v for v in column.values}
        for word in ("yes", "y", "true", "t", "1") if yes else ("no", "n", "false", "f", "0"):
            if word in seen:
                return seen[word]
        return (1 if yes else 0) if column.kind in ("integer", "number") else ("1" if yes else "0")


class SQLite(Dialect):
    """SQLite keeps times as text and has no date_trunc, median or booleans."""

    name = "sqlite"

    def time(self, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """Text, as it is stored."""
        return expression

    def _format(self, pattern: str, expression: exp.Expr) -> exp.Expr:
        return exp.Anonymous(this="strftime", expressions=[exp.Literal.string(pattern), expression])

    def truncate(self, grain: str, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """As text that sorts."""
        if grain == "week":
            days = [exp.Literal.string("-6 days"), exp.Literal.string("weekday 1")]
            return exp.Anonymous(this="date", expressions=[expression, *days])
        if grain == "quarter":
            year = self._format("%Y", expression)
            month = exp.Cast(this=self._format("%m", expression.copy()), to=exp.DataType.build("INT"))
            quarter = exp.Paren(this=exp.Div(this=exp.Paren(this=month + 2), expression=exp.Literal.number(3)))
            return exp.DPipe(this=exp.DPipe(this=year, expression=exp.Literal.string("-Q")), expression=quarter)
        return self._format(_SQLITE_GRAINS.get(grain, "%Y-%m-%d"), expression)

    def part(self, part: str, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """Through strftime, as a number."""
        return exp.Cast(this=self._format(_SQLITE_PARTS.get(part, "%Y"), expression), to=exp.DataType.build("INT"))

    def number(self, column: ColumnModel, expression: exp.Expr) -> exp.Expr:
        """A cast never fails in SQLite."""
        return exp.Cast(this=expression, to=exp.DataType.build("REAL"))

    def day(self, iso: str, column: ColumnModel) -> exp.Expr:
        """Days are compared as text, which works for ISO dates with and without a time."""
        return exp.Literal.string(iso)

    def median(self, expression: exp.Expr) -> exp.Expr:
        """SQLite has no median."""
        raise Unsupported("median")

    def deviation(self, expression: exp.Expr) -> exp.Expr:
        """From sums, as SQLite has no function for it."""
        count = exp.Count(this=expression.copy())
        total = exp.Sum(this=expression.copy())
        squares = exp.Sum(this=exp.Mul(this=expression.copy(), expression=expression.copy()))
        spread = exp.Paren(this=squares - total.copy() * total * 1.0 / count)
        return exp.Anonymous(this="sqrt", expressions=[spread / exp.Paren(this=count.copy() - 1)])

    def like(self, left: exp.Expr, pattern: str) -> exp.Expr:
        """SQLite's LIKE ignores case already."""
        return exp.Like(this=left, expression=exp.Literal.string(pattern))

    def truth(self, column: ColumnModel, *, yes: bool) -> Any:
        """SQLite keeps booleans as 1 and 0 unless the values say otherwise."""
        if column.kind == "boolean" and not column.values:
            return 1 if yes else 0
        return super().truth(column, yes=yes) if column.kind != "boolean" else self._stored(column, yes=yes)

    def _stored(self, column: ColumnModel, *, yes: bool) -> Any:
        seen = {v.lower(): v for v in column.values}
        for word in ("yes", "y", "true", "t") if yes else ("no", "n", "false", "f"):
            if word in seen:
                return seen[word]
        return 1 if yes else 0


DIALECTS: dict[str, Dialect] = {"duckdb": Dialect(), "sqlite": SQLite()}


def dialect_of(name: str) -> Dialect:
    """The entry for a dialect; others read like DuckDB's."""
    return DIALECTS.get(name, DIALECTS["duckdb"])


def next_day(iso: str) -> str:
    """The day after."""
    return (date.fromisoformat(iso) + timedelta(days=1)).isoformat()
