"""The header `Idempotency-Key`: a change that is sent again is done once, and answered as it was the first time."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import DataAskError, InvalidInput
from dataask_jupyter.schemas.common import FieldProblem

from .endpoint import Endpoint

if TYPE_CHECKING:
    from dataask_jupyter.services.idempotency import Answer

    from .base import BaseHandler

HEADER = "Idempotency-Key"
PATTERN = "^[!-~]{1,255}$"
REPLAYED = "Idempotent-Replayed"

_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEY = re.compile(r"[!-~]{1,255}")
_PROBLEM = "application/problem+json"


def takes_key(declared: Endpoint, method: str) -> bool:
    """Whether an operation knows the header: every change by somebody who is signed in."""
    return method.upper() in _CHANGING and not declared.public and not declared.hidden


def key_of(handler: BaseHandler, declared: Endpoint) -> str | None:
    """The request's key, if it has one; an error where it has one that could not be honoured."""
    given = handler.request.headers.get_list(HEADER)
    method = str(handler.request.method)
    if not given or method not in _CHANGING or declared.hidden:
        return None
    if len(given) > 1 or not _KEY.fullmatch(given[0]):
        raise _refused("Give one key of 1 to 255 visible ASCII characters, e.g. a UUID.")
    if not takes_key(declared, method):
        raise _refused("This address takes no key: what it answers can't be kept, or needs none.")
    if any(handler.wants(media_type) for media_type in declared.streams):
        raise _refused("A stream can't be repeated. Ask for application/json, or leave the key away.")
    return given[0]


async def once(
    handler: BaseHandler, declared: Endpoint, key: str, given: dict[str, Any], verb: Callable[..., Awaitable[Any]]
) -> None:
    """Call the verb unless that was done before, and answer."""
    from dataask_jupyter.services import idempotency

    keys = (await handler.services()).idempotency
    identity = handler.identity
    reserved = await keys.reserve(identity.subject, key, _request(handler, given, identity.scope))
    if isinstance(reserved, idempotency.Answer):
        _replay(handler, reserved)
        return
    handler.reserve(reserved.id)
    try:
        value = await verb(**given)
        if handler.is_answered:
            await keys.release(reserved)
            return
        body = handler.body_of(declared, value)
    except DataAskError as error:
        problem = error.problem().model_dump_json().encode()
        await keys.complete(reserved, idempotency.Answer(error.status, problem, _PROBLEM))
        raise
    except Exception:
        await keys.release(reserved)
        raise
    # Kept before it is sent: it is the sending that fails.
    await keys.complete(
        reserved, idempotency.Answer(handler.get_status(), body, "application/json", handler.compute_etag())
    )
    handler.finish(body or None)


def _request(handler: BaseHandler, given: dict[str, Any], scope: str) -> bytes:
    """What makes two requests the same. The scope too: a weaker token must not get a stronger one's answer."""
    request, query = handler.request, given.get("query")
    parts = [
        request.method,
        request.path,
        query.model_dump_json() if query is not None else None,
        request.headers.get("If-Match"),
        scope,
    ]
    return json.dumps(parts).encode() + b"\n" + request.body


def _replay(handler: BaseHandler, answer: Answer) -> None:
    handler.set_status(answer.status)
    handler.set_header(REPLAYED, "true")
    handler.answer_again(answer.body, answer.media_type, answer.etag)


def _refused(detail: str) -> InvalidInput:
    return InvalidInput(f"{HEADER}: {detail}", errors=[FieldProblem(field=HEADER, detail=detail)])
