"""The kinds of sources. Importing this is light: database libraries are imported by the worker that reads."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.schemas.connections import ConnectionKind

from .base import Budget, Reading, ReadLimits, Session, SourceKind, SourceSpec
from .duckdb import DuckDB
from .sqlite import SQLite

KINDS: dict[str, SourceKind[Any]] = {kind.kind: kind for kind in (DuckDB(), SQLite())}


def get(kind: str) -> SourceKind[Any]:
    """The kind of that name; raises InvalidInput for an unknown one."""
    try:
        return KINDS[kind]
    except KeyError:
        detail = f"“{kind[:40]}” isn't a kind of connection. Use one of {', '.join(KINDS)}."
        raise InvalidInput(detail, errors=[FieldProblem(field="kind", detail=detail)]) from None


def validate(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Normalised settings; raises InvalidInput that names each wrong field."""
    source = get(kind)
    try:
        model = source.settings_model.model_validate(settings)
    except ValidationError as error:
        problems = [
            FieldProblem(
                field=".".join(["settings", *(str(part) for part in item["loc"])]),
                detail=_sentence(item["type"], item["msg"]),
            )
            for item in error.errors(include_url=False, include_input=False)
        ]
        raise InvalidInput(
            f"Check the settings: {problems[0].field.removeprefix('settings.')}. {problems[0].detail}", errors=problems
        ) from None
    normal: dict[str, Any] = model.model_dump(mode="json")
    return normal


def _sentence(kind: str, message: str) -> str:
    if kind == "missing":
        return "This is needed."
    if kind == "extra_forbidden":
        return "There is no such setting."
    if kind == "string_too_short":
        return "This is needed."
    return message.removeprefix("Value error, ")


def describe() -> list[ConnectionKind]:
    """The catalogue of kinds, for the form of a new connection."""
    return [kind.describe() for kind in KINDS.values()]


def source_version(spec: SourceSpec) -> str:
    """The version of a source's data; raises SourceUnavailable where it is gone."""
    return get(spec.kind).fingerprint(spec.settings)


__all__ = [
    "KINDS",
    "Budget",
    "ReadLimits",
    "Reading",
    "Session",
    "SourceKind",
    "SourceSpec",
    "describe",
    "get",
    "source_version",
    "validate",
]
