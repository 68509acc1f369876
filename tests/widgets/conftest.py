"""Bundles that stand in for the built ones, and the fake server of the client's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dataask_jupyter.widgets import loop, surfaces
from tests.client.conftest import api, client, own_places

__all__ = ["api", "client", "own_places"]


@pytest.fixture
def bundles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "static"
    folder.mkdir()
    for surface in ("chat", "schema"):
        (folder / f"{surface}.js").write_text(f"export default {{ render() {{ /* {surface} */ }} }}")
        (folder / f"{surface}.css").write_text(f".da-{surface} {{}}")
    monkeypatch.setattr(surfaces, "STATIC", folder)
    return folder


@pytest.fixture(autouse=True)
def no_loop_left() -> Iterator[None]:
    yield
    loop.stop()
