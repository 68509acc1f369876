"""Who a request is from, on a server with its own accounts: by the browser's cookie, or by a program's token."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_server.auth import User
from jupyter_server.auth.identity import IdentityProvider
from tornado import web
from traitlets import default

from dataask_jupyter.access.identity import Identity
from dataask_jupyter.errors import DataAskError, SessionEnded

from . import cookies
from .base import BaseHandler

if TYPE_CHECKING:
    from jupyter_server.base.handlers import JupyterHandler

_AUTHORIZATION = re.compile(r"(?:token|bearer)\s+(\S+)\s*", re.IGNORECASE)


@dataclass
class AccountUser(User):
    """Jupyter's user, with what that makes them here."""

    identity: Identity | None = None


class AccountIdentityProvider(IdentityProvider):
    """People with an account of this server. There is no token that all share, and no other way in."""

    # A token that everybody shares would let in without a name.
    need_token = False

    @default("token")
    def _no_token(self) -> str:
        return ""

    async def get_user(self, handler: JupyterHandler) -> AccountUser | None:  # type: ignore[override]
        """Whoever the request's token or cookie belongs to at this moment."""
        known = getattr(handler, "_jupyter_current_user", None)
        if isinstance(known, AccountUser):
            return known
        header = handler.request.headers.get("Authorization")
        secret = self._secret(handler, header)
        if not secret or _is_public(handler):
            return None
        try:
            services = await handler.settings["dataask_runtime"].services()
            identity = await services.sessions.identify(secret)
        except SessionEnded as ended:
            handler.sign_in_problem = ended  # type: ignore[attr-defined]  # read by the API's handlers
            return None
        except DataAskError as error:
            # Whoever draws the error's page asks once more for the user.
            handler.current_user = handler._jupyter_current_user = None
            raise error if isinstance(handler, BaseHandler) else web.HTTPError(error.status, error.detail) from error
        if identity is None:
            return None
        if header is not None and isinstance(handler, BaseHandler):
            # A program sent it on purpose: no browser does that by itself. Jupyter's own handlers would let the
            # scripts of every site read what they answer to it.
            handler._token_authenticated = True  # type: ignore[attr-defined]
        return AccountUser(
            username=identity.subject, name=identity.name, display_name=identity.display_name, identity=identity
        )

    @staticmethod
    def _secret(handler: JupyterHandler, header: str | None) -> str | None:
        if header is None:
            return handler.get_cookie(cookies.ACCESS)
        # A header that isn't understood doesn't fall back to the cookie: its sender meant somebody else.
        found = _AUTHORIZATION.fullmatch(header)
        return found[1] if found else None

    def get_token(self, handler: web.RequestHandler) -> str | None:
        """None: an address is no place for a token, and `get_user` reads the header."""
        return None

    def get_handlers(self) -> list[tuple[str, object]]:
        """None of Jupyter's own: DataAsk's page and API are the only way in and out."""
        return []

    @property
    def login_available(self) -> bool:
        """Not Jupyter's own."""
        return False

    @property
    def logout_available(self) -> bool:
        """Not Jupyter's own."""
        return False

    def set_login_cookie(self, handler: web.RequestHandler, user: User) -> None:
        """Never: Jupyter's cookie would be believed for a month."""

    def identity_model(self, user: User) -> dict[str, Any]:
        """What Jupyter's own API tells people of themselves."""
        return {"username": user.username, "name": user.name, "display_name": user.display_name}

    def validate_security(self, app: Any, ssl_options: dict[str, Any] | None = None) -> None:
        """There is no token and no password to warn of."""


def _is_public(handler: JupyterHandler) -> bool:
    """Whether the API's operation doesn't ask who it is for; then nothing that is wrong with a token matters."""
    method = getattr(handler, str(handler.request.method).lower(), None)
    return isinstance(handler, BaseHandler) and bool(getattr(method, "__allow_unauthenticated", False))
