"""Python values as typed parameters of SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from numbers import Integral, Real
from typing import Any

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.schemas.queries import ParameterType


def typed(values: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    """As the API takes them: each with its type, a list as several values. Raises InvalidInput for other types."""
    return {name: _typed(name, value) for name, value in (values or {}).items()}


def _typed(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        each = [_one(name, item) for item in value]
        kinds = {kind for kind, written in each if written is not None} or {"text"}
        if kinds == {"integer", "number"}:
            kinds = {"number"}
        if len(kinds) > 1 or not each:
            raise _problem(name, "A list needs at least one value, and values of one type.")
        return {"type": kinds.pop(), "value": [written for _, written in each]}
    kind, written = _one(name, value)
    return {"type": kind, "value": written}


def _one(name: str, value: Any) -> tuple[ParameterType, Any]:
    # NumPy's and pandas' scalars know their Python ones; nothing else has this method.
    value = value.item() if hasattr(value, "item") and not isinstance(value, str) else value
    match value:
        case None:
            return "text", None
        case bool():
            return "boolean", value
        case datetime():
            return "timestamp", value.isoformat()
        case date():
            return "date", value.isoformat()
        case Decimal():
            return "number", str(value)
        case Integral():
            # As text: JSON's numbers lose digits on the way through some programs.
            return "integer", str(int(value))
        case Real():
            return "number", str(float(value))
        case str():
            return "text", value
    raise _problem(name, f"A value of the type {type(value).__name__} can't be a parameter.")


def _problem(name: str, detail: str) -> InvalidInput:
    return InvalidInput(f"Parameter {name}: {detail}", errors=[FieldProblem(field=f"parameters.{name}", detail=detail)])
