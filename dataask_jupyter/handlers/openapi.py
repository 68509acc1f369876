"""The OpenAPI 3.1 document, generated from the route table and the endpoints' declarations."""

from __future__ import annotations

import inspect
import re
import types
import typing
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dataask_jupyter._version import __version__
from dataask_jupyter.errors import (
    DataAskError,
    Forbidden,
    InvalidInput,
    KeyInFlight,
    KeyReused,
    Malformed,
    NotSignedIn,
    StoreUnavailable,
    TooLarge,
)
from dataask_jupyter.schemas.common import Problem

from . import idempotency
from .endpoint import Endpoint, declared
from .routes import METHODS, ROUTES, Route

_REFERENCE = "#/components/schemas/{model}"
_PROBLEM = "application/problem+json"
_ALWAYS: tuple[type[DataAskError], ...] = (NotSignedIn, Forbidden, StoreUnavailable)
_WITH_BODY: tuple[type[DataAskError], ...] = (Malformed, InvalidInput, TooLarge)
_WITH_QUERY: tuple[type[DataAskError], ...] = (Malformed, InvalidInput)
_WITH_KEY: tuple[type[DataAskError], ...] = (InvalidInput, KeyInFlight, KeyReused)
_IDEMPOTENCY_KEY = {
    "name": idempotency.HEADER,
    "in": "header",
    "required": False,
    "description": "Makes it safe to send the request again when its answer was lost: it is done once, and for 24 "
    f"hours the same request with the same key gets the same answer, with the header `{idempotency.REPLAYED}: true`. "
    "Not for answers as a stream.",
    "schema": {"type": "string", "pattern": idempotency.PATTERN},
}


def document(server: str = "/dataask/api/v1") -> dict[str, Any]:
    """The whole document."""
    operations = [
        (route, method, found)
        for route in ROUTES
        for method in METHODS
        if (found := declared(route.handler, method)) is not None and not found.hidden
    ]
    schemas = _schemas([found for _, _, found in operations])
    paths: dict[str, dict[str, Any]] = {}
    for route, method, found in operations:
        paths.setdefault(f"/{route.path}", {})[method] = _operation(route, method, found, schemas.names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "DataAsk",
            "version": __version__,
            "description": "Ask databases in plain language. Errors are RFC 9457 problem details.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": server}],
        "security": [{"token": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`token <the Jupyter server's token>`.",
                },
                "cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": "_xsrf",
                    "description": "A browser's Jupyter session; changes also need the header `X-XSRFToken`.",
                },
            },
        },
    }


class _Schemas:
    """Component schemas and, for each model, the reference to its own."""

    def __init__(self, models: list[type[BaseModel]]) -> None:
        # "validation" for all: fields with defaults stay optional in what clients write by hand, and required
        # fields of answers are marked by `_mark_answers`.
        references, top = models_json_schema([(model, "validation") for model in models], ref_template=_REFERENCE)
        self.definitions: dict[str, Any] = dict(sorted(_with_plain_names(top["$defs"]).items()))
        self.names: dict[type[BaseModel], dict[str, Any]] = {
            cast("type[BaseModel]", model): _with_plain_names(reference) for (model, _), reference in references.items()
        }


