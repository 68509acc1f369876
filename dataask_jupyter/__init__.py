"""DataAsk: ask, prepare and show data from where you already work.

In a notebook: ``import dataask_jupyter as da``, then ``da.ask("…")``, ``da.sql("…")`` or ``da.Chat()``.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .client import connect as connect
    from .client.shortcuts import ask as ask
    from .client.shortcuts import sql as sql
    from .magic import load_ipython_extension as load_ipython_extension
    from .widgets import Chat as Chat
    from .widgets import SchemaBrowser as SchemaBrowser

# A Jupyter server imports this package to find the extension; what notebooks use is imported when they use it.
_LAZY = {
    "connect": "dataask_jupyter.client",
    "ask": "dataask_jupyter.client.shortcuts",
    "sql": "dataask_jupyter.client.shortcuts",
    "Chat": "dataask_jupyter.widgets",
    "SchemaBrowser": "dataask_jupyter.widgets",
    "load_ipython_extension": "dataask_jupyter.magic",
}

__all__ = ["Chat", "SchemaBrowser", "__version__", "ask", "connect", "load_ipython_extension", "sql"]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(_LAZY[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


class _Callable(ModuleType):
    """The subpackages `ask` and `sql`, which are named like the functions: calling one calls the function."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self.__name__.rpartition(".")[2]
        return getattr(import_module(_LAZY[name]), name)(*args, **kwargs)


class _Package(ModuleType):
    """This package. Importing a subpackage puts it here as an attribute, over a function of its name."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _LAZY and type(value) is ModuleType:
            value.__class__ = _Callable
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab finds the front end."""
    return [{"src": "labextension", "dest": "@dataask/labextension"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What jupyter_server loads."""
    return [{"module": "dataask_jupyter.app", "app": import_module("dataask_jupyter.app").DataAsk}]
