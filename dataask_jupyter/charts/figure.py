"""The Plotly figure of a chart, as JSON. Colours are names of design tokens; the browser knows their values."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ..schemas.charts import ChartType
from . import formats
from .hints import ChartHints
from .roles import ColumnRole

if TYPE_CHECKING:
    import pyarrow as pa

MAX_POINTS = 5_000
MANY_BARS = 8
LONG_LABEL = 12
MAX_END_LABELS = 5
LABEL_GAP = 0.07
"""End labels nearer to each other than this share of the height would overlap."""
BAR_PIXELS = 26
COLOURS = 8

Figure = dict[str, Any]


def build(
    table: pa.Table,
    kind: ChartType,
    x: ColumnRole | None,
    y: Sequence[ColumnRole],
    series: ColumnRole | None,
    hints: ChartHints,
) -> Figure | None:
    """The figure, or None for what isn't drawn with Plotly. Of long results the first 5,000 rows are drawn."""
    if x is None or not y or kind in ("metric", "table", "empty"):
        return None
    table = table.slice(0, MAX_POINTS)
    groups = _groups(table, x, y, series, hints)
    if kind in ("line", "area"):
        return _line(groups, x, kind, series, hints)
    if kind == "bar":
        return _bar(groups, x, series, y, hints)
    if kind == "pie":
        return _pie(groups[0], x)
    return _scatter(table, x, y[0], hints)


class _Group:
    """The points of one trace."""

    def __init__(self, name: str, points: list[tuple[Any, float | None]]) -> None:
        self.name = name
        self.points = points


def _column(table: pa.Table, column: ColumnRole) -> list[Any]:
    values: list[Any] = table.column(column.index).to_pylist()
    return values


def _groups(
    table: pa.Table, x: ColumnRole, y: Sequence[ColumnRole], series: ColumnRole | None, hints: ChartHints
) -> list[_Group]:
    across = _column(table, x)
    if series is None:
        return [
            _Group(
                formats.capital(hints.measure_labels.get(column.name, formats.plain(column.name))),
                list(zip(across, map(formats.finite, _column(table, column)), strict=True)),
            )
            for column in y
        ]
    found: dict[Any, list[tuple[Any, float | None]]] = {}
    for point, key, value in zip(across, _column(table, series), _column(table, y[0]), strict=True):
        found.setdefault(key, []).append((point, formats.finite(value)))
    named = [_Group(formats.label(key, series.part), points) for key, points in found.items()]
    if series.role == "part":
        return sorted(named, key=lambda group: group.name)
    # Largest first, so that the strongest colours go to the series that matter most.
    return sorted(named, key=lambda group: -sum(value or 0 for _, value in group.points))


# ---- Kinds of chart ----------------------------------------------------------------------------------------------


def _line(groups: list[_Group], x: ColumnRole, kind: ChartType, series: ColumnRole | None, hints: ChartHints) -> Figure:
    traces = []
    for number, group in enumerate(groups):
        group.points.sort(key=lambda point: (point[0] is None, str(point[0]) if x.role == "time" else point[0]))
        colour = _colour(number)
        trace: Figure = {
            "type": "scatter",
            "mode": "lines" if len(group.points) > 60 else "lines+markers",
            "name": formats.inert(group.name),
            "x": _axis_values(group.points, x),
            "y": _numbers([value for _, value in group.points]),
            "line": {"color": colour, "width": 2, "dash": "solid" if number < 5 else "dash"},
            "marker": {"color": colour, "size": 5},
            "hovertemplate": "%{y:,.~f}",
        }
        if kind == "area":
            trace |= {"fill": "tozeroy", "fillcolor": "--da-accent-bg"}
        traces.append(trace)
    layout = _layout(hover="x unified")
    values = [value for group in groups for _, value in group.points if value is not None]
    layout["yaxis"] |= {"tickformat": _tick_format(values), "rangemode": _range_mode(values, kind, hints)}
    layout["xaxis"] |= _time_axis(groups, x)
    if len(groups) > 1:
        _name_lines(layout, groups, x, values)
    return {"data": traces, "layout": layout}


def _name_lines(layout: Figure, groups: list[_Group], x: ColumnRole, values: list[float]) -> None:
    """Names at the ends of the lines where there is room, else a legend."""
    ends = []
    for number, group in enumerate(groups):
        known = [(point, value) for point, value in group.points if value is not None and point is not None]
        if known:
            ends.append((known[-1][1], known[-1][0], group.name, number))
    ends.sort()
    spread = (max(values) - min(min(values), 0)) or 1.0 if values else 1.0
    apart = all(b[0] - a[0] > spread * LABEL_GAP for a, b in pairwise(ends))
    if not ends or len(ends) > MAX_END_LABELS or not apart:
        layout["showlegend"] = True
        return
    layout["annotations"] = [
        {
            "x": _axis_value(point, x),
            "y": value,
            "text": formats.inert(name),
            "xanchor": "left",
            "xshift": 8,
            "showarrow": False,
            "font": {"color": _colour(number), "size": 12},
        }
        for value, point, name, number in ends
    ]
    layout["margin"]["r"] = 24 + 7 * min(18, max(len(name) for _, _, name, _ in ends))