def _with_plain_names(node: Any) -> Any:
    """`Page_Connection_`, as pydantic calls a generic model, becomes `ConnectionPage`, here and in references."""
    if isinstance(node, dict):
        return {_plain(key): _with_plain_names(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_with_plain_names(value) for value in node]
    return _plain(node) if isinstance(node, str) and node.startswith("#/components/schemas/") else node


def _plain(name: str) -> str:
    return re.sub(r"\bPage_(\w+)_$", r"\1Page", name)


def _schemas(endpoints: list[Endpoint]) -> _Schemas:
    requests: set[type[BaseModel]] = {found.body for found in endpoints if found.body is not None}
    answers: set[type[BaseModel]] = {Problem}
    for found in endpoints:
        answers.update(_models(found.result))
        answers.update(model for model in found.streams.values() if model is not None)
    schemas = _Schemas(sorted(requests | answers, key=lambda model: model.__name__))
    _mark_answers(
        schemas.definitions, {reference["$ref"] for reference in map(schemas.names.get, answers) if reference}
    )
    return schemas


def _mark_answers(definitions: dict[str, Any], roots: set[str]) -> None:
    """In answers every field is always there, defaults included; so say `required`, for exact TypeScript types."""
    open_names = [reference.rpartition("/")[2] for reference in roots]
    seen: set[str] = set()
    while open_names:
        name = open_names.pop()
        if name in seen:
            continue
        seen.add(name)
        definition = definitions[name]
        if "properties" in definition:
            definition["required"] = list(definition["properties"])
            for field in definition["properties"].values():
                field.pop("default", None)
        open_names.extend(_references(definition))


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
        return own + [name for value in node.values() for name in _references(value)]
    if isinstance(node, list):
        return [name for value in node for name in _references(value)]
    return []


def _models(result: Any) -> list[type[BaseModel]]:
    """The models among a return annotation such as `Message | None`."""
    parts = typing.get_args(result) if isinstance(result, types.UnionType) else (result,)
    return [part for part in parts if inspect.isclass(part) and issubclass(part, BaseModel)]


def _operation(
    route: Route, method: str, found: Endpoint, names: dict[type[BaseModel], dict[str, Any]]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": found.operation,
        "summary": found.summary,
        "tags": [found.resource.removeprefix("dataask:")],
        "x-action": found.action,
        "parameters": _parameters(route, method, found),
        "responses": _responses(method, found, names),
    }
    if found.public:
        operation["security"] = []
    if found.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": names[found.body]}},
        }
    if found.receives is not None:
        binary = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": {found.receives: binary}}
    return operation


def _parameters(route: Route, method: str, found: Endpoint) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        }
        for name in route.parameters
    ]
    if found.if_match:
        parameters.append(
            {
                "name": "If-Match",
                "in": "header",
                "required": True,
                "description": "The version you read, from `ETag`. Anything else isn't the current one: 412.",
                "schema": {"type": "string"},
                "example": '"1"',
            }
        )
    if idempotency.takes_key(found, method):
        parameters.append(_IDEMPOTENCY_KEY)
    if found.query is not None:
        schema = found.query.model_json_schema(ref_template=_REFERENCE)
        for name, field in schema["properties"].items():
            described = field.pop("description", None)
            field.pop("title", None)
            parameters.append(
                {
                    "name": name,
                    "in": "query",
                    "required": name in schema.get("required", []),
                    **({"description": described} if described else {}),
                    "schema": _without_null(field),
                }
            )
    return parameters


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent rather than null."""
    options = [option for option in field.get("anyOf", []) if option != {"type": "null"}]
    return options[0] if len(options) == 1 else field


def _responses(method: str, found: Endpoint, names: dict[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    responses: dict[str, Any] = {}
    for status in found.statuses:
        responses[str(status)] = _success(status, found, names)
    problems = [*_ALWAYS, *found.problems]
    if found.body is not None:
        problems += _WITH_BODY
    if found.query is not None:
        problems += _WITH_QUERY
    if idempotency.takes_key(found, method):
        problems += _WITH_KEY
    by_status: dict[int, list[str]] = {}
    for problem in problems:
        titles = by_status.setdefault(problem.status, [])
        if problem.title not in titles:
            titles.append(problem.title)
    for status, titles in sorted(by_status.items()):
        responses[str(status)] = {
            "description": " / ".join(titles),
            "content": {_PROBLEM: {"schema": names[Problem]}},
        }
    responses["default"] = {
        "description": "Any other problem",
        "content": {_PROBLEM: {"schema": names[Problem]}},
    }
    return responses


def _success(status: int, found: Endpoint, names: dict[type[BaseModel], dict[str, Any]]) -> dict[str, Any]:
    response: dict[str, Any] = {"description": {201: "Created", 202: "Under way", 204: "Done"}.get(status, "Done")}
    if found.etag:
        response["headers"] = {"ETag": {"description": "The version, for `If-Match`.", "schema": {"type": "string"}}}
    content: dict[str, Any] = {}
    models = _models(found.result)
    if models:
        content["application/json"] = {"schema": names[models[0]]}
    elif found.result is not None and status != 204:
        content["application/json"] = {"schema": {"type": "object"}}
    for media_type, model in found.streams.items():
        # A stream of lines has no schema of its own in OpenAPI 3.1: the schema is that of each line.
        content[media_type] = {"schema": names[model] if model is not None else {"type": "string", "format": "binary"}}
    if content:
        response["content"] = content
    return response
