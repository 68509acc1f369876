"""The base of all REST handlers: who asks, the checks before a verb, and one place where errors become problems."""

from __future__ import annotations

import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin
from pydantic import BaseModel, TypeAdapter
from tornado import web
from tornado.iostream import StreamClosedError

from dataask_jupyter.access.identity import Client, Identity
from dataask_jupyter.errors import (
    DataAskError,
    Forbidden,
    KeyInFlight,
    Malformed,
    MethodNotAllowed,
    NotFound,
    NotSignedIn,
    TooLarge,
    VersionRequired,
)

from . import idempotency, same_site
from . import identity as identities
from .body import MAX_BODY_BYTES, parse_body, parse_query
from .endpoint import Endpoint
from .endpoint import declared as declaration

if TYPE_CHECKING:
    from dataask_jupyter.services.container import Services

RETRY_SECONDS = 2
"""When to come again, where nobody knows better."""

_ID = re.compile(r"[0-9a-f]{32}")
_ETAG = re.compile(r'\s*(?:W/)?"(\d{1,18})"\s*')
_BY_STATUS: dict[int, type[DataAskError]] = {
    400: Malformed,
    401: NotSignedIn,
    403: Forbidden,
    404: NotFound,
    405: MethodNotAllowed,
    413: TooLarge,
}


