"""DataAsk as a service of JupyterHub: who its users are.

The Hub signs people in (OAuth); this service keeps their token in a cookie of its own path and asks the Hub whose it
is, at most `AGE_SECONDS` ago. A token in a header belongs to a program, such as a kernel of the user's own server: it
gets less (`scope="work"`), and can never become a cookie.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.base.handlers import JupyterHandler
from jupyterhub.services.auth import HubOAuth
from jupyterhub.singleuser.extension import JupyterHubLogoutHandler, JupyterHubOAuthCallbackHandler
from tornado import web
from tornado.httputil import url_concat
from traitlets import Instance, default

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.errors import DataAskError, Forbidden

from .base import BaseHandler

AGE_SECONDS = 30
"""For how long the Hub's word about a token is believed."""


class HubUnavailable(DataAskError):
    """JupyterHub can't be asked who somebody is."""

    status: ClassVar[int] = 503
    kind: ClassVar[str] = "hub-unavailable"
    title: ClassVar[str] = "JupyterHub doesn't answer"


@dataclass
class HubUser(User):
    """A user of the Hub, with what that makes them here."""

    identity: Identity | None = None


class HubSignIn(HubOAuth):  # type: ignore[misc]  # jupyterhub has no types
    """JupyterHub's OAuth, with Jupyter's own protection against forged requests: it knows DataAsk's pages and API."""

    def _patch_xsrf(self, handler: Any) -> None:
        """Leave Jupyter's classes as they are."""

    async def _get_user_cookie(self, handler: Any) -> Any:
        """Whose token the cookie holds. Jupyter checks changes for forgery once this is known."""
        token = self._get_token_cookie(handler)
        if not token:
            return None
        found = await self.user_for_token(token, session_id=self.get_session_id(handler), sync=False)
        if found is None:
            # It ended: without the cookie the next page leads to the Hub again.
            self.clear_cookie(handler)
        return found


class Callback(JupyterHubOAuthCallbackHandler):  # type: ignore[misc]
    """Where the Hub sends people back to."""

    def set_default_headers(self) -> None:
        """Its address holds a code; nothing may keep or pass it on."""
        for name, value in _headers("default-src 'none'; frame-ancestors 'self'").items():
            self.set_header(name, value)


class SignedInHandler(JupyterHandler):
    """A page that says only that one is signed in: JupyterLab opens it in a hidden frame to get there."""

    @web.authenticated
    def get(self) -> None:
        """The page, or the way through the Hub's sign-in back to it."""
        self.finish("<!doctype html><meta charset=utf-8><title>DataAsk</title><p>You are signed in. Close this tab.")

    def set_default_headers(self) -> None:
        """The one page that may be framed, by pages of the same origin."""
        super().set_default_headers()
        policy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
        for name, value in _headers(policy).items():
            self.set_header(name, value)


class HubIdentityProvider(IdentityProvider):
    """Users of the Hub who may use this service."""

    logout_handler_class = JupyterHubLogoutHandler
    hub_auth = Instance(HubOAuth)
    # A token that everybody shares would let in without a name.
    need_token = False

    @default("token")
    def _no_token(self) -> str:
        return ""

    @default("hub_auth")
    def _hub_auth(self) -> HubOAuth:
        auth = HubSignIn(parent=self)
        if not any("cache_max_age" in self.config.get(name, {}) for name in ("HubAuth", "HubOAuth")):
            auth.cache_max_age = AGE_SECONDS
        auth.cookie_options = {"samesite": "Lax", **auth.cookie_options}
        # Else the address of a link could hold the token that the cookie is then made of.
        auth.allow_token_in_url = False
        return auth

    async def get_user(self, handler: JupyterHandler) -> HubUser | None:  # type: ignore[override]
        """Whoever the request's token or cookie belongs to, if the Hub lets them use this service."""
        if not isinstance(handler, BaseHandler):
            # Pages lead to the Hub; the API answers 401.
            handler.get_login_url = lambda: self._way_in(handler)  # type: ignore[method-assign]
        try:
            model = await self.hub_auth.get_user(handler, sync=False)
        except web.HTTPError as error:
            raise self._refusal(
                handler,
                HubUnavailable(
                    "DataAsk can't ask JupyterHub who you are. Try again; if it stays, tell whoever runs it."
                ),
            ) from error
        if model is None:
            return None
        name = str(model["name"])
        if model.get("kind") != "user" or not self.hub_auth.check_scopes(self.hub_auth.access_scopes, model):
            raise self._refusal(
                handler,
                Forbidden("JupyterHub doesn't let you use DataAsk. Ask its administrator for access to this service."),
            )
        program = bool(getattr(handler, "_token_authenticated", False))
        identity = Identity(
            subject=f"hub:{name}"[:300],
            name=name[:300],
            display_name=name[:300],
            via="kernel" if program else "hub",
            scope="work" if program else "full",
            groups=tuple(sorted(map(str, model.get("groups") or ()))),
        )
        return HubUser(username=name, name=name, display_name=name, identity=identity)

    def _refusal(self, handler: JupyterHandler, error: DataAskError) -> Exception:
        # Whoever draws the error's page asks once more for the user.
        handler.current_user = handler._jupyter_current_user = None
        return error if isinstance(handler, BaseHandler) else web.HTTPError(error.status, error.detail)

    def _way_in(self, handler: JupyterHandler) -> str:
        """The Hub's authorization page, with a state and a challenge that only this browser can answer."""
        verifier, challenge, method = self.hub_auth.generate_pkce_code_challenge()
        state = self.hub_auth.set_state_cookie(handler, next_url=handler.request.uri, code_verifier=verifier)
        parts = {"state": state, "code_challenge": challenge, "code_challenge_method": method}
        return str(url_concat(self.hub_auth.login_url, parts))

    def get_handlers(self) -> list[tuple[str, Any, Any] | tuple[str, Any]]:  # type: ignore[override]
        """Signing in ends here, and signing out begins here."""
        return [
            ("/logout", self.logout_handler_class),
            ("/oauth_callback", Callback, {"hub_auth": self.hub_auth}),
        ]

    def validate_security(self, app: Any, ssl_options: dict[str, Any] | None = None) -> None:
        """There is no token and no password to warn of."""


def handlers() -> list[tuple[str, Any]]:
    """Addresses that only a service has."""
    return [(r"/dataask/signed-in", SignedInHandler)]


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
