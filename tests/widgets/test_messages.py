"""What the browser may ask of the kernel: everything else is refused before it reaches the server."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from dataask_jupyter.widgets.messages import MESSAGE, Asset, Cancel, Request


def request(**more: Any) -> dict[str, Any]:
    return {"id": "a-1", "type": "request", "method": "GET", "path": "auth/me", **more}


@pytest.mark.parametrize(
    "path",
    [
        "auth/me",
        "workspaces/0123456789abcdef0123456789abcdef/conversations",
        "openapi.json",
        "queries/0123456789abcdef0123456789abcdef/rows",
    ],
)
def test_paths_of_the_api_pass(path: str) -> None:
    assert MESSAGE.validate_python(request(path=path)).path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/api/kernels",
        "../../../api/kernels",
        "auth/../../../api/kernels",
        "auth/./me",
        "auth//me",
        "..",
        ".",
        "%2e%2e/api",
        "auth/%2E%2E/me",
        "http://evil.example/",
        "//evil.example/",
        "\\\\evil",
        "auth\\..\\me",
        "auth/me?x=1",
        "auth/me#x",
        "auth/me\r\nHost: evil",
        "auth/me\n",
        "auth/me/",
        "auth/mé",
        "a" * 513,
    ],
)
def test_paths_elsewhere_are_refused(path: str) -> None:
    with pytest.raises(ValidationError):
        MESSAGE.validate_python(request(path=path))


@pytest.mark.parametrize(
    "more",
    [
        {"method": "CONNECT"},
        {"method": "get"},
        {"headers": {"Authorization": "token x"}},
        {"headers": {"Cookie": "x"}},
        {"headers": {"Host": "evil.example"}},
        {"headers": {"Accept": "text/html"}},
        {"headers": {"If-Match": '"1"\r\nX: y'}},
        {"query": {"a": {"b": 1}}},
        {"id": ""},
        {"id": "x" * 65},
        {"id": 3},
        {"type": "eval"},
        {"url": "http://evil.example/"},
    ],
)
def test_what_is_not_in_the_protocol_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MESSAGE.validate_python(request(**more))


def test_headers_are_taken_whatever_their_case() -> None:
    found = MESSAGE.validate_python(
        request(headers={"If-Match": '"3"', "ACCEPT": "application/x-ndjson", "Content-Type": "application/json"})
    )
    assert isinstance(found, Request)
    assert found.headers == {"if-match": '"3"', "accept": "application/x-ndjson"}
    assert found.streams


def test_the_other_kinds() -> None:
    assert isinstance(MESSAGE.validate_python({"id": "1", "type": "cancel"}), Cancel)
    assert isinstance(MESSAGE.validate_python({"id": "1", "type": "asset", "name": "plotly"}), Asset)
    with pytest.raises(ValidationError):
        MESSAGE.validate_python({"id": "1", "type": "asset", "name": "../../../etc/passwd"})
