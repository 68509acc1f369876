"""What a worker has, and what it hasn't."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dataask_jupyter.execution import sandbox


def test_its_environment_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAASK_DATABASE_URL", "postgresql://user:secret@host/db")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")
    found = sandbox.environment()
    assert "secret" not in repr(found)
    assert found["OPENBLAS_NUM_THREADS"] == "1"
    assert {"PATH", "PYTHONPATH"} <= set(found)


@pytest.mark.parametrize("how", ["killed", "closes"])
def test_workers_end_with_their_server(tmp_path: Path, how: str) -> None:
    """R3: the server is killed; X6."""
    script = (
        "import asyncio, os, sys\n"
        "from dataask_jupyter.execution.process import WorkerProcess\n"
        "async def main():\n"
        "    worker = await WorkerProcess.start(2 << 30)\n"
        "    print(worker.pid, flush=True)\n"
        "    if sys.argv[1] == 'closes':\n"
        "        worker._process.stdin.close()\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, how], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        if how == "killed":
            server.kill()
        try:
            psutil.Process(pid).wait(5)
        except psutil.NoSuchProcess:
            pass
        except psutil.TimeoutExpired:
            raise AssertionError("the worker lives on") from None
        server.kill()


def test_modules_of_the_server_are_light() -> None:
    script = (
        "import sys\n"
        "import dataask_jupyter.execution.pool, dataask_jupyter.sources, dataask_jupyter.sql.gate\n"
        "print([name for name in ('duckdb', 'pyarrow', 'sqlglot', 'pandas', 'numpy') if name in sys.modules])\n"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
