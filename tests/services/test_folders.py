"""Which files of the server's machine people can connect."""

from __future__ import annotations

from pathlib import Path

import pytest

from dataask_jupyter.errors import InvalidInput
from dataask_jupyter.schemas.connections import ConnectionCreate, ConnectionTest
from dataask_jupyter.services.settings import Settings
from tests.handlers.conftest import make_shop

from .conftest import ANN, MakeServices

KEY = "kX3-9vTq7_mB2zLw8RfYc5NdHs1GjPa6UeoIt4Wy0Zb"


def _connection(path: Path) -> ConnectionCreate:
    return ConnectionCreate(name=path.name, kind="sqlite", settings={"path": str(path)})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the administrator lets people's files be."""
    path = tmp_path / "srv"
    path.mkdir()
    make_shop(path / "shop.db")
    return path


async def test_where_several_work_only_the_named_folders_are_open(
    tmp_path: Path, folder: Path, make_services: MakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAASK_SECRET_KEY", KEY)
    services = make_services(Settings(data_dir=tmp_path / "dataask", workers=1, mode="team", file_folders=(folder,)))
    ws = (await services.accounts.me(ANN)).workspace_id
    assert (await services.connections.create(ANN, ws, _connection(folder / "shop.db"))).status.state == "ok"

    secret = tmp_path / "srv-secret"
    secret.mkdir()
    make_shop(secret / "pay.db")
    (folder / "link.db").symlink_to(secret / "pay.db")
    outside = [
        secret / "pay.db",
        secret / "nothing.db",
        folder / ".." / "srv-secret" / "pay.db",
        folder / "link.db",
        services.settings.data_dir / "dataask.db",
        Path("/etc/passwd"),
    ]
    said = set()
    for path in outside:
        with pytest.raises(InvalidInput, match=r"DataAsk\.file_folders") as caught:
            await services.connections.create(ANN, ws, _connection(path))
        said.add(caught.value.detail)
        given = ConnectionTest(kind="sqlite", settings={"path": str(path)})
        with pytest.raises(InvalidInput, match=r"DataAsk\.file_folders"):
            await services.connections.test_settings(ANN, ws, given)
    assert len(said) == 1, "what is said tells whether a file exists"
    assert [each.name for each in (await services.connections.list(ANN, ws, None, 50)).items] == ["shop.db"]


async def test_alone_all_files_are_open(tmp_path: Path, folder: Path, make_services: MakeServices) -> None:
    services = make_services(Settings(data_dir=tmp_path / "dataask", workers=1))
    ws = (await services.accounts.me(ANN)).workspace_id
    assert (await services.connections.create(ANN, ws, _connection(folder / "shop.db"))).status.state == "ok"
