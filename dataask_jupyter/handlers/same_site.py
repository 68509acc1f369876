"""Changes by people who aren't signed in, such as signing in: only from this origin's own pages, and from programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tornado.web import HTTPError, RequestHandler

from dataask_jupyter.errors import Forbidden

from . import cookies

if TYPE_CHECKING:
    from jupyter_server.base.handlers import JupyterHandler

_REFUSED_SITES = frozenset({"cross-site", "same-site"})
_REFUSED_MODES = frozenset({"no-cors", "navigate", "websocket"})


def check(handler: JupyterHandler) -> None:
    """Raise for a request that a page of another origin caused. Programs send none of these headers."""
    headers = handler.request.headers
    site, mode = headers.get("Sec-Fetch-Site", ""), headers.get("Sec-Fetch-Mode", "")
    if site in _REFUSED_SITES or mode in _REFUSED_MODES or not _own_origin(handler, headers.get("Origin")):
        raise Forbidden("Another site sent this request. Use this server's own pages.")
    if handler.get_cookie(cookies.REFRESH) is not None:
        # What a browser sends along by itself has to come with what only an own page can read.
        try:
            RequestHandler.check_xsrf_cookie(handler)
        except HTTPError:
            raise Forbidden("The header X-XSRFToken is missing or wrong. Reload the page, then try again.") from None


def _own_origin(handler: Any, origin: str | None) -> bool:
    if origin is None:
        return True
    public = handler.extensionapp.public_url
    if public and _origin(public) == origin.lower():
        return True
    return bool(handler.check_origin())


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()
