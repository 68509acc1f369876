"""The widgets themselves: small state, a clear error without bundles, a word for readers who see no widget."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataask_jupyter.client import Client
from dataask_jupyter.errors import NotFound
from dataask_jupyter.widgets import Chat, SchemaBrowser, surfaces
from tests.client.fake_api import an_id


@pytest.mark.usefixtures("bundles")
def test_the_state_holds_what_to_show_and_nothing_of_the_data(client: Client) -> None:
    chat = Chat("shop", client=client)
    state = chat.get_state()
    assert state["_esm"].startswith("export default")
    assert state["_css"].startswith(".da-chat")
    assert state["options"] == {
        "workspace_id": an_id(10),
        "connection_id": an_id(21),
        "conversation_id": None,
        "surface": "chat",
    }
    own = {name: value for name, value in state.items() if name not in ("_esm", "_css", "layout")}
    assert len(json.dumps(own)) < 1_000
    assert client.server.token not in json.dumps(own)
    chat.close()


@pytest.mark.usefixtures("bundles")
def test_the_schema_browser(client: Client) -> None:
    browser = SchemaBrowser(client=client)
    assert browser.options["surface"] == "schema"
    assert browser.get_state()["_css"].startswith(".da-schema")
    browser.close()
    browser.close()


@pytest.mark.usefixtures("bundles")
def test_the_plain_text_says_what_it_is(client: Client) -> None:
    chat = Chat(client=client)
    data = chat._repr_mimebundle_()
    shown = data[0] if isinstance(data, tuple) else data
    assert shown["text/plain"].startswith("DataAsk chat")
    assert "application/vnd.jupyter.widget-view+json" in shown
    chat.close()


@pytest.mark.usefixtures("bundles")
def test_an_unknown_connection_is_said_in_the_cell(client: Client) -> None:
    with pytest.raises(NotFound, match='"flights", "Shop"'):
        Chat("nothing", client=client)


def test_without_bundles_the_error_says_what_to_run(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(surfaces, "STATIC", tmp_path)
    with pytest.raises(surfaces.NotBuilt, match="make setup") as raised:
        Chat(client=client)
    assert "Traceback" not in "".join(raised.value._render_traceback_())
