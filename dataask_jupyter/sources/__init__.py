"""The kinds of sources. Importing this is light: database libraries are imported by the worker that reads."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.schemas.connections import ConnectionKind

from .base import NO_SECRETS, Budget, Reading, ReadLimits, Secrets, Session, SourceKind, SourceSpec
from .bigquery import BigQuery
from .duckdb import DuckDB
from .files_kind import Files
from .mysql import MySQL
from .postgresql import PostgreSQL
from .snowflake import Snowflake
from .sqlite import SQLite

KINDS: dict[str, SourceKind[Any]] = {
    kind.kind: kind for kind in (DuckDB(), SQLite(), PostgreSQL(), MySQL(), BigQuery(), Snowflake(), Files())
}


def get(kind: str) -> SourceKind[Any]:
    """The kind of that name; raises InvalidInput for an unknown one."""
    try:
        return KINDS[kind]
    except KeyError:
        detail = f"“{kind[:40]}” isn't a kind of connection. Use one of {', '.join(KINDS)}."
        raise InvalidInput(detail, errors=[FieldProblem(field="kind", detail=detail)]) from None


def validate(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    """Normalised settings; raises InvalidInput that names each wrong field."""
    normal: dict[str, Any] = parse(kind, settings).model_dump(mode="json")
    return normal


def secret_fields(kind: str) -> frozenset[str]:
    """The names of the kind's settings that are secret."""
    model: type[BaseModel] = get(kind).settings_model
    return _secret_fields(model)


@cache
def _secret_fields(model: type[BaseModel]) -> frozenset[str]:
    properties = model.model_json_schema().get("properties", {})
    return frozenset(name for name, schema in properties.items() if schema.get("writeOnly") is True)


def parse(kind: str, settings: dict[str, Any], *, kept: frozenset[str] = frozenset()) -> BaseModel:
    """The settings as the kind's model; raises InvalidInput. Secrets that are `kept` elsewhere needn't be given."""
    model: type[BaseModel] = get(kind).settings_model
    if kept:
        optional: dict[str, Any] = dict.fromkeys(kept, (Any, None))
        model = create_model(model.__name__, __base__=model, **optional)
    try:
        return model.model_validate(settings)
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
    """The version of a source's data, as its secrets let one see it; raises SourceUnavailable where it is gone."""
    return _seen(spec, get(spec.kind).fingerprint(spec.settings))


def schema_version(spec: SourceSpec) -> str:
    """The same of its tables, columns and typical values, which may be read less often than its rows."""
    return _seen(spec, get(spec.kind).schema_version(spec.settings))


def _seen(spec: SourceSpec, version: str) -> str:
    return f"{version}|{spec.secrets.version}" if spec.secrets.version else version


__all__ = [
    "KINDS",
    "NO_SECRETS",
    "Budget",
    "ReadLimits",
    "Reading",
    "Secrets",
    "Session",
    "SourceKind",
    "SourceSpec",
    "describe",
    "get",
    "parse",
    "schema_version",
    "secret_fields",
    "source_version",
    "validate",
]
