"""Catalogs, profiles and semantic models of sources, kept until a source changes."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile
from dataask_jupyter.semantic.build import build
from dataask_jupyter.semantic.model import SemanticModel
from dataask_jupyter.sources import SourceSpec, source_version

from .profiles import Profiles

KEPT = 32
"""How many sources are remembered; the least recently used is forgotten."""

Result = TypeVar("Result")
_log = logging.getLogger("dataask")


@dataclass
class _Known:
    """What is known, or being found out, about one version of one source. Tasks, so that all askers share one."""

    version: str
    catalog: asyncio.Task[Catalog] | None = None
    profile: asyncio.Task[CatalogProfile | None] | None = None
    plain: asyncio.Task[SemanticModel] | None = None
    profiled: asyncio.Task[SemanticModel] | None = None


class Models:
    """What sources contain and mean."""

    def __init__(self, pool: WorkerPool, profiles: Profiles, *, profile_wait_seconds: float) -> None:
        self._pool = pool
        self._profiles = profiles
        self._wait = profile_wait_seconds
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._background: set[asyncio.Task[Any]] = set()

    async def catalog(self, spec: SourceSpec, *, refresh: bool = False) -> Catalog:
        """Tables and columns; read again when the source changed or when asked to."""
        return await asyncio.shield(self._catalog_task(await self._entry(spec, refresh=refresh), spec))

    async def model(self, spec: SourceSpec, *, wait_seconds: float | None = None) -> SemanticModel:
        """The semantic model. A profile that isn't ready in time is left out this once."""
        known = await self._entry(spec)
        await asyncio.shield(self._catalog_task(known, spec))
        profile = self._profile_task(known, spec)
        await asyncio.wait({profile}, timeout=self._wait if wait_seconds is None else wait_seconds)
        if profile.done() and not profile.cancelled():
            if known.profiled is None or _failed(known.profiled):
                known.profiled = self._task(self._build(known, profile.result()))
            return await asyncio.shield(known.profiled)
        if known.plain is None or _failed(known.plain):
            known.plain = self._task(self._build(known, None))
        return await asyncio.shield(known.plain)

    def prepare(self, spec: SourceSpec) -> None:
        """Find everything out in the background, so that the first question doesn't wait."""

        async def look() -> None:
            try:
                await self.model(spec)
            except DataAskError as error:
                _log.info("Preparing a source: %s", error.detail)

        self._task(look())

    async def close(self) -> None:
        """End what runs."""
        running = [task for task in self._background if not task.done()]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    # ---- Parts --------------------------------------------------------------------------------------------------

    async def _entry(self, spec: SourceSpec, *, refresh: bool = False) -> _Known:
        key = f"{spec.kind}:{json.dumps(spec.settings, sort_keys=True)}"
        version = await asyncio.to_thread(source_version, spec)
        known = self._known.get(key)
        if known is None or known.version != version or refresh:
            known = self._known[key] = _Known(version)
        self._known.move_to_end(key)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return known

    def _catalog_task(self, known: _Known, spec: SourceSpec) -> asyncio.Task[Catalog]:
        if known.catalog is None or _failed(known.catalog):
            known.catalog = self._task(self._pool.catalog(spec))
        return known.catalog

    def _profile_task(self, known: _Known, spec: SourceSpec) -> asyncio.Task[CatalogProfile | None]:
        if known.profile is None or known.profile.cancelled():
            known.profile = self._task(self._profile(known, spec))
        return known.profile

    async def _profile(self, known: _Known, spec: SourceSpec) -> CatalogProfile | None:
        kept = await asyncio.to_thread(self._profiles.load, spec, known.version)
        if kept is not None:
            return kept
        catalog = await asyncio.shield(self._catalog_task(known, spec))
        try:
            found = await self._pool.profile(spec, catalog)
        except DataAskError as error:
            # Values help to read questions, but names alone do too.
            _log.warning("A source couldn't be profiled: %s", error.detail)
            return None
        await asyncio.to_thread(self._profiles.save, spec, known.version, found)
        return found

    async def _build(self, known: _Known, profile: CatalogProfile | None) -> SemanticModel:
        if known.catalog is None:
            raise RuntimeError("A model is built after its catalog was read.")
        return await asyncio.to_thread(build, known.catalog.result(), profile)

    def _task(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._background.discard(task)
        if not task.cancelled():
            # Looked at, so that asyncio doesn't report failures that an asker has been told already.
            task.exception()


def _failed(task: asyncio.Task[Any]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
