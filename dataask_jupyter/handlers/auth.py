"""Who am I: signing in and out, the account, its devices and its tokens."""

from __future__ import annotations

from dataask_jupyter.errors import Conflict, Forbidden, LinkEnded, NotFound, SignInFailed, TooManyTries
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.users import (
    ApiToken,
    ApiTokenCreate,
    ApiTokenCreated,
    Deactivate,
    Login,
    Logout,
    Me,
    MeUpdate,
    PasswordChange,
    PasswordReset,
    Refresh,
    Register,
    Session,
    SignedIn,
    Xsrf,
)

from .base import BaseHandler
from .endpoint import endpoint


class MeHandler(BaseHandler):
    """The signed-in user."""

    @endpoint("getMe", "Who you are and which workspace to open", action="read", resource="me")
    async def get(self) -> Me:
        return await (await self.services()).accounts.me(self.identity)

    @endpoint(
        "updateMe",
        "Change your name, or remember the workspace you switched to",
        action="write",
        resource="me",
        problems=(NotFound,),
    )
    async def patch(self, body: MeUpdate) -> Me:
        return await (await self.services()).accounts.update_me(self.identity, body)


class RegisterHandler(BaseHandler):
    """New accounts."""

    @endpoint(
        "register",
        "Make an account and sign in",
        action="write",
        resource="account",
        status=201,
        public=True,
        problems=(NotFound, Forbidden, Conflict, LinkEnded, TooManyTries),
    )
    async def post(self, body: Register) -> SignedIn:
        raise NotImplementedError


class LoginHandler(BaseHandler):
    """Signing in."""

    @endpoint(
        "login",
        "Sign in with e-mail and password",
        action="write",
        resource="account",
        public=True,
        problems=(NotFound, SignInFailed, TooManyTries),
    )
    async def post(self, body: Login) -> SignedIn:
        raise NotImplementedError


class RefreshHandler(BaseHandler):
    """Staying signed in."""

    @endpoint(
        "refresh",
        "Trade a refresh token for the next one and a new access token",
        action="write",
        resource="account",
        public=True,
        problems=(NotFound,),
    )
    async def post(self, body: Refresh) -> SignedIn:
        raise NotImplementedError


class LogoutHandler(BaseHandler):
    """Signing out."""

    @endpoint("logout", "Sign out on this device or everywhere", action="write", resource="account")
    async def post(self, body: Logout) -> None:
        raise NotImplementedError


class PasswordHandler(BaseHandler):
    """The password."""

    @endpoint(
        "changePassword",
        "Change your password; other devices are signed out",
        action="write",
        resource="account",
        problems=(NotFound, Forbidden, SignInFailed, TooManyTries),
    )
    async def post(self, body: PasswordChange) -> None:
        raise NotImplementedError


class ResetHandler(BaseHandler):
    """A forgotten password."""

    @endpoint(
        "resetPassword",
        "Set a new password with the secret of a reset link",
        action="write",
        resource="account",
        public=True,
        problems=(LinkEnded, TooManyTries),
    )
    async def post(self, body: PasswordReset) -> None:
        raise NotImplementedError


class DeactivateHandler(BaseHandler):
    """The end of an account."""

    @endpoint(
        "deactivate",
        "End your account; nobody can sign in to it any more",
        action="write",
        resource="account",
        problems=(NotFound, Forbidden, Conflict, SignInFailed, TooManyTries),
    )
    async def post(self, body: Deactivate) -> None:
        raise NotImplementedError


class SessionsHandler(BaseHandler):
    """The devices that you are signed in on."""

    @endpoint("listSessions", "Where you are signed in", action="read", resource="account", problems=(Forbidden,))
    async def get(self) -> Page[Session]:
        raise NotImplementedError


class SessionHandler(BaseHandler):
    """One device."""

    @endpoint("endSession", "Sign one device out", action="write", resource="account", problems=(NotFound, Forbidden))
    async def delete(self, session_id: str) -> None:
        raise NotImplementedError


class TokensHandler(BaseHandler):
    """Personal API tokens."""

    @endpoint("listTokens", "Your API tokens", action="read", resource="account", problems=(Forbidden,))
    async def get(self) -> Page[ApiToken]:
        raise NotImplementedError

    @endpoint(
        "createToken",
        "Make an API token; its secret is in this answer only",
        action="write",
        resource="account",
        status=201,
        problems=(Forbidden, Conflict),
    )
    async def post(self, body: ApiTokenCreate) -> ApiTokenCreated:
        raise NotImplementedError


class TokenHandler(BaseHandler):
    """One API token."""

    @endpoint("revokeToken", "Revoke an API token", action="write", resource="account", problems=(NotFound, Forbidden))
    async def delete(self, token_id: str) -> None:
        raise NotImplementedError


class XsrfHandler(BaseHandler):
    """For pages of another path on this origin, such as JupyterLab on a user's own server behind the same Hub."""

    @endpoint("getXsrf", "What to send as X-XSRFToken with changes", action="read", resource="me")
    async def get(self) -> Xsrf:
        raise NotImplementedError
