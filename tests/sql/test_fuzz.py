"""The gate against the real engines with everything open: nothing that it lets through writes, or reads a file."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.sql.gate import check
from tests.sql.test_gate import ALLOWED, REFUSED

pytestmark = pytest.mark.slow

STATEMENTS = 4_000
CANARY = "CANARY-5bd1e995"

ATTACKS = {
    "duckdb": [
        "read_text('{canary}')", "read_blob('{canary}')", "read_csv('{canary}')", "read_csv_auto('{canary}')",
        "'{canary}'", "\"{canary}\"", "glob('{folder}/*')", "query('FROM ''{canary}''')", "query_table('{canary}')",
        "sniff_csv('{canary}')", "\"read_text\"('{canary}')", "main.read_text('{canary}')",
        "system.main.read_text('{canary}')", "parquet_scan('{canary}')", "COPY t TO '{folder}/out.csv'",
        "ATTACH '{folder}/out.db' AS o", "EXPORT DATABASE '{folder}/out'", "read_json('{canary}')",
        "INSERT INTO t VALUES (9)", "DELETE FROM t", "UPDATE t SET a = 9", "DROP TABLE t",
        "CREATE TABLE u AS SELECT 1", "SET temp_directory = '{folder}/out'", "PRAGMA enable_profiling",
        "('{canary}').read_text()", "write_log('x')", "getenv('HOME')", "nextval('s')", "duckdb_settings()",
        "pragma_database_list()", "U&\"read\\005ftext\"('{canary}')",
    ],
    "sqlite": [
        "ATTACH '{folder}/out.db' AS o", "VACUUM INTO '{folder}/out.db'", "readfile('{canary}')",
        "load_extension('{canary}')", "writefile('{folder}/out', 'x')", "PRAGMA journal_mode = WAL",
        "INSERT INTO t VALUES (9)", "DELETE FROM t", "DROP TABLE t", "UPDATE t SET a = 9",
        "REPLACE INTO t VALUES (9)", "CREATE TABLE u (a)", "CREATE TEMP TABLE u (a)", "sqlite_master",
        "pragma_database_list", "[load_extension]('{canary}')", "pragma_journal_mode('wal')",
        "fts3_tokenizer('simple')", "WITH x AS (SELECT 1) DELETE FROM t", "REINDEX", "ANALYZE",
    ],
}  # fmt: skip
GLUE = [
    " ", "\n", "/**/", "/* x */", "-- x\n", ";", "; ", ",", "(", ")", "'", "\"", "$$", "\\", "/*", "*/", "\u00a0",
    " FROM ", " JOIN ", " UNION ALL SELECT ", " AS ", " WITH x AS (", "SELECT ", " INTO ", " LIMIT 1",
    " RETURNING *", "E'", "[", "]", "`", ".", "::", "U&",
]  # fmt: skip


def mutations(dialect: str, folder: Path, canary: Path, count: int) -> list[str]:
    """Statements made of those that pass and those that don't, cut and glued together at random."""
    source = random.Random(20261123)
    known = ALLOWED[dialect] * 3 + [sql for _, sql in REFUSED[dialect]]
    attacks = [attack.format(folder=folder, canary=canary) for attack in ATTACKS[dialect]]

    def one() -> str:
        sql = source.choice(known)
        for _ in range(source.randint(1, 3)):
            place = source.randint(0, len(sql))
            step = source.randint(0, 7)
            if step == 0:
                sql = sql[:place] + source.choice(attacks) + sql[place:]
            elif step == 1:
                sql = sql[:place] + source.choice(GLUE) + sql[place:]
            elif step == 2:
                sql = sql[:place] + sql[place + source.randint(1, 6) :]
            elif step == 3:
                sql = source.choice(["SELECT * FROM {}", "SELECT {}", "FROM {}", "{}", "SELECT * FROM t, {} x"]).format(
                    source.choice(attacks)
                )
            elif step == 4:
                other = source.choice(known)
                sql = sql[:place] + other[source.randint(0, len(other)) :]
            elif step == 5:
                words = sql.split(" ")
                first, second = source.randrange(len(words)), source.randrange(len(words))
                words[first], words[second] = words[second], words[first]
                sql = " ".join(words)
            elif step == 6:
                words = sql.split(" ")
                words[source.randrange(len(words))] = source.choice(attacks)
                sql = " ".join(words)
            else:
                sql = sql.replace(" t", " " + source.choice(attacks), 1)
        return sql

    return [one() for _ in range(count)]


