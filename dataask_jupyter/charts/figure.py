"""The Plotly figure of a chart, as JSON. Colours are names of design tokens; the browser knows their values."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..schemas.charts import ChartType
from . import formats
from .columns import Columns
from .hints import ChartHints
from .layout import Figure, category_axis, colour, is_number_line, layout, number_axis, numbers, quiet_axis, time_axis
from .points import Group, groups, words
from .roles import ColumnRole

MAX_DOTS = 5_000
MARKED_POINTS = 60
DENSE_POINTS = 400
MANY_BARS = 8
NUMBERED_BARS = 12
LONG_LABEL = 12
MAX_END_LABELS = 5
END_LABEL = 18
LEGEND_LABEL = 28
LEGEND_ROW = 22
NARROW_SLICE = 0.04
INVISIBLE = "\u200b"
LABEL_GAP = 0.07
"""End labels nearer to each other than this share of the height would overlap."""
BAR_PIXELS = 26


def build(
    columns: Columns,
    kind: ChartType,
    x: ColumnRole | None,
    y: Sequence[ColumnRole],
    series: ColumnRole | None,
    hints: ChartHints,
) -> Figure | None:
    """The figure, or None for what isn't drawn with Plotly."""
    if x is None or not y or kind in ("metric", "table", "empty"):
        return None
    if kind == "scatter":
        return _scatter(columns, x, y[0], hints)
    found = groups(columns, x, y, series, hints)
    if kind in ("line", "area"):
        return _line(found, x, kind, hints)
    return _pie(found[0], x) if kind == "pie" else _bar(found, x)


def dots(known: int) -> int:
    """How many of this many points a scatter plot draws."""
    return len(range(0, known, _stride(known)))


