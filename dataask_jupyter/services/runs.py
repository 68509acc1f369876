"""Running checked SQL on a source, or finding that its result is there already."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from dataask_jupyter.execution.limits import Limits
from dataask_jupyter.execution.pool import WorkerPool
from dataask_jupyter.execution.results import ResultInfo, ResultStore, fingerprint
from dataask_jupyter.schemas.queries import Parameter
from dataask_jupyter.schemas.results import ResultPage
from dataask_jupyter.sources import SourceSpec, source_version
from dataask_jupyter.sql.gate import CheckedQuery, check
from dataask_jupyter.sql.parameters import bind

if TYPE_CHECKING:
    import pyarrow as pa


class Runs:
    """The way to the workers and to what they wrote."""

    def __init__(self, pool: WorkerPool, results: ResultStore, limits: Limits) -> None:
        self._pool = pool
        self._results = results
        self.limits = limits

    async def check(self, sql: str, dialect: str, *, parameters: Mapping[str, Parameter] | None = None) -> CheckedQuery:
        """With its parameters bound, through the gate. Parsing takes time, so it isn't done on the event loop."""
        return await asyncio.to_thread(lambda: check(bind(sql, parameters or {}, dialect), dialect))

    async def run(
        self,
        spec: SourceSpec,
        checked: CheckedQuery,
        *,
        workspace_id: str,
        max_rows: int | None = None,
        refresh: bool = False,
    ) -> tuple[ResultInfo, bool]:
        """The result, and whether it was there before. Workspaces never share results."""
        limits = self.limits
        if max_rows is not None and max_rows < limits.max_rows:
            limits = replace(limits, max_rows=max_rows)
        version = await asyncio.to_thread(source_version, spec)
        name = fingerprint(
            spec=spec, source_version=version, sql=checked.sql, limits=limits, policy=f"workspace:{workspace_id}"
        )
        if refresh:
            await asyncio.to_thread(self._results.file(name).unlink, missing_ok=True)
        else:
            found = await asyncio.to_thread(self._results.info, name)
            if found is not None:
                return found, True
        return await self._pool.query(spec, checked, name, limits=limits), False

    async def page(self, name: str, offset: int, limit: int) -> ResultPage:
        """Rows of a result."""
        return await asyncio.to_thread(self._results.page, name, offset, limit)

    async def table(self, name: str, rows: int) -> pa.Table:
        """The first rows of a result, as a table."""
        return await asyncio.to_thread(self._results.table, name, max_rows=rows)

    async def arrow(self, name: str) -> AsyncIterator[bytes]:
        """The whole result as an Arrow stream. That it is there is known before the first part is awaited."""
        parts = await asyncio.to_thread(self._results.stream, name)
        first = await asyncio.to_thread(next, parts, None)
        return _in_threads(first, parts)


async def _in_threads(first: bytes | None, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    try:
        part = first
        while part is not None:
            yield part
            part = await asyncio.to_thread(next, parts, None)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
