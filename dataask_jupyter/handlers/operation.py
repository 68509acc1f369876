"""Health, readiness, the API's own document, and addresses that don't exist."""

from __future__ import annotations

from typing import Any

from dataask_jupyter._version import __version__
from dataask_jupyter.errors import NotFound, StoreUnavailable
from dataask_jupyter.schemas.operation import Health, Ready

from .base import BaseHandler
from .endpoint import endpoint


class HealthHandler(BaseHandler):
    """The process answers."""

    _track_activity = False

    @endpoint("getHealth", "Whether the process answers", action="read", resource="operation", public=True)
    async def get(self) -> Health:
        return Health()


class ReadyHandler(BaseHandler):
    """The server can work."""

    _track_activity = False

    @endpoint(
        "getReady",
        "Whether the server's own database answers",
        action="read",
        resource="operation",
        public=True,
        problems=(StoreUnavailable,),
    )
    async def get(self) -> Ready:
        await (await self.services()).store.ping()
        return Ready(version=__version__)


class OpenApiHandler(BaseHandler):
    """The API's document."""

    @endpoint("getOpenApi", "This document", action="read", resource="operation")
    async def get(self) -> dict[str, Any]:
        from .openapi import document

        return document(server=f"{self.base_url.rstrip('/')}/dataask/api/v1")


class UnknownHandler(BaseHandler):
    """Every other address below the API's base."""

    @endpoint("unknown", "No such address", action="read", resource="operation", hidden=True)
    async def get(self) -> None:
        raise NotFound("There is no such address in this API. Its document is at /dataask/api/v1/openapi.json.")

    post = put = patch = delete = get
