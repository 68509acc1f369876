"""The API's document: valid, complete, and what the shell prints is what the server serves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator

from dataask_jupyter.handlers.endpoint import declared
from dataask_jupyter.handlers.openapi import document
from dataask_jupyter.handlers.routes import METHODS, ROUTES
from tests.handlers.conftest import Api


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_every_route_is_in_it_once() -> None:
    expected = {
        (f"/{route.path}", method)
        for route in ROUTES
        for method in METHODS
        if declared(route.handler, method) is not None
    }
    assert {(path, method) for path, method, _ in operations()} == expected


def test_names_are_unique_and_speaking() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z][A-Za-z]+", name) for name in names)
    assert all(operation["summary"] for _, _, operation in operations())


def test_schemas_are_valid_and_references_lead_somewhere() -> None:
    found = document()
    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in references(found):
        name = reference.removeprefix("#/components/schemas/")
        assert name in found["components"]["schemas"], reference


def test_every_operation_declares_its_problems() -> None:
    for path, method, operation in operations():
        responses = operation["responses"]
        assert {"401", "403", "503", "default"} <= set(responses), f"{method} {path}"
        if "requestBody" in operation:
            assert {"400", "413", "422"} <= set(responses), f"{method} {path}"
        if "{" in path:
            assert "404" in responses, f"{method} {path}"
        for status, response in responses.items():
            if not status.startswith("2"):
                assert list(response["content"]) == ["application/problem+json"], f"{method} {path} {status}"


def test_path_parameters_are_declared() -> None:
    for path, _, operation in operations():
        declared_names = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
        assert declared_names == re.findall(r"\{(\w+)\}", path)


def test_streams_have_their_media_types() -> None:
    paths = document()["paths"]
    ask = paths["/workspaces/{workspace_id}/conversations/{conversation_id}/ask"]["post"]["responses"]["200"]
    assert set(ask["content"]) == {"application/json", "application/x-ndjson"}
    rows = paths["/queries/{query_id}/rows"]["get"]["responses"]["200"]
    assert set(rows["content"]) == {"application/json", "application/vnd.apache.arrow.stream"}


def test_answers_have_all_their_fields_and_requests_only_what_is_needed() -> None:
    schemas = document()["components"]["schemas"]
    assert set(schemas["Message"]["required"]) == set(schemas["Message"]["properties"])
    assert schemas["QueryExecute"]["required"] == ["connection_id", "sql"]


async def test_the_server_serves_it_with_its_own_address(api: Api) -> None:
    served = await api.call("GET", "openapi.json")
    assert served.pop("servers") == [{"url": "/dataask/api/v1"}]
    printed = document()
    printed.pop("servers")
    assert served == printed


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)
