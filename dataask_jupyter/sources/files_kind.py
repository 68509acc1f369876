"""The kind `files`: uploads, and files where they are, as tables of one DuckDB that sees nothing else."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataask_jupyter.errors import DriverMissing, SourceUnavailable, SqlRefused
from dataask_jupyter.schemas.catalog import Catalog

from . import files_cache
from .base import Reading, ReadLimits, SourceKind
from .duckdb import DuckDBSession, errors, start_options
from .files_paths import ending, files_of, version_of
from .files_settings import FilesSettings, FilesTable, Places, take_apart

if TYPE_CHECKING:
    import duckdb

_PLACE = "One of the files"


class Files(SourceKind[FilesSettings]):
    """Files as tables: CSV, TSV, Parquet, JSON and Excel."""

    kind = "files"
    label = "Files"
    tile = "Fi"
    dialect = "duckdb"
    notes = "CSV, TSV, Parquet, JSON and Excel files: uploaded, or where they are. Several files can be one table."
    settings_model = FilesSettings

    def fingerprint(self, settings: dict[str, Any]) -> str:
        """Sizes and times of all files."""
        given, places = take_apart(settings)
        return "|".join(version_of(_uploads(table, places) or files_of(table, places)) for table in given.tables)

    def open(self, settings: dict[str, Any], limits: ReadLimits) -> FilesSession:
        """The files as views, for one job. What isn't Parquet is converted first, unless that was done before."""
        given, places = take_apart(settings)
        return FilesSession(given, places, limits)


class FilesSession(DuckDBSession):
    """Views of files, in memory."""

    def __init__(self, settings: FilesSettings, places: Places, limits: ReadLimits) -> None:
        self.path = _PLACE
        self.limits = limits
        self._reader: Any = None
        self._work: Path | None = None
        self.rows: dict[str, int | None] = {}
        self.connection = _memory(limits)
        try:
            tables = {table.name: self._parquet(table, places) for table in settings.tables}
            with errors(_PLACE, opening=True):
                self._show(tables)
        except BaseException:
            self.close()
            raise

    def read(self, sql: str) -> Reading:
        """Run the SQL. Its parser is asked first: views of files can be read, and nothing can be written."""
        import duckdb

        with errors(self.path):
            statements = self.connection.extract_statements(sql)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise SqlRefused("Files can only be read. Write a single SELECT.")
        return super().read(sql)

    def catalog(self) -> Catalog:
        """The tables."""
        found = super().catalog()
        tables = [
            table.model_copy(update={"type": "table", "row_estimate": self.rows.get(table.name)})
            for table in found.tables
        ]
        return found.model_copy(update={"tables": tables})

    def close(self) -> None:
        """Forget everything."""
        super().close()
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)

    # ---- Parts --------------------------------------------------------------------------------------------------

    def _parquet(self, table: FilesTable, places: Places) -> list[Path]:
        """The table's files as Parquet."""
        uploads = _uploads(table, places)
        # An upload was made Parquet when it came.
        files = uploads or [self._own(file, table, places) for file in files_of(table, places)]
        self.rows[table.name] = _rows(files)
        return files

    def _own(self, file: Path, table: FilesTable, places: Places) -> Path:
        from .files_convert import Converter, parquet_columns

        read_as, real = table.read_as, file.resolve()
        if (read_as.format or ending(file.name)) == "parquet" and not read_as.columns:
            parquet_columns(real, file.name)
            return real
        folder = Path(places.cache) if places.cache else self._folder() / "made"
        if not places.cache:
            folder.mkdir(exist_ok=True)
        elif not folder.is_dir():
            raise SourceUnavailable(f"The table {table.name} can't be read: its workspace was deleted.")
        target = files_cache.place(folder, version_of([real]), read_as.key)
        if files_cache.is_there(target):
            return target
        work = self._folder() / "work"
        work.mkdir(exist_ok=True)
        unfinished = files_cache.unfinished(target)
        try:
            Converter(self.connection, work).convert(real, file.name, read_as, unfinished, strict=False)
            unfinished.rename(target)
        finally:
            unfinished.unlink(missing_ok=True)
        files_cache.prune(folder)
        return target

    def _folder(self) -> Path:
        if self._work is None:
            parent = self.limits.temporary
            if parent is not None:
                parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._work = Path(tempfile.mkdtemp(prefix="files-", dir=parent))
        return self._work

    def _show(self, tables: dict[str, list[Path]]) -> None:
        """Make the views, and shut everything but their files."""
        from .files_csv import literal
        from .profiling import quote

        for name, files in tables.items():
            listed = ", ".join(literal(str(file)) for file in files)
            together = ", union_by_name = true" if len(files) > 1 else ""
            self.connection.execute(
                f"CREATE VIEW {quote(name)} AS SELECT * FROM read_parquet([{listed}]{together})"  # noqa: S608 - quoted
            )
        every = ", ".join(literal(str(file)) for file in sorted({file for files in tables.values() for file in files}))
        self.connection.execute(f"SET allowed_paths = [{every}]")
        self.connection.execute("SET enable_external_access = false")
        self.connection.execute("SET lock_configuration = true")


def _memory(limits: ReadLimits) -> duckdb.DuckDBPyConnection:
    """A DuckDB in memory. It may read files until `_show` has made the views; no SQL of a person runs before."""
    try:
        import duckdb
    except ImportError:
        raise DriverMissing("The Python package duckdb is missing. Run: pip install duckdb") from None
    options = {name: value for name, value in start_options(limits).items() if name != "enable_external_access"}
    connection = duckdb.connect(":memory:", config=options)
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def _uploads(table: FilesTable, places: Places) -> list[Path] | None:
    """The Parquet files of a table's uploads; None for a table by path."""
    if table.path is not None:
        return None
    key = table.read_as.key
    files = [Path(places.uploads or "/nonexistent") / upload / f"{key}.parquet" for upload in table.uploads]
    if not all(file.is_file() for file in files):
        raise SourceUnavailable(
            f"A file of the table {table.name} is no longer there. Upload it again, or edit the connection."
        )
    return files


def _rows(files: list[Path]) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    total = 0
    try:
        for file in files:
            with pq.ParquetFile(file) as opened:
                total += opened.metadata.num_rows
    except (pa.ArrowException, OSError):
        return None
    return total
