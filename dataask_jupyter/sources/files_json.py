"""JSON: lists of objects, and objects line by line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataask_jupyter.errors import UploadRefused, UploadUnreadable

from .files_csv import literal

MAX_DEPTH = 100
MAX_OBJECT_BYTES = 64 * 1024**2
_COLUMN_DEPTH = 6
"""What is nested deeper than this stays JSON as a whole."""
_CHUNK = 4 * 1024**2
_OTHER = bytes(set(range(256)) - set(b'[]{}"'))
_EXACT = frozenset({"DOUBLE", "UBIGINT", "HUGEINT", "UHUGEINT"})


@dataclass(frozen=True)
class Shape:
    """What a JSON file holds: DuckDB's types by column, and those columns whose numbers are looked at as text."""

    types: dict[str, str]
    numbers: list[str]


def check_depth(path: Path, name: str) -> None:
    """Raise where it is nested so deep that readers, which call themselves for each level, would fall over."""
    import numpy

    depth, inside, held = 0, 0, b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            chunk = held + chunk
            tail = len(chunk) - len(chunk.rstrip(b"\\"))
            held, chunk = (chunk[-1:], chunk[:-1]) if tail % 2 else (b"", chunk)
            plain = chunk.replace(b"\\\\", b"").replace(b'\\"', b"").translate(None, _OTHER)
            signs = numpy.frombuffer(plain, dtype=numpy.uint8)
            if not len(signs):
                continue
            quotes = numpy.cumsum(signs == ord('"')) + inside
            # A bracket inside of a text is text.
            outside = quotes % 2 == 0
            steps = numpy.where((signs == ord("[")) | (signs == ord("{")), 1, -1) * (signs != ord('"')) * outside
            levels = numpy.cumsum(steps) + depth
            if int(levels.max()) > MAX_DEPTH:
                raise UploadRefused(f"{name} is nested deeper than {MAX_DEPTH} levels.")
            depth, inside = int(levels[-1]), int(quotes[-1]) % 2


def shape(connection: Any, path: Path, name: str) -> Shape:
    """What the file holds, by all of it."""
    sql = (
        f"SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_json({literal(str(path))}, "  # noqa: S608
        f"sample_size = -1, maximum_depth = {_COLUMN_DEPTH}, maximum_object_size = {MAX_OBJECT_BYTES}, "
        "convert_strings_to_integers = false))"
    )
    types = dict(connection.execute(sql).fetchall())
    if not types:
        raise UploadRefused(f"{name} holds no records.")
    return Shape(types, [column for column, type_ in types.items() if type_ in _EXACT])


def relation(path: Path, found: Shape) -> str:
    """SQL that reads it; large and broken numbers as the texts that they are in the file."""
    types = found.types | dict.fromkeys(found.numbers, "VARCHAR")
    columns = ", ".join(f"{literal(column)}: {literal(type_)}" for column, type_ in types.items())
    return (
        f"read_json({literal(str(path))}, columns = {{{columns}}}, format = 'auto', "
        f"maximum_object_size = {MAX_OBJECT_BYTES})"
    )


def problem(error: Exception, name: str) -> UploadUnreadable:
    """What is wrong, and where."""
    message = str(error)
    if "maximum_object_size" in message:
        return UploadUnreadable(f"An object in {name} is larger than {MAX_OBJECT_BYTES // 1024**2} MB.")
    line = re.search(r"in line (\d+)", message)
    record = re.search(r"in record/value (\d+)", message)
    extra: dict[str, Any] = {"line": int(line[1])} if line else {}
    where = f"line {line[1]} of {name}" if line else f"record {record[1]} of {name}" if record else name
    what = re.search(r"(unexpected [^.\n]*|unclosed [^.\n]*|invalid [^.\n]*)\.", message)
    return UploadUnreadable(f"The JSON isn't valid in {where}{f': {what[1]}' if what else ''}. Mend it.", extra=extra)
