"""Queries: through the gate, to a worker, into the history."""

from __future__ import annotations

import asyncio
import builtins
import logging
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from sqlalchemy import select

from dataask_jupyter.access.identity import Identity, Principal
from dataask_jupyter.access.permissions import authorize, visible
from dataask_jupyter.errors import Busy, Conflict, DataAskError, InvalidInput, NotFound, QueryCancelled, WorkerLost
from dataask_jupyter.execution.results import ResultInfo
from dataask_jupyter.schemas import queries as schemas
from dataask_jupyter.schemas.common import Page, Problem
from dataask_jupyter.schemas.results import ResultPage
from dataask_jupyter.sources import SourceSpec, get
from dataask_jupyter.sql.gate import CheckedQuery
from dataask_jupyter.store import paging, runner
from dataask_jupyter.store.models import Connection, Query, new_id, now

from . import connections, events, workspaces
from .insist import Insistence
from .runs import Runs
from .transactions import Transactions

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy.orm import Session

_OPEN = ("queued", "running")
_CANCEL_SECONDS = 3.0
_log = logging.getLogger("dataask")


@dataclass(frozen=True)
class Statement:
    """SQL on its way to a source, with all that running and recording it needs."""

    workspace_id: str
    connection_id: str
    spec: SourceSpec
    sql: str
    parameters: Mapping[str, schemas.Parameter] = field(default_factory=dict)
    max_rows: int | None = None
    refresh: bool = False
    message_id: str | None = None


@dataclass
class _Job:
    """A query under way in this process, as clients see it at this moment."""

    query: schemas.Query
    user_id: str
    task: asyncio.Task[None] | None = None
    info: ResultInfo | None = None
    error: DataAskError | None = None
    stopping: bool = False
    began: float = field(default_factory=time.perf_counter)


