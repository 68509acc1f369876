"""The event loop that all widgets of a kernel share, in a thread of its own.

The kernel's own loop stands still while a cell runs; a question must not, nor may it hold up the cells.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading

_lock = threading.Lock()
_running: tuple[int, asyncio.AbstractEventLoop, threading.Thread] | None = None


def shared_loop() -> asyncio.AbstractEventLoop:
    """The loop, started when first needed; a forked process starts its own."""
    global _running
    with _lock:
        if _running is None or _running[0] != os.getpid():
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=_run, args=(loop,), name="dataask-widgets", daemon=True)
            thread.start()
            _running = (os.getpid(), loop, thread)
        return _running[1]


def stop() -> None:
    """Ends the loop and what runs on it."""
    global _running
    with _lock:
        if _running is None or _running[0] != os.getpid():
            return
        _, loop, thread = _running
        _running = None
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=5)


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.run_until_complete(_cancel_all())
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


async def _cancel_all() -> None:
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


atexit.register(stop)
