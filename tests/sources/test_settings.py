"""Kinds of sources, their settings, and the version of a file's data."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from dataask_jupyter import sources
from dataask_jupyter.errors import InvalidInput, SourceUnavailable
from dataask_jupyter.sources import SourceSpec


@pytest.mark.parametrize(
    ("kind", "settings", "field"),
    [
        ("oracle", {"path": "/x"}, "kind"),
        ("duckdb", {}, "settings.path"),
        ("duckdb", {"path": ""}, "settings.path"),
        ("duckdb", {"path": "  "}, "settings.path"),
        ("duckdb", {"path": None}, "settings.path"),
        ("duckdb", {"path": 5}, "settings.path"),
        ("duckdb", {"path": "relative.db"}, "settings.path"),
        ("duckdb", {"path": "/a\0b"}, "settings.path"),
        ("duckdb", {"path": "/" + "x" * 5000}, "settings.path"),
        ("duckdb", {"path": "/x", "read_only": False}, "settings.read_only"),
        ("duckdb", {"path": "/x", "config": {"a": 1}}, "settings.config"),
        ("sqlite", {"path": "file:/x?mode=rwc"}, "settings.path"),
        ("sqlite", {"path": "sqlite:///x"}, "settings.path"),
        ("sqlite", {"path": "https://example.com/x.db"}, "settings.path"),
        ("duckdb", {"path": "md:my_db"}, "settings.path"),
        ("duckdb", {"path": ":memory:"}, "settings.path"),
    ],
)
def test_wrong_settings_name_the_field(kind: str, settings: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as error:
        sources.validate(kind, settings)
    assert [problem.field for problem in error.value.errors] == [field]
    assert len(error.value.detail) < 300


def test_settings_are_normalised() -> None:
    assert sources.validate("duckdb", {"path": "  /data//./x.duckdb "}) == {"path": "/data/x.duckdb"}
    assert sources.validate("sqlite", {"path": "~/x.db"}) == {"path": str(Path.home() / "x.db")}


def test_the_catalogue_of_kinds_draws_a_form() -> None:
    kinds = {kind.kind: kind for kind in sources.describe()}
    assert {"duckdb", "sqlite", "postgresql", "mysql", "bigquery", "snowflake"} <= set(kinds)
    needed = {
        "duckdb": ("path",),
        "sqlite": ("path",),
        "postgresql": ("database", "host", "user"),
        "mysql": ("database", "host", "user"),
        "bigquery": ("project", "service_account_json"),
        "snowflake": ("account", "database", "user"),
    }
    for kind in kinds.values():
        assert len(kind.tile) == 2
        if kind.kind in needed:
            assert tuple(sorted(kind.settings_schema["required"])) == needed[kind.kind]
        json.dumps(kind.model_dump(mode="json"))


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
class TestVersion:
    def test_changes_with_the_file(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "x.db"
        spec = SourceSpec(kind, {"path": str(path)})
        path.write_bytes(b"a")
        first = sources.source_version(spec)
        assert sources.source_version(spec) == first
        path.write_bytes(b"ab")
        second = sources.source_version(spec)
        replacement = tmp_path / "y.db"
        replacement.write_bytes(b"ab")
        os.utime(replacement, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
        replacement.rename(path)
        third = sources.source_version(spec)
        assert len({first, second, third}) == 3

    def test_changes_with_the_log_beside_it(self, tmp_path: Path, kind: str) -> None:
        path = tmp_path / "x.db"
        path.write_bytes(b"a")
        spec = SourceSpec(kind, {"path": str(path)})
        first = sources.source_version(spec)
        Path(str(path) + {"duckdb": ".wal", "sqlite": "-wal"}[kind]).write_bytes(b"x")
        assert sources.source_version(spec) != first

    def test_of_a_missing_file_is_an_error(self, tmp_path: Path, kind: str) -> None:
        path = str(tmp_path / "gone.db")
        with pytest.raises(SourceUnavailable) as error:
            sources.source_version(SourceSpec(kind, {"path": path}))
        assert error.value.detail.startswith(f"{path} was not found.")


def test_a_commit_in_wal_mode_changes_the_version(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript("PRAGMA journal_mode = WAL; CREATE TABLE t (a);")
    spec = SourceSpec("sqlite", {"path": str(path)})
    first = sources.source_version(spec)
    connection.execute("INSERT INTO t VALUES (1)")
    assert sources.source_version(spec) != first
    connection.close()
