"""Requests to the API, for notebooks' own code (blocking) and for widgets (asynchronous).

Problems come back as the typed errors that the server raised. A server that went away, as the shared one
does when idle, is looked for once more before a request fails.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypedDict, Unpack

import httpx
from pydantic import ValidationError

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.schemas.common import Problem

from .errors import ServerUnavailable
from .server import Server

# A query may run for 60 s and an answer runs some; silence beyond that means that nobody is there.
TIMEOUT = httpx.Timeout(150.0, connect=5.0)

Find = Callable[[], Server]


class Parts(TypedDict, total=False):
    """What a request may have besides its method and path."""

    query: Mapping[str, Any] | None
    body: Any
    headers: Mapping[str, str] | None


class Transport:
    """Blocking requests; any thread may use it."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._lock = threading.Lock()
        self.server = find()
        self._http = httpx.Client(**self.server.options(), timeout=TIMEOUT)

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def request(self, method: str, path: str, **parts: Unpack[Parts]) -> httpx.Response:
        """The whole response; raises the problem's error when there is one."""
        with self.stream(method, path, **parts) as response:
            response.read()
            return response

    @contextmanager
    def stream(self, method: str, path: str, **parts: Unpack[Parts]) -> Iterator[httpx.Response]:
        """The response as it comes."""
        http = self._http
        with _translated(self.server):
            try:
                response = http.send(_request(http, method, path, parts), stream=True)
            except httpx.ConnectError:
                http = self._again(http)
                response = http.send(_request(http, method, path, parts), stream=True)
            try:
                if response.status_code >= 400:
                    raise problem_of(response.status_code, response.read())
                yield response
            finally:
                response.close()

    def _again(self, failed: httpx.Client) -> httpx.Client:
        """Looks for the server once more; the thread that comes second takes what the first found."""
        with self._lock:
            if self._http is failed:
                self.server = self._find()
                self._http = httpx.Client(**self.server.options(), timeout=TIMEOUT)
                failed.close()
            return self._http


class AsyncTransport:
    """The same on an event loop. It shares what the blocking one found."""

    def __init__(self, transport: Transport) -> None:
        self._blocking = transport
        self._server = transport.server
        self._http = httpx.AsyncClient(**self._server.options(asynchronous=True), timeout=TIMEOUT)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    @asynccontextmanager
    async def stream(self, method: str, path: str, **parts: Unpack[Parts]) -> AsyncIterator[httpx.Response]:
        """The response as it comes, problems included: the caller passes them on."""
        http = self._http
        with _translated(self._server):
            try:
                response = await http.send(_request(http, method, path, parts), stream=True)
            except httpx.ConnectError:
                http = await self._again(http)
                response = await http.send(_request(http, method, path, parts), stream=True)
            try:
                yield response
            finally:
                await response.aclose()

    async def _again(self, failed: httpx.AsyncClient) -> httpx.AsyncClient:
        # The blocking transport's health request goes through its own search when nobody answers.
        await asyncio.to_thread(self._blocking.request, "GET", "health")
        if self._http is failed:
            self._server = self._blocking.server
            self._http = httpx.AsyncClient(**self._server.options(asynchronous=True), timeout=TIMEOUT)
            await failed.aclose()
        return self._http


def problem_of(status: int, content: bytes) -> DataAskError:
    """The error that a response's body describes."""
    try:
        return DataAskError.from_problem(Problem.model_validate_json(content))
    except ValidationError:
        return ServerUnavailable(
            f"The server answered {status} without saying why. Its log knows more; its version may differ from yours."
        )


def _request(http: httpx.Client | httpx.AsyncClient, method: str, path: str, parts: Parts) -> httpx.Request:
    query = {name: value for name, value in (parts.get("query") or {}).items() if value is not None}
    headers = dict(parts.get("headers") or {})
    return http.build_request(method, path, params=query or None, json=parts.get("body"), headers=headers)


@contextmanager
def _translated(server: Server) -> Iterator[None]:
    """Turns httpx's failures into one typed error that says where nobody answered."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise ServerUnavailable(f"The server at {server.url} didn't answer in time. Try again.") from error
    except httpx.HTTPError as error:
        raise ServerUnavailable(
            f"The connection to the server at {server.url} broke ({type(error).__name__}). "
            "Look whether it still runs, then try again."
        ) from error
