"""DataAsk's own pages: an empty document with the address of the scripts, which draw the rest.

A document says nothing that needs a permission, so an account's name never stands in HTML; what a page shows, it asks
the API for.
"""

from __future__ import annotations

import json
import re
import secrets
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlencode

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.extension.handler import ExtensionHandlerMixin

from dataask_jupyter._version import __version__

from .own_path import own_path

if TYPE_CHECKING:
    from dataask_jupyter.options import Options

HOME = "dataask/"
LOGIN = "dataask/login"
CONTINUE = "dataask/continue"

_TITLES = {
    "": "Home",
    "login": "Sign in",
    "signup": "Create an account",
    "invitation": "Invitation",
    "reset": "New password",
    "account": "Account",
    "audit": "Audit log of this server",
    "ask": "Ask",
}
_EMPTY_STYLE = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
"""A style element without text: Plotly makes one, and fills it by script."""

_WORKSPACE = re.compile(r"workspaces/[0-9a-f]{32}")


class PageHandler(ExtensionHandlerMixin, JupyterHandler):
    """What all pages share: their headers, and where they may lead."""

    # Someone who only looks at a page doesn't keep an idle server awake.
    _track_activity = False

    @cached_property
    def _nonce(self) -> str:
        """For this one answer."""
        return secrets.token_urlsafe(16)

    @property
    def extension(self) -> Options:
        """The settings of this server."""
        return cast("Options", self.extensionapp)

    @property
    def mode(self) -> str:
        """Whose users this server has: `solo`, `team` or `hub`."""
        return str(self.extension.mode)

    @property
    def content_security_policy(self) -> str:
        """Only files of this server, only as scripts and styles; nobody may frame a page."""
        return "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self' 'nonce-{self._nonce}'",
                f"style-src 'self' 'nonce-{self._nonce}' '{_EMPTY_STYLE}'",
                "img-src 'self' data: blob:",
                "font-src 'self'",
                "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors 'none'",
            )
        )

    def set_default_headers(self) -> None:
        """Nothing of a page is for caches, frames or other sites."""
        super().set_default_headers()
        self.set_header("Content-Security-Policy", self.content_security_policy)
        self.set_header("Cache-Control", "no-store")
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Cross-Origin-Opener-Policy", "same-origin")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")

    def set_cors_headers(self) -> None:
        """None: pages are for this origin, whatever the server allows for its API."""

    def own(self, value: str) -> str:
        """The address if it is a page of ours, else home."""
        return own_path(value, self.base_url) or f"{self.base_url}{HOME}"

    def lead(self, path: str) -> None:
        """Redirect within this server. A bare path, whatever host or form of address the request names."""
        self.set_status(302)
        self.set_header("Location", path)
        self.finish()

    def lead_to_login(self, next_path: str) -> None:
        """Redirect to where one signs in, and from there back."""
        parts = urlencode({"next": next_path})
        if self.mode == "solo":
            self.lead(f"{self.base_url}login?{parts}")
        else:
            self.lead(f"{self.base_url}{LOGIN}?{parts}")

    @property
    def here(self) -> str:
        """This page's own address, without a token that stands in it."""
        path: str = self.request.path
        query = [
            (name, value.decode("utf-8", "replace"))
            for name, values in self.request.query_arguments.items()
            for value in values
            if name != "token"
        ]
        return self.own(f"{path}?{urlencode(query)}" if query else path)

    def send_page(self, title: str) -> None:
        """The document."""
        # Reading it sets the cookie that changes are protected with.
        self.xsrf_token  # noqa: B018
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(
            document(
                title=title,
                script=self.static_url("pages/main.js"),
                style=self.static_url("pages/main.css"),
                nonce=self._nonce,
                config={
                    "mode": self.mode,
                    "registration": str(self.extension.registration) if self.mode == "team" else "off",
                    "baseUrl": self.base_url,
                    "loginUrl": f"{self.base_url}{'login' if self.mode == 'solo' else LOGIN}",
                    "continueUrl": f"{self.base_url}{CONTINUE}" if self.mode == "hub" else None,
                    "staticUrl": f"{self.base_url}static/dataask/",
                    "version": __version__,
                    "xsrfCookie": str(self.settings.get("xsrf_cookie_name", "_xsrf")),
                },
            )
        )


class PublicHandler(PageHandler):
    """Pages for people who aren't signed in."""

    @allow_unauthenticated
    def get(self, name: str) -> None:
        """The page; where there is nothing to sign in to here, the way on."""
        after = self.own(self.get_query_argument("next", "", strip=False))
        if self.mode == "solo":
            self._pass(after)
        elif name == "login" and self.current_user is not None:
            self.lead(after)
        elif name in {"signup", "reset"} and self.mode == "hub":
            self.lead_to_login(after)
        else:
            self.send_page(_TITLES[name])

    def _pass(self, after: str) -> None:
        if self.current_user is not None:
            self.lead(after)
        else:
            self.lead_to_login(after)


class PrivateHandler(PageHandler):
    """Pages that show what somebody has."""

    @allow_unauthenticated
    def get(self, name: str = "") -> None:
        """The page, or the way to sign in and back."""
        if self.current_user is None:
            self.lead_to_login(self.here)
            return
        known = name in {"", "account", "ask", "audit"} or _WORKSPACE.fullmatch(name) is not None
        if not known:
            self.set_status(404)
        self.send_page(_TITLES.get(name, "Workspace" if known else "Not found"))


class ContinueHandler(PageHandler):
    """From the sign-in page to JupyterHub, and from there on."""

    @allow_unauthenticated
    def get(self) -> None:
        """The Hub's own page; it comes back here."""
        after = self.own(self.get_query_argument("next", "", strip=False))
        if self.mode != "hub":
            self.lead_to_login(after)
        elif self.current_user is not None:
            self.lead(after)
        else:
            self.redirect(self.get_login_url())


class SlashHandler(PageHandler):
    """`/dataask`, as people type it."""

    @allow_unauthenticated
    def get(self) -> None:
        """Home."""
        self.lead(f"{self.base_url}{HOME}")


def document(*, title: str, script: str, style: str, nonce: str, config: dict[str, Any]) -> str:
    """The HTML. The settings are data: a block that no browser runs, and that no value can end."""
    data = json.dumps(config).replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003e")
    name = escape(f"{title} – DataAsk")
    return f"""<!doctype html>
<html lang="en" data-theme="system" data-density="comfortable">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>{name}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{escape(style)}" nonce="{nonce}">
<script type="application/json" id="dataask-config">{data}</script>
<script type="module" src="{escape(script)}" nonce="{nonce}"></script>
</head>
<body class="da-pages">
<div id="app"></div>
<noscript><p>DataAsk’s pages need JavaScript. Switch it on for this site, then reload.</p></noscript>
</body>
</html>
"""


def handlers() -> list[tuple[str, Any]]:
    """All pages, as an ExtensionApp wants them. The last takes what no other route knows, so they come last."""
    return [
        (r"/dataask", SlashHandler),
        (r"/dataask/continue", ContinueHandler),
        (r"/dataask/(login|signup|invitation|reset)", PublicHandler),
        (r"/dataask/(.*)", PrivateHandler),
    ]
