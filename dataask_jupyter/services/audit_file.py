"""Audit records as a file: CSV for spreadsheets, JSON lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import Literal

from dataask_jupyter.schemas.audit import AuditRecord

_COLUMNS = tuple(AuditRecord.model_fields)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def start(form: Literal["csv", "json"]) -> bytes:
    """What stands before the first record."""
    return _line(_COLUMNS) if form == "csv" else b""


def lines(records: Iterable[AuditRecord], form: Literal["csv", "json"]) -> bytes:
    """The records, each on its line."""
    if form == "json":
        return b"".join(record.model_dump_json().encode() + b"\n" for record in records)
    return b"".join(_line([_cell(getattr(record, name)) for name in _COLUMNS]) for record in records)


def _cell(value: object) -> str | int:
    match value:
        case None:
            return ""
        case int():
            return value
        case dict():
            return json.dumps(value, ensure_ascii=False) if value else ""
    text = str(value)
    # A spreadsheet would take these for a formula and run it.
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Iterable[str | int]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()