def _stride(known: int) -> int:
    return max(1, -(-known // MAX_DOTS))


# ---- Lines -------------------------------------------------------------------------------------------------------


def _line(lines: list[Group], x: ColumnRole, kind: ChartType, hints: ChartHints) -> Figure:
    values = [value for line in lines for value in line.ys if value is not None]
    drawn = layout(hover="x unified")
    drawn["yaxis"] |= {**number_axis(), "rangemode": _range_mode(values, kind, hints)}
    drawn["xaxis"] |= time_axis({point for line in lines for point in line.xs}, x)
    if len(lines) > 1:
        _name_lines(drawn, lines, x, values)
    return {"data": [_line_trace(line, x, kind, number) for number, line in enumerate(lines)], "layout": drawn}


def _line_trace(line: Group, x: ColumnRole, kind: ChartType, number: int) -> Figure:
    trace: Figure = {
        "type": "scatter",
        "mode": "lines" if len(line.xs) > MARKED_POINTS else "lines+markers",
        "name": formats.inert(formats.cut(line.name, LEGEND_LABEL)),
        "x": [_place(point, x) for point in line.xs],
        "y": numbers(line.ys),
        # The palette tells five apart; from the sixth on, dashes help.
        "line": {
            "color": colour(number),
            "width": 2 if len(line.xs) <= DENSE_POINTS else 1.25,
            "dash": "solid" if number < MAX_END_LABELS else "dash",
        },
        "marker": {"color": colour(number), "size": 5},
        "customdata": [formats.number(value) for value in line.ys],
        "hovertemplate": "%{customdata}",
    }
    if kind == "area":
        trace |= {"fill": "tozeroy", "fillcolor": "--da-accent-bg"}
    return trace


def _place(value: Any, x: ColumnRole) -> Any:
    """Where on the x axis: dates and numbers as they are, all else by name."""
    return value if x.role == "time" or is_number_line(x) else formats.inert(x.label(value))


def _name_lines(drawn: Figure, lines: list[Group], x: ColumnRole, values: list[float]) -> None:
    """Names at the ends of the lines where there is room, else a legend."""
    known = [(line.last(), number, line.name) for number, line in enumerate(lines)]
    ends = sorted((last[1], number, last[0], name) for last, number, name in known if last is not None)
    spread = (max(values) - min(min(values), 0)) or 1.0 if values else 1.0
    apart = all(b[0] - a[0] > spread * LABEL_GAP for a, b in pairwise(ends))
    short = all(len(line.name) <= END_LABEL for line in lines)
    if not ends or len(ends) > MAX_END_LABELS or not apart or not short:
        drawn["showlegend"] = True
        return
    drawn["annotations"] = [
        {
            "x": _place(point, x),
            "y": value,
            "text": formats.inert(name),
            "xanchor": "left",
            "xshift": 8,
            "showarrow": False,
            "font": {"color": colour(number), "size": 12},
        }
        for value, number, point, name in ends
    ]
    drawn["margin"]["r"] = 24 + 7 * max(len(name) for *_, name in ends)


def _range_mode(values: Sequence[float], kind: ChartType, hints: ChartHints) -> str:
    """Amounts start at zero. Levels, such as averages, may leave it out where it would flatten the line to nothing."""
    if kind == "area" or hints.additive or not values or min(values) < 0:
        return "tozero"
    return "tozero" if min(values) < 0.75 * max(values) else "normal"


# ---- Bars --------------------------------------------------------------------------------------------------------


def _bar(bars: list[Group], x: ColumnRole) -> Figure:
    order = _bar_order(bars, x)
    names = [x.label(value) for value in order]
    lying = x.role in ("category", "id") and (len(names) > MANY_BARS or max(map(len, names), default=0) > LONG_LABEL)
    numbered = len(bars) == 1 and (lying or len(order) <= NUMBERED_BARS)
    drawn = layout(hover="closest")
    drawn |= {"bargap": 0.35, "barmode": "group", "showlegend": len(bars) > 1}
    many = len(bars) > 1
    ticks = category_axis([formats.inert(name) for name in names])
    measure = {**number_axis(), "rangemode": "tozero"}
    if lying:
        drawn["yaxis"] = {
            **drawn["xaxis"],
            **ticks,
            "range": [len(order) - 0.5, -0.5],
            "showline": False,
            "ticklabelstandoff": 6,
        }
        quiet = {"showgrid": False, "showline": False, "showticklabels": not numbered}
        drawn["xaxis"] = {**quiet_axis(), **measure, **quiet}
        drawn["height"] = max(120, len(order) * min(BAR_PIXELS * (1 + len(bars)) // 2, 2 * BAR_PIXELS) + 40)
        if many:
            # Long names in the legend stand one below the other, above the bars.
            drawn["height"] += LEGEND_ROW * (len(bars) if max(len(group.name) for group in bars) > LONG_LABEL else 1)
        drawn["margin"]["r"] = 56
    else:
        drawn["xaxis"] |= {**ticks, "range": [-0.5, len(order) - 0.5]}
        drawn["yaxis"] |= measure
        drawn["margin"]["t"] = 24
    if any(value < 0 for group in bars for value in group.ys if value is not None):
        # What is below zero hangs from the line of zero, not from the edge.
        names_axis, values_axis = ("yaxis", "xaxis") if lying else ("xaxis", "yaxis")
        drawn[names_axis]["showline"] = False
        drawn[values_axis] |= {"zeroline": True, "zerolinecolor": "--da-c-axis", "zerolinewidth": 1}
    traces = [_bar_trace(group, order, names, number, lying, numbered, many) for number, group in enumerate(bars)]
    return {"data": traces, "layout": drawn}


def _bar_trace(
    group: Group, order: list[Any], names: list[str], number: int, lying: bool, numbered: bool, many: bool
) -> Figure:
    found = dict(zip(group.xs, group.ys, strict=True))
    values = [found.get(point) for point in order]
    said = [f"{group.name}, {name}" if many else name for name in names]
    along, up = ("y", "x") if lying else ("x", "y")
    trace: Figure = {
        "type": "bar",
        "name": formats.inert(formats.cut(group.name, LEGEND_LABEL)),
        "orientation": "h" if lying else "v",
        along: list(range(len(order))),
        up: numbers(values),
        "marker": {"color": colour(number)},
        "customdata": [
            f"{formats.inert(name)}: {formats.number(value)}" for name, value in zip(said, values, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    if numbered:
        trace |= {
            "text": formats.shorts(values),
            "textposition": "outside",
            "cliponaxis": False,
            "textangle": 0,
            "textfont": {"color": "--da-text-2", "size": 11},
        }
    return trace


def _bar_order(bars: list[Group], x: ColumnRole) -> list[Any]:
    """Categories by value, largest first; what has an order of its own keeps it."""
    totals: dict[Any, float] = {}
    for group in bars:
        for point, value in zip(group.xs, group.ys, strict=True):
            totals[point] = totals.get(point, 0.0) + (value or 0.0)
    if x.role in ("category", "id"):
        return sorted(totals, key=lambda point: -totals[point])
    return sorted(totals, key=x.order)


# ---- The rest ----------------------------------------------------------------------------------------------------


def _pie(group: Group, x: ColumnRole) -> Figure:
    points = sorted(zip(group.xs, group.ys, strict=True), key=lambda point: -(point[1] or 0))
    total = sum(value or 0 for _, value in points)
    shares = [(value or 0) / total for _, value in points]
    names = [x.label(point) for point, _ in points]
    trace = {
        "type": "pie",
        # Plotly adds slices of the same label together; names of two categories may look the same.
        "labels": [
            f"{formats.inert(formats.cut(name, LEGEND_LABEL))}, {formats.percent(share)}{INVISIBLE * number}"
            for number, (name, share) in enumerate(zip(names, shares, strict=True))
        ],
        "text": [formats.percent(share) if share >= NARROW_SLICE else "" for share in shares],
        "values": numbers([value for _, value in points]),
        "hole": 0.55,
        "sort": False,
        "direction": "clockwise",
        "marker": {
            "colors": [colour(number) for number in range(len(points))],
            "line": {"color": "--da-bg", "width": 2},
        },
        "textinfo": "text",
        "textposition": "outside",
        "textfont": {"color": "--da-text-2"},
        "customdata": [
            f"{formats.inert(name)}: {formats.number(value)} ({formats.percent(share)})"
            for name, share, (_, value) in zip(names, shares, points, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    drawn = layout(hover="closest")
    drawn["margin"] = {"l": 32, "r": 32, "t": 32, "b": 32}
    drawn |= {"showlegend": True, "legend": {"x": 1.05, "y": 0.5, "xanchor": "left", "yanchor": "middle"}}
    return {"data": [trace], "layout": drawn}


def _scatter(columns: Columns, x: ColumnRole, y: ColumnRole, hints: ChartHints) -> Figure:
    pairs = zip(columns.numbers(x.index), columns.numbers(y.index), strict=True)
    known = [(a, b) for a, b in pairs if a is not None and b is not None]
    known = known[:: _stride(len(known))]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": numbers([a for a, _ in known]),
        "y": numbers([b for _, b in known]),
        "marker": {"color": colour(0), "size": 6, "opacity": 0.6 if len(known) > 200 else 0.85},
        "customdata": [f"{formats.number(a)}, {formats.number(b)}" for a, b in known],
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    drawn = layout(hover="closest")
    for axis, column in (("xaxis", x), ("yaxis", y)):
        drawn[axis] |= {
            **number_axis(),
            "title": {"text": formats.inert(words(column, hints)), "font": {"size": 12}},
        }
    return {"data": [trace], "layout": drawn}
