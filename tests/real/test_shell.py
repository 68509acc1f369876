"""Flow 6: questions from the shell, as a person or a script asks them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.real.home import Home

pytestmark = pytest.mark.slow

Dataask = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def dataask(demo_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Dataask:
    """Runs `jupyter dataask …` as installed."""
    home = Home(tmp_path_factory.mktemp("shell") / "home", demo_data)
    command = Path(sys.executable).parent / "jupyter"

    def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [command, "dataask", *arguments],
            env=home.env,
            cwd=home.root,
            capture_output=True,
            text=True,
            check=False,
            timeout=90,
        )

    return run


def test_a_question_prints_the_table_and_the_sql(dataask: Dataask) -> None:
    done = dataask("ask", "flights per month")
    assert done.returncode == 0, done.stderr
    assert "SELECT" in done.stdout.upper()
    assert "27004" in done.stdout.replace(",", "")


def test_json_is_one_object_with_what_a_script_needs(dataask: Dataask) -> None:
    done = dataask("ask", "--json", "flights per month")
    found = json.loads(done.stdout)
    assert set(found) >= {"question", "sql", "columns", "rows", "chart", "confidence", "assumptions"}
    assert len(found["rows"]) == 12


@pytest.mark.parametrize("suffix", ["duckdb", "sqlite"])
def test_any_database_file_can_be_asked(dataask: Dataask, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"shop.{suffix}"
    statements = (
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, city VARCHAR, amount DOUBLE)",
        "INSERT INTO orders VALUES (1, 'Oslo', 10.0), (2, 'Rome', 5.5), (3, 'Oslo', 2.5)",
    )
    if suffix == "duckdb":
        import duckdb

        with duckdb.connect(str(path)) as database:
            for statement in statements:
                database.execute(statement)
    else:
        import sqlite3

        database = sqlite3.connect(path)
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()
    done = dataask("ask", "--json", "--database", path, "total amount by city")
    assert done.returncode == 0, done.stderr
    assert sorted(json.loads(done.stdout)["rows"]) == [["Oslo", 12.5], ["Rome", 5.5]]


def test_a_missing_file_is_said(dataask: Dataask, tmp_path: Path) -> None:
    done = dataask("ask", "--database", tmp_path / "none.duckdb", "how many rows")
    assert done.returncode != 0
    assert "none.duckdb" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_api_document_is_printed(dataask: Dataask) -> None:
    document = json.loads(dataask("openapi").stdout)
    assert document["openapi"].startswith("3.1")
