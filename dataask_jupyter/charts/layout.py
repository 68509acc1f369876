"""The parts of a figure that every kind of chart shares: quiet axes, colours, numbers as Plotly reads them."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Sequence
from typing import Any

from . import formats
from .roles import ColumnRole

COLOURS = 8
MAX_TICKS = 12
MAX_BAR_TICKS = 60

Figure = dict[str, Any]

_DAY = 86_400_000
_DATE_TICKS = [
    {"dtickrange": [None, _DAY - 1], "value": "%H:%M\n%-d %b %Y"},
    {"dtickrange": [_DAY, "M1"], "value": "%-d %b\n%Y"},
    {"dtickrange": ["M1", "M11"], "value": "%b\n%Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]
"""Day before month. What stands after the line break shows only where it changes."""

_CYCLES = {"month": 12, "quarter": 4, "hour": 24, "week": 54, "minute": 60, "weekday": 7, "dow": 7}
"""Parts of dates whose every value has a place on the axis between the first and the last, also when it is missing."""


def layout(*, hover: str) -> Figure:
    """A layout with a horizontal grid and nothing else. Nothing moves and nothing zooms."""
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
            "namelength": -1,  # cutting a name could cut an entity in two
        },
        "dragmode": False,
        "showlegend": False,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1.02, "yanchor": "bottom"},
        "separators": ".,",
        "xaxis": {**quiet_axis(), "showgrid": False},
        "yaxis": {**quiet_axis(), "showgrid": True, "gridcolor": "--da-c-grid", "showline": False, "nticks": 6},
    }


def quiet_axis() -> Figure:
    """An axis that is a line and its labels."""
    return {
        "automargin": True,
        "fixedrange": True,
        "zeroline": False,
        "showline": True,
        "linecolor": "--da-c-axis",
        "ticks": "",
        "title": {"text": ""},
    }


def number_axis() -> Figure:
    """Ticks such as 2,000, 20k, 4M and 3B."""
    return {"type": "linear", "exponentformat": "B", "minexponent": 3, "separatethousands": True}


def category_axis(names: Sequence[str]) -> Figure:
    """Ticks with these names at 0, 1, 2 …: by place, because two categories may look the same."""
    places = list(range(len(names)))
    shown = places if len(places) <= MAX_BAR_TICKS else places[:: len(places) // MAX_TICKS]
    return {
        "type": "linear",
        "tickmode": "array",
        "tickvals": shown,
        "ticktext": [names[place] for place in shown],
        "showgrid": False,
    }


def time_axis(points: set[Any], x: ColumnRole) -> Figure:
    """Ticks no finer than the data are: months for months, years for years."""
    if x.role == "time":
        return _date_axis({str(point) for point in points if point is not None}, x.part or "moment")
    if is_number_line(x):
        return number_axis()
    known = sorted(points - {None}, key=x.order)
    if x.part in _CYCLES and known:
        known = list(range(known[0], known[-1] + 1))
    names = [formats.inert(x.label(point)) for point in known]
    if None in points:
        names.append(formats.inert(formats.EMPTY))
    step: Figure = {"dtick": 1} if len(names) <= MAX_TICKS else {"nticks": MAX_TICKS}
    return {"type": "category", "categoryorder": "array", "categoryarray": names, **step}


def is_number_line(x: ColumnRole) -> bool:
    """Whether the places on the axis are the numbers themselves: distances, unlike months or years."""
    return x.role == "part" and x.part is None


def _date_axis(texts: set[str], grain: str) -> Figure:
    axis: Figure = {"type": "date"}
    if grain == "year":
        near = int(max(texts)[:4]) - int(min(texts)[:4]) <= MAX_TICKS
        return {**axis, "tickformat": "%Y", "hoverformat": "%Y", **({"dtick": "M12"} if near else {})}
    if grain == "month":
        one_year = len({text[:4] for text in texts}) == 1
        # Every month is named while there is room, unless the months lie years apart.
        near = len(texts) > 1 and _months(max(texts)) - _months(min(texts)) <= MAX_TICKS
        form = {"tickformat": "%b" if one_year else "%b %Y", "hoverformat": "%b %Y"}
        return {**axis, **form, **({"dtick": "M1"} if near else {})}
    return {
        **axis,
        "hoverformat": "%-d %b %Y" if grain == "day" else "%-d %b %Y, %H:%M",
        "tickformatstops": _DATE_TICKS,
    }


def _months(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7])


def colour(number: int) -> str:
    """The design token of the n-th series."""
    return f"--da-c-{number % COLOURS + 1}"


def numbers(values: Sequence[float | None]) -> Figure:
    """A typed array as Plotly reads it: 8-byte floats in base64, NaN for what is missing."""
    packed = array("d", (float("nan") if value is None else value for value in values))
    return {"dtype": "f8", "bdata": base64.b64encode(packed.tobytes()).decode("ascii")}
