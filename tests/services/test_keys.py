"""The server's key: what is no key is refused by the setting's name, and one is made by one process only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dataask_jupyter.errors import UnsafeSettings
from dataask_jupyter.services import keys
from dataask_jupyter.services.settings import Settings

GOOD = "kX3-9vTq7_mB2zLw8RfYc5NdHs1GjPa6UeoIt4Wy0Zb"

PROGRAM = """
import sys
from pathlib import Path
from dataask_jupyter.services import keys
from dataask_jupyter.services.settings import Settings
settings = Settings(data_dir=Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
print(keys.load(settings).of("test").hex())
"""


@pytest.fixture(autouse=True)
def no_key_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file alone counts."""
    monkeypatch.delenv(keys.VARIABLE, raising=False)


def _settings(tmp_path: Path, content: str | None, mode: int = 0o600) -> Settings:
    path = tmp_path / "team.key"
    if content is not None:
        path.write_text(content)
        path.chmod(mode)
    return Settings(data_dir=tmp_path / "dataask", mode="team", secret_key_file=path)


def test_a_file_of_its_user_alone_is_the_key(tmp_path: Path) -> None:
    settings = _settings(tmp_path, f"{GOOD}\n")
    assert keys.load(settings).of("a") == keys.Keys(GOOD.encode()).of("a")
    assert keys.load(settings).of("a") != keys.load(settings).of("b")


@pytest.mark.parametrize(
    ("content", "mode", "fault"),
    [
        (GOOD, 0o640, "can be read by others"),
        (GOOD, 0o604, "can be read by others"),
        (GOOD, 0o620, "can be read by others"),
        ("changeme", 0o600, "placeholder"),
        (f"{GOOD}-ChangeMe", 0o600, "placeholder"),
        ("Zq81xkdP-short-4711", 0o600, "shorter than 32 bytes"),
        (f"Zq81xkdP{' ' * 40}", 0o600, "shorter than 32 bytes"),
        ("", 0o600, "shorter than 32 bytes"),
        ("ab" * 40, 0o600, "isn't random"),
        (None, 0o600, "can't be read"),
    ],
)
def test_a_file_that_holds_no_safe_key_is_refused(tmp_path: Path, content: str | None, mode: int, fault: str) -> None:
    with pytest.raises(UnsafeSettings) as found:
        keys.load(_settings(tmp_path, content, mode))
    said = found.value.detail
    assert "DataAsk.secret_key_file" in said
    assert fault in said
    assert not content or content.strip() not in said.removesuffix(keys._HOW)
    assert "Zq81" not in said


def test_a_folder_is_no_key(tmp_path: Path) -> None:
    (tmp_path / "team.key").mkdir(mode=0o700)
    with pytest.raises(UnsafeSettings, match=r"DataAsk\.secret_key_file"):
        keys.load(_settings(tmp_path, None))


def test_several_people_need_a_key_that_was_given(tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match="DATAASK_SECRET_KEY"):
        keys.load(Settings(data_dir=tmp_path / "dataask", mode="team"))
    assert not (tmp_path / "dataask").exists()


@pytest.mark.slow
def test_processes_that_make_the_key_at_once_end_with_one(tmp_path: Path) -> None:
    folder = tmp_path / "dataask"
    command = [sys.executable, "-c", PROGRAM, str(folder)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    found = {process.communicate(timeout=60)[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 6
    assert len(found) == 1
    assert [path.name for path in folder.iterdir()] == ["secret.key"]
    assert oct((folder / "secret.key").stat().st_mode)[-3:] == "600"
