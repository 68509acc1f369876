"""Dates and periods in words: resolved here against `now`, never by the database's clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from .chunks import DateRange, Token
from .cues import MONTHS, NUMBER_WORDS, WEEKDAYS

_UNITS = {"day", "week", "month", "quarter", "year"}


def date_at(tokens: Sequence[Token], first: int, now: datetime) -> tuple[int, DateRange] | None:
    """The longest date expression that begins at a token: its last token and what it means."""
    lows = [t.low for t in tokens[first : first + 7]]
    if not lows:
        return None
    token = tokens[first]
    if token.kind == "date":
        day = _day(token.text)
        return (first, DateRange(day.isoformat(), (day + timedelta(days=1)).isoformat(), token.text)) if day else None
    return _calendar(tokens, lows, first) or _relative(lows, first, now.date()) or _quarter(tokens, lows, first)


def _day(text: str) -> date | None:
    try:
        year, month, day = (int(part) for part in text.split("-"))
        return date(year, month, day)
    except ValueError:
        return None


def _year(low: str) -> int | None:
    return int(low) if low.isdigit() and len(low) == 4 and 1500 <= int(low) <= 2200 else None


def _calendar(tokens: Sequence[Token], lows: list[str], first: int) -> tuple[int, DateRange] | None:
    """June, June 2013, 5 June 2013, June 5th, 2013, Monday."""
    at = 0
    day: int | None = None
    if (
        _ordinal(lows[0])
        and len(lows) > 1
        and (lows[1] in MONTHS or (lows[1] == "of" and lows[2:3] and lows[2] in MONTHS))
    ):
        day = _ordinal(lows[0])
        at = 2 if lows[1] == "of" else 1
    name = lows[at] if at < len(lows) else ""
    if name in MONTHS:
        # "may" and "march" are also verbs: they are months when capitalised or after a preposition.
        if name in ("may", "march", "mar", "dec", "sun", "sat") and not tokens[first + at].text[:1].isupper():
            before = tokens[first - 1].low if first else ""
            if before not in ("in", "during", "of", "since", "until", "for", "last") and day is None:
                return None
        month = MONTHS[name]
        at += 1
        if day is None and at < len(lows) and _ordinal(lows[at]) and not _year(lows[at]):
            day = _ordinal(lows[at])
            at += 1
        skip = 1 if at < len(lows) and lows[at] in (",", "of") else 0
        year = _year(lows[at + skip]) if at + skip < len(lows) else None
        if year is not None:
            at += skip + 1
        return _month(month, day, year, first + at - 1, tokens, first)
    if lows[0] in WEEKDAYS and tokens[first].text[:1].isupper():
        return first, DateRange(None, None, tokens[first].text, "weekday", WEEKDAYS[lows[0]])
    return None


def _month(
    month: int, day: int | None, year: int | None, last: int, tokens: Sequence[Token], first: int
) -> tuple[int, DateRange] | None:
    label = " ".join(t.text for t in tokens[first : last + 1])
    if year is None:
        return last, DateRange(None, None, label, "month" if day is None else "monthday", month * 100 + (day or 0))
    try:
        start = date(year, month, day or 1)
    except ValueError:
        return None
    end = start + timedelta(days=1) if day else _add_months(start, 1)
    return last, DateRange(start.isoformat(), end.isoformat(), label)


def _ordinal(low: str) -> int | None:
    text = low[:-2] if low[-2:] in ("st", "nd", "rd", "th") else low
    return int(text) if text.isdigit() and 1 <= int(text) <= 31 else None


def _quarter(tokens: Sequence[Token], lows: list[str], first: int) -> tuple[int, DateRange] | None:
    """Q3 2024, third quarter of 2024."""
    names = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
    at = 1
    if len(lows[0]) == 2 and lows[0][0] == "q" and lows[0][1] in "1234":
        number = int(lows[0][1])
    elif lows[0] in names and lows[1:2] == ["quarter"]:
        number, at = names[lows[0]], 2
    else:
        return None
    while at < len(lows) and lows[at] in ("of", "in", ","):
        at += 1
    year = _year(lows[at]) if at < len(lows) else None
    if year is None:
        return None
    start = date(year, 3 * number - 2, 1)
    return first + at, DateRange(start.isoformat(), _add_months(start, 3).isoformat(), f"Q{number} {year}")


def _relative(lows: list[str], first: int, today: date) -> tuple[int, DateRange] | None:
    """Today, yesterday, this year, last quarter, past 30 days. "Last N months" includes today."""
    if lows[0] == "today":
        return first, _between(today, today + timedelta(days=1), "today")
    if lows[0] == "yesterday":
        return first, _between(today - timedelta(days=1), today, "yesterday")
    at = (
        1
        if lows[0] in ("the", "over", "in") and len(lows) > 1 and lows[1] in ("last", "past", "this", "previous")
        else 0
    )
    if at >= len(lows) or lows[at] not in ("last", "past", "this", "previous", "current"):
        return None
    which = lows[at]
    rest = lows[at + 1 :]
    if rest and (rest[0].isdigit() or rest[0] in NUMBER_WORDS) and len(rest) > 1 and rest[1].rstrip("s") in _UNITS:
        count = int(rest[0]) if rest[0].isdigit() else NUMBER_WORDS[rest[0]]
        unit = rest[1].rstrip("s")
        return first + at + 2, _between(_back(today, unit, min(count, 5000)), today + timedelta(days=1),
                                        f"last {count} {unit}s")  # fmt: skip
    if not rest or rest[0] not in _UNITS:
        return None
    start = _start(today, rest[0])
    if which in ("this", "current"):
        return first + at + 1, _between(start, _next(start, rest[0]), f"this {rest[0]}")
    before = _start(start - timedelta(days=1), rest[0])
    return first + at + 1, _between(before, start, f"last {rest[0]}")


def _between(start: date, end: date, label: str) -> DateRange:
    return DateRange(start.isoformat(), end.isoformat(), label)


def _start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _next(start: date, unit: str) -> date:
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    return _add_months(start, months) if months else start + timedelta(days=7 if unit == "week" else 1)


def _back(day: date, unit: str, count: int) -> date:
    months = {"month": 1, "quarter": 3, "year": 12}.get(unit)
    return _add_months(day, -months * count) if months else day - timedelta(days=count * (7 if unit == "week" else 1))


def _add_months(day: date, months: int) -> date:
    """The same day some months on; the month's last day when there is no such day."""
    index = day.year * 12 + day.month - 1 + months
    index = max(12, min(index, 9999 * 12 - 1))
    year, month = divmod(index, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1) if (year, month) != (9999, 11) else None
    last = (following - timedelta(days=1)).day if following else 31
    return date(year, month + 1, min(day.day, last))