class BaseHandler(ExtensionHandlerMixin, APIHandler):
    """One resource's verbs, each declared by `@endpoint`."""

    auth_resource = "dataask"
    max_body_bytes = MAX_BODY_BYTES
    _etag: str | None = None
    _reservation: str | None = None

    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """A name for this request, for the log and the audit log."""
        super().initialize(*args, **kwargs)
        self._request_id = f"req_{secrets.token_hex(8)}"

    # ---- Before a verb ----------------------------------------------------------------------------------------

    async def serve(self, declared: Endpoint, verb: Callable[..., Awaitable[Any]], path: dict[str, str]) -> None:
        """Authorise, validate, call the verb, answer."""
        if not declared.public:
            await self._authorize(declared)
        for value in path.values():
            self.require_id(value)
        given: dict[str, Any] = dict(path)
        if declared.query is not None:
            given["query"] = parse_query(self.request.query_arguments, declared.query)
        if declared.body is not None:
            media_type = self.request.headers.get("Content-Type", "")
            given["body"] = parse_body(self.request.body, media_type, declared.body, limit=self.max_body_bytes)
        if declared.if_match:
            given["if_match"] = self._version()
        self.set_status(declared.statuses[0])
        key = idempotency.key_of(self, declared)
        if key is not None:
            await idempotency.once(self, declared, key, given, verb)
            return
        value = await verb(**given)
        if not self.is_answered:
            self.finish(self.body_of(declared, value) or None)

    def check_xsrf_cookie(self) -> None:
        """As Jupyter does; operations for people who aren't signed in have a rule of their own."""
        found = declaration(type(self), str(self.request.method))
        if found is None or not found.public:
            super().check_xsrf_cookie()
        elif hasattr(self, "_jupyter_current_user"):
            same_site.check(self)

    async def _authorize(self, declared: Endpoint) -> None:
        """Ask Jupyter's authorizer, which knows coarse rules; services ask the permission gate."""
        allowed = await ensure_async(
            self.authorizer.is_authorized(self, self.current_user, declared.action, declared.resource)
        )
        if not allowed:
            raise Forbidden(f"This server's rules don't let you {declared.action} {declared.resource}.")

    def body_of(self, declared: Endpoint, value: Any) -> bytes:
        """The body of the answer; sets the status and the version that go with it."""
        if value is None:
            self.set_status(204)
            return b""
        if declared.etag:
            self._etag = f'"{value.version}"'
            self.set_header("ETag", self._etag)
        if isinstance(value, BaseModel):
            return value.model_dump_json().encode()
        return TypeAdapter(type(value)).dump_json(value)

    def answer_again(self, body: bytes, media_type: str, etag: str | None) -> None:
        """Give an answer that was given before."""
        if etag is not None:
            self._etag = etag
            self.set_header("ETag", etag)
        self.finish(body or None, set_content_type=media_type)

    @property
    def is_answered(self) -> bool:
        """Whether the verb has answered by itself, e.g. with a stream."""
        return bool(self._finished or self._headers_written)

    def reserve(self, reservation: str) -> None:
        """From now on, acts of this request fulfil the reservation of its `Idempotency-Key`."""
        self._reservation = reservation

    def require_id(self, value: str) -> str:
        """A part of the path that must be an id; anything else is an id of nothing."""
        if not _ID.fullmatch(value):
            raise NotFound
        return value

    def _version(self) -> int:
        header = self.request.headers.get("If-Match")
        if header is None:
            raise VersionRequired('Send the version you read in the header If-Match, e.g. If-Match: "3".')
        found = _ETAG.fullmatch(header)
        # Whatever else stands there can't be the current version, and the answer will say which is.
        return int(found.group(1)) if found else -1

    # ---- What verbs use ---------------------------------------------------------------------------------------

    async def services(self) -> Services:
        """The services; built, and the store opened, by the first request that needs them."""
        return cast("Services", await self.settings["dataask_runtime"].services())

    @property
    def identity(self) -> Identity:
        """Who asks, as Jupyter's identity provider vouches for them."""
        return replace(identities.of(self.current_user, self.identity_provider), client=self.client)

    @property
    def client(self) -> Client:
        """Where the request comes from, for the record."""
        return Client(
            # tornado reads forwarding headers only where the administrator trusts the proxy (trust_xheaders).
            address=str(self.request.remote_ip)[:64],
            agent=self.request.headers.get("User-Agent", "")[:300],
            request_id=self._request_id,
            reservation=self._reservation,
        )

    def wants(self, media_type: str) -> bool:
        """Whether the client asked for this media type by name."""
        accept: str = self.request.headers.get("Accept", "")
        return media_type in (part.partition(";")[0].strip().lower() for part in accept.split(","))

    async def send_stream(self, media_type: str, parts: AsyncIterator[bytes]) -> None:
        """Send parts as they come. A client that goes away only ends the sending."""
        self.set_header("Content-Type", media_type)
        try:
            async for part in parts:
                self.write(part)
                await self.flush()
            if not self._finished:
                await self.finish(set_content_type=media_type)
        except StreamClosedError:
            self.log.debug("The client left during %s", self.request.path)

    # ---- Headers and errors -----------------------------------------------------------------------------------

    def set_default_headers(self) -> None:
        """Nothing that the API says is for caches, frames, scripts or other sites."""
        super().set_default_headers()
        self.set_header("Content-Type", "application/json")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

    def set_cors_headers(self) -> None:
        """Only what the administrator allows. Jupyter lets every site read what is answered to a token."""
        if self.allow_origin or self.allow_origin_pat:
            super().set_cors_headers()

    @property
    def content_security_policy(self) -> str:
        """The API's answers are data: nothing in them may run or load."""
        return f"{super().content_security_policy}; base-uri 'none'; form-action 'none'; sandbox"

    def compute_etag(self) -> str | None:
        """The version, where the resource has one; never a hash of the body."""
        return self._etag

    def check_etag_header(self) -> bool:
        """No 304: parts of a resource (a connection's status) change without a new version."""
        return False

    def send_error(self, status_code: int = 500, **kwargs: Any) -> None:
        """As tornado does, with the status that the domain error has."""
        error = _error_of(kwargs)
        if isinstance(error, DataAskError):
            status_code = error.status
        elif status_code == 403 and not getattr(self, "current_user", None):
            status_code = 401
        super().send_error(status_code, **kwargs)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Write the one problem document that belongs to the error."""
        error = _error_of(kwargs)
        problem = (error if isinstance(error, DataAskError) else self._as_domain_error(status_code, error)).problem()
        if problem.status != status_code:
            problem = problem.model_copy(update={"status": status_code})
        if status_code == 405:
            self.set_header("Allow", ", ".join(self._verbs()))
        if status_code in {429, 503}:
            self.set_header("Retry-After", str(problem.extra.get("seconds", RETRY_SECONDS)))
        if isinstance(error, KeyInFlight):
            self.set_header("Retry-After", "1")
        self.finish(problem.model_dump_json(), set_content_type="application/problem+json")

    def _as_domain_error(self, status_code: int, error: BaseException | None) -> DataAskError:
        # Why the identity provider didn't take a token or cookie that was given.
        ended = getattr(self, "sign_in_problem", None)
        if status_code == 401 and isinstance(ended, DataAskError):
            return ended
        kind = _BY_STATUS.get(status_code)
        if kind is None:
            return DataAskError(
                "The server met an error that it doesn't know. Its log has the details. Try again; if it "
                "stays, tell whoever runs this server."
            )
        if isinstance(error, web.HTTPError) and error.log_message and status_code != 401:
            return kind(str(error.log_message).replace("%%", "%"))
        return kind()

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Domain errors are answers, not accidents: one line at most. Everything else with its traceback."""
        if isinstance(value, DataAskError):
            level = self.log.warning if value.status >= 500 else self.log.debug
            level("%s %s: %s", self.request.method, self.request.path, value.kind)
        else:
            super().log_exception(typ, value, tb)

    def _verbs(self) -> list[str]:
        return [
            name
            for name in ("GET", "POST", "PUT", "PATCH", "DELETE")
            if hasattr(getattr(self, name.lower()), "declared")
        ]


def _error_of(kwargs: dict[str, Any]) -> BaseException | None:
    info = kwargs.get("exc_info")
    return cast("BaseException | None", info[1]) if info else None
