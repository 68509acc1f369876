"""The extension: light to load, alone and beside others, its settings, and its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from dataask_jupyter import _jupyter_labextension_paths, _jupyter_server_extension_points
from tests.servers import free_port

HEAVY = ("sqlalchemy", "alembic", "pyarrow", "duckdb", "sqlglot", "pandas", "numpy", "plotly", "ibis", "httpx")
TOKEN = "a-token-for-tests"
Alone = tuple[subprocess.Popen[bytes], httpx.Client]


def test_jupyter_finds_both_extensions() -> None:
    assert _jupyter_labextension_paths() == [{"src": "labextension", "dest": "@dataask/labextension"}]
    (point,) = _jupyter_server_extension_points()
    assert (point["module"], point["app"].name) == ("dataask_jupyter.app", "dataask")


def test_loading_imports_nothing_heavy() -> None:
    program = "import sys, json; import dataask_jupyter.app; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(HEAVY) & set(json.loads(done.stdout)) == set()


def test_importing_the_package_is_nearly_free() -> None:
    program = "import sys; import dataask_jupyter; print('pydantic' in sys.modules, 'jupyter_server' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder of its own."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def alone(home: Path) -> Iterator[Alone]:
    """`jupyter dataask`, and a client of it."""
    port = free_port()
    command = [
        *(sys.executable, "-m", "dataask_jupyter.cli", "--no-browser", "--allow-root"),
        *(f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1", f"--ServerApp.root_dir={home}"),
        *(f"--DataAsk.data_dir={home / 'data'}", "--DataAsk.workers=1"),
    ]
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "DATAASK", "JPY_"))},
        **{f"JUPYTER_{name}": str(home / name.lower()) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")},
        "JUPYTER_TOKEN": TOKEN,
        "HOME": str(home),
    }
    log = home / "log"
    with (
        log.open("wb") as out,
        subprocess.Popen(command, env=environment, stdout=out, stderr=out) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}/", trust_env=False, timeout=30) as http,
    ):
        http.headers["Authorization"] = f"token {TOKEN}"
        try:
            _wait(http, process, log)
            yield process, http
        finally:
            process.terminate()
            process.wait(30)


def _wait(http: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            if http.get("dataask/api/v1/health").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"The server didn't answer.\n{log.read_text()}")


def test_alone_it_serves_its_api_and_its_files(alone: Alone) -> None:
    _, http = alone
    assert http.get("dataask/api/v1/auth/me").json()["server"]["mode"] == "solo"
    # Without this client, which has a cookie by now.
    wrong = {"Authorization": "token no"}
    stranger = httpx.get(f"{http.base_url}dataask/api/v1/auth/me", headers=wrong, trust_env=False)
    assert stranger.status_code == 401
    # Jupyter's own routes are closed to strangers too, and pages lead to its login.
    assert httpx.get(f"{http.base_url}api/contents", trust_env=False).status_code == 403
    assert http.get("static/dataask/nothing.js").status_code == 404


@pytest.mark.usefixtures("alone")
def test_the_token_is_not_in_the_log(home: Path) -> None:
    assert TOKEN not in (home / "log").read_text()


def test_a_signal_ends_it_with_its_workers(alone: Alone, home: Path) -> None:
    process, http = alone
    api = "dataask/api/v1/"
    ws = http.get(f"{api}auth/me").json()["workspace_id"]
    path = home / "numbers.db"
    path.touch()
    given = {"name": "numbers", "kind": "sqlite", "settings": {"path": str(path)}}
    connection = http.post(f"{api}workspaces/{ws}/connections", json=given).json()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    body = {"connection_id": connection["id"], "sql": endless, "wait_seconds": 0}
    assert http.post(f"{api}queries/execute", json=body).status_code == 202
    time.sleep(0.3)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    _, left = psutil.wait_procs(workers, timeout=5)
    assert left == []
