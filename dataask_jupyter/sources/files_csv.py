"""CSV and TSV: what separates the fields, which names the columns have, and where a line is wrong."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataask_jupyter.errors import UploadUnreadable
from dataask_jupyter.schemas.uploads import MAX_COLUMNS

_SAMPLE_BYTES = 256 * 1024
_SAMPLE_ROWS = 500
_DELIMITERS = (",", ";", "\t", "|")
UNLIKELY = "\x1f"
MAX_LINE_BYTES = 8 * 1024**2
_NOT_A_NAME = re.compile(r"[+-]?[\d.,]+%?|\d{4}-\d{2}-\d{2}.*|true|false", re.IGNORECASE)
_LINE = re.compile(r"CSV Error on Line: (\d+)")
_ORIGINAL = re.compile(r"Original Line: ?([^\n]*)")
_COUNTS = re.compile(r"Expected Number of Columns: (\d+) Found: (\d+)")


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written."""

    delimiter: str
    header: bool
    names: list[str]


def dialect(path: Path, name: str, *, delimiter: str | None, header: bool | None) -> Dialect:
    """Found from the start of the file, unless it is given."""
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
        whole = not file.read(1)
    text = start.decode("utf-8", "replace")
    delimiter = delimiter or _delimiter(text, whole=whole)
    rows = _rows(text, delimiter, whole=whole)
    if not rows:
        raise UploadUnreadable(f"{name} holds no rows.")
    first = rows[0]
    if len(first) > MAX_COLUMNS:
        raise UploadUnreadable(f"{name} has {len(first):,} columns; at most {MAX_COLUMNS:,} are read.")
    has_header = _is_header(first) if header is None else header
    given = first if has_header else [""] * _width(rows)
    return Dialect(delimiter, has_header, unique(given))


def _rows(text: str, delimiter: str, *, whole: bool) -> list[list[str]]:
    rows = []
    try:
        for row in csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) >= _SAMPLE_ROWS:
                return rows
    except csv.Error:
        pass
    # The last row of a part of a file may be half a row.
    return rows if whole or len(rows) < 2 else rows[:-1]


def _width(rows: list[list[str]]) -> int:
    return Counter(len(row) for row in rows).most_common(1)[0][0]


def _delimiter(text: str, *, whole: bool) -> str:
    best, best_score = "", (0.0, 0)
    for each in _DELIMITERS:
        rows = _rows(text, each, whole=whole)
        if not rows:
            continue
        width = _width(rows)
        score = (sum(len(row) == width for row in rows) / len(rows), width)
        # One that only some lines have is part of the text.
        if width > 1 and (len(rows[0]) == width or score[0] > 0.8) and score > best_score:
            best, best_score = each, score
    if best:
        return best
    return next((each for each in _DELIMITERS if each not in text), UNLIKELY)


def _is_header(row: list[str]) -> bool:
    cells = [cell.strip() for cell in row]
    return any(cells) and not any(_NOT_A_NAME.fullmatch(cell) for cell in cells if cell)


def unique(names: list[str]) -> list[str]:
    """Names for columns: none empty, none twice, whatever their case."""
    found: list[str] = []
    seen: set[str] = set()
    for index, given in enumerate(names):
        base = " ".join("".join(c if c.isprintable() else " " for c in given).split())[:200] or f"column_{index + 1}"
        name, number = base, 1
        while name.casefold() in seen:
            number += 1
            name = f"{base}_{number}"
        seen.add(name.casefold())
        found.append(name)
    return found


def relation(path: Path, how: Dialect) -> str:
    """SQL that reads all columns as text."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in how.names)
    return (
        f"read_csv({literal(str(path))}, auto_detect = false, header = {str(how.header).lower()}, "
        f"delim = {literal(how.delimiter)}, quote = '\"', escape = '\"', nullstr = '', "
        f"max_line_size = {MAX_LINE_BYTES}, strict_mode = true, columns = {{{columns}}})"
    )


def literal(text: str) -> str:
    """A text as SQL."""
    return "'" + text.replace("'", "''") + "'"


def problem(error: Exception, name: str) -> UploadUnreadable:
    """What is wrong, and in which line."""
    message = str(error)
    line = _LINE.search(message)
    counts = _COUNTS.search(message)
    extra: dict[str, Any] = {"line": int(line[1])} if line else {}
    where = f"line {line[1]} of {name}" if line else name
    shown = _ORIGINAL.search(message)
    text = f": {shown[1][:200]}" if shown else ""
    advice = "Mend the file, or choose another delimiter."
    if counts:
        fields = "field" if counts[2] == "1" else "fields"
        return UploadUnreadable(
            f"There are {counts[2]} {fields} in {where}, where {counts[1]} are expected{text}. {advice}", extra=extra
        )
    if "unterminated" in message.lower() or "quote" in message.lower().partition("possible fixes")[0]:
        return UploadUnreadable(f"A quote isn't closed in {where}{text}. {advice}", extra=extra)
    if "max_line_size" in message or "Maximum line size" in message:
        return UploadUnreadable(f"A line is longer than {MAX_LINE_BYTES // 1024**2} MB in {where}.", extra=extra)
    if "nvalid unicode" in message or "UTF-8" in message.partition("Possible")[0]:
        return UploadUnreadable(f"The text isn't encoded as it seems in {where}. Choose an encoding.", extra=extra)
    return UploadUnreadable(f"{where[:1].upper()}{where[1:]} can't be read{text}. {advice}", extra=extra)
