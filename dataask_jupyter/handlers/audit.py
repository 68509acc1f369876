"""The audit log of a workspace, and of the server for its administrators."""

from __future__ import annotations

from datetime import UTC, datetime

from dataask_jupyter.errors import Forbidden, NotFound
from dataask_jupyter.schemas.audit import AuditFacets, AuditRecord, AuditVerification
from dataask_jupyter.schemas.common import Page

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import AuditExportQuery, AuditFilter, AuditQuery

_SEEN = (NotFound, Forbidden)
_FILES = {"text/csv": None, "application/x-ndjson": AuditRecord}


class AuditHandler(BaseHandler):
    """A workspace's records."""

    @endpoint("listAudit", "A workspace's audit records, newest first", action="read", resource="audit", problems=_SEEN)
    async def get(self, workspace_id: str, query: AuditQuery) -> Page[AuditRecord]:
        return await (await self.services()).audit.list(self.identity, workspace_id, query)


class AuditFacetsHandler(BaseHandler):
    """What a workspace's records can be filtered by."""

    @endpoint(
        "getAuditFacets",
        "Actors, actions and objects that occur in the audit log",
        action="read",
        resource="audit",
        problems=_SEEN,
    )
    async def get(self, workspace_id: str, query: AuditFilter) -> AuditFacets:
        return await (await self.services()).audit.facets(self.identity, workspace_id, query)


class AuditExportHandler(BaseHandler):
    """A workspace's records as a file."""

    @endpoint(
        "exportAudit",
        "Audit records as CSV or as JSON lines",
        action="read",
        resource="audit",
        streams=_FILES,
        problems=_SEEN,
    )
    async def get(self, workspace_id: str, query: AuditExportQuery) -> None:
        await _export(self, workspace_id, query)


class AuditVerifyHandler(BaseHandler):
    """The check of a workspace's chain."""

    @endpoint(
        "verifyAudit",
        "Check that no audit record was changed, removed or reordered",
        action="read",
        resource="audit",
        problems=_SEEN,
    )
    async def post(self, workspace_id: str) -> AuditVerification:
        return await (await self.services()).audit.verify(self.identity, workspace_id)


class ServerAuditHandler(BaseHandler):
    """The server's own records: signing in, accounts."""

    @endpoint(
        "listServerAudit",
        "The server's audit records, for its administrators",
        action="read",
        resource="audit",
        problems=(NotFound,),
    )
    async def get(self, query: AuditQuery) -> Page[AuditRecord]:
        return await (await self.services()).audit.list(self.identity, None, query)


class ServerAuditFacetsHandler(BaseHandler):
    """What the server's records can be filtered by."""

    @endpoint(
        "getServerAuditFacets",
        "Actors, actions and objects that occur in the server's audit log",
        action="read",
        resource="audit",
        problems=(NotFound,),
    )
    async def get(self, query: AuditFilter) -> AuditFacets:
        return await (await self.services()).audit.facets(self.identity, None, query)


class ServerAuditExportHandler(BaseHandler):
    """The server's records as a file."""

    @endpoint(
        "exportServerAudit",
        "The server's audit records as CSV or as JSON lines",
        action="read",
        resource="audit",
        streams=_FILES,
        problems=(NotFound,),
    )
    async def get(self, query: AuditExportQuery) -> None:
        await _export(self, None, query)


class ServerAuditVerifyHandler(BaseHandler):
    """The check of the server's chain."""

    @endpoint(
        "verifyServerAudit",
        "Check that none of the server's audit records was changed, removed or reordered",
        action="read",
        resource="audit",
        problems=(NotFound,),
    )
    async def post(self) -> AuditVerification:
        return await (await self.services()).audit.verify(self.identity, None)


async def _export(handler: BaseHandler, workspace_id: str | None, query: AuditExportQuery) -> None:
    parts = await (await handler.services()).audit.export(handler.identity, workspace_id, query, query.format)
    handler.set_header("Content-Disposition", f'attachment; filename="{_file_name(query.format)}"')
    await handler.send_stream("text/csv; charset=utf-8" if query.format == "csv" else "application/x-ndjson", parts)


def _file_name(form: str) -> str:
    """What a browser should call the file."""
    return f"audit-{datetime.now(UTC):%Y-%m-%d}.{'csv' if form == 'csv' else 'jsonl'}"
