"""An empty store in each database that DataAsk can live in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dataask_jupyter.store.database import Store
from tests.servers import PostgreSQL

MakeStore = Callable[[], Store]


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store' / 'dataask.db'}"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.create_database()


@pytest.fixture
def make_store(store_url: str) -> Iterator[MakeStore]:
    """Makes stores on that database; several behave like several processes."""
    made: list[Store] = []

    def make() -> Store:
        store = Store(store_url)
        made.append(store)
        return store

    yield make
    for store in made:
        store.close_now()


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    """An empty store."""
    return make_store()
