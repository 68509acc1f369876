"""The widgets. Results never become traits: they pass in messages, so a saved notebook doesn't hold them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from dataask_jupyter.client import Client
from dataask_jupyter.client.shortcuts import default_client

from .bridge import Bridge
from .rights import on_a_page

STATIC = Path(__file__).resolve().parent / "static"


class NotBuilt(RuntimeError):
    """The browser part of the widgets is missing."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Surface(anywidget.AnyWidget):
    """Base of the widgets: a bundle, its options and the way to the server."""

    surface: ClassVar[str]
    shown_as: ClassVar[str]

    _esm = traitlets.Unicode().tag(sync=True)
    _css = traitlets.Unicode().tag(sync=True)
    options = traitlets.Dict().tag(sync=True)

    def __init__(self, client: Client | None = None, *, connection: str | None = None) -> None:
        script, style = _bundle(self.surface)
        client = client or default_client()
        self._client = client
        super().__init__(
            _esm=script,
            _css=style,
            options={
                "workspace_id": client.workspace_id,
                "connection_id": client.connection(connection).id if connection else None,
                "conversation_id": None,
                "surface": self.surface,
            },
        )
        self._bridge = Bridge(client, self.send, reader=on_a_page())
        self.on_msg(self._receive)

    def _receive(self, _: Any, content: object, __: Any) -> None:
        self._bridge.receive(content)

    def close(self) -> None:
        """Ends open requests and takes the widget away."""
        bridge = getattr(self, "_bridge", None)
        if bridge is not None:
            bridge.close()
        super().close()

    def __repr__(self) -> str:
        return self.shown_as


class Chat(Surface):
    """A conversation with a connection, in a cell: `da.Chat()` or `da.Chat("my connection")`."""

    surface = "chat"
    shown_as = "DataAsk chat. Open the notebook in JupyterLab or Voilà and run this cell to ask questions."

    def __init__(self, connection: str | None = None, *, client: Client | None = None) -> None:
        """`connection` is a name or an id; without it, the workspace's first connection is asked."""
        super().__init__(client, connection=connection)


class SchemaBrowser(Surface):
    """The connections of the workspace with their tables and columns, in a cell: `da.SchemaBrowser()`."""

    surface = "schema"
    shown_as = "DataAsk schema browser. Open the notebook in JupyterLab or Voilà and run this cell to see tables."

    def __init__(self, *, client: Client | None = None) -> None:
        super().__init__(client)


def _bundle(surface: str) -> tuple[str, str]:
    """The script and the style of a surface, as the front end's build left them."""
    try:
        script, style = ((STATIC / f"{surface}.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    except FileNotFoundError as error:
        raise NotBuilt(
            f"{error.filename} is missing: DataAsk's front end isn't built. "
            "In a source checkout run `make setup`, then run this cell again."
        ) from None
    return script, style
