"""Queries: run SQL, look at its result page by page or as Arrow, cancel, history."""

from __future__ import annotations

from dataask_jupyter.errors import Busy, Conflict, InvalidInput, NotFound, ResultGone, SqlInvalid, SqlRefused
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.queries import Query, QueryExecute, RowRange
from dataask_jupyter.schemas.results import ResultPage

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ListQuery

ARROW = "application/vnd.apache.arrow.stream"


class QueryExecuteHandler(BaseHandler):
    """Running SQL."""

    @endpoint(
        "executeQuery",
        "Run one read statement; 202 when it takes longer than `wait_seconds`",
        action="execute",
        resource="queries",
        status=(200, 202),
        problems=(NotFound, InvalidInput, SqlRefused, SqlInvalid, Busy),
    )
    async def post(self, body: QueryExecute) -> Query:
        query = await (await self.services()).queries.execute(self.identity, body)
        if query.state in {"queued", "running"}:
            self.set_status(202)
        return query


class QueryHandler(BaseHandler):
    """One query."""

    @endpoint("getQuery", "Where a query stands", action="read", resource="queries", problems=(NotFound,))
    async def get(self, query_id: str) -> Query:
        return await (await self.services()).queries.get(self.identity, query_id)

    @endpoint(
        "cancelQuery",
        "Cancel a query; one that has finished stays as it is",
        action="execute",
        resource="queries",
        problems=(NotFound,),
    )
    async def delete(self, query_id: str) -> Query:
        return await (await self.services()).queries.cancel(self.identity, query_id)


class QueryRowsHandler(BaseHandler):
    """A query's result."""

    @endpoint(
        "getRows",
        "Rows of a result as JSON, or the whole result as an Arrow stream",
        action="read",
        resource="queries",
        streams={ARROW: None},
        problems=(NotFound, Conflict, ResultGone),
    )
    async def get(self, query_id: str, query: RowRange) -> ResultPage | None:
        queries = (await self.services()).queries
        if self.wants(ARROW):
            await self.send_stream(ARROW, await queries.arrow(self.identity, query_id))
            return None
        return await queries.rows(self.identity, query_id, query.offset, query.limit)


class QueriesHandler(BaseHandler):
    """The history of a workspace's queries."""

    @endpoint("listQueries", "Queries, newest first", action="read", resource="queries", problems=(NotFound,))
    async def get(self, workspace_id: str, query: ListQuery) -> Page[Query]:
        return await (await self.services()).queries.list(self.identity, workspace_id, query.cursor, query.limit)
