"""One file as typed Parquet: what is read from then on. It runs in workers only."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dataask_jupyter.errors import StorageFull, TooLarge, UploadRefused, UploadUnreadable
from dataask_jupyter.schemas.uploads import MAX_COLUMNS, FileFormat, UploadOptions

from . import files_csv, files_detect, files_excel, files_json, files_types
from .files_csv import literal
from .files_detect import Detected
from .files_settings import ReadAs
from .profiling import quote

MAX_CELLS = 4_000_000_000
FREE_CELLS = 50_000_000
CELLS_PER_BYTE = 100
"""A Parquet file may hold one value a billion times in a few bytes."""


@dataclass
class Converted:
    """What a file turned out to be."""

    format: FileFormat
    options: UploadOptions
    sheets: list[str] = field(default_factory=list)


class Converter:
    """Converts one file after another, in a folder of its own, with a DuckDB connection that sees nothing else."""

    def __init__(self, connection: Any, work: Path) -> None:
        self.connection = connection
        self.work = work

    def convert(self, path: Path, name: str, read_as: ReadAs, target: Path, *, strict: bool = True) -> Converted:
        """Write the file as Parquet to the target. Chosen types of columns that aren't there are errors if `strict`."""
        detected = files_detect.detect(path, name, read_as.format, self.work)
        try:
            if detected.format in {"csv", "tsv"}:
                return self._csv(detected, name, read_as, target, strict)
            if detected.format == "json":
                return self._json(detected, name, read_as, target, strict)
            if detected.format == "excel":
                return self._excel(detected, name, read_as, target, strict)
            return self._parquet(detected, name, read_as, target, strict)
        finally:
            for part in self.work.iterdir():
                part.unlink(missing_ok=True)

    def _csv(self, detected: Detected, name: str, read_as: ReadAs, target: Path, strict: bool) -> Converted:
        path, encoding = files_detect.as_utf8(detected.path, name, read_as.encoding, self.work)
        delimiter = read_as.delimiter or ("\t" if detected.format == "tsv" else None)
        how = files_csv.dialect(path, name, delimiter=delimiter, header=read_as.header)
        staged = self.work / "staged.parquet"
        with self._errors(files_csv.problem, name):
            rows = self._copy(f"SELECT * FROM {files_csv.relation(path, how)}", staged)  # noqa: S608
        relation = f"read_parquet({literal(str(staged))})"
        self._write(relation, how.names, how.names, rows, name, read_as, target, strict)
        shown = None if how.delimiter == files_csv.UNLIKELY else how.delimiter
        options = UploadOptions(delimiter=shown, header=how.header, encoding=encoding)
        return Converted(detected.format, options)

    def _json(self, detected: Detected, name: str, read_as: ReadAs, target: Path, strict: bool) -> Converted:
        path, encoding = files_detect.as_utf8(detected.path, name, read_as.encoding, self.work)
        files_json.check_depth(path, name)
        staged = self.work / "staged.parquet"
        with self._errors(files_json.problem, name):
            shape = files_json.shape(self.connection, path, name)
            _check_width(len(shape.types), name)
            rows = self._copy(f"SELECT * FROM {files_json.relation(path, shape)}", staged)  # noqa: S608
        relation = f"read_parquet({literal(str(staged))})"
        self._write(relation, list(shape.types), shape.numbers, rows, name, read_as, target, strict)
        return Converted(detected.format, UploadOptions(encoding=encoding))

    def _excel(self, detected: Detected, name: str, read_as: ReadAs, target: Path, strict: bool) -> Converted:
        table, sheets, sheet, header = files_excel.read(detected.path, name, sheet=read_as.sheet, header=read_as.header)
        self.connection.register("sheet", table)
        try:
            self._write("sheet", table.column_names, [], table.num_rows, name, read_as, target, strict)
        finally:
            self.connection.unregister("sheet")
        return Converted("excel", UploadOptions(sheet=sheet, header=header), sheets)

    def _parquet(self, detected: Detected, name: str, read_as: ReadAs, target: Path, strict: bool) -> Converted:
        columns = parquet_columns(detected.path, name)
        if not read_as.columns:
            _link(detected.path, target)
            return Converted("parquet", UploadOptions())
        relation = f"read_parquet({literal(str(detected.path))})"
        with self._errors(lambda error, name: _damaged(name), name):
            self._write(relation, columns, [], 0, name, read_as, target, strict)
        return Converted("parquet", UploadOptions())

    # ---- Parts --------------------------------------------------------------------------------------------------

    def _write(
        self,
        relation: str,
        columns: list[str],
        guessed: list[str],
        rows: int,
        name: str,
        read_as: ReadAs,
        target: Path,
        strict: bool,
    ) -> None:
        """Columns of chosen types, of types that are found, and the others as they are."""
        types = dict(read_as.columns)
        unknown = [column for column in types if column not in columns]
        if unknown and strict:
            raise UploadUnreadable(f"{name} has no column {unknown[0]}. It has {', '.join(columns[:20])}.")
        known = {column: type_ for column, type_ in types.items() if column in columns}
        expressions = files_types.found(
            self.connection, relation, [column for column in guessed if column not in known], rows
        ) | files_types.chosen(self.connection, relation, name, known)
        select = ", ".join(expressions.get(column, quote(column)) for column in columns)
        self._copy(f"SELECT {select} FROM {relation}", target)  # noqa: S608 - quoted

    def _copy(self, sql: str, target: Path) -> int:
        row = self.connection.execute(
            f"COPY ({sql}) TO {literal(str(target))} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)"
        ).fetchone()
        return int(row[0]) if row else 0

    @contextmanager
    def _errors(self, problem: Any, name: str) -> Iterator[None]:
        import duckdb

        try:
            yield
        except (duckdb.OutOfMemoryException, duckdb.InterruptException):
            raise
        except duckdb.Error as error:
            words = str(error).lower()
            if "no space left" in words or "max_temp_directory_size" in words:
                raise StorageFull("The disk filled up while the file was read. Free some space.") from error
            raise problem(error, name) from error


def _check_width(columns: int, name: str) -> None:
    if columns > MAX_COLUMNS:
        raise UploadUnreadable(f"{name} has {columns:,} columns; at most {MAX_COLUMNS:,} are read.")


def _damaged(name: str) -> UploadRefused:
    return UploadRefused(f"{name} is damaged, or isn't Parquet that DataAsk reads.")


def parquet_columns(path: Path, name: str) -> list[str]:
    """The names of a Parquet file's columns, after a look at what it says about its size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            rows, width, columns = file.metadata.num_rows, file.metadata.num_columns, file.schema_arrow.names
    except (pa.ArrowException, OSError, ValueError) as error:
        raise _damaged(name) from error
    cells = rows * width
    if rows < 0 or cells > MAX_CELLS or (cells > FREE_CELLS and cells > path.stat().st_size * CELLS_PER_BYTE):
        raise TooLarge(f"{name} says that it holds {rows:,} rows, which is too much for its size. Upload a part of it.")
    _check_width(len(columns), name)
    return columns


def _link(path: Path, target: Path) -> None:
    """The same bytes under another name: without copying them where the file is DataAsk's own."""
    if path.parent == target.parent:
        # Elsewhere a link would change the times of somebody's file.
        os.link(path, target)
    else:
        shutil.copyfile(path, target)
