"""Numbers that servers send as text, as Arrow numbers."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

_NOT_FINITE = r"(?i)^[+-]?(nan|inf(inity)?)$"
_WHOLE = r"^-?\d+$"
_HUGE = pa.decimal128(38, 0)


def exact(texts: Any, type_: pa.DataType) -> Any:
    """Numbers of a known precision. What isn't finite becomes null, as in results of all kinds."""
    try:
        return pc.cast(texts, type_)
    except pa.ArrowInvalid:
        return pc.cast(_finite(texts), type_)


def whole_or_float(texts: Any) -> Any:
    """Integers where no value has a fraction or isn't finite, and floating point otherwise.

    A batch that doesn't fit those before it widens them.
    """
    if pc.all(pc.match_substring_regex(texts, _WHOLE), min_count=0).as_py():
        for type_ in (pa.int64(), _HUGE):
            try:
                return pc.cast(texts, type_)
            except pa.ArrowInvalid:
                continue
    return pc.cast(texts, pa.float64())


def _finite(texts: Any) -> Any:
    wrong = pc.match_substring_regex(texts, _NOT_FINITE)
    return pc.if_else(pc.fill_null(wrong, False), pa.scalar(None, texts.type), texts)
