"""The job that makes a table of an uploaded file. Only worker processes import this."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from dataask_jupyter.schemas.uploads import PREVIEW_ROWS, UploadColumn, UploadTable
from dataask_jupyter.sources import ReadLimits
from dataask_jupyter.sources.base import Interruptible
from dataask_jupyter.sources.duckdb import errors, start_options
from dataask_jupyter.sources.duckdb_arrow import batches
from dataask_jupyter.sources.duckdb_catalog import kind
from dataask_jupyter.sources.files_convert import Converter
from dataask_jupyter.sources.files_csv import literal
from dataask_jupyter.sources.files_settings import ReadAs

from .limits import Limits
from .values import cells

CELL_CHARACTERS = 200


class Ingestion(Interruptible):
    """A DuckDB that sees the folder of one upload and one for what is made on the way, and nothing else."""

    def __init__(self, message: dict[str, Any], limits: ReadLimits) -> None:
        import duckdb

        self.raw = Path(message["file"])
        self.target = Path(message["target"])
        parent = limits.temporary or Path(tempfile.gettempdir())
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = tempfile.TemporaryDirectory(prefix="ingest-", dir=parent)
        self.work = Path(self._folder.name)
        options = {name: value for name, value in start_options(limits).items() if name != "enable_external_access"}
        self.connection = duckdb.connect(":memory:", config=options)
        self.connection.execute("SET TimeZone = 'UTC'")
        seen = ", ".join(literal(str(folder)) for folder in (self.work, self.target.parent))
        self.connection.execute(f"SET allowed_directories = [{seen}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")

    def interrupt(self) -> None:
        """Stop what DuckDB does; the pool ends the process where that isn't enough."""
        self.connection.interrupt()

    def close(self) -> None:
        """Forget everything, and remove what was made on the way."""
        self.connection.close()
        self._folder.cleanup()

    def run(self, message: dict[str, Any]) -> dict[str, Any]:
        """Write the file as Parquet to the target, and show its first rows."""
        name, read_as = message["name"], ReadAs.from_dict(message["read_as"])
        with errors(name):
            converted = Converter(self.connection, self.work).convert(self.raw, name, read_as, self.target)
            table = UploadTable(
                name=message["table"],
                options=converted.options,
                sheets=converted.sheets,
                **self._look(),
            )
        return {
            "format": converted.format,
            "table": table.model_dump(mode="json"),
            "byte_count": self.target.stat().st_size,
        }

    def _look(self) -> dict[str, Any]:
        relation = f"read_parquet({literal(str(self.target))})"
        columns = [
            UploadColumn(name=name, type=type_ if len(type_) <= 200 else type_[:199] + "…", kind=kind(type_))
            for name, type_, *_ in self.connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()  # noqa: S608
        ]
        (count,) = self.connection.execute(f"SELECT count(*) FROM {relation}").fetchone() or (0,)  # noqa: S608
        running = self.connection.execute(f"SELECT * FROM {relation} LIMIT {PREVIEW_ROWS}")  # noqa: S608
        # fetch_record_batch is the name that DuckDB 1.4 has; 1.5 deprecates it.
        make = getattr(running, "to_arrow_reader", None) or running.fetch_record_batch
        reader = make(PREVIEW_ROWS)
        rows: list[list[Any]] = []
        for batch in batches(reader, errors(self.target.name)):
            values = [cells(column, characters=CELL_CHARACTERS) for column in batch.columns]
            rows += [list(row) for row in zip(*values, strict=True)]
        reader.close()
        return {"columns": columns, "rows": rows[:PREVIEW_ROWS], "row_count": count}


def ingest(session: Any, message: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Make a table of an uploaded file."""
    found: dict[str, Any] = session.run(message)
    return found
