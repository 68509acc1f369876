"""Numbers, dates and names as people read them, and as Plotly may show them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
EMPTY = "(empty)"
MAX_LABEL = 60

_INERT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("$"): "&#36;"}


def inert(text: str) -> str:
    """Text from data as Plotly may have it: no markup, no link, no formula.

    Plotly draws a few HTML tags and links in any text, and hands text between dollar signs to MathJax where a page
    has it. As entities these characters are drawn as themselves.
    """
    return text.translate(_INERT)


def finite(value: Any) -> float | None:
    """A number as a float; None for null, NaN, infinities and what isn't a number."""
    if value is None or isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def number(value: float | None) -> str:
    """A number in a sentence: thousands separated, no more digits than help."""
    if value is None:
        return EMPTY
    size = abs(value)
    if size != size or size == math.inf:
        return EMPTY
    if value == int(value):
        text = f"{int(value):,}"
    elif size >= 1000:
        text = f"{value:,.0f}"
    elif size >= 10:
        text = f"{value:,.1f}"
    elif size >= 1:
        text = f"{value:.2f}".rstrip("0").rstrip(".")
    else:
        text = f"{value:.3g}"
    return text.replace("-", "−") if "e" not in text else text


def short(value: float | None) -> str:
    """A number beside a mark: 54.6k, 1.2M."""
    if value is None:
        return ""
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= limit:
            scaled = value / (1e3 if unit == "k" else limit)
            return f"{scaled:.1f}".removesuffix(".0").replace("-", "−") + unit
    return number(value)


def shorts(values: Sequence[float | None]) -> list[str]:
    """Numbers beside the marks of one chart: all with the same number of decimals."""
    known = [abs(value) for value in values if value is not None]
    largest = max(known, default=0.0)
    if largest >= 1e4 or all(value == int(value) for value in known):
        return [short(value) for value in values]
    decimals = 0 if largest >= 1000 else 1 if largest >= 10 else 2 if largest >= 0.1 else 4
    return ["" if value is None else f"{value:,.{decimals}f}".replace("-", "−") for value in values]


def percent(share: float) -> str:
    """A share of one as a percentage."""
    return f"{share * 100:.1f}".removesuffix(".0").replace("-", "−") + "%"


def label(value: Any, part: str | None = None) -> str:
    """A category's, a date's or a part's name, as text of bounded length."""
    if value is None:
        return EMPTY
    if part == "month" and isinstance(value, int) and 1 <= value <= 12:
        return MONTHS[value - 1]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, float):
        return number(value)
    text = str(value).encode("utf-8", "replace").decode()
    return text if len(text) <= MAX_LABEL else text[: MAX_LABEL - 1] + "…"


def moment(value: datetime) -> str:
    """A moment: only as exact as it is."""
    day = f"{value.day} {MONTHS[value.month - 1]} {value.year}"
    return day if (value.hour, value.minute) == (0, 0) else f"{day}, {value:%H:%M}"


def plain(name: str) -> str:
    """A column's name as words: `avg_dep_delay` gives `avg dep delay`."""
    return " ".join(name.replace("_", " ").split()) or name


def capital(text: str) -> str:
    """With a capital at the beginning; the rest stays as it is."""
    return text[:1].upper() + text[1:]
