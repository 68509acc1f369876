"""The answer in one line of words, made from the result by rules, and the words for those who can't see the chart."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from ..schemas.charts import Chart, ChartType
from . import formats
from .columns import Columns
from .hints import ChartHints
from .points import in_order
from .roles import ColumnRole, Role, roles

if TYPE_CHECKING:
    import pyarrow as pa

MAX_LISTED = 5
WEAK, CLEAR, STRONG = 0.1, 0.4, 0.8

_COUNTED = re.compile(r"(?:total )?(?:number|count) of (?:distinct |different )?(.+)", re.IGNORECASE)

Told = tuple[str, str | None]

_NAMES: dict[ChartType, str] = {
    "line": "Line chart",
    "area": "Area chart",
    "bar": "Bar chart",
    "pie": "Pie chart",
    "scatter": "Scatter plot",
}


def describe(table: pa.Table, chart: Chart, hints: ChartHints, *, total_rows: int | None = None) -> Told:
    """The answer in one line, and a second line where there is more worth saying.

    `table` may be the first rows of a result of `total_rows`.
    """
    columns = Columns(table)
    rows = max(columns.rows, total_rows or 0)
    if chart.type == "empty" or columns.rows == 0:
        return "No rows match.", None
    found = roles(columns, hints)
    if rows == 1:
        return _one_row(columns, found, hints)
    y = [c for c in found if c.role == "measure" and c.name in chart.y and columns.any_number(c.index)]
    across: tuple[Role, ...] = ("measure", "part") if chart.type == "scatter" else ("time", "part", "category", "id")
    x = _named(found, chart.x, across, y)
    series = _named(found, chart.series, across, [*y, x])
    if x is None or not y or chart.type == "table":
        return _rows(columns, found, hints, rows)
    words = _words(y[0], hints)
    if chart.type == "scatter":
        return f"{rows:,} pairs of {_words(x, hints)} and {words}.", _relation(columns, x, y[0])
    if series is not None:
        return _several(columns, x, y[0], series, words)
    if chart.type == "pie":
        return _shares(columns, x, y[0], words)
    if chart.type in ("line", "area"):
        return _course(columns, x, y[0], words)
    return _ranking(columns, x, y[0], words)


def summary(
    columns: Columns,
    kind: ChartType,
    title: str,
    x: ColumnRole | None,
    y: Sequence[ColumnRole],
    series: ColumnRole | None,
    rows: int,
) -> str:
    """What the chart shows, with its extremes, as one plain sentence."""
    if kind == "empty":
        return "No rows."
    if kind == "metric":
        return f"{title}: {_value(columns.first(0, 1)[0])}."
    if kind == "table" or x is None or not y:
        width = len(columns.names)
        return f"Table of {_counted(rows, 'row')} and {_counted(width, 'column')}."
    name = _NAMES[kind]
    if kind == "scatter":
        return f"{name}: {title}, {_counted(rows, 'row')}."
    across = f", one for each {formats.plain(series.name)}" if series is not None else ""
    said = []
    for word, end in zip(("Highest", "lowest"), _ends(columns, y[0]), strict=True):
        point = _cell(columns, x, end.row)
        place = _at(point, x) if x.role in ("time", "part") else f"for {x.label(point)}"
        if series is not None:
            place = f"{place}, {_when(_cell(columns, series, end.row), series)}"
        said.append(f"{word} {formats.number(end.value)} {place}")
    return f"{name}: {title}{across}. {', '.join(said).removesuffix('.')}."


def _named(
    found: list[ColumnRole], name: str | None, kinds: tuple[Role, ...], others: Sequence[ColumnRole | None]
) -> ColumnRole | None:
    """The column of this name that can be what the chart takes it for: names may repeat."""
    fitting = (column for column in found if column.name == name and column.role in kinds and column not in others)
    return next(fitting, None)


# ---- Parts -------------------------------------------------------------------------------------------------------


class End(NamedTuple):
    """The highest or the lowest of a measure."""

    value: float
    row: int
    tied: int
    """How many rows have this value."""


def _ends(columns: Columns, y: ColumnRole) -> tuple[End, End]:
    """The highest and the lowest."""
    low, high = columns.range(y.index)
    return End(high, *columns.where(y.index, "max")), End(low, *columns.where(y.index, "min"))


def _cell(columns: Columns, column: ColumnRole, row: int) -> Any:
    return columns.cell(column.index, row)


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _words(column: ColumnRole, hints: ChartHints) -> str:
    return formats.uncapital(hints.measure_labels.get(column.name, formats.plain(column.name)))


def _value(value: Any) -> str:
    number = formats.finite(value)
    return formats.number(value) if number is not None else formats.label(value)


def _when(value: Any, x: ColumnRole) -> str:
    """A point on an axis as it is said: `February`, `February 2026`, `hour 5`, `12 Nov 2026`."""
    if x.role == "time" and x.part == "month" and isinstance(value, str):
        return f"{formats.LONG_MONTHS[int(value[5:7]) - 1]} {value[:4]}"
    if x.part == "month" and isinstance(value, int) and 1 <= value <= 12:
        return formats.LONG_MONTHS[value - 1]
    if x.part in ("hour", "minute", "week", "quarter", "day", "weekday", "dow") and value is not None:
        return f"{x.part} {value}" if x.role == "part" else x.label(value)
    if x.role == "part" and x.part is None:
        return f"{formats.plain(x.name)} {x.label(value)}"
    return x.label(value)


def _at(value: Any, x: ColumnRole) -> str:
    finest = x.part in (("day", "moment") if x.role == "time" else ("day", "weekday", "dow", "name"))
    if finest and str(value).casefold() not in formats.MONTH_NAMES:
        return f"on {_when(value, x)}"
    return f"{'at' if x.part in (None, 'hour', 'minute') else 'in'} {_when(value, x)}"


def _superlative(words: str, *, top: bool) -> str:
    """`the most flights` for counts, `the highest average delay` for the rest."""
    counted = _COUNTED.fullmatch(words)
    if counted:
        return f"the {'most' if top else 'fewest'} {counted[1]}"
    return f"the {'highest' if top else 'lowest'} {words}"


# ---- Kinds of result ---------------------------------------------------------------------------------------------


def _one_row(columns: Columns, found: list[ColumnRole], hints: ChartHints) -> Told:
    values = [columns.first(column.index, 1)[0] for column in found]
    said = [
        column.label(value) if column.role in ("time", "part", "id") else _value(value)
        for column, value in zip(found, values, strict=True)
    ]
    if len(found) == 1:
        label = hints.title or hints.measure_labels.get(found[0].name, formats.plain(found[0].name))
        if values[0] is None:
            return f"There is no value for {formats.uncapital(label)}.", None
        counted = _COUNTED.fullmatch(hints.measure_labels.get(found[0].name, label))
        if counted and not hints.title.count(",") and formats.finite(values[0]) not in (None, 1.0):
            return f"There are {said[0]} {counted[1]}.", None
        return f"{formats.capital(label)}: {said[0]}.", None
    measures = {column.index for column in found if column.role == "measure"}
    told = [f"{_words(column, hints)} {said[column.index]}" for column in found if column.index in measures]
    others = [text for column, text in zip(found, said, strict=True) if column.index not in measures]
    if told and others and len(found) <= MAX_LISTED:
        return f"{formats.capital(', '.join(others))}: {', '.join(told)}.", None
    listed = [f"{_words(column, hints)}: {said[column.index]}" for column in found[:MAX_LISTED]]
    return formats.capital("; ".join(listed)) + ".", None


def _rows(columns: Columns, found: list[ColumnRole], hints: ChartHints, rows: int) -> Told:
    measures = [column for column in found if column.role == "measure"]
    names = [column for column in found if column.role in ("category", "time", "part")]
    whole = rows == columns.rows
    if whole and len(measures) == 1 and names and names[0].groups == rows and columns.any_number(measures[0].index):
        return _ranking(columns, names[0], measures[0], _words(measures[0], hints))
    if len(found) == 1:
        told = [found[0].label(value) for value in columns.first(0, MAX_LISTED)]
        more = rows - len(told)
        listed = ", ".join(told) + (f" and {more:,} more" if more > 0 else "")
        return f"{_counted(rows, 'row')}: {listed}.", None
    return f"There are {rows:,} rows.", None


def _ranking(columns: Columns, x: ColumnRole, y: ColumnRole, words: str) -> Told:
    high, low = _ends(columns, y)
    known = columns.rows - columns.floats(y.index).null_count
    first = formats.capital(_when(_cell(columns, x, high.row), x))
    if known == 1:
        return f"{first}: {words} {formats.number(high.value)}.", None
    if high.value == low.value:
        return f"All {known:,} have the same {words}: {formats.number(high.value)}.", None
    subject = f"{first} has" if high.tied == 1 else f"{first} and {high.tied - 1:,} more have"
    sentence = f"{subject} {_superlative(words, top=True)}: {formats.number(high.value)}."
    last = _when(_cell(columns, x, low.row), x)
    return (
        sentence,
        f"Of the {known:,} shown, {last} has {_superlative(words, top=False)}: {formats.number(low.value)}.",
    )


def _course(columns: Columns, x: ColumnRole, y: ColumnRole, words: str) -> Told:
    import pyarrow.compute as pc

    high, low = _ends(columns, y)
    subject = formats.capital(words)
    if high.value == low.value:
        return f"{subject}: {formats.number(high.value)} throughout.", None
    counted = _COUNTED.fullmatch(words)
    if counted:
        most, fewest = (_when(_cell(columns, x, end.row), x) for end in (high, low))
        sentence = f"{formats.capital(most)} has the most {counted[1]}: {formats.number(high.value)}, "
        sentence += f"{fewest} the fewest: {formats.number(low.value)}."
    else:
        most, fewest = (_at(_cell(columns, x, end.row), x) for end in (high, low))
        sentence = f"{subject} is highest {most}: {formats.number(high.value)}, "
        sentence += f"and lowest {fewest}: {formats.number(low.value)}."
    rows = in_order(columns, x)
    rows = rows.filter(pc.is_valid(columns.floats(y.index).take(rows).combine_chunks()))
    first, last = rows[0].as_py(), rows[-1].as_py()
    if _cell(columns, x, last) is None:
        return sentence, None
    start, end = (_when(_cell(columns, x, row), x) for row in (first, last))
    before, after = (columns.floats(y.index)[row].as_py() for row in (first, last))
    detail = f"From {start} to {end} it went from {formats.number(before)} to {formats.number(after)}"
    if before > 0 and after >= 0:
        change = after / before - 1
        detail += f" ({'+' if change > 0 else ''}{formats.percent(change)})"
    return sentence, detail + "."


def _several(columns: Columns, x: ColumnRole, y: ColumnRole, series: ColumnRole, words: str) -> Told:
    high, low = _ends(columns, y)
    if high.value == low.value:
        return f"All {columns.rows:,} have the same {words}: {formats.number(high.value)}.", None

    def place(end: End) -> str:
        point = _cell(columns, x, end.row)
        where = _at(point, x) if x.role in ("time", "part") else f"and {x.label(point)}"
        return f"{_when(_cell(columns, series, end.row), series)} {where}"

    if _COUNTED.fullmatch(words):
        sentence = f"{formats.capital(place(high))} has {_superlative(words, top=True)}: {formats.number(high.value)}."
        return sentence, f"{formats.capital(place(low))} has the fewest: {formats.number(low.value)}."
    sentence = f"{formats.capital(words)} is highest for {place(high)}: {formats.number(high.value)}."
    return sentence, f"It is lowest for {place(low)}: {formats.number(low.value)}."


def _shares(columns: Columns, x: ColumnRole, y: ColumnRole, words: str) -> Told:
    total = columns.total(y.index)
    pairs = zip(columns.values(x.index), columns.numbers(y.index), strict=True)
    first, second, *_ = sorted(pairs, key=lambda pair: -(pair[1] or 0.0))
    counted = _COUNTED.fullmatch(words)
    whole = counted[1] if counted else words
    sentence = (
        f"{formats.capital(_when(first[0], x))} makes up {formats.percent((first[1] or 0.0) / total)} of {whole}."
    )
    return (
        sentence,
        f"{formats.capital(_when(second[0], x))} follows with {formats.percent((second[1] or 0.0) / total)}.",
    )


def _relation(columns: Columns, x: ColumnRole, y: ColumnRole) -> str | None:
    """How strongly two numbers go together, by Pearson's coefficient."""
    import pyarrow.compute as pc

    known = pc.and_(pc.is_valid(columns.floats(x.index)), pc.is_valid(columns.floats(y.index)))
    across, up = (columns.floats(column.index).filter(known) for column in (x, y))
    sizes = [pc.max(pc.abs(side)) for side in (across, up)]
    if len(across) < 3 or not all(size.as_py() for size in sizes):
        return None
    # Scaled first, so that the squares of large numbers stay finite.
    across, up = (pc.divide(side, size) for side, size in zip((across, up), sizes, strict=True))
    across, up = (pc.subtract(side, pc.mean(side)) for side in (across, up))
    both, *squares = (pc.sum(pc.multiply(a, b)).as_py() for a, b in ((across, up), (across, across), (up, up)))
    spread = math.sqrt(squares[0]) * math.sqrt(squares[1])
    if not spread:
        return None
    strength = max(-1.0, min(1.0, both / spread))
    size = abs(strength)
    if size < WEAK:
        return f"There is no linear relation (r = {strength:.2f}).".replace("-", "−")
    kind = "weak" if size < CLEAR else "clear" if size < STRONG else "strong"
    direction = "positive" if strength > 0 else "negative"
    return f"There is a {kind} {direction} linear relation (r = {strength:.2f}).".replace("-", "−")
