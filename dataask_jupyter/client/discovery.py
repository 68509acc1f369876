"""Finds the server: the one that was named, else the one this kernel belongs to, else the shared one."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

from .errors import ServerUnavailable
from .server import Probe, Server, from_runtime_file
from .shared import shared_server


def find(url: str | None = None, token: str | None = None) -> Server:
    """A server on which DataAsk answers. Raises `ServerUnavailable` saying why there is none."""
    named = named_server(url, token)
    if named is not None:
        return _checked(named)
    own = kernel_server(os.environ.get("JPY_PARENT_PID"))
    # The kernel's own server may have no DataAsk, or only a password that the kernel doesn't know.
    if own is not None and own.probe() is Probe.OK:
        return own
    return shared_server()


def named_server(url: str | None = None, token: str | None = None) -> Server | None:
    """The server that an argument or the environment names."""
    url = url or os.environ.get("DATAASK_URL")
    if not url:
        return None
    return Server.at(url, token or os.environ.get("DATAASK_TOKEN") or _hub_token(url))


def _hub_token(url: str) -> str | None:
    """The token that JupyterHub gave to this kernel's server, for the Hub's own DataAsk and for nobody else."""
    service = os.environ.get("DATAASK_HUB_URL")
    if not service or Server.at(url).url != Server.at(service).url:
        return None
    return os.environ.get("JUPYTERHUB_API_TOKEN")


def kernel_server(parent: str | None) -> Server | None:
    """The Jupyter server that started this kernel, from the file that it keeps while it runs."""
    if not parent or not parent.isdigit():
        return None
    return from_runtime_file(Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json")


def _checked(server: Server) -> Server:
    found = server.probe()
    if found is Probe.OK:
        return server
    where = f"at {server.url}"
    if found is Probe.DENIED:
        raise ServerUnavailable(
            f"The server {where} doesn't accept the token. Set DATAASK_TOKEN to the token that it printed at its start."
        )
    if found is Probe.OTHER:
        raise ServerUnavailable(
            f"A server answers {where}, but without DataAsk. Install dataask_jupyter where that server runs, "
            "or give another address."
        )
    raise ServerUnavailable(f"Nothing answers {where}. Start it with `jupyter dataask`, or give another address.")
