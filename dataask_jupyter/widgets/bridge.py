"""Carries a widget's requests to the server and the responses back, away from the kernel's main thread."""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
from pydantic import ValidationError

from dataask_jupyter.client import Client
from dataask_jupyter.client.lines import read_lines_async
from dataask_jupyter.client.transport import AsyncTransport
from dataask_jupyter.errors import DataAskError, Forbidden, InvalidInput, Malformed, NotFound, TooLarge
from dataask_jupyter.schemas.common import FieldProblem

from .loop import shared_loop
from .messages import MESSAGE, Asset, Cancel, Request
from .rights import for_reader, reader_may

Send = Callable[[dict[str, Any], list[bytes] | None], None]

STATIC = Path(__file__).resolve().parent.parent / "static"
MAX_OPEN = 64

log = logging.getLogger(__name__)


class Bridge:
    """One widget's way to the server."""

    def __init__(self, client: Client, send: Send, *, reader: bool = False) -> None:
        """`reader` limits the widget to asking and looking."""
        self._send = send
        self._reader = reader
        self._loop = shared_loop()
        self._transport = AsyncTransport(client.transport)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def receive(self, content: object) -> None:
        """Takes a message from the browser, on whichever thread the kernel reads it."""
        # A reply sent in the message's own context tells ipykernel which subshell the widget talks to; else its next
        # message waits behind the running cell.
        context = contextvars.copy_context()
        try:
            message = MESSAGE.validate_python(content)
        except ValidationError as error:
            self._loop.call_soon_threadsafe(self._refuse, content, error, context=context)
            return
        self._loop.call_soon_threadsafe(self._start, message, context, context=context)

    def close(self) -> Future[None]:
        """Ends what is open; the future says when that is done."""
        if self._loop.is_closed():
            done: Future[None] = Future()
            done.set_result(None)
            return done
        return asyncio.run_coroutine_threadsafe(self._end(), self._loop)

    # ---- On the loop ---------------------------------------------------------------------------------------------

    def _start(self, message: Request | Cancel | Asset, context: contextvars.Context) -> None:
        running = self._tasks.get(message.id)
        if isinstance(message, Cancel):
            if running is not None:
                running.cancel()
            return
        if running is not None or len(self._tasks) >= MAX_OPEN:
            self._fail(message.id, TooLarge("Too many requests are open in this widget. Wait until some have ended."))
            return
        work = self._asset(message) if isinstance(message, Asset) else self._request(message)
        task = self._loop.create_task(self._guarded(message.id, work), context=context)
        self._tasks[message.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(message.id, None))

    async def _guarded(self, key: str, work: Any) -> None:
        try:
            await work
        except DataAskError as error:
            self._fail(key, error)
        except Exception:
            log.exception("A widget's request failed")
            self._fail(key, DataAskError("The kernel couldn't do this. Its log says why."))

    async def _request(self, request: Request) -> None:
        if self._reader and not reader_may(request.method, request.path):
            raise Forbidden(
                "This page answers questions; it can't change the workspace. Open it in JupyterLab for that."
            )
        async with self._transport.stream(
            request.method, request.path, query=request.query, body=request.body, headers=request.headers
        ) as response:
            body = None
            if request.streams and response.status_code < 400:
                await self._lines(request.id, response)
            else:
                body = _json(response, await response.aread())
                if self._reader and response.status_code < 400:
                    body = for_reader(request.path, body)
        self._send(
            {
                "id": request.id,
                "type": "response",
                "status": response.status_code,
                "body": body,
                "headers": {"etag": response.headers.get("etag")},
            },
            None,
        )

    async def _lines(self, key: str, response: httpx.Response) -> None:
        async for line in read_lines_async(response):
            self._send({"id": key, "type": "line", "line": line.decode()}, None)

    async def _asset(self, asset: Asset) -> None:
        path = STATIC / f"{asset.name}.js"
        try:
            content = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            raise NotFound(f"{path} is missing: the front end isn't built. Run `make setup`.") from None
        self._send({"id": asset.id, "type": "asset"}, [content])

    def _refuse(self, content: object, error: ValidationError) -> None:
        key = content.get("id") if isinstance(content, dict) else None
        if not isinstance(key, str):
            # Nobody could tell which request this answers.
            log.warning("A widget's message had no id and was dropped")
            return
        problems = [
            FieldProblem(field=".".join(str(part) for part in found["loc"]), detail=found["msg"])
            for found in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        self._fail(key[:64], InvalidInput("The widget sent a message that the kernel can't pass on.", errors=problems))

    def _fail(self, key: str, error: DataAskError) -> None:
        self._send({"id": key, "type": "error", "problem": error.problem().model_dump(mode="json")}, None)

    async def _end(self) -> None:
        for task in list(self._tasks.values()):
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._transport.close()


def _json(response: httpx.Response, content: bytes) -> Any:
    if not content:
        return None
    try:
        return json.loads(content)
    except ValueError:
        raise Malformed(
            f"The server answered {response.status_code} with something that isn't JSON. Its log may say why."
        ) from None
