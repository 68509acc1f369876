"""From Jupyter's user to DataAsk's identity."""

from __future__ import annotations

from typing import Any

from dataask_jupyter.access.identity import Identity, local, named

_STOCK = "jupyter_server.auth.identity"


def of(user: Any, provider: Any) -> Identity:
    """The identity behind an authenticated request.

    Jupyter's own providers (token, password) know one person only and name them anew on every login, so that
    person is `local`. Other providers (JupyterHub's, a company's own) know real names.
    """
    vouched = getattr(user, "identity", None)
    if isinstance(vouched, Identity):
        return vouched
    if type(provider).__module__ == _STOCK:
        return local()
    return named(str(user.username), str(user.display_name or user.name or user.username))
