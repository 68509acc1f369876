"""Numbers, dates and names as people read them, and as Plotly may show them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
LONG_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ORDERED = {
    name.casefold(): place
    for names in (MONTHS, LONG_MONTHS, _DAYS, tuple(day[:3] for day in _DAYS))
    for place, name in enumerate(names)
} | {"sept": 8}
"""Names of months and weekdays, and their places."""
DAY_NAMES = frozenset(name.casefold() for day in _DAYS for name in (day, day[:3]))
MONTH_NAMES = frozenset(ORDERED) - DAY_NAMES

EMPTY = "(empty)"
MAX_LABEL = 60
HUGE = 1e15
"""From here on digits are no longer exact, and nobody reads them."""

_INERT = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("$"): "&#36;"}
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


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


def number(value: float | Decimal | None) -> str:
    """A number in a sentence: thousands separated, no more digits than help."""
    if value is None:
        return EMPTY
    if isinstance(value, int) and abs(value) < HUGE:
        return f"{value:,}".replace("-", "−")
    known = finite(value)
    if known is None:
        return EMPTY
    size = abs(known)
    if size >= HUGE or 0 < size < 0.0001:
        digits, power = f"{known:.2e}".split("e")
        return f"{_trimmed(digits)} × 10{str(int(power)).translate(_SUPERSCRIPT)}".replace("-", "−")
    if size >= 1000 or known == int(known):
        text = _unsigned_zero(f"{known:,.0f}")
    elif size >= 10:
        text = _trimmed(f"{known:.1f}")
    elif size >= 1:
        text = _trimmed(f"{known:.2f}")
    else:
        text = _trimmed(f"{known:.{2 - math.floor(math.log10(size))}f}")
    return text.replace("-", "−")


def short(value: float | None, least: float = 1e4) -> str:
    """A number beside a mark: 54.6k, 1.2M. Numbers below `least` stay whole."""
    if value is None:
        return ""
    size = abs(value)
    if size < least or size >= HUGE:
        return number(value)
    for limit, unit in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
        # What rounds up to the next unit takes it: 999,960 is 1M, not 1000k.
        if size >= limit * 0.99995:
            return _trimmed(f"{value / limit:.1f}").replace("-", "−") + unit
    return number(value)


def shorts(values: Sequence[float | None]) -> list[str]:
    """Numbers beside the marks of one chart: all with the same number of decimals, or all in thousands."""
    known = [abs(value) for value in values if value is not None]
    largest = max(known, default=0.0)
    if largest >= 1e4 or largest < 0.0001 or all(value == int(value) for value in known):
        return [short(value, 1e3 if largest >= 1e4 else 1e4) for value in values]
    decimals = 0 if largest >= 1000 else 1 if largest >= 10 else 2 if largest >= 0.1 else 4
    texts = ["" if value is None else _unsigned_zero(f"{value:,.{decimals}f}") for value in values]
    while decimals > 0 and all(text.endswith("0") for text in texts if text):
        decimals -= 1
        texts = [text[:-1].removesuffix(".") for text in texts]
    return texts


def percent(share: float) -> str:
    """A share of one as a percentage."""
    if abs(share) * 100 >= HUGE:
        return number(share * 100) + "%"
    decimals = 0 if abs(share) >= 10 else 1
    return _unsigned_zero(_trimmed(f"{share * 100:,.{decimals}f}")) + "%"


def label(value: Any, part: str | None = None) -> str:
    """A category's or a part's name, as text of bounded length."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return "yes" if value else "no"
    if part == "month" and isinstance(value, int) and 1 <= value <= 12:
        return MONTHS[value - 1]
    if isinstance(value, int) and part is not None:
        return str(value)
    if isinstance(value, int | float | Decimal):
        return number(value)
    text = value.hex() if isinstance(value, bytes) else " ".join(str(value).split())
    return cut(text, MAX_LABEL) or EMPTY


def cut(text: str, most: int) -> str:
    """Text of at most this many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def moment(text: str, grain: str | None = "moment") -> str:
    """An ISO date or time: only as exact as its column is, e.g. `Nov 2026`, `12 Nov 2026`, `12 Nov 2026, 09:40`."""
    month = f"{MONTHS[int(text[5:7]) - 1]} {text[:4]}"
    if grain == "year":
        return text[:4]
    if grain == "month" or len(text) < 10:
        return month
    day = f"{int(text[8:10])} {month}"
    return day if grain == "day" or text[11:16] in ("", "00:00") else f"{day}, {text[11:16]}"


def plain(name: str) -> str:
    """A column's name as words: `avg_dep_delay` gives `avg dep delay`."""
    return " ".join(name.replace("_", " ").split())[:MAX_LABEL] or "(no name)"


def capital(text: str) -> str:
    """With a capital at the beginning; the rest stays as it is."""
    return text[:1].upper() + text[1:]


def uncapital(text: str) -> str:
    """As it goes inside a sentence; acronyms stay as they are."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _trimmed(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unsigned_zero(text: str) -> str:
    """No `−0.0`: what rounds to nothing has no sign."""
    return (text if any(digit in text for digit in "123456789") else text.lstrip("-")).replace("-", "−")
