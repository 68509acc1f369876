"""Who am I: signing in and out, the account, its devices and its tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from dataask_jupyter.errors import (
    Conflict,
    Forbidden,
    LinkEnded,
    NotFound,
    NotSignedIn,
    SessionEnded,
    SignInBusy,
    SignInFailed,
    TooManyTries,
)
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

from . import cookies
from .base import BaseHandler
from .endpoint import endpoint

if TYPE_CHECKING:
    from dataask_jupyter.services.container import Services
    from dataask_jupyter.services.sign_in import Signed


class AccountHandler(BaseHandler):
    """What only a server with accounts of its own has."""

    # A password that is far too long is answered as what it is, with the field's name.
    max_body_bytes = 2 * 1024 * 1024

    async def accounts_of_this_server(self) -> Services:
        """The services, where this server has accounts; the same answer as for what doesn't exist elsewhere."""
        mode = str(self.settings["dataask"].mode)
        if mode != "team":
            who = "JupyterHub signs people in" if mode == "hub" else "the Jupyter server's own user is the only one"
            raise NotFound(f"This server has no accounts of its own: {who}.")
        return await self.services()

    def sign_in_as(self, *, given: Literal["browser", "program"], signed: Signed) -> SignedIn:
        """The answer: a browser's tokens are in its cookies only."""
        if given == "program":
            return SignedIn(
                user=signed.user,
                access_token=signed.access_token,
                refresh_token=signed.refresh_token,
                expires_in=signed.expires_in,
            )
        cookies.put(self, signed, seconds=int(self.settings["dataask"].session_days) * 86_400)
        return SignedIn(user=signed.user, expires_in=signed.expires_in)


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


class RegisterHandler(AccountHandler):
    """New accounts."""

    @endpoint(
        "register",
        "Make an account and sign in",
        action="write",
        resource="account",
        status=201,
        public=True,
        problems=(NotFound, Forbidden, Conflict, LinkEnded, TooManyTries, SignInBusy),
    )
    async def post(self, body: Register) -> SignedIn:
        sign_in = (await self.accounts_of_this_server()).sign_in
        return self.sign_in_as(given=body.client, signed=await sign_in.register(body, self.client))


class LoginHandler(AccountHandler):
    """Signing in."""

    @endpoint(
        "login",
        "Sign in with e-mail and password",
        action="write",
        resource="account",
        public=True,
        problems=(NotFound, SignInFailed, TooManyTries, SignInBusy),
    )
    async def post(self, body: Login) -> SignedIn:
        sign_in = (await self.accounts_of_this_server()).sign_in
        return self.sign_in_as(given=body.client, signed=await sign_in.login(body, self.client))


class RefreshHandler(AccountHandler):
    """Staying signed in."""

    @endpoint(
        "refresh",
        "Trade a refresh token for the next one and a new access token",
        action="write",
        resource="account",
        public=True,
        problems=(NotFound, SessionEnded),
    )
    async def post(self, body: Refresh) -> SignedIn:
        sign_in = (await self.accounts_of_this_server()).sign_in
        if body.refresh_token is not None:
            signed = await sign_in.refresh(body.refresh_token.get_secret_value(), self.client)
            return self.sign_in_as(given="program", signed=signed)
        held = self.get_cookie(cookies.REFRESH)
        if held is None:
            raise NotSignedIn
        try:
            signed = await sign_in.refresh(held, self.client)
        except SessionEnded:
            cookies.clear(self)
            raise
        return self.sign_in_as(given="browser", signed=signed)


class LogoutHandler(AccountHandler):
    """Signing out."""

    @endpoint("logout", "Sign out on this device or everywhere", action="write", resource="account")
    async def post(self, body: Logout) -> None:
        services = await self.accounts_of_this_server()
        await services.sessions.sign_out(self.identity, everywhere=body.everywhere)
        cookies.clear(self)


class PasswordHandler(AccountHandler):
    """The password."""

    @endpoint(
        "changePassword",
        "Change your password; other devices are signed out",
        action="write",
        resource="account",
        problems=(NotFound, Forbidden, SignInFailed, TooManyTries, SignInBusy),
    )
    async def post(self, body: PasswordChange) -> None:
        await (await self.accounts_of_this_server()).credentials.change_password(self.identity, body)


class ResetHandler(AccountHandler):
    """A forgotten password."""

    @endpoint(
        "resetPassword",
        "Set a new password with the secret of a reset link",
        action="write",
        resource="account",
        public=True,
        problems=(LinkEnded, TooManyTries, SignInBusy),
    )
    async def post(self, body: PasswordReset) -> None:
        await (await self.accounts_of_this_server()).credentials.reset(body, self.client)


class DeactivateHandler(AccountHandler):
    """The end of an account."""

    @endpoint(
        "deactivate",
        "End your account; nobody can sign in to it any more",
        action="write",
        resource="account",
        problems=(NotFound, Forbidden, Conflict, SignInFailed, TooManyTries, SignInBusy),
    )
    async def post(self, body: Deactivate) -> None:
        services = await self.accounts_of_this_server()
        await services.credentials.deactivate(self.identity, body.password.get_secret_value())
        cookies.clear(self)


class SessionsHandler(AccountHandler):
    """The devices that you are signed in on."""

    @endpoint("listSessions", "Where you are signed in", action="read", resource="account", problems=(Forbidden,))
    async def get(self) -> Page[Session]:
        return await (await self.accounts_of_this_server()).sessions.list(self.identity)


class SessionHandler(AccountHandler):
    """One device."""

    @endpoint("endSession", "Sign one device out", action="write", resource="account", problems=(NotFound, Forbidden))
    async def delete(self, session_id: str) -> None:
        await (await self.accounts_of_this_server()).sessions.end(self.identity, session_id)


class TokensHandler(AccountHandler):
    """Personal API tokens."""

    @endpoint("listTokens", "Your API tokens", action="read", resource="account", problems=(Forbidden,))
    async def get(self) -> Page[ApiToken]:
        return await (await self.accounts_of_this_server()).api_tokens.list(self.identity)

    @endpoint(
        "createToken",
        "Make an API token; its secret is in this answer only",
        action="write",
        resource="account",
        status=201,
        problems=(Forbidden, Conflict),
    )
    async def post(self, body: ApiTokenCreate) -> ApiTokenCreated:
        return await (await self.accounts_of_this_server()).api_tokens.create(self.identity, body)


class TokenHandler(AccountHandler):
    """One API token."""

    @endpoint("revokeToken", "Revoke an API token", action="write", resource="account", problems=(NotFound, Forbidden))
    async def delete(self, token_id: str) -> None:
        await (await self.accounts_of_this_server()).api_tokens.revoke(self.identity, token_id)


class XsrfHandler(BaseHandler):
    """For pages of another path on this origin, such as JupyterLab on a user's own server behind the same Hub."""

    @endpoint("getXsrf", "What to send as X-XSRFToken with changes", action="read", resource="me")
    async def get(self) -> Xsrf:
        # Reading it sets the cookie that it is compared with, when the browser has none.
        return Xsrf(token=self.xsrf_token.decode())
