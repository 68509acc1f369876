"""What is known of a source: found out once, kept on disk, and anew when the source changes."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dataask_jupyter.errors import QueryTimeout, SourceUnavailable
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultStore
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile, TableProfile
from dataask_jupyter.services.models import Models
from dataask_jupyter.services.profiles import KEPT, Profiles
from dataask_jupyter.sources import SourceSpec


class CountingPool(WorkerPool):
    """A real pool that counts what it is asked."""

    catalogs = 0
    profiles = 0
    delay = 0.0
    broken = False

    async def catalog(self, spec: SourceSpec) -> Catalog:
        self.catalogs += 1
        return await super().catalog(spec)

    async def profile(self, spec: SourceSpec, catalog: Catalog, *, seconds: float = 20.0) -> CatalogProfile:
        self.profiles += 1
        await asyncio.sleep(self.delay)
        if self.broken:
            raise QueryTimeout("It took too long.")
        return await super().profile(spec, catalog, seconds=seconds)


@pytest_asyncio.fixture
async def pool(tmp_path: Path) -> AsyncIterator[CountingPool]:
    made = CountingPool(size=1, results=ResultStore(tmp_path / "results", budget_bytes=10**9))
    yield made
    await made.close()


@pytest.fixture
def spec(shop: Path) -> SourceSpec:
    return SourceSpec("sqlite", {"path": str(shop)})


async def test_many_askers_share_one_look(pool: CountingPool, spec: SourceSpec, tmp_path: Path) -> None:
    models = Models(pool, Profiles(tmp_path / "profiles"), profile_wait_seconds=10)
    found = await asyncio.gather(*(models.model(spec) for _ in range(10)), *(models.catalog(spec) for _ in range(10)))
    assert len({id(model) for model in found[:10]}) == 1
    assert (pool.catalogs, pool.profiles) == (1, 1)
    # Another process, or this one after a restart, needs no profile any more.
    again = Models(pool, Profiles(tmp_path / "profiles"), profile_wait_seconds=10)
    await again.model(spec)
    assert (pool.catalogs, pool.profiles) == (2, 1)
    await models.close()
    await again.close()


async def test_a_changed_source_is_looked_at_anew(pool: CountingPool, spec: SourceSpec, shop: Path) -> None:
    models = Models(pool, Profiles(None), profile_wait_seconds=10)
    assert len((await models.catalog(spec)).tables) == 2
    connection = sqlite3.connect(shop)
    connection.execute("CREATE TABLE refunds (id INTEGER PRIMARY KEY)")
    connection.close()
    assert len((await models.catalog(spec)).tables) == 3
    await models.catalog(spec, refresh=True)
    assert pool.catalogs == 3
    await models.close()


async def test_a_slow_profile_is_not_waited_for_but_used_later(pool: CountingPool, spec: SourceSpec) -> None:
    pool.delay = 0.8
    models = Models(pool, Profiles(None), profile_wait_seconds=0.1)
    without = await models.model(spec)
    assert await models.model(spec) is without
    assert await models.model(spec, wait_seconds=10) is not without
    assert pool.profiles == 1
    await models.close()


async def test_a_profile_that_fails_leaves_the_names(pool: CountingPool, spec: SourceSpec) -> None:
    pool.broken = True
    models = Models(pool, Profiles(None), profile_wait_seconds=10)
    assert set((await models.model(spec)).tables) == {"customers", "orders"}
    await models.close()


async def test_a_failure_is_not_remembered(pool: CountingPool, spec: SourceSpec, shop: Path) -> None:
    models = Models(pool, Profiles(None), profile_wait_seconds=10)
    content = shop.read_bytes()
    shop.write_text("not a database " * 100)
    with pytest.raises(SourceUnavailable):
        await models.model(spec)
    models.prepare(spec)
    shop.write_bytes(content)
    assert len((await models.catalog(spec)).tables) == 2
    await models.close()


def test_profiles_are_private_few_and_never_in_the_way(tmp_path: Path) -> None:
    folder = tmp_path / "profiles"
    profiles = Profiles(folder)
    profile = CatalogProfile(tables=[TableProfile(table="t", columns={})])
    for number in range(KEPT + 3):
        profiles.save(SourceSpec("sqlite", {"path": f"/{number}"}), "1", profile)
    assert len(list(folder.iterdir())) == KEPT
    newest = SourceSpec("sqlite", {"path": f"/{KEPT + 2}"})
    assert profiles.load(newest, "1") == profile
    assert profiles.load(newest, "2") is None
    for file in folder.iterdir():
        assert file.stat().st_mode & 0o077 == 0
        file.write_text("{")
    assert profiles.load(newest, "1") is None
    # No folder, no disk, no permission: it is only slower.
    (tmp_path / "file").write_text("")
    Profiles(tmp_path / "file").save(newest, "1", profile)
    Profiles(None).save(newest, "1", profile)
