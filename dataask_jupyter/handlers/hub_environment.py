"""What JupyterHub says in the environment: to DataAsk as its service, and to users' own servers.

Nothing here needs the package jupyterhub, which only the service does.
"""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

if TYPE_CHECKING:
    from traitlets.config import Config

Environment = MutableMapping[str, str]


def is_service() -> bool:
    """Whether the Hub runs this process as its service. (Users' own servers have an address, but no service's name.)"""
    return bool(os.environ.get("JUPYTERHUB_SERVICE_NAME") and os.environ.get("JUPYTERHUB_SERVICE_URL"))


def configure(config: Config) -> None:
    """What the Hub's environment says about this server, and what a server for several people must not do."""
    server = config.ServerApp
    url = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    server.ip = url.hostname or ""
    server.port = url.port or (443 if url.scheme == "https" else 80)
    server.port_retries = 0
    server.base_url = os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or "/"
    server.keyfile = os.environ.get("JUPYTERHUB_SSL_KEYFILE") or ""
    server.certfile = os.environ.get("JUPYTERHUB_SSL_CERTFILE") or ""
    server.client_ca = os.environ.get("JUPYTERHUB_SSL_CLIENT_CA") or ""
    # The Hub's proxy stands before it, and names the host and the protocol.
    server.allow_remote_access = True
    server.trust_xheaders = True
    server.default_url = "/dataask/"
    server.open_browser = False
    server.quit_button = False
    server.answer_yes = True
    server.terminals_enabled = False
    server.allow_unauthenticated_access = False
    server.disable_check_xsrf = False
    server.identity_provider_class = "dataask_jupyter.handlers.hub.HubIdentityProvider"
    server.authorizer_class = "dataask_jupyter.handlers.authorizer.DataAskAuthorizer"
    public = os.environ.get("JUPYTERHUB_PUBLIC_URL")
    if public and "public_url" not in config.DataAsk:
        # For links that leave the server: the Hub's own public address, if its administrator named one.
        config.DataAsk.public_url = public


def lead_kernels(service_url: str, environment: Environment) -> None:
    """Tell kernels, which inherit the environment, where the service is.

    `DATAASK_URL` is what `da.connect()` goes to; an administrator may have set it, for kernels that reach the service
    by another way than browsers do. `DATAASK_HUB_URL` is where the server's own token of the Hub may be sent: a
    notebook that is led elsewhere by `DATAASK_URL` sends no token there.
    """
    known = environment.get("DATAASK_URL") or _absolute(service_url, environment)
    if known:
        environment["DATAASK_URL"] = environment["DATAASK_HUB_URL"] = known


def _absolute(service_url: str, environment: Environment) -> str:
    if urlsplit(service_url).netloc:
        return service_url
    for name in ("JUPYTERHUB_PUBLIC_URL", "JUPYTERHUB_PUBLIC_HUB_URL", "JUPYTERHUB_HOST"):
        base = environment.get(name)
        if base:
            return urljoin(base, service_url)
    return ""
