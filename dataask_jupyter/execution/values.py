"""Arrow values as JSON-safe values for pages, and what kind of value an Arrow type holds."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import types

from dataask_jupyter.schemas.catalog import ColumnKind

SAFE_INTEGER = 2**53
"""Beyond it JavaScript's numbers are not exact."""
LARGE_VALUE = 1024**2


def kind(type_: pa.DataType) -> ColumnKind:
    """What a value of an Arrow type is."""
    if types.is_dictionary(type_):
        return kind(type_.value_type)
    if isinstance(type_, pa.BaseExtensionType):
        return kind(type_.storage_type)
    if types.is_integer(type_) or (types.is_decimal(type_) and type_.scale <= 0):
        return "integer"
    if types.is_floating(type_) or types.is_decimal(type_):
        return "number"
    if types.is_boolean(type_):
        return "boolean"
    if is_text(type_):
        return "text"
    if types.is_date(type_):
        return "date"
    if types.is_timestamp(type_):
        return "datetime"
    if types.is_time(type_):
        return "time"
    if is_binary(type_):
        return "binary"
    if types.is_nested(type_):
        return "json"
    return "other"


def is_text(type_: pa.DataType) -> bool:
    """Whether values are text, of any width of offsets."""
    return bool(types.is_string(type_) or types.is_large_string(type_) or types.is_string_view(type_))


def is_binary(type_: pa.DataType) -> bool:
    """Whether values are bytes, of any layout."""
    return bool(
        types.is_binary(type_)
        or types.is_large_binary(type_)
        or types.is_fixed_size_binary(type_)
        or types.is_binary_view(type_)
    )


def cells(array: Any, *, characters: int) -> list[Any]:
    """The values of an array, JSON-safe. Longer texts are cut to `characters` and end in an ellipsis."""
    type_ = array.type
    if isinstance(type_, pa.BaseExtensionType):
        return cells(array.storage, characters=characters)
    if types.is_dictionary(type_):
        return cells(array.dictionary_decode(), characters=characters)
    if is_text(type_) or is_binary(type_):
        return _texts(array, characters)
    if types.is_integer(type_):
        return [_integer(value) for value in array.to_pylist()]
    if types.is_floating(type_):
        return _floats(array)
    if types.is_timestamp(type_):
        return [_moment(value) for value in pc.cast(array, pa.string()).to_pylist()]
    if types.is_date(type_):
        return list(pc.cast(array, pa.string()).to_pylist())
    if types.is_time(type_):
        return [_fraction(value) for value in pc.cast(array, pa.string()).to_pylist()]
    if types.is_boolean(type_) or types.is_null(type_):
        return list(array.to_pylist())
    if types.is_nested(type_):
        return _nested(array, characters)
    return [None if value is None else _plain(value) for value in array.to_pylist()]


def _integer(value: int | None) -> int | str | None:
    return value if value is None or -SAFE_INTEGER <= value <= SAFE_INTEGER else str(value)


def _floats(array: pa.Array[Any]) -> list[float | None]:
    if not types.is_float64(array.type):
        # By way of text 0.1 stays 0.1, as a person wrote it, and does not become 0.10000000149.
        array = pc.cast(pc.cast(array, pa.string()), pa.float64())
    return [value if value is not None and math.isfinite(value) else None for value in array.to_pylist()]


def _texts(array: Any, characters: int) -> list[str | None]:
    text = is_text(array.type)
    # Lengths come from the offsets alone: a long value is never read as a whole.
    if pa.types.is_string_view(array.type) or pa.types.is_binary_view(array.type):
        array = pc.cast(array, pa.large_string() if text else pa.large_binary())
    longest = pc.max(pc.binary_length(array)).as_py() or 0
    if longest <= characters:
        return list(array.to_pylist()) if text else [_base64(value) for value in array.to_pylist()]
    return [None if part is None else _cut(part, characters, text=text) for part in _parts(array)]


def _parts(array: Any) -> Iterator[pa.Buffer | None]:
    """Each value's bytes where they lie: taking a value out of an array would copy it."""
    if types.is_fixed_size_binary(array.type):
        array = pc.cast(array, pa.binary())
    _, offsets, data = array.buffers()
    wide = types.is_large_string(array.type) or types.is_large_binary(array.type)
    bounds = memoryview(offsets).cast("q" if wide else "i")[array.offset : array.offset + len(array) + 1]
    for index, valid in enumerate(array.is_valid().to_pylist()):
        yield data.slice(bounds[index], bounds[index + 1] - bounds[index]) if valid else None


def _cut(part: pa.Buffer, characters: int, *, text: bool) -> str:
    if not text:
        return str(_base64(part.slice(0, min(part.size, characters)).to_pybytes()))
    # Four bytes are the longest character of UTF-8.
    start = part.slice(0, min(part.size, characters * 4)).to_pybytes().decode("utf-8", "ignore")
    return start if len(start) <= characters and part.size <= characters * 4 else start[:characters] + "…"


def _base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode("ascii")


def _moment(value: str | None) -> str | None:
    return None if value is None else _fraction(value.replace(" ", "T", 1))


def _fraction(value: str | None) -> str | None:
    """Without a fraction of zeros."""
    if value is None or "." not in value:
        return value
    head, _, tail = value.partition(".")
    zone = "Z" if tail.endswith("Z") else ""
    digits = tail.removesuffix("Z").rstrip("0")
    return f"{head}.{digits}{zone}" if digits else head + zone


def _nested(array: Any, characters: int) -> list[str | None]:
    """JSON texts. A value that is large by itself is not read at all."""
    if array.nbytes <= LARGE_VALUE:
        return [_json(value, characters) for value in array.to_pylist()]
    found: list[str | None] = []
    for index in range(len(array)):
        one = array.slice(index, 1)
        large = one.nbytes > LARGE_VALUE
        found.append(f"… ({one.nbytes / 1e6:,.1f} MB)" if large else _json(one.to_pylist()[0], characters))
    return found


def _json(value: Any, characters: int) -> str | None:
    if value is None:
        return None
    text = json.dumps(_inside(value), ensure_ascii=False, separators=(",", ":"))
    return text if len(text) <= characters else text[:characters] + "…"


def _inside(value: Any) -> Any:
    """A value inside of a nested one, as JSON."""
    if isinstance(value, dict):
        return {str(key): _inside(item) for key, item in value.items()}
    if isinstance(value, list):
        # Arrow gives maps as lists of pairs.
        if value and all(isinstance(item, tuple) and len(item) == 2 for item in value):
            return {str(_plain(key)): _inside(item) for key, item in value}
        return [_inside(item) for item in value]
    if isinstance(value, tuple):
        return [_inside(item) for item in value]
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return _plain(value)


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return str(_base64(value))
    if isinstance(value, timedelta):
        return _interval(0, value.days, value.seconds * 10**9 + value.microseconds * 1000)
    if isinstance(value, pa.MonthDayNano):
        return _interval(value.months, value.days, value.nanoseconds)
    return str(value)


def _interval(months: int, days: int, nanoseconds: int) -> str:
    """An interval in words, e.g. `1 year 2 months 3 days 04:05:06`."""
    years, months = int(months / 12), int(math.fmod(months, 12))
    parts = [
        f"{count} {word}{'' if abs(count) == 1 else 's'}"
        for count, word in ((years, "year"), (months, "month"), (days, "day"))
        if count
    ]
    if nanoseconds or not parts:
        seconds, fraction = divmod(abs(nanoseconds), 10**9)
        clock = f"{'-' if nanoseconds < 0 else ''}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        parts.append(_fraction(f"{clock}.{fraction:09}") or clock)
    return " ".join(parts)
