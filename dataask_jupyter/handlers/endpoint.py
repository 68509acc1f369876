"""`@endpoint`: what a verb of a route takes and gives, declared once, checked on every request.

The declaration is also what the OpenAPI document is generated from, so the two can't drift apart.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from jupyter_server.auth.decorator import allow_unauthenticated
from pydantic import BaseModel
from tornado import web

from dataask_jupyter.errors import DataAskError

if TYPE_CHECKING:
    from .base import BaseHandler

Action = Literal["read", "write", "execute"]
Handler = TypeVar("Handler", bound="BaseHandler")
Verb = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Endpoint:
    """The declaration of one verb."""

    operation: str
    summary: str
    action: Action
    resource: str
    result: Any
    """The type of the answer's body: a pydantic model, or None for 204."""
    statuses: tuple[int, ...]
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    problems: tuple[type[DataAskError], ...]
    streams: dict[str, Any]
    """Other media types that `Accept` may name, with the model of one line (or None for binary)."""
    etag: bool
    if_match: bool
    hidden: bool
    public: bool
    """Open to people who aren't signed in. The tests hold the list of all such operations."""
    receives: str | None = None
    """The media type of a body that isn't JSON, which the handler reads by itself."""


def endpoint(
    operation: str,
    summary: str,
    *,
    action: Action,
    resource: str,
    status: int | tuple[int, ...] = 200,
    problems: tuple[type[DataAskError], ...] = (),
    streams: dict[str, Any] | None = None,
    etag: bool = False,
    if_match: bool = False,
    hidden: bool = False,
    public: bool = False,
    receives: str | None = None,
) -> Callable[[Callable[..., Awaitable[Any]]], Verb]:
    """Make a handler's method a verb: authenticated, authorised, its input validated, its answer serialised.

    The method's parameters named `body` and `query` say by their annotation what the request may hold; `if_match`
    receives the version; the others are parts of the path. Its return annotation is the answer's type.

    Jupyter's `@authorized` is not used: it caches action and resource in its closure on the first call, so a verb
    inherited by a second handler would be authorised as the first one's resource. Here both are explicit.
    """

    def decorate(method: Callable[..., Awaitable[Any]]) -> Verb:
        types = _annotations(method)
        declared = Endpoint(
            operation=operation,
            summary=summary,
            action=action,
            resource=f"dataask:{resource}",
            result=types.get("return"),
            statuses=status if isinstance(status, tuple) else (status,),
            body=types.get("body"),
            query=types.get("query"),
            problems=problems,
            streams=streams or {},
            etag=etag,
            if_match=if_match,
            hidden=hidden,
            public=public,
            receives=receives,
        )

        @functools.wraps(method)
        async def verb(self: BaseHandler, **path: str) -> None:
            await self.serve(declared, functools.partial(method, self), path)

        # Outermost, because Jupyter's start-up check looks for exactly these wrappers.
        guarded = cast("Any", allow_unauthenticated(verb) if public else web.authenticated(cast("Any", verb)))
        guarded.declared = declared
        return cast("Verb", guarded)

    return decorate


def declared(handler: type[BaseHandler], method: str) -> Endpoint | None:
    """The declaration of a handler's verb, or None where the handler has no such verb."""
    return getattr(getattr(handler, method.lower(), None), "declared", None)


def _annotations(method: Callable[..., Any]) -> dict[str, Any]:
    """`body`, `query` and `return` as types; other annotations may name things known to the type checker only."""
    space = cast("dict[str, Any]", inspect.unwrap(method).__globals__)
    found = inspect.get_annotations(method)
    return {
        name: eval(text, space) if isinstance(text, str) else text  # noqa: S307 - our own source text
        for name, text in found.items()
        if name in {"body", "query", "return"}
    }
