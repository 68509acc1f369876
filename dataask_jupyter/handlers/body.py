"""Reading what a client sent: JSON bodies and query strings, capped before they are parsed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from dataask_jupyter.errors import InvalidInput, Malformed, TooLarge
from dataask_jupyter.schemas.common import FieldProblem

MAX_BODY_BYTES = 256 * 1024
MAX_DEPTH = 32

_IGNORED_ARGUMENTS = frozenset({"token", "_xsrf", "no_track_activity"})
"""Query arguments that belong to Jupyter, not to the route."""

Model = TypeVar("Model", bound=BaseModel)


def parse_body(body: bytes, content_type: str, model: type[Model], *, limit: int = MAX_BODY_BYTES) -> Model:
    """The body as an instance of `model`, or the error that says what is wrong with it."""
    if len(body) > limit:
        raise TooLarge(
            f"The request has {_size(len(body))}; this address takes at most {_size(limit)}. Send less at once.",
            extra={"limit_bytes": limit},
        )
    media = content_type.partition(";")[0].strip().lower()
    if media != "application/json":
        raise Malformed("The body must be JSON with the content type application/json.")
    return _validate(model, _load(body), strict=True)


def parse_query(arguments: Mapping[str, Sequence[bytes]], model: type[Model]) -> Model:
    """The query string as an instance of `model`."""
    values: dict[str, str] = {}
    for name, given in arguments.items():
        # JupyterLab defeats caches with a bare number: "?1732329600000".
        if name in _IGNORED_ARGUMENTS or (name.isdigit() and given == [b""]):
            continue
        if len(given) > 1:
            raise InvalidInput(
                "A parameter is given more than once.", errors=[FieldProblem(field=name, detail="Give it once.")]
            )
        try:
            values[name] = given[0].decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("The query string must be UTF-8.") from None
        if "\x00" in values[name]:
            raise InvalidInput(
                "A parameter holds a character that text can't have.",
                errors=[FieldProblem(field=name, detail="Remove the NUL character.")],
            )
    return _validate(model, values, strict=False)


def _load(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("The body must be UTF-8.") from None
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite_number)
    except RecursionError:
        raise Malformed(f"The JSON is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else str(error).partition(":")[0]
        raise Malformed(f"The body isn't valid JSON: {reason}.") from None
    _check_values(value)
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidInput(
            "A field is given more than once.", errors=[FieldProblem(field=twice[:200], detail="Give it once.")]
        )
    return found


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _finite_number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _check_values(value: Any) -> None:
    """Walk without recursion: depth, and text that no database or encoding can hold."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, str):
                _check_text(item)
            elif isinstance(item, dict):
                for key in item:
                    _check_text(key)
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        if not below:
            return
        level = below
    raise Malformed(f"The JSON is nested deeper than {MAX_DEPTH} levels.")


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise InvalidInput("A text holds a NUL character, which text can't have.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise InvalidInput("A text holds half of a surrogate pair, which isn't a character.") from None


def _validate(model: type[Model], value: Any, *, strict: bool) -> Model:
    try:
        return model.model_validate(value, strict=strict)
    except ValidationError as error:
        problems = [
            FieldProblem(field=".".join(str(part) for part in found["loc"]) or "body", detail=_words(found))
            for found in error.errors(include_url=False, include_input=False)[:20]
        ]
        first = problems[0]
        raise InvalidInput(f"{first.field}: {first.detail}", errors=problems) from None


def _words(found: ErrorDetails) -> str:
    """Pydantic's finding in the product's words. What was sent is never repeated."""
    context = found.get("ctx", {})
    match found["type"]:
        case "missing":
            return "This is needed."
        case "extra_forbidden":
            return "There is no such field here."
        case "string_too_short":
            return "This can't be empty." if context.get("min_length") == 1 else str(found["msg"]) + "."
        case "string_too_long":
            return f"This is too long: at most {context.get('max_length'):,} characters."
        case "string_pattern_mismatch":
            return "This isn't an id." if context.get("pattern") == "^[0-9a-f]{32}$" else "This has the wrong form."
        case _:
            return str(found["msg"]) + "."


def _size(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MB" if count >= 1024 * 1024 else f"{max(1, round(count / 1024))} kB"
