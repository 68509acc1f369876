"""Connections: the catalogue of kinds, a workspace's connections, their schema and sample rows."""

from __future__ import annotations

from dataask_jupyter.errors import (
    Conflict,
    NotFound,
    SecretUnreadable,
    SourceLocked,
    SourceUnavailable,
    StaleVersion,
    VersionRequired,
)
from dataask_jupyter.schemas.catalog import Catalog
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.connections import (
    Connection,
    ConnectionCreate,
    ConnectionKind,
    ConnectionStatus,
    ConnectionTest,
    ConnectionUpdate,
)
from dataask_jupyter.schemas.results import ResultPage

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ListQuery, SampleQuery, SchemaQuery


class ConnectionKindsHandler(BaseHandler):
    """The catalogue of kinds."""

    @endpoint("listConnectionKinds", "The kinds of source you can connect", action="read", resource="connections")
    async def get(self) -> Page[ConnectionKind]:
        return await (await self.services()).connections.kinds()


class ConnectionsHandler(BaseHandler):
    """A workspace's connections."""

    @endpoint(
        "listConnections", "Connections, oldest first", action="read", resource="connections", problems=(NotFound,)
    )
    async def get(self, workspace_id: str, query: ListQuery) -> Page[Connection]:
        return await (await self.services()).connections.list(self.identity, workspace_id, query.cursor, query.limit)

    @endpoint(
        "createConnection",
        "Add a connection",
        action="write",
        resource="connections",
        status=201,
        etag=True,
        problems=(NotFound, Conflict),
    )
    async def post(self, workspace_id: str, body: ConnectionCreate) -> Connection:
        return await (await self.services()).connections.create(self.identity, workspace_id, body)


class ConnectionTestHandler(BaseHandler):
    """Settings that are not saved yet."""

    @endpoint(
        "testSettings",
        "Test settings before saving them; 200 also when the test fails",
        action="execute",
        resource="connections",
        problems=(NotFound,),
    )
    async def post(self, workspace_id: str, body: ConnectionTest) -> ConnectionStatus:
        return await (await self.services()).connections.test_settings(self.identity, workspace_id, body)


class ConnectionHandler(BaseHandler):
    """One connection."""

    @endpoint("getConnection", "One connection", action="read", resource="connections", etag=True, problems=(NotFound,))
    async def get(self, workspace_id: str, connection_id: str) -> Connection:
        return await (await self.services()).connections.get(self.identity, workspace_id, connection_id)

    @endpoint(
        "updateConnection",
        "Change a connection",
        action="write",
        resource="connections",
        etag=True,
        if_match=True,
        problems=(NotFound, Conflict, StaleVersion, VersionRequired),
    )
    async def patch(self, workspace_id: str, connection_id: str, if_match: int, body: ConnectionUpdate) -> Connection:
        return await (await self.services()).connections.update(
            self.identity, workspace_id, connection_id, if_match, body
        )

    @endpoint(
        "deleteConnection",
        "Delete a connection; conversations and history stay",
        action="write",
        resource="connections",
        status=204,
        problems=(NotFound,),
    )
    async def delete(self, workspace_id: str, connection_id: str) -> None:
        await (await self.services()).connections.delete(self.identity, workspace_id, connection_id)


class ConnectionCheckHandler(BaseHandler):
    """The check of a saved connection."""

    @endpoint(
        "testConnection",
        "Test a connection and keep what was found",
        action="execute",
        resource="connections",
        etag=True,
        problems=(NotFound,),
    )
    async def post(self, workspace_id: str, connection_id: str) -> Connection:
        return await (await self.services()).connections.test(self.identity, workspace_id, connection_id)


class ConnectionSchemaHandler(BaseHandler):
    """What a connection contains."""

    @endpoint(
        "getSchema",
        "Tables, columns, types and keys",
        action="read",
        resource="connections",
        problems=(NotFound, SecretUnreadable, SourceUnavailable, SourceLocked),
    )
    async def get(self, workspace_id: str, connection_id: str, query: SchemaQuery) -> Catalog:
        return await (await self.services()).connections.schema(
            self.identity, workspace_id, connection_id, refresh=query.refresh
        )


class ConnectionSampleHandler(BaseHandler):
    """Rows of a table."""

    @endpoint(
        "getSample",
        "The first rows of a table",
        action="read",
        resource="connections",
        problems=(NotFound, SecretUnreadable, SourceUnavailable, SourceLocked),
    )
    async def get(self, workspace_id: str, connection_id: str, query: SampleQuery) -> ResultPage:
        return await (await self.services()).connections.sample(
            self.identity, workspace_id, connection_id, query.table, query.schema_name, query.limit
        )