def duck(folder: Path) -> tuple[Callable[[str], Any], Callable[[], Any], Callable[[], None]]:
    connection = duckdb.connect(str(folder / "data.duckdb"), config={"memory_limit": "512MB"})
    connection.execute(
        "CREATE TABLE t (a INT, b VARCHAR); INSERT INTO t VALUES (1, 'x'); CREATE TABLE u (a INT); CREATE SEQUENCE s"
    )
    connection.execute("CHECKPOINT")
    inside = connection.cursor()

    def state() -> Any:
        return (
            inside.execute("FROM t").fetchall(),
            inside.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall(),
            inside.execute("SELECT database_name FROM duckdb_databases() WHERE NOT internal").fetchall(),
            inside.execute("SELECT last_value FROM duckdb_sequences()").fetchall(),
            inside.execute("SELECT value FROM duckdb_settings() WHERE name = 'threads'").fetchall(),
        )

    return lambda sql: connection.execute(sql).fetchmany(50), state, lambda: (inside.close(), connection.close())  # type: ignore[return-value, func-returns-value]


def lite(folder: Path) -> tuple[Callable[[str], Any], Callable[[], Any], Callable[[], None]]:
    connection = sqlite3.connect(folder / "data.db", isolation_level=None)
    connection.executescript("CREATE TABLE t (a INT, b TEXT); INSERT INTO t VALUES (1, 'x'); CREATE TABLE u (a INT);")
    if hasattr(connection, "enable_load_extension"):  # Python may be built without it.
        connection.enable_load_extension(True)

    def state() -> Any:
        return (
            connection.execute("SELECT * FROM t").fetchall(),
            connection.execute("SELECT name FROM sqlite_master ORDER BY 1").fetchall(),
            # SQLite lists its own temporary database once it has used it.
            [row for row in connection.execute("PRAGMA database_list") if row[1] != "temp"],
            connection.execute("PRAGMA journal_mode").fetchall(),
            connection.execute("SELECT count(*) FROM sqlite_temp_master").fetchall(),
            connection.total_changes,
        )

    return lambda sql: connection.execute(sql).fetchmany(50), state, connection.close


@pytest.mark.parametrize(("dialect", "engine"), [("duckdb", duck), ("sqlite", lite)])
def test_nothing_that_passes_writes_or_reads_files(
    dialect: str, engine: Callable[[Path], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    canary = tmp_path / "canary.csv"
    canary.write_text(f"{CANARY}\n{CANARY}\n")
    run, state, close = engine(tmp_path)
    try:
        before, files = state(), sorted(tmp_path.iterdir())
        passed = ran = 0
        for sql in mutations(dialect, tmp_path, canary, STATEMENTS):
            try:
                checked = check(sql, dialect)
            except DataAskError:
                continue
            passed += 1
            try:
                rows = run(checked.sql)
            except (duckdb.Error, sqlite3.Error):
                continue
            ran += 1
            shown = repr(rows)
            assert CANARY not in shown, sql
            assert sorted(tmp_path.iterdir()) == files, sql
            if ran % 20 == 0:
                assert state() == before, sql
        assert state() == before
        assert passed > STATEMENTS / 20, "the fuzz must get something through the gate to say anything"
        assert ran > 50
    finally:
        close()
