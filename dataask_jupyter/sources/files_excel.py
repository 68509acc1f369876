"""Excel workbooks: one sheet, with its types."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from dataask_jupyter.errors import DriverMissing, TooLarge, UploadRefused, UploadUnreadable
from dataask_jupyter.schemas.uploads import MAX_COLUMNS

from .files_csv import unique

MAX_CELLS = 20_000_000
_SAMPLE_ROWS = 20
_EXACT = 2**53


def read(path: Path, name: str, *, sheet: str | None, header: bool | None) -> tuple[pa.Table, list[str], str, bool]:
    """The sheet's rows, the names of all sheets, the sheet's own, and whether it had a header."""
    try:
        import python_calamine
    except ImportError:
        raise DriverMissing("The Python package python-calamine is missing. Run: pip install python-calamine") from None
    try:
        with path.open("rb") as file:
            workbook = python_calamine.CalamineWorkbook.from_filelike(file)
            names = [
                each.name for each in workbook.sheets_metadata
                if each.typ == python_calamine.SheetTypeEnum.WorkSheet
            ]  # fmt: skip
            chosen = _sheet(name, names, sheet)
            found = workbook.get_sheet_by_name(chosen)
            end = found.end
            if end is not None and (end[0] + 1) * (end[1] + 1) > MAX_CELLS:
                raise TooLarge(f"The sheet {chosen} of {name} has more than {MAX_CELLS:,} cells. Save it as CSV.")
            rows = found.to_python(skip_empty_area=False)
            merged = found.merged_cell_ranges or []
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise UploadRefused(f"{name} can't be read as an Excel workbook: {str(error)[:200]}.") from None
    return _table(name, chosen, rows, merged, header), names, chosen, header_of(rows, header)


def _sheet(name: str, names: list[str], wanted: str | None) -> str:
    if not names:
        raise UploadRefused(f"{name} has no sheet with cells.")
    if wanted is None:
        return names[0]
    if wanted not in names:
        raise UploadUnreadable(f"{name} has no sheet named {wanted}. It has {', '.join(names[:20])}.")
    return wanted


def header_of(rows: list[list[Any]], header: bool | None) -> bool:
    """Whether the first row of the table holds names."""
    if header is not None:
        return header
    start = _start(rows)
    cells = [cell for cell in rows[start] if cell != ""] if start < len(rows) else []
    return bool(cells) and all(isinstance(cell, str) for cell in cells)


def _start(rows: list[list[Any]]) -> int:
    """Where the table begins: below titles, which fill less of the width than its own rows do."""
    filled = [sum(cell != "" for cell in row) for row in rows[:_SAMPLE_ROWS]]
    width = max(filled, default=0)
    return next(
        (index for index, count in enumerate(filled) if count * 2 >= width > 0 and (count > 1 or width == 1)), len(rows)
    )


def _table(name: str, sheet: str, rows: list[list[Any]], merged: list[Any], header: bool | None) -> pa.Table:
    start = _start(rows)
    if start >= len(rows):
        raise UploadUnreadable(f"The sheet {sheet} of {name} is empty. Choose another sheet.")
    has_header = header_of(rows, header)
    names = _names(rows[start], start, merged) if has_header else []
    body = rows[start + 1 if has_header else start :]
    while body and all(cell == "" for cell in body[-1]):
        body.pop()
    width = max((len(row) for row in (rows[start], *body[:1])), default=0)
    names = names + [""] * (width - len(names))
    if width > MAX_COLUMNS:
        raise UploadUnreadable(f"The sheet {sheet} of {name} has {width:,} columns; at most {MAX_COLUMNS:,} are read.")
    # A column without a name and without a value is only the sheet's margin.
    kept = [index for index in range(width) if names[index] or any(row[index] != "" for row in body)]
    titles = [names[index] or f"column_{index + 1}" for index in kept]
    columns = [_column([row[index] for row in body]) for index in kept]
    return pa.Table.from_arrays(columns, names=unique(titles))


def _names(row: list[Any], index: int, merged: list[Any]) -> list[str]:
    names = ["" if cell == "" else _as_text(cell) for cell in row]
    for (top, left), (bottom, right) in merged:
        # A name over several columns is that of each of them.
        if top <= index <= bottom and left < len(names):
            for column in range(left, min(right + 1, len(names))):
                names[column] = names[column] or names[left]
    return names


def _column(cells: list[Any]) -> pa.Array[Any]:
    values = [None if cell == "" else cell for cell in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return pa.array(values, pa.bool_())
    if kinds and kinds <= {int, float}:
        whole = all(value is None or (float(value).is_integer() and abs(value) <= _EXACT) for value in values)
        if whole:
            return pa.array([None if value is None else int(value) for value in values], pa.int64())
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    if kinds and kinds <= {date, datetime}:
        if all(value is None or not isinstance(value, datetime) or value.time() == time() for value in values):
            days = [value.date() if isinstance(value, datetime) else value for value in values]
            return pa.array(days, pa.date32())
        moments = [
            datetime.combine(value, time()) if value is not None and not isinstance(value, datetime) else value
            for value in values
        ]
        return pa.array(moments, pa.timestamp("us"))
    if kinds == {time}:
        return pa.array(values, pa.time64("us"))
    return pa.array([None if value is None else _as_text(value) for value in values], pa.string())


def _as_text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT:
        return str(int(value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    # A surrogate on its own is no text that can be written.
    return str(value).encode("utf-8", "replace").decode("utf-8")
