"""Who a request comes from, before and after the store was asked."""

from __future__ import annotations

import functools
import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from dataask_jupyter.schemas.workspaces import Role


@dataclass(frozen=True)
class Identity:
    """What the way in (Jupyter's identity provider, the shell) vouches for."""

    subject: str
    """Stable and unique: `local` for the person who runs their own server, `jupyter:<name>` otherwise."""
    name: str
    display_name: str


@dataclass(frozen=True)
class Principal:
    """A known user with the roles they hold at this moment: what the permission gate decides on."""

    user_id: str
    name: str
    display_name: str
    roles: Mapping[str, Role] = field(default_factory=dict)
    """Role by workspace id. A workspace that is absent does not exist for this principal."""


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