def _bar(
    groups: list[_Group], x: ColumnRole, series: ColumnRole | None, y: Sequence[ColumnRole], hints: ChartHints
) -> Figure:
    order = _bar_order(groups, x)
    names = [formats.label(value, x.part) for value in order]
    across = x.role == "category" and (len(names) > MANY_BARS or max(map(len, names), default=0) > LONG_LABEL)
    positions = list(range(len(order)))
    place = {_key(value): position for position, value in enumerate(order)}
    traces = []
    for number, group in enumerate(groups):
        values: list[float | None] = [None] * len(order)
        for point, value in group.points:
            values[place[_key(point)]] = value
        trace: Figure = {
            "type": "bar",
            "name": formats.inert(group.name),
            "orientation": "h" if across else "v",
            ("y" if across else "x"): positions,
            ("x" if across else "y"): _numbers(values),
            "marker": {"color": _colour(number)},
            "customdata": [formats.inert(name) for name in names],
            "hovertemplate": "%{customdata}: %{" + ("x" if across else "y") + ":,.~f}<extra></extra>",
        }
        if len(groups) == 1 and (across or len(order) <= MANY_BARS + 4):
            trace |= {
                "text": formats.shorts(values),
                "textposition": "outside",
                "cliponaxis": False,
                "textangle": 0,
                "textfont": {"color": "--da-text-2", "size": 11},
            }
        traces.append(trace)
    layout = _layout(hover="closest")
    layout |= {"bargap": 0.35, "barmode": "group", "showlegend": len(groups) > 1}
    shown = positions if len(positions) <= 60 else positions[:: len(positions) // 30]
    ticks: Figure = {
        "type": "linear",
        "tickmode": "array",
        "tickvals": shown,
        "ticktext": [formats.inert(names[position]) for position in shown],
        "showgrid": False,
        "zeroline": False,
        "range": [len(order) - 0.5, -0.5] if across else [-0.5, len(order) - 0.5],
    }
    known = [value for group in groups for _, value in group.points if value is not None]
    measure = {"rangemode": "tozero", "tickformat": _tick_format(known)}
    if across:
        layout["yaxis"] = {**layout["xaxis"], **ticks}
        layout["xaxis"] = {
            **_quiet_axis(),
            **measure,
            "showgrid": False,
            "showline": False,
            "showticklabels": len(groups) > 1,
        }
        layout["height"] = max(200, BAR_PIXELS * len(order) * (1 if len(groups) == 1 else 1 + len(groups) // 2) + 48)
        layout["margin"]["r"] = 56
    else:
        layout["xaxis"] |= ticks
        layout["yaxis"] |= measure
        layout["margin"]["t"] = 24
    return {"data": traces, "layout": layout}


def _bar_order(groups: list[_Group], x: ColumnRole) -> list[Any]:
    """Categories by value, largest first; what has an order of its own keeps it."""
    totals: dict[str, float] = {}
    values: dict[str, Any] = {}
    for group in groups:
        for point, value in group.points:
            values[_key(point)] = point
            totals[_key(point)] = totals.get(_key(point), 0.0) + (value or 0.0)
    if x.role == "category" or x.role == "id":
        return [values[key] for key in sorted(values, key=lambda key: -totals[key])]
    return sorted(values.values(), key=lambda value: (value is None, value if value is not None else 0))


def _key(value: Any) -> str:
    return f"{type(value).__name__}:{value}"


def _pie(group: _Group, x: ColumnRole) -> Figure:
    points = sorted(group.points, key=lambda point: -(point[1] or 0))
    trace = {
        "type": "pie",
        "labels": [formats.inert(formats.label(point, x.part)) for point, _ in points],
        "values": _numbers([value for _, value in points]),
        "hole": 0.55,
        "sort": False,
        "direction": "clockwise",
        "marker": {
            "colors": [_colour(number) for number in range(len(points))],
            "line": {"color": "--da-bg", "width": 2},
        },
        "textinfo": "label+percent",
        "textposition": "outside",
        "hovertemplate": "%{label}: %{value:,.~f} (%{percent})<extra></extra>",
        "automargin": True,
    }
    layout = _layout(hover="closest")
    layout["margin"] = {"l": 24, "r": 24, "t": 24, "b": 24}
    return {"data": [trace], "layout": layout}


def _scatter(table: pa.Table, x: ColumnRole, y: ColumnRole, hints: ChartHints) -> Figure:
    across = [formats.finite(value) for value in _column(table, x)]
    up = [formats.finite(value) for value in _column(table, y)]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": _numbers(across),
        "y": _numbers(up),
        "marker": {"color": _colour(0), "size": 6, "opacity": 0.6 if len(up) > 200 else 0.85},
        "hovertemplate": "%{x:,.~f}, %{y:,.~f}<extra></extra>",
    }
    layout = _layout(hover="closest")
    for axis, column, values in (("xaxis", x, across), ("yaxis", y, up)):
        name = formats.capital(hints.measure_labels.get(column.name, formats.plain(column.name)))
        layout[axis] |= {
            "title": {"text": formats.inert(name), "font": {"size": 12}},
            "tickformat": _tick_format([value for value in values if value is not None]),
        }
    return {"data": [trace], "layout": layout}


# ---- Parts -------------------------------------------------------------------------------------------------------


def _layout(*, hover: str) -> Figure:
    return {
        "font": {"color": "--da-text-2", "size": 12},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 8, "r": 16, "t": 12, "b": 8},
        "hovermode": hover,
        "hoverlabel": {
            "bgcolor": "--da-bg-raised",
            "bordercolor": "--da-border",
            "font": {"color": "--da-text"},
            "namelength": 40,
        },
        "dragmode": False,
        "showlegend": False,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "separators": ".,",
        "xaxis": {**_quiet_axis(), "showgrid": False},
        "yaxis": {**_quiet_axis(), "showgrid": True, "gridcolor": "--da-c-grid", "showline": False, "nticks": 6},
    }


def _quiet_axis() -> Figure:
    return {
        "automargin": True,
        "fixedrange": True,
        "zeroline": False,
        "showline": True,
        "linecolor": "--da-c-axis",
        "ticks": "",
        "title": {"text": ""},
    }


def _colour(number: int) -> str:
    return f"--da-c-{number % COLOURS + 1}"


def _numbers(values: Sequence[float | None]) -> Figure:
    """A typed array as Plotly reads it: 8-byte floats in base64, NaN for what is missing."""
    packed = array("d", (float("nan") if value is None else value for value in values))
    return {"dtype": "f8", "bdata": base64.b64encode(packed.tobytes()).decode("ascii")}


def _tick_format(values: Sequence[float]) -> str:
    return "~s" if values and max(map(abs, values)) >= 10_000 else ",.~f"


def _range_mode(values: Sequence[float], kind: ChartType, hints: ChartHints) -> str:
    """Amounts start at zero. Levels, such as averages, may leave it out where it would flatten the line to nothing."""
    if kind == "area" or hints.additive or not values or min(values) < 0:
        return "tozero"
    return "tozero" if min(values) < 0.75 * max(values) else "normal"


def _axis_value(value: Any, x: ColumnRole) -> Any:
    if x.role != "time":
        return formats.inert(formats.label(value, x.part))
    return value.isoformat() if hasattr(value, "isoformat") else value


def _axis_values(points: Sequence[tuple[Any, float | None]], x: ColumnRole) -> list[Any]:
    return [_axis_value(value, x) for value, _ in points]


def _time_axis(groups: list[_Group], x: ColumnRole) -> Figure:
    """Ticks no finer than the data are: months for months, years for years."""
    if x.role != "time":
        ordered = sorted({value for group in groups for value, _ in group.points if value is not None})
        names = [_axis_value(value, x) for value in ordered]
        return {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": names,
            **({"dtick": 1} if len(names) <= 12 else {"nticks": 12}),
        }
    texts = {str(_axis_value(value, x)) for group in groups for value, _ in group.points if value is not None}
    days, axis = {text[5:10] for text in texts}, {"type": "date"}
    midnight = all(len(text) <= 10 or text[11:16] in ("", "00:00") for text in texts)
    if days <= {"01-01", "01"} and midnight and len(texts) > 1 and len({text[:4] for text in texts}) == len(texts):
        return {**axis, "tickformat": "%Y", "hoverformat": "%Y", **({"dtick": "M12"} if len(texts) <= 12 else {})}
    if midnight and all(day[3:] in ("", "01") for day in days):
        few = {"dtick": "M1"} if len(texts) <= 13 else {}
        same_year = len({text[:4] for text in texts}) == 1
        return {**axis, "tickformat": "%b" if same_year else "%b %Y", "hoverformat": "%b %Y", **few}
    return {**axis, "hoverformat": "%-d %b %Y" if midnight else "%-d %b %Y, %H:%M"}
