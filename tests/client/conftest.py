"""A fake server on a real socket, and a client of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dataask_jupyter.client import Client, connect, shortcuts
from tests.client.fake_api import TOKEN, FakeApi, standard_routes


@pytest.fixture
def api() -> Iterator[FakeApi]:
    fake = FakeApi(standard_routes())
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def client(api: FakeApi) -> Iterator[Client]:
    with connect(api.url, TOKEN) as connected:
        yield connected


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No test finds the developer's own servers."""
    for name in ("DATAASK_URL", "DATAASK_TOKEN", "JPY_PARENT_PID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    yield
    shortcuts.reset()
