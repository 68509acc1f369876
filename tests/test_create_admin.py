"""`jupyter dataask create-admin` and `reset-link`: the shell's ways to an account."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

PASSWORD = "correct horse battery"


def _start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "DATAASK", "JPY_"))}
    folders = {f"JUPYTER_{name}": str(home / name.lower()) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")}
    return subprocess.Popen(
        [sys.executable, "-m", "dataask_jupyter.cli", *arguments],
        env={**kept, **folders, "HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_at_once_make_one_administrator(tmp_path: Path) -> None:
    both = [_start(tmp_path, "create-admin", "root@example.com", "--password-stdin") for _ in range(2)]
    said = [process.communicate(f"{PASSWORD}\n", timeout=60) for process in both]
    assert sorted(process.returncode for process in both) == [0, 1], said
    assert "root@example.com administers this server now." in "".join(out for out, _ in said)
    assert "There is an account with this e-mail address" in "".join(error for _, error in said)
    link = _start(tmp_path, "reset-link", "ROOT@example.com")
    out, _ = link.communicate(timeout=60)
    assert link.returncode == 0
    assert out.startswith("/dataask/reset#")
    (tmp_path / "config_dir").mkdir(exist_ok=True)
    (tmp_path / "config_dir" / "jupyter_server_config.py").write_text("c.ServerApp.base_url = 'team'\n")
    below, _ = _start(tmp_path, "reset-link", "root@example.com").communicate(timeout=60)
    assert below.startswith("/team/dataask/reset#")
    none = _start(tmp_path, "reset-link", "nobody@example.com")
    assert none.communicate(timeout=60)[1].startswith("There is no account")
    assert none.returncode == 1


@pytest.mark.parametrize(("email", "password"), [("root", PASSWORD), ("root@example.com", "short")])
def test_what_is_no_address_or_no_password_makes_nothing(tmp_path: Path, email: str, password: str) -> None:
    process = _start(tmp_path, "create-admin", email, "--password-stdin")
    process.communicate(f"{password}\n", timeout=60)
    assert process.returncode == 1
