"""The shared server, really started: once for all, with a secret that nobody else sees, and gone when idle."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.real.home import Home

pytestmark = pytest.mark.slow

ASK = """
import dataask_jupyter as da
with da.connect() as client:
    print(client.server.url)
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = Home(tmp_path / "home")
    yield made
    made.end_shared_servers()


def record(home: Home) -> Path:
    return next(home.runtime.glob("dataask-shared-*.json"))


def test_many_kernels_at_once_start_one_server(home: Home) -> None:
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", ASK],
            env=home.env,
            cwd=home.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    said = [kernel.communicate(timeout=90) for kernel in kernels]
    assert [kernel.returncode for kernel in kernels] == [0, 0, 0], said
    assert len({out for out, _ in said}) == 1
    assert said[0][0].startswith("http://127.0.0.1:")

    # The secret stands in one file that its owner alone can read, and nowhere else.
    noted = json.loads(record(home).read_text())
    assert stat.S_IMODE(record(home).stat().st_mode) == 0o600
    server = psutil.Process(noted["pid"])
    assert noted["token"] not in " ".join(server.cmdline())
    assert noted["token"] not in "".join(out + err for out, err in said)
    log = record(home).with_suffix(".log")
    assert noted["token"] not in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert {connection.laddr.ip for connection in server.net_connections() if connection.status == "LISTEN"} == {
        "127.0.0.1"
    }


def test_a_server_that_died_is_started_again(home: Home) -> None:
    def ask() -> str:
        return subprocess.run(
            [sys.executable, "-c", ASK],
            env=home.env,
            cwd=home.root,
            capture_output=True,
            text=True,
            check=True,
            timeout=90,
        ).stdout

    first = ask()
    before = json.loads(record(home).read_text())["pid"]
    home.end_shared_servers()
    assert ask() != first or json.loads(record(home).read_text())["pid"] != before


def test_a_server_that_cant_start_says_its_last_words(home: Home) -> None:
    (home.root / "config" / "jupyter_server_config.py").write_text("raise SystemExit('the configuration is broken')")
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env=home.env,
        cwd=home.root,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert done.returncode != 0
    assert "ended while it started" in done.stderr
    assert "the configuration is broken" in done.stderr
    assert not list(home.runtime.glob("dataask-shared-*.json"))


def test_it_ends_by_itself_when_idle(home: Home) -> None:
    subprocess.run(
        [sys.executable, "-c", ASK],
        env={**home.env, "DATAASK_SHARED_IDLE_SECONDS": "1"},
        cwd=home.root,
        capture_output=True,
        check=True,
        timeout=90,
    )
    pid = json.loads(record(home).read_text())["pid"]
    deadline = time.monotonic() + 90  # jupyter_server looks once a minute
    while psutil.pid_exists(pid) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert not psutil.pid_exists(pid)
