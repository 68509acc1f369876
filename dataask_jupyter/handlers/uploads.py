"""Uploads: files that people bring. A file's bytes go to the disk as they come, never into memory as a whole."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tornado.web import stream_request_body

from dataask_jupyter.errors import (
    Busy,
    Conflict,
    InvalidInput,
    LengthRequired,
    Malformed,
    NotFound,
    StorageFull,
    TooLarge,
    UploadRefused,
)
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.uploads import Upload, UploadPreview

from .base import BaseHandler
from .body import parse_query
from .endpoint import Endpoint, declared, endpoint
from .parameters import ListQuery, UploadQuery

if TYPE_CHECKING:
    from dataask_jupyter.services.incoming import Incoming

_BINARY = "application/octet-stream"


@stream_request_body
class UploadsHandler(BaseHandler):
    """A workspace's uploads."""

    _incoming: Incoming | None = None

    @endpoint(
        "listUploads", "Uploaded files, newest first", action="read", resource="connections", problems=(NotFound,)
    )
    async def get(self, workspace_id: str, query: ListQuery) -> Page[Upload]:
        return await (await self.services()).uploads.list(self.identity, workspace_id, query.cursor, query.limit)

    @endpoint(
        "createUpload",
        "Upload a file: CSV, TSV, Parquet, JSON or Excel",
        action="write",
        resource="connections",
        status=201,
        receives=_BINARY,
        problems=(NotFound, Malformed, InvalidInput, LengthRequired, TooLarge, UploadRefused, StorageFull, Busy),
    )
    async def post(self, workspace_id: str, query: UploadQuery) -> Upload:
        incoming, self._incoming = self._incoming, None
        if incoming is None:
            raise Malformed("The file is missing: send it as the request's body.")
        return await (await self.services()).uploads.finish(self.identity, incoming)

    async def prepare(self) -> None:  # type: ignore[override]  # as jupyter_server's own
        """Everything that can be said before the first byte of the file is read."""
        await super().prepare()
        if self.request.method != "POST" or self._finished:
            return
        found = declared(type(self), "post")
        if found is None or not self.current_user:
            return  # The verb says so.
        await self._authorize(found)
        workspace_id = self.require_id(self.path_kwargs["workspace_id"])
        name = parse_query(self.request.query_arguments, UploadQuery).name
        length = self._length()
        uploads = (await self.services()).uploads
        self._incoming = await uploads.begin(self.identity, workspace_id, name, length)
        # Jupyter's own limit is for requests that are held in memory.
        self.request.connection.set_max_body_size(max(length, 1))  # type: ignore[union-attr]

    async def serve(self, declared: Endpoint, verb: Callable[..., Awaitable[Any]], path: dict[str, str]) -> None:
        """As always; what stands for the body, where two requests are compared, is the file's digest."""
        if self._incoming is not None:
            self.request.body = await self._incoming.finish()
        await super().serve(declared, verb, path)

    async def data_received(self, chunk: bytes) -> None:
        """A part of the file."""
        if self._incoming is not None:
            await self._incoming.write(chunk)

    def on_connection_close(self) -> None:
        """Whoever sent it is gone."""
        super().on_connection_close()
        self._discard()

    def on_finish(self) -> None:
        """Nothing of a file stays that wasn't taken."""
        super().on_finish()
        self._discard()

    def _discard(self) -> None:
        incoming, self._incoming = self._incoming, None
        if incoming is not None:
            incoming.discard_soon()

    def _length(self) -> int:
        given = self.request.headers.get("Content-Length", "")
        if self.request.headers.get("Content-Encoding", "identity") != "identity":
            raise Malformed("Send the file as it is, without Content-Encoding.")
        if not (given.isascii() and given.isdigit()):
            raise LengthRequired("Say how large the file is, by the header Content-Length.")
        return int(given)


class UploadHandler(BaseHandler):
    """One upload."""

    @endpoint("getUpload", "One uploaded file", action="read", resource="connections", problems=(NotFound,))
    async def get(self, workspace_id: str, upload_id: str) -> Upload:
        return await (await self.services()).uploads.get(self.identity, workspace_id, upload_id)

    @endpoint(
        "deleteUpload",
        "Delete an uploaded file that no connection uses",
        action="write",
        resource="connections",
        status=204,
        problems=(NotFound, Conflict),
    )
    async def delete(self, workspace_id: str, upload_id: str) -> None:
        await (await self.services()).uploads.delete(self.identity, workspace_id, upload_id)


class UploadPreviewHandler(BaseHandler):
    """An upload, read in another way."""

    @endpoint(
        "previewUpload",
        "Read an uploaded file with other options or types of columns, and keep that",
        action="execute",
        resource="connections",
        problems=(NotFound, Conflict, UploadRefused, Busy),
    )
    async def post(self, workspace_id: str, upload_id: str, body: UploadPreview) -> Upload:
        return await (await self.services()).uploads.preview(self.identity, workspace_id, upload_id, body)
