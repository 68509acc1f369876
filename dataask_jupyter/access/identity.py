"""Who a request comes from, before and after the store was asked."""

from __future__ import annotations

import functools
import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from dataask_jupyter.schemas.audit import Via
from dataask_jupyter.schemas.users import Scope

from .roles import Grant


@dataclass(frozen=True)
class Client:
    """Where a request came from: for the record only, nothing is decided by it."""

    address: str | None = None
    agent: str | None = None
    request_id: str | None = None
    reservation: str | None = None
    """The id of the `Idempotency-Key` reservation that this request fulfils; see `services/idempotency.py`."""


NOWHERE = Client()


@dataclass(frozen=True)
class Identity:
    """What the way in (Jupyter's identity provider, an account's session, a token, the shell) vouches for."""

    subject: str
    """Stable and unique: `local` for the person who runs their own server, `jupyter:<name>`, `account:<id>`, else
    `hub:<name>`."""
    name: str
    display_name: str
    via: Via = "jupyter"
    scope: Scope = "full"
    """What the way in allows at most, whatever the user's roles are."""
    groups: tuple[str, ...] | None = None
    """The user's groups, where the way in knows groups; None where it doesn't."""
    session_id: str | None = None
    """The session behind it, for accounts."""
    client: Client = field(default=NOWHERE, compare=False)


@dataclass(frozen=True)
class Principal:
    """A known user with the roles they hold at this moment: what the permission gate decides on."""

    user_id: str
    name: str
    display_name: str
    roles: Mapping[str, Grant] = field(default_factory=dict)
    """Role by workspace id. A workspace that is absent does not exist for this principal."""
    is_admin: bool = False
    """Administers this server's accounts; gives no right in any workspace."""
    via: Via = "jupyter"
    scope: Scope = "full"
    session_id: str | None = None
    client: Client = field(default=NOWHERE, compare=False)


def named(name: str, display_name: str) -> Identity:
    """A person whom Jupyter knows by name."""
    return Identity(subject=f"jupyter:{name}"[:300], name=name[:300], display_name=display_name[:300])


@functools.cache
def local() -> Identity:
    """The person who runs this process."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # A container's user id without an entry in the password file.
        name = "me"
    return Identity(subject="local", name=name, display_name=name)


def shell() -> Identity:
    """The person at the shell: the same as in the server that they would start here."""
    hub = os.environ.get("JUPYTERHUB_USER")
    return named(hub, hub) if hub else local()
