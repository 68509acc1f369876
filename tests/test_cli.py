"""The shell's commands, run as people run them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from dataask_jupyter import cli
from dataask_jupyter.handlers.openapi import document
from dataask_jupyter.store import schema

pytestmark = pytest.mark.slow

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder of its own, for all tests here."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def dataask(home: Path) -> Run:
    """Runs `jupyter dataask` in that home."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "DATAASK", "JPY_"))}
        environment = {
            **inherited,
            **{f"JUPYTER_{name}": str(home / name.lower()) for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR")},
            "HOME": str(home),
            **more,
        }
        return subprocess.run(
            [sys.executable, "-m", "dataask_jupyter.cli", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def demo(dataask: Run, home: Path) -> Path:
    """The demo workspace, made by the command."""
    done = dataask("demo")
    assert done.returncode == 0, done.stderr
    assert "Workspace Demo is your current workspace" in done.stdout
    folder = home / "data_dir" / "dataask" / "demo"
    assert str(folder / "flights.duckdb") in done.stdout
    return folder


def test_openapi_prints_the_document(dataask: Run) -> None:
    done = dataask("openapi")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == document()


def test_the_demo_data_are_whole_and_typed(demo: Path) -> None:
    connection = sqlite3.connect(demo / "flights.sqlite")
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
    counts = {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for (name,) in tables.fetchall()}
    assert counts == {"airlines": 16, "airports": 1458, "flights": 336776, "planes": 3322, "weather": 26115}
    row = connection.execute(
        "SELECT sum(dep_delay), count(dep_delay), min(time_hour), max(time_hour), typeof(max(dep_delay)) FROM flights"
    ).fetchone()
    assert row == (4152200, 328521, "2013-01-01 05:00:00", "2013-12-31 23:00:00", "integer")
    assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    connection.close()


def test_the_demo_is_not_made_twice(dataask: Run, demo: Path) -> None:
    before = (demo / "flights.duckdb").stat()
    done = dataask("demo")
    assert done.returncode == 0
    after = (demo / "flights.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert done.stdout.count("flights_sqlite") == 1


def test_ask_prints_the_table_and_the_sql(dataask: Run, demo: Path) -> None:
    done = dataask("ask", "flights per month")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert any(line.split() == ["1", "27004"] for line in lines)
    assert any(line.startswith("SELECT") for line in lines)


@pytest.mark.parametrize("where", [(), ("--connection", "flights_sqlite"), ("--database", "{demo}/flights.sqlite")])
def test_ask_gives_one_json_object(dataask: Run, demo: Path, where: tuple[str, ...]) -> None:
    done = dataask("ask", "flights per month", "--json", *(part.format(demo=demo) for part in where))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {"question", "sql", "columns", "rows", "chart", "confidence", "assumptions"} <= set(found)
    assert found["question"] == "flights per month"
    assert [row[-1] for row in found["rows"]][:2] == [27004, 24951]
    assert [column["kind"] for column in found["columns"]] == ["integer", "integer"]
    assert found["chart"]["type"] in {"line", "bar"}
    assert 0 <= found["confidence"]["score"] <= 1


def test_ask_any_database_file_without_leaving_a_trace(dataask: Run, tmp_path: Path) -> None:
    path = tmp_path / "no-ending"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE pets (name TEXT, kind TEXT)")
    connection.executemany("INSERT INTO pets VALUES (?, ?)", [("Rex", "dog"), ("\x1b[31mTom", "cat")])
    connection.commit()
    connection.close()
    data = tmp_path / "data"
    done = dataask("ask", "all pets", "--database", str(path), DATAASK_DATA_DIR=str(data))
    assert done.returncode == 0, done.stderr
    assert "Rex" in done.stdout
    # What stands in the data can't steer the terminal.
    assert "\x1b" not in done.stdout
    assert not data.exists()


@dataclass
class Here:
    """Commands run in this process, which is quicker; what they print and how they exit."""

    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        out, err = self.capsys.readouterr()
        return int(caught.value.code or 0), out, err


@pytest.fixture
def here(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Runs commands in the same home, in this process."""
    for name in ("CONFIG_DIR", "DATA_DIR", "RUNTIME_DIR"):
        monkeypatch.setenv(f"JUPYTER_{name}", str(home / name.lower()))
    for name in ("DATAASK_DATA_DIR", "DATAASK_DATABASE_URL", "JUPYTER_NO_CONFIG", "JUPYTERHUB_USER"):
        monkeypatch.delenv(name, raising=False)
    return Here(capsys)


@pytest.mark.usefixtures("demo")
def test_an_unclear_question_is_no_success(here: Here) -> None:
    code, out, err = here("ask", "xyzzy plugh")
    assert (code, out) == (3, "")
    assert "xyzzy" in err
    code, out, _ = here("ask", "xyzzy plugh", "--json")
    assert code == 3
    found = json.loads(out)
    assert found["question"] == "xyzzy plugh"
    assert found["clarification"]["message"]


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ask", ""), "The question is empty"),
        (("ask", "x" * 3000), "at most 2,000"),
        (("ask", "all pets", "--database", "/nowhere/x.db"), "/nowhere/x.db was not found"),
        (("ask", "all pets", "--database", "/etc/passwd"), "neither a SQLite nor a DuckDB database"),
        (("ask", "all pets", "--connection", "nobody"), "no connection named nobody"),
        (("migrate", "--DataAsk.database_url=mysql://x@y/z"), "keeps its data in SQLite or PostgreSQL"),
    ],
)
def test_what_can_not_be_done(here: Here, arguments: tuple[str, ...], words: str) -> None:
    code, out, err = here(*arguments)
    assert (code, out) == (1, "")
    assert words in err
    if arguments[0] == "ask":
        code, out, _ = here(*arguments, "--json")
        assert code == 1
        assert words in json.loads(out)["problem"]["detail"]


def test_an_error_that_nobody_foresaw_is_one_object_too(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    async def explode(*_: object) -> None:
        raise RuntimeError("secret=hunter2")

    monkeypatch.setattr(cli, "_answer", explode)
    with pytest.raises(RuntimeError):
        cli.main(["ask", "flights", "--json"])
    out = here.capsys.readouterr().out
    assert json.loads(out)["problem"]["type"] == "/problems/internal"
    assert "hunter2" not in out


def test_without_a_connection_it_says_what_to_do(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAASK_DATA_DIR", str(tmp_path / "empty"))
    code, _, err = here("ask", "flights per month")
    assert code == 1
    assert "jupyter dataask demo" in err


def test_options_that_are_none(here: Here) -> None:
    code, _, err = here("migrate", "--bogus")
    assert code == 2
    assert "--bogus" in err


def test_migrate_says_from_where_to_where(here: Here, tmp_path: Path) -> None:
    option = f"--DataAsk.data_dir={tmp_path / 'fresh'}"
    assert f"None → {schema.HEAD}" in here("migrate", option)[1]
    assert f"is up to date ({schema.HEAD})" in here("migrate", option)[1]


@pytest.mark.parametrize("name", ["jupyter_server_config.py", "jupyter_dataask_config.py"])
def test_settings_come_from_jupyters_configuration(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (tmp_path / name).write_text(f"c.DataAsk.data_dir = {str(tmp_path / 'here')!r}\n")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path))
    assert str(tmp_path / "here" / "dataask.db") in here("migrate")[1]


def test_a_reader_that_has_enough(dataask: Run, home: Path, demo: Path) -> None:
    command = f"{sys.executable} -m dataask_jupyter.cli openapi | head -1"
    environment = {**os.environ, "HOME": str(home)}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True, env=environment)
    assert (done.stdout, done.stderr) == ("{\n", "")


def test_help_names_the_commands(dataask: Run) -> None:
    done = dataask("--help")
    assert done.returncode == 0
    for word in ("ask", "demo", "openapi", "migrate", "--help-all"):
        assert word in done.stdout


# ---- The audit log -------------------------------------------------------------------------------------------------


def test_the_audit_log_is_checked_and_the_first_bad_record_named(dataask: Run, home: Path, demo: Path) -> None:
    """U1: each time with the triggers dropped, as somebody with the database can."""
    del demo
    path = home / "data_dir" / "dataask" / "dataask.db"
    done = dataask("verify-audit")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("Server: intact. ")
    (line,) = (line for line in lines if line.startswith("Demo ("))
    workspace, head = line[6:38], line.rpartition("Head: ")[2]
    assert dataask("verify-audit", "--workspace", workspace, "--head", head).returncode == 0
    wrong = dataask("verify-audit", "--head", "0" * 64)
    assert wrong.returncode == 1
    assert "isn't in the log any more" in wrong.stdout

    with sqlite3.connect(path) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE events SET object_name = 'x' WHERE chain = ? AND number = 2", [workspace])
    connection.close()
    done = dataask("verify-audit")
    assert done.returncode == 1
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("Demo ("))
    assert "NOT INTACT from record 2. Record 2 was changed." in line
    assert done.stdout.startswith("Server: intact. ")


def test_the_audit_log_of_an_unknown_workspace_is_an_error(dataask: Run, demo: Path) -> None:
    del demo
    done = dataask("verify-audit", "--workspace", "nowhere\x1b[2J")
    assert done.returncode == 1
    assert "There are no audit records" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_word_that_is_no_command_is_said_to_be_none(dataask: Run) -> None:
    done = dataask("frobnicate")
    assert done.returncode == 2
    assert "frobnicate" in done.stderr
    assert "rotate-key" in done.stderr
    assert "Traceback" not in done.stderr
