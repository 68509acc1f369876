"""A database of each kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .databases import KINDS, SERVERS, Database, create, shop
from .emulators import Emulator

FIXTURES = {
    "postgresql": "postgresql",
    "mysql": "mariadb",
    "bigquery": "bigquery_emulator",
    "snowflake": "snowflake_emulator",
}

Create = Callable[..., Database]


@pytest.fixture
def create_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Create]:
    """Makes databases of a kind."""
    used: set[Emulator] = set()

    def make(kind: str, script: str = "") -> Database:
        server = request.getfixturevalue(FIXTURES[kind]) if kind in FIXTURES else None
        if isinstance(server, Emulator):
            used.add(server)
        return create(kind, tmp_path, server, script)

    yield make
    for emulator in used:
        emulator.settle()


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, create_database: Create) -> Database:
    """The shop in a database of every kind."""
    kind = str(request.param)
    return create_database(kind, shop(kind))


@pytest.fixture(params=SERVERS)
def server_database(request: pytest.FixtureRequest, create_database: Create) -> Database:
    """The shop on every kind of server."""
    kind = str(request.param)
    return create_database(kind, shop(kind))