class Queries:
    """SQL that people run, and SQL that answers run for them."""

    def __init__(self, transactions: Transactions, runs: Runs, *, per_user: int) -> None:
        self._transactions = transactions
        self._runs = runs
        self._per_user = per_user
        self._jobs: dict[str, _Job] = {}
        self._insistence = Insistence()

    # ---- For people ---------------------------------------------------------------------------------------------

    async def execute(self, identity: Identity, given: schemas.QueryExecute) -> schemas.Query:
        """Run SQL; the query as it stands after `wait_seconds` at most."""

        def work(session: Session, principal: Principal) -> Statement:
            row = connections.find(session, principal, given.connection_id, "query.run")
            return Statement(
                workspace_id=row.workspace_id,
                connection_id=row.id,
                spec=connections.spec_of(row),
                sql=given.sql,
                parameters=given.parameters,
                max_rows=given.max_rows,
                refresh=given.refresh,
            )

        job = await self._start(identity, await self._transactions.read(identity, work))
        if job.task is not None:
            await asyncio.wait({job.task}, timeout=given.wait_seconds)
        return job.query

    async def get(self, identity: Identity, query_id: str) -> schemas.Query:
        """Where a query stands."""
        found = await self._transactions.read(identity, lambda s, p: present(_find(s, p, query_id, "query.read")))
        job = self._jobs.get(query_id)
        return job.query if job is not None else found

    async def list(self, identity: Identity, workspace_id: str, cursor: str | None, limit: int) -> Page[schemas.Query]:
        """The principal's queries in a workspace, newest first."""

        def work(session: Session, principal: Principal) -> Page[schemas.Query]:
            authorize(principal, "query.read", workspaces.find(session, principal, workspace_id))
            mine = select(Query).where(Query.workspace_id == workspace_id, visible(principal, Query))
            order = (Query.created_at, Query.id)
            rows, following = paging.fetch(session, mine, order, cursor=cursor, limit=limit, descending=True)
            return Page(items=[present(row) for row in rows], next_cursor=following)

        return await self._transactions.read(identity, work)

    async def cancel(self, identity: Identity, query_id: str) -> schemas.Query:
        """End a query. One that has ended already stays as it is."""
        await self._transactions.read(identity, lambda s, p: present(_find(s, p, query_id, "query.run")))
        job = self._jobs.get(query_id)
        if job is not None and job.task is not None:
            # Only while it runs: cancelling it later would cancel the writing down of its end.
            if job.query.state in _OPEN and not job.stopping:
                await self._transactions.write(identity, lambda s, p: _note(s, p, query_id, "query.cancel"))
            if job.query.state in _OPEN and not job.stopping:
                job.stopping = True
                job.task.cancel()
            await asyncio.wait({job.task}, timeout=_CANCEL_SECONDS)
            return job.query

        def work(session: Session, principal: Principal) -> schemas.Query:
            row = _find(session, principal, query_id, "query.run")
            if row.state in _OPEN:
                # Another process runs it; its own result will not replace this.
                row.state = "cancelled"
                row.problem = _cancelled().model_dump(mode="json")
                row.finished_at = now()
                _record(session, principal, "query.cancel", row)
            return present(row)

        return await self._transactions.write(identity, work)

    async def rows(self, identity: Identity, query_id: str, offset: int, limit: int) -> ResultPage:
        """Rows of the result."""
        return await self._runs.page(await self._result(identity, query_id), offset, limit)

    async def arrow(self, identity: Identity, query_id: str) -> AsyncIterator[bytes]:
        """The whole result as an Arrow stream."""
        fingerprint = await self._result(identity, query_id)
        await self._transactions.write(identity, lambda s, p: _note(s, p, query_id, "query.export"))
        return await self._runs.arrow(fingerprint)

    async def _result(self, identity: Identity, query_id: str) -> str:
        def work(session: Session, principal: Principal) -> tuple[schemas.Query, str | None]:
            row = _find(session, principal, query_id, "query.read")
            return present(row), row.fingerprint

        query, fingerprint = await self._transactions.read(identity, work)
        job = self._jobs.get(query_id)
        if job is not None:
            query = job.query
            fingerprint = job.info.fingerprint if job.info is not None else None
        if query.state in _OPEN:
            raise Conflict("This query is still running. Ask for its rows when it has finished.")
        if fingerprint is None:
            why = query.problem.detail if query.problem is not None else query.state
            raise Conflict(f"This query has no result: {why}")
        return fingerprint

    # ---- For answers --------------------------------------------------------------------------------------------

    async def run(self, identity: Identity, statement: Statement) -> tuple[schemas.Query, ResultInfo]:
        """Run to the end and return the result; cancelling the caller cancels the query."""
        job = await self._start(identity, statement)
        if job.task is not None:
            try:
                await asyncio.wait({job.task})
            except asyncio.CancelledError:
                job.stopping = True
                job.task.cancel()
                await asyncio.wait({job.task}, timeout=_CANCEL_SECONDS)
                raise
        if job.error is not None:
            raise job.error
        if job.info is None:
            raise QueryCancelled("The query was cancelled.")
        return job.query, job.info

    async def look(self, info: ResultInfo, *, rows: int, table_rows: int) -> tuple[ResultPage, pa.Table]:
        """A page to show and a table to draw from."""
        return await self._runs.page(info.fingerprint, 0, rows), await self._runs.table(info.fingerprint, table_rows)

    # ---- Parts --------------------------------------------------------------------------------------------------

    async def _start(self, identity: Identity, statement: Statement) -> _Job:
        refused: DataAskError | None = None
        checked: CheckedQuery | None = None
        try:
            checked = await self._runs.check(
                statement.sql, get(statement.spec.kind).dialect, parameters=statement.parameters
            )
        except InvalidInput:
            # Values that don't fit are a mistake in the request, and no query.
            raise
        except DataAskError as error:
            refused = error
        query_id = new_id()

        def work(session: Session, principal: Principal) -> tuple[schemas.Query, str]:
            connection = connections.find(session, principal, statement.connection_id, "query.run")
            self._refuse_when_busy(principal)
            row = Query(
                id=query_id,
                workspace_id=statement.workspace_id,
                user_id=principal.user_id,
                connection_id=statement.connection_id,
                message_id=statement.message_id,
                sql=statement.sql,
                parameters={name: value.model_dump(mode="json") for name, value in statement.parameters.items()}
                or None,
                state="running" if refused is None else "failed",
                problem=None if refused is None else refused.problem().model_dump(mode="json"),
                runner=runner.me(),
                deadline_at=now() + timedelta(seconds=self._runs.limits.seconds * 4),
                finished_at=None if refused is None else now(),
            )
            session.add(row)
            session.flush()
            _record(
                session,
                principal,
                "query.run",
                row,
                connection,
                result="allowed" if refused is None else "refused",
                **({"message_id": statement.message_id} if statement.message_id is not None else {}),
            )
            return present(row), principal.user_id

        query, user_id = await self._transactions.write(identity, work)
        if refused is not None or checked is None:
            raise refused or WorkerLost("The query was neither refused nor let through.")
        job = _Job(query=query, user_id=user_id)
        self._jobs[query_id] = job
        job.task = asyncio.create_task(self._execute(job, statement, checked), name=f"query-{query_id}")
        # A task that is cancelled before its first step never runs at all: its end would not be written down.
        await asyncio.sleep(0)
        return job

    def _refuse_when_busy(self, principal: Principal) -> None:
        mine = sum(job.user_id == principal.user_id and job.query.state in _OPEN for job in self._jobs.values())
        if mine >= self._per_user:
            raise Busy(f"{mine} of your queries are running. Wait until one has finished, or cancel one.")

    async def _execute(self, job: _Job, statement: Statement, checked: CheckedQuery) -> None:
        cached = False
        try:
            job.info, cached = await self._runs.run(
                statement.spec,
                checked,
                workspace_id=statement.workspace_id,
                max_rows=statement.max_rows,
                refresh=statement.refresh,
            )
        except asyncio.CancelledError:
            # Swallowed on purpose: the outcome still has to be written down.
            job.error = QueryCancelled("The query was cancelled.")
        except DataAskError as error:
            job.error = error
        except Exception:
            _log.exception("A query failed in a way that nobody foresaw")
            job.error = DataAskError("The server met an error that it doesn't know. Its log has the details.")
        job.query = _finished(job, cached=cached)
        await self._insistence.write(
            f"Query {job.query.id}", lambda: self._save(job), lambda: self._jobs.pop(job.query.id, None)
        )

    async def _save(self, job: _Job) -> None:
        outcome, info = job.query, job.info

        def work(session: Session) -> None:
            row = session.get(Query, outcome.id)
            if row is None or row.state not in _OPEN:
                return
            row.state = outcome.state
            row.columns = None if outcome.columns is None else [c.model_dump(mode="json") for c in outcome.columns]
            row.row_count = outcome.row_count
            row.byte_count = outcome.byte_count
            row.truncated = outcome.truncated
            row.cached = outcome.cached
            row.elapsed_ms = outcome.elapsed_ms
            row.problem = None if outcome.problem is None else outcome.problem.model_dump(mode="json")
            row.fingerprint = None if info is None else info.fingerprint
            row.finished_at = outcome.finished_at
            row.runner = None

        await self._transactions.store.write(work)

    def stop_in(self, workspace_id: str) -> None:
        """Cancel what runs in a workspace that is no more."""
        for job in self._jobs.values():
            if job.query.workspace_id == workspace_id and job.query.state in _OPEN and job.task and not job.stopping:
                job.stopping = True
                job.task.cancel()

    async def close(self) -> None:
        """Cancel what runs and write it down."""
        tasks: builtins.list[asyncio.Task[None]] = [job.task for job in self._jobs.values() if job.task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._insistence.close()


def present(row: Query) -> schemas.Query:
    """As clients see it."""
    return schemas.Query.model_validate(
        {
            "id": row.id,
            "workspace_id": row.workspace_id,
            "connection_id": row.connection_id,
            "sql": row.sql,
            "parameters": row.parameters or {},
            "state": row.state,
            "columns": row.columns,
            "row_count": row.row_count,
            "byte_count": row.byte_count,
            "truncated": row.truncated,
            "cached": row.cached,
            "elapsed_ms": row.elapsed_ms,
            "problem": row.problem,
            "created_at": row.created_at,
            "finished_at": row.finished_at,
        }
    )


def _finished(job: _Job, *, cached: bool) -> schemas.Query:
    changes: dict[str, object] = {"finished_at": now(), "elapsed_ms": (time.perf_counter() - job.began) * 1000}
    if job.info is not None:
        changes |= {
            "state": "succeeded",
            "columns": job.info.columns,
            "row_count": job.info.row_count,
            "byte_count": job.info.byte_count,
            "truncated": job.info.truncated,
            "cached": cached,
        }
    elif job.error is not None:
        cancelled = isinstance(job.error, QueryCancelled)
        changes |= {"state": "cancelled" if cancelled else "failed", "problem": job.error.problem()}
    return job.query.model_copy(update=changes)


def _find(session: Session, principal: Principal, query_id: str, action: str) -> Query:
    row = session.get(Query, query_id)
    authorize(principal, "query.run" if action == "query.run" else "query.read", row)
    if row is None:
        raise NotFound
    return row


def _note(session: Session, principal: Principal, query_id: str, action: str) -> None:
    needed = "query.run" if action == "query.cancel" else "query.read"
    _record(session, principal, action, _find(session, principal, query_id, needed))


def _record(
    session: Session,
    principal: Principal,
    action: str,
    row: Query,
    connection: Connection | None = None,
    *,
    result: Literal["allowed", "refused"] = "allowed",
    **facts: str,
) -> None:
    """A query has no name, and its SQL has no place in the record: it is known by the connection that it asks."""
    if connection is None and row.connection_id is not None:
        connection = session.get(Connection, row.connection_id)
    events.record(
        session,
        principal,
        action,
        "query",
        row.id,
        object_name=connection.name if connection is not None else "",
        workspace_id=row.workspace_id,
        payload={"connection_id": row.connection_id, **facts},
        result=result,
    )


def _cancelled() -> Problem:
    return QueryCancelled("The query was cancelled.").problem()
