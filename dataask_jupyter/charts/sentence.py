"""The answer in one line of words, made from the result by rules, and the words for those who can't see the chart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..schemas.charts import Chart, ChartType
from . import formats
from .hints import ChartHints
from .roles import ColumnRole, roles

if TYPE_CHECKING:
    import pyarrow as pa

MAX_LISTED = 5

_COUNTED = re.compile(r"(?:number|count|total number) of (?:distinct |different )?(.+)", re.IGNORECASE)


Point = tuple[Any, float]


def describe(table: pa.Table, chart: Chart, hints: ChartHints) -> tuple[str, str | None]:
    """The answer in one line, and a second line where there is more worth saying."""
    if chart.type == "empty" or table.num_rows == 0:
        return "No rows match.", None
    found = {column.name: column for column in reversed(roles(table, hints))}
    if table.num_rows == 1:
        return _one_row(table, hints)
    y = [found[name] for name in chart.y if name in found]
    x = found.get(chart.x or "")
    if x is None or not y or chart.type == "table":
        return _rows(table, chart, found, hints)
    words = _measure(y[0], hints)
    if chart.type == "scatter":
        return f"{table.num_rows:,} pairs of {formats.plain(x.name)} and {words}.", _correlation(table, x, y[0])
    points = _points(table, x, y[0])
    if not points:
        return f"There are {table.num_rows:,} rows, but no {words}.", None
    if chart.series is not None and chart.series in found:
        return _several(table, x, y[0], found[chart.series], words)
    if chart.type == "pie":
        return _shares(points, x, words)
    if chart.type in ("line", "area") and x.role in ("time", "part"):
        return _course(points, x, words)
    return _ranking(points, x, words)


def summary(
    table: pa.Table,
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
        return f"{title}: {_value(table.column(0)[0].as_py())}."
    if kind == "table" or x is None or not y:
        columns = f"{table.num_columns} {'column' if table.num_columns == 1 else 'columns'}"
        return f"Table of {rows:,} {_noun(rows)} and {columns}."
    name = {
        "line": "Line chart",
        "area": "Area chart",
        "bar": "Bar chart",
        "pie": "Pie chart",
        "scatter": "Scatter plot",
    }[kind]
    points = _points(table, x, y[0])
    if not points:
        return f"{name}: {title}."
    low, high = min(points, key=_by_value), max(points, key=_by_value)
    across = f", one for each {formats.plain(series.name)}" if series is not None else ""
    if kind == "scatter":
        return f"{name}: {title}, {len(points):,} points."
    return (
        f"{name}: {title}{across}. Highest {formats.number(high[1])} at {formats.label(high[0], x.part)}, "
        f"lowest {formats.number(low[1])} at {formats.label(low[0], x.part)}."
    )


def _by_value(point: Point) -> float:
    return point[1]


def _noun(rows: int) -> str:
    return "row" if rows == 1 else "rows"


def _points(table: pa.Table, x: ColumnRole, y: ColumnRole) -> list[Point]:
    values = map(formats.finite, table.column(y.index).to_pylist())
    return [(a, b) for a, b in zip(table.column(x.index).to_pylist(), values, strict=True) if b is not None]


def _measure(column: ColumnRole, hints: ChartHints) -> str:
    text = hints.measure_labels.get(column.name, formats.plain(column.name))
    return text[:1].lower() + text[1:] if not text[:2].isupper() else text


def _value(value: Any, part: str | None = None) -> str:
    number = formats.finite(value)
    return (
        formats.number(value if isinstance(value, int) else number)
        if number is not None
        else formats.label(value, part)
    )


def _when(value: Any, x: ColumnRole) -> str:
    """A point on a time axis in words: the month for the first of a month."""
    if x.role == "time":
        text = value.isoformat() if hasattr(value, "isoformat") else str(value)
        if len(text) == 7 or (text[8:10] == "01" and text[11:16] in ("", "00:00")):
            return f"{formats.LONG_MONTHS[int(text[5:7]) - 1]} {text[:4]}"
    if x.part == "month" and isinstance(value, int) and 1 <= value <= 12:
        return formats.LONG_MONTHS[value - 1]
    if x.part in ("hour", "week", "quarter", "day"):
        return f"{x.part} {value}"
    return formats.label(value, x.part)


def _preposition(x: ColumnRole, value: Any) -> str:
    text = _when(value, x)
    return f"{'on' if x.role == 'time' and text[:1].isdigit() else 'in'} {text}"


def _superlative(words: str, *, top: bool) -> str:
    """`most flights` for counts, `highest average delay` for the rest."""
    counted = _COUNTED.fullmatch(words)
    if counted:
        return f"the {'most' if top else 'fewest'} {counted[1]}"
    return f"the {'highest' if top else 'lowest'} {words}"


def _one_row(table: pa.Table, hints: ChartHints) -> tuple[str, str | None]:
    named = [
        (
            hints.measure_labels.get(name, formats.plain(name)),
            table.column(index)[0].as_py(),
            name in hints.measure_labels,
        )
        for index, name in enumerate(table.column_names)
    ]
    if len(named) == 1:
        label, value, _ = named[0]
        if value is None:
            return f"There is no value for {label[:1].lower() + label[1:]}.", None
        counted = _COUNTED.fullmatch(hints.title or label)
        if counted and isinstance(value, int):
            verb = "is" if value == 1 else "are"
            return f"There {verb} {formats.number(value)} {counted[1]}.", None
        return f"{formats.capital(hints.title or label)}: {_value(value)}.", None
    measured = [(label, value) for label, value, measure in named if measure]
    others = [_value(value) for _, value, measure in named if not measure]
    if measured and others:
        told = ", ".join(f"{label[:1].lower() + label[1:]} {_value(value)}" for label, value in measured)
        return f"{formats.capital(', '.join(others))}: {told}.", None
    return formats.capital(", ".join(f"{label}: {_value(value)}" for label, value, _ in named[:MAX_LISTED])) + ".", None


def _rows(table: pa.Table, chart: Chart, found: dict[str, ColumnRole], hints: ChartHints) -> tuple[str, str | None]:
    measures = [column for column in found.values() if column.role == "measure"]
    names = [column for column in found.values() if column.role in ("category", "time", "part")]
    if len(measures) == 1 and len(names) >= 1 and names[0].distinct == table.num_rows:
        points = _points(table, names[0], measures[0])
        if points:
            sentence, detail = _ranking(points, names[0], _measure(measures[0], hints))
            return sentence, detail
    if table.num_columns == 1:
        values = [_value(value) for value in table.column(0).slice(0, MAX_LISTED).to_pylist()]
        more = table.num_rows - len(values)
        listed = ", ".join(values) + (f" and {more:,} more" if more > 0 else "")
        return f"{table.num_rows:,} {_noun(table.num_rows)}: {listed}.", None
    return f"There are {table.num_rows:,} rows.", None


def _ranking(points: list[Point], x: ColumnRole, words: str) -> tuple[str, str | None]:
    high, low = max(points, key=_by_value), min(points, key=_by_value)
    if high[1] == low[1]:
        return f"All {len(points)} have the same {words}: {formats.number(high[1])}.", None
    tied = sum(1 for point in points if point[1] == high[1])
    first = formats.capital(_when(high[0], x))
    sentence = f"{first} has {_superlative(words, top=True)}: {formats.number(high[1])}."
    if tied > 1:
        sentence = f"{first} and {tied - 1} more have {_superlative(words, top=True)}: {formats.number(high[1])}."
    last = f"{_when(low[0], x)} has {_superlative(words, top=False)}: {formats.number(low[1])}."
    return sentence, f"Of the {len(points):,} shown, {last}"


def _course(points: list[Point], x: ColumnRole, words: str) -> tuple[str, str | None]:
    points = sorted(points, key=lambda point: (point[0] is None, str(point[0]) if x.role == "time" else point[0]))
    high, low = max(points, key=_by_value), min(points, key=_by_value)
    subject = formats.capital(words)
    if high[1] == low[1]:
        return f"{subject} stays at {formats.number(high[1])} throughout.", None
    sentence = (
        f"{subject} is highest {_preposition(x, high[0])}: {formats.number(high[1])}, "
        f"and lowest {_preposition(x, low[0])}: {formats.number(low[1])}."
    )
    first, last = points[0], points[-1]
    values = f"from {formats.number(first[1])} to {formats.number(last[1])}"
    detail = f"From {_when(first[0], x)} to {_when(last[0], x)} it went {values}"
    if first[1] > 0 and last[1] >= 0:
        change = last[1] / first[1] - 1
        detail += f" ({'+' if change >= 0 else ''}{formats.percent(change)})"
    return sentence, detail + "."


def _several(table: pa.Table, x: ColumnRole, y: ColumnRole, series: ColumnRole, words: str) -> tuple[str, str | None]:
    named = table.column(series.index).to_pylist()
    values = map(formats.finite, table.column(y.index).to_pylist())
    across = table.column(x.index).to_pylist()
    triples = [(s, a, v) for s, a, v in zip(named, across, values, strict=True) if v is not None]
    if not triples:
        return f"There are {table.num_rows:,} rows, but no {words}.", None
    high, low = max(triples, key=lambda t: t[2]), min(triples, key=lambda t: t[2])

    def place(triple: tuple[Any, Any, float]) -> str:
        where = _preposition(x, triple[1]) if x.role in ("time", "part") else f"and {formats.label(triple[1])}"
        return f"{formats.label(triple[0], series.part)} {where}"

    sentence = f"{formats.capital(words)} is highest for {place(high)}: {formats.number(high[2])}."
    return sentence, f"It is lowest for {place(low)}: {formats.number(low[2])}."


def _shares(points: list[Point], x: ColumnRole, words: str) -> tuple[str, str | None]:
    total = sum(value for _, value in points)
    ordered = sorted(points, key=_by_value, reverse=True)
    if total <= 0:
        return _ranking(points, x, words)
    first = ordered[0]
    sentence = f"{formats.capital(_when(first[0], x))} makes up {formats.percent(first[1] / total)} of {words}."
    second = ordered[1] if len(ordered) > 1 else None
    detail = (
        f"{formats.capital(_when(second[0], x))} follows with {formats.percent(second[1] / total)}." if second else None
    )
    return sentence, detail


def _correlation(table: pa.Table, x: ColumnRole, y: ColumnRole) -> str | None:
    pairs = [(formats.finite(a), b) for a, b in _points(table, x, y)]
    known = [(a, b) for a, b in pairs if a is not None]
    if len(known) < 3:
        return None
    mean_a = sum(a for a, _ in known) / len(known)
    mean_b = sum(b for _, b in known) / len(known)
    both = sum((a - mean_a) * (b - mean_b) for a, b in known)
    size = (sum((a - mean_a) ** 2 for a, _ in known) * sum((b - mean_b) ** 2 for _, b in known)) ** 0.5
    if not size:
        return None
    strength = both / size
    kind = (
        "no"
        if abs(strength) < 0.1
        else "a weak"
        if abs(strength) < 0.4
        else "a clear"
        if abs(strength) < 0.8
        else "a strong"
    )
    direction = "" if kind == "no" else " positive" if strength > 0 else " negative"
    return f"There is {kind}{direction} linear relation (r = {strength:.2f})".replace("-", "−") + "."
