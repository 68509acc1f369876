"""Who is asking, and the accounts of a team server."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

from .common import Id, Name, Schema, Timestamp

Mode = Literal["solo", "team", "hub"]
"""`solo`: the Jupyter server's own user; `team`: local accounts; `hub`: JupyterHub's users."""

Registration = Literal["open", "invitation", "off"]

PASSWORD_CHARACTERS = (10, 1_000)
"""Fewest and most characters of a password."""


def _address(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if (
        not local
        or "." not in domain.strip(".")
        or any(letter.isspace() or not letter.isprintable() for letter in value)
    ):
        raise ValueError("Not an e-mail address.")
    return value


Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_address)]
"""An e-mail address as it was typed; two that differ in case alone are the same account."""

Password = Annotated[SecretStr, Field(min_length=1, max_length=PASSWORD_CHARACTERS[1])]
"""A password as it was typed."""

NewPassword = Annotated[SecretStr, Field(min_length=PASSWORD_CHARACTERS[0], max_length=PASSWORD_CHARACTERS[1])]
"""A password to be set."""

Secret = Annotated[SecretStr, Field(min_length=20, max_length=200)]
"""A token that DataAsk made: of a link, of a refresh."""


class User(Schema):
    """A person who uses DataAsk."""

    id: Id
    name: str
    display_name: str
    email: str | None
    is_admin: bool
    """Whether they administer this server: its accounts, not what is in other people's workspaces."""


class ServerInfo(Schema):
    """Facts about the server that the front end adapts to."""

    version: str
    mode: Mode
    mail: bool
    """Whether invitations can be sent by e-mail."""
    workspace_creation: bool = True
    """Whether you may make workspaces."""


class Me(Schema):
    """The signed-in user, where they left off, and what server this is."""

    user: User
    workspace_id: Id
    """The workspace to open: the one last chosen, else the first that has a connection, else the personal one."""
    server: ServerInfo


class MeUpdate(Schema):
    """Remembers the workspace that the user switched to, or changes their name."""

    workspace_id: Id | None = None
    display_name: Name | None = None


class Register(Schema):
    """A new account."""

    email: Email
    display_name: Name
    password: NewPassword
    invitation: Secret | None = None
    """The secret of an invitation's link: where registration is by invitation, it lets in."""
    client: Literal["browser", "program"] = "program"


class Login(Schema):
    """Signing in. A browser gets cookies, a program gets tokens in the answer."""

    email: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254)]
    password: Password
    client: Literal["browser", "program"] = "program"


class Refresh(Schema):
    """A new access token for a refresh token: from the body, or absent for the browser's cookie."""

    refresh_token: Secret | None = None


class SignedIn(Schema):
    """Who signed in; for programs also the tokens."""

    user: User
    access_token: str | None = None
    """Goes into `Authorization: Bearer …`. Null for browsers, which hold it in a cookie that no script can read."""
    refresh_token: str | None = None
    """Good for one refresh, which gives the next one."""
    expires_in: int
    """Seconds until the access token ends."""


class Logout(Schema):
    """Signing out: on this device, or everywhere."""

    everywhere: bool = False


class PasswordChange(Schema):
    """Another password; every other device is signed out."""

    current_password: Password
    new_password: NewPassword


class PasswordReset(Schema):
    """Another password by the secret of a reset link."""

    token: Secret
    password: NewPassword


class Deactivate(Schema):
    """Ending one's own account, confirmed by the password."""

    password: Password


class Session(Schema):
    """A device that is signed in."""

    id: Id
    current: bool
    agent: str
    """The browser or program, as it named itself."""
    address: str
    created_at: Timestamp
    last_used_at: Timestamp


Scope = Literal["full", "work", "read"]
"""`full`: all that the user may; `work`: without accounts, members, invitations, roles and audit; `read`: no change."""


class ApiToken(Schema):
    """A personal API token, for scripts. Its secret is shown once, when it is made."""

    id: Id
    name: str
    scope: Scope
    hint: str
    """Its last four characters."""
    created_at: Timestamp
    expires_at: Timestamp | None
    last_used_at: Timestamp | None


class ApiTokenCreate(Schema):
    """A new API token."""

    name: Name
    scope: Scope = "work"
    days: Annotated[int, Field(ge=1, le=366)] | None = 90
    """How long it is good for; null: until it is revoked."""


class ApiTokenCreated(Schema):
    """The token with its secret, which nobody can read again later."""

    token: ApiToken
    secret: str
    """Goes into `Authorization: token …`."""


class Account(Schema):
    """A user, as the server's administrators see them."""

    id: Id
    display_name: str
    email: str | None
    active: bool
    is_admin: bool
    created_at: Timestamp
    last_seen_at: Timestamp | None


class AccountUpdate(Schema):
    """What an administrator may change of a user; what is absent stays."""

    active: bool | None = None
    is_admin: bool | None = None


class ResetLink(Schema):
    """A link by which a user sets a new password; good once, for a day."""

    link: str
    expires_at: Timestamp


class Xsrf(Schema):
    """What a page of another path on the same origin sends as `X-XSRFToken`."""

    token: str
