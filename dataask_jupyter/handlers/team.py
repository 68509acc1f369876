"""A server for several people: what it is made of, and when it refuses to start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from traitlets.config import Config

from dataask_jupyter.errors import UnsafeSettings

from .authorizer import DataAskAuthorizer

if TYPE_CHECKING:
    from dataask_jupyter.services.settings import Settings

PACKAGE = "dataask_jupyter"
PROVIDER = "dataask_jupyter.handlers.provider.AccountIdentityProvider"
AUTHORIZER = "dataask_jupyter.handlers.authorizer.DataAskAuthorizer"
PROVIDERS = {"team": PROVIDER, "hub": "dataask_jupyter.handlers.hub.HubIdentityProvider"}

_SHARED = (
    ("IdentityProvider", "token"),
    ("ServerApp", "token"),
    ("ServerApp", "password"),
    ("PasswordIdentityProvider", "hashed_password"),
)
"""Settings by which one secret would let everybody in as the same person."""


def configure(serverapp: Any) -> None:
    """Make the server that loads DataAsk one with accounts. Called before it builds anything of this."""
    for section, name in _SHARED:
        if serverapp.config.get(section, {}).get(name):
            raise UnsafeSettings(
                f"{section}.{name} is set: people of a team sign in with their own accounts. Unset it."
            )
    for name in ("JUPYTER_TOKEN", "JUPYTER_TOKEN_FILE"):
        if os.environ.get(name):
            raise UnsafeSettings(f"{name} is set: people of a team sign in with their own accounts. Unset it.")
    given = serverapp.config.get("ServerApp", {})
    for name, ours in (("authorizer_class", AUTHORIZER), ("identity_provider_class", PROVIDER)):
        other = given.get(name)
        if other and other != ours:
            raise UnsafeSettings(
                f"ServerApp.{name} is set: on a server for several people DataAsk's own keeps them apart. Unset it."
            )
    serverapp.update_config(
        Config(
            {
                "ServerApp": {
                    "identity_provider_class": PROVIDER,
                    "authorizer_class": AUTHORIZER,
                    "default_url": "/dataask/",
                    "terminals_enabled": False,
                    "quit_button": False,
                }
            }
        )
    )
    # Their handlers would run and read as the server's own user, and not all of them ask the authorizer.
    for name, extension in serverapp.extension_manager.extensions.items():
        if name != PACKAGE:
            extension.enabled = False


def verify(app: Any, settings: Settings) -> None:
    """Raise unless the server that was built keeps people apart. Names settings, never their values."""
    from dataask_jupyter.services import keys

    server, mode = app.serverapp, settings.mode
    if mode == "hub" and not app.is_service:
        raise UnsafeSettings(
            "DataAsk.mode is hub, but JupyterHub didn't start this. Let it run DataAsk as its service."
        )
    if server.starter_app is not app:
        raise UnsafeSettings(
            f"DataAsk.mode is {mode}, but another program was started. Kernels and terminals of that one could read "
            "everybody's data. Start: jupyter dataask"
        )
    provider = type(server.identity_provider)
    if type(server.authorizer) is not DataAskAuthorizer:
        raise UnsafeSettings("ServerApp.authorizer_class was replaced: kernels could read everybody's data. Unset it.")
    if f"{provider.__module__}.{provider.__qualname__}" != PROVIDERS[mode] or server.identity_provider.token:
        raise UnsafeSettings("ServerApp.identity_provider_class or a token was set beside DataAsk's sign-in. Unset it.")
    for name, unsafe in (
        ("allow_origin", server.allow_origin == "*"),
        ("allow_origin_pat", bool(server.allow_origin_pat)),
        ("disable_check_xsrf", server.disable_check_xsrf),
        ("allow_unauthenticated_access", server.allow_unauthenticated_access),
    ):
        if unsafe:
            raise UnsafeSettings(f"ServerApp.{name} opens this server to other sites or to strangers. Unset it.")
    keys.load(settings)
