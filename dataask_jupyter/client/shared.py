"""The shared server: started once by whoever needs it first, used by all kernels, gone when idle.

It listens on loopback with a random token, which stands only in a file that its owner alone can read.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from jupyter_core.paths import jupyter_data_dir, jupyter_runtime_dir

from .errors import ServerUnavailable
from .server import Probe, Server, from_runtime_file

START_SECONDS = 60.0
IDLE_SECONDS = int(os.environ.get("DATAASK_SHARED_IDLE_SECONDS", "1800"))
LOG_LINES = 12


def shared_server() -> Server:
    """The running shared server; starts one when there is none."""
    record = _record_path()
    running = _running(record)
    if running is not None:
        return running
    with _only_one(record.with_suffix(".lock")):
        return _running(record) or _start(record)


def _record_path() -> Path:
    """Where the server of this data folder is written down: other folders have other servers."""
    data = os.environ.get("DATAASK_DATA_DIR") or str(Path(jupyter_data_dir()) / "dataask")
    key = hashlib.sha256(os.path.realpath(data).encode()).hexdigest()[:12]
    folder = Path(jupyter_runtime_dir())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"dataask-shared-{key}.json"


def _running(record: Path) -> Server | None:
    try:
        noted = json.loads(record.read_text(encoding="utf-8"))
        server = Server(url=str(noted["url"]), token=str(noted["token"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return server if server.probe() is Probe.OK else None


def _start(record: Path) -> Server:
    log = record.with_suffix(".log")
    token = secrets.token_urlsafe(32)
    command = [
        *(sys.executable, "-m", "dataask_jupyter.cli", "--no-browser"),
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.port=0",
        # A certificate or a base address in the user's Jupyter configuration is meant for their own server.
        *("--ServerApp.certfile=", "--ServerApp.keyfile=", "--ServerApp.base_url=/"),
        f"--ServerApp.shutdown_no_activity_timeout={IDLE_SECONDS}",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # In the environment, not on the command line, which other users of the machine can read.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("JPY_", "VOILA_"))}
    environment["JUPYTER_TOKEN"] = token
    with _private(log) as out:
        process = subprocess.Popen(  # noqa: S603 - this interpreter, fixed arguments
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            **_detached(),
        )
    # Takes the process's exit status, so that it leaves no zombie in a kernel that outlives it.
    threading.Thread(target=process.wait, name="dataask-shared", daemon=True).start()
    try:
        server = _wait_for(process, log)
    except BaseException:
        process.terminate()
        raise
    _write_private(record, json.dumps({"url": server.url, "token": server.token, "pid": process.pid}))
    return server


def _wait_for(process: subprocess.Popen[bytes], log: Path) -> Server:
    info = Path(jupyter_runtime_dir()) / f"jpserver-{process.pid}.json"
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServerUnavailable(f"DataAsk's server ended while it started. Its last words:\n{_tail(log)}")
        server = from_runtime_file(info)
        if server is not None and server.probe() is Probe.OK:
            return server
        time.sleep(0.1)
    raise ServerUnavailable(
        f"DataAsk's server didn't answer within {START_SECONDS:.0f} s. Its log is {log}. Its last words:\n{_tail(log)}"
    )


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-LOG_LINES:])
    except OSError:
        return ""


def _write_private(path: Path, text: str) -> None:
    """Writes all or nothing, readable by the owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    with _private(draft) as out:
        out.write(text.encode())
    draft.replace(path)


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        yield out


if sys.platform == "win32":
    import msvcrt

    def _detached() -> dict[str, Any]:
        return {"creationflags": subprocess.DETACHED_PROCESS | subprocess.CREATE_NEW_PROCESS_GROUP}

    def _take(descriptor: int) -> None:
        # Gives up after ten seconds by itself, so it is repeated.
        while True:
            try:
                return msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError:
                continue

else:
    import fcntl

    def _detached() -> dict[str, Any]:
        # Its own session: interrupting or ending the kernel doesn't end the server of the others.
        return {"start_new_session": True}

    def _take(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)


@contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Holds a lock between processes and threads; the system frees it when a holder dies."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor)
        yield
    finally:
        os.close(descriptor)
