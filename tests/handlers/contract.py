"""Holds answers against the OpenAPI document that the same server gives."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
from jsonschema import Draft202012Validator

from dataask_jupyter.handlers.openapi import document


class Contract:
    """The document, and which operations and statuses were seen."""

    def __init__(self) -> None:
        self.document = document()
        self.seen: set[tuple[str, int]] = set()
        self._paths = [
            (re.compile("/" + "/".join(_part(part) for part in path.strip("/").split("/"))), path)
            for path in sorted(self.document["paths"], key=lambda path: path.count("{"))
        ]

    def check(self, response: httpx.Response) -> None:
        """The answer is one that the document allows, in status, media type, headers and body."""
        path = response.request.url.path.partition("/dataask/api/v1")[2]
        template = next(template for pattern, template in self._paths if pattern.fullmatch(path))
        operation = self.document["paths"][template][response.request.method.lower()]
        where = f"{operation['operationId']} {response.status_code}"
        declared = operation["responses"].get(str(response.status_code))
        assert declared is not None, f"{where} isn't declared: {response.text[:300]}"
        self.seen.add((operation["operationId"], response.status_code))
        for header in declared.get("headers", {}):
            assert header in response.headers, f"{where}: no {header}"
        if "content" not in declared:
            assert not response.content, where
            return
        media_type = response.headers["Content-Type"].partition(";")[0]
        assert media_type in declared["content"], f"{where}: {media_type}"
        schema = declared["content"][media_type]["schema"]
        match media_type:
            case "application/x-ndjson":
                for line in response.text.splitlines():
                    self.validate(json.loads(line), schema, where)
            case "application/vnd.apache.arrow.stream" | "text/csv":
                assert response.content
            case _:
                self.validate(response.json(), schema, where)

    def validate(self, value: Any, schema: dict[str, Any], where: str) -> None:
        """The value fits the schema, whose references are the document's."""
        whole = {**schema, "components": self.document["components"]}
        validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
        errors = list(validator.iter_errors(value))
        assert not errors, f"{where}: {errors[0].json_path}: {errors[0].message[:300]}"


def _part(part: str) -> str:
    return r"[0-9a-f]{32}" if part.startswith("{") else re.escape(part)
