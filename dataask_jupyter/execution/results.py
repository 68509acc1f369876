"""The store of results: one Arrow IPC file a result, named by its fingerprint, beside a small JSON file about it.

Pages are slices of the memory-mapped file, so the server's memory doesn't grow with the result.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import threading
import time
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from dataask_jupyter.errors import ResultGone
from dataask_jupyter.schemas.results import ResultColumn, ResultPage
from dataask_jupyter.sources import SourceSpec

from .limits import Limits

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT = 1
"""Part of every fingerprint: a new format makes all old results unknown."""

PAGE_CHARACTERS = 4_000_000
CELL_CHARACTERS = 10_000
LEAST_CELL_CHARACTERS = 200
STREAM_BYTES = 256 * 1024
KNOWN_RESULTS = 256
STALE_SECONDS = 3_600.0

_MAGIC = b"ARROW1"
_STREAM_START = 8
_GONE = "This result is no longer kept. Run the query again."
_FINGERPRINT = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True)
class ResultInfo:
    """What is known of a result without opening it."""

    fingerprint: str
    columns: list[ResultColumn]
    row_count: int
    byte_count: int
    truncated: bool
    elapsed_ms: float
    starts: tuple[int, ...] = ()
    """The first row of each batch."""

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "fingerprint": self.fingerprint,
            "columns": [column.model_dump() for column in self.columns],
            "row_count": self.row_count,
            "byte_count": self.byte_count,
            "truncated": self.truncated,
            "elapsed_ms": self.elapsed_ms,
            "starts": list(self.starts),
        }

    @staticmethod
    def from_dict(given: dict[str, Any]) -> ResultInfo:
        """From JSON."""
        return ResultInfo(
            fingerprint=given["fingerprint"],
            columns=[ResultColumn.model_validate(column) for column in given["columns"]],
            row_count=given["row_count"],
            byte_count=given["byte_count"],
            truncated=given["truncated"],
            elapsed_ms=given["elapsed_ms"],
            starts=tuple(given["starts"]),
        )


def fingerprint(*, spec: SourceSpec, source_version: str, sql: str, limits: Limits, policy: str = "") -> str:
    """The name of a result: everything that its rows depend on. `policy` stands for the rights of who asks."""
    parts = [
        FORMAT, spec.kind, spec.settings, source_version, sql, limits.max_rows, limits.max_bytes, policy,
    ]  # fmt: skip
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


class ResultStore:
    """Results in a folder, within a byte budget. Safe to use from several threads."""

    def __init__(self, folder: Path, *, budget_bytes: int) -> None:
        self.folder = folder
        self.budget_bytes = budget_bytes
        self._known: OrderedDict[str, ResultInfo] = OrderedDict()
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def file(self, fingerprint: str) -> Path:
        """Where a result's Arrow file is, or would be."""
        if not _FINGERPRINT.match(fingerprint):
            raise ResultGone(_GONE)
        return self.folder / f"{fingerprint}.arrow"

    def info(self, fingerprint: str) -> ResultInfo | None:
        """What is known of a result, or None when it isn't kept. It counts as a use."""
        file = self.file(fingerprint)
        try:
            os.utime(file)
        except OSError:
            with self._lock:
                self._known.pop(fingerprint, None)
            return None
        with self._lock:
            if fingerprint in self._known:
                self._known.move_to_end(fingerprint)
                return self._known[fingerprint]
        try:
            found = ResultInfo.from_dict(json.loads(file.with_suffix(".json").read_text("utf-8")))
        except (OSError, ValueError, KeyError, TypeError):
            return None  # A result without a readable description is as good as none: it is made again.
        with self._lock:
            self._known[fingerprint] = found
            while len(self._known) > KNOWN_RESULTS:
                self._known.popitem(last=False)
        return found

    def remember(self, info: ResultInfo) -> None:
        """A result was made, perhaps once more."""
        with self._lock:
            self._known[info.fingerprint] = info

    def page(self, fingerprint: str, offset: int, limit: int) -> ResultPage:
        """Rows of a result. Long texts are cut, so that a page stays small; the Arrow stream has more of them."""
        from .values import cells

        info = self._require(fingerprint)
        offset = min(max(offset, 0), info.row_count)
        limit = min(max(limit, 0), info.row_count - offset)
        rows: list[list[Any]] = []
        if limit:
            share = PAGE_CHARACTERS // (limit * max(1, len(info.columns)))
            characters = min(CELL_CHARACTERS, max(LEAST_CELL_CHARACTERS, share))
            with self._open(fingerprint) as reader:
                for batch in _slices(reader, info.starts, offset, limit):
                    columns = [cells(column, characters=characters) for column in batch.columns]
                    rows += [list(row) for row in zip(*columns, strict=True)]
        return ResultPage.model_construct(
            columns=info.columns,
            rows=rows,
            offset=offset,
            total_rows=info.row_count,
            truncated=info.truncated,
        )

    def table(self, fingerprint: str, *, max_rows: int) -> pa.Table:
        """The first rows as an Arrow table on top of the mapped file; it stays valid when the result is evicted."""
        import pyarrow as pa

        info = self._require(fingerprint)
        with self._open(fingerprint) as reader:
            batches = list(_slices(reader, info.starts, 0, min(max_rows, info.row_count)))
            return pa.Table.from_batches(batches, schema=reader.schema)

    def stream(self, fingerprint: str) -> Iterator[bytes]:
        """The whole result in Arrow's stream format, in small pieces. Raises ResultGone at once, not later."""
        self._require(fingerprint)
        try:
            file = self.file(fingerprint).open("rb")
        except FileNotFoundError:
            raise ResultGone(_GONE) from None
        return _stream(file)

    def evict(self) -> None:
        """Remove the least recently used results until the rest fits the budget, and left-overs of dead workers."""
        now, total = time.time(), 0
        found: list[tuple[float, int, Path]] = []
        for entry in os.scandir(self.folder):
            try:
                stat = entry.stat()
            except FileNotFoundError:
                continue
            if entry.name.endswith(".arrow"):
                found.append((stat.st_mtime, stat.st_size, Path(entry.path)))
                total += stat.st_size
            elif entry.is_file() and now - stat.st_mtime > STALE_SECONDS and not self._described(entry.name):
                Path(entry.path).unlink(missing_ok=True)
        for _, size, file in sorted(found):
            if total <= self.budget_bytes:
                return
            # Whoever has it mapped keeps it until they are done.
            file.unlink(missing_ok=True)
            file.with_suffix(".json").unlink(missing_ok=True)
            total -= size

    def _described(self, name: str) -> bool:
        return name.endswith(".json") and (self.folder / name).with_suffix(".arrow").exists()

    def _require(self, fingerprint: str) -> ResultInfo:
        info = self.info(fingerprint)
        if info is None:
            raise ResultGone(_GONE)
        return info

    @contextlib.contextmanager
    def _open(self, fingerprint: str) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.ipc

        try:
            source = pa.memory_map(str(self.file(fingerprint)), "r")
        except FileNotFoundError:
            raise ResultGone(_GONE) from None
        with source:
            try:
                reader = pa.ipc.open_file(source)
            except pa.ArrowInvalid:
                self.file(fingerprint).unlink(missing_ok=True)
                raise ResultGone("This result's file was damaged. Run the query again.") from None
            yield reader


def _slices(reader: Any, starts: tuple[int, ...], offset: int, limit: int) -> Iterator[pa.RecordBatch]:
    """The parts of batches that hold rows `offset` to `offset + limit`."""
    if not _fits(reader, starts):
        # Another process made this result again, in other batches.
        rows = [reader.get_batch(index).num_rows for index in range(reader.num_record_batches)]
        starts = tuple(accumulate([0, *rows[:-1]]))
    index = bisect_right(starts, offset) - 1
    while limit > 0 and 0 <= index < reader.num_record_batches:
        batch = reader.get_batch(index).slice(offset - starts[index], limit)
        yield batch
        offset, limit, index = offset + batch.num_rows, limit - batch.num_rows, index + 1


def _fits(reader: Any, starts: tuple[int, ...]) -> bool:
    """Whether the batches begin where the description says, by their number and by the first of them."""
    count: int = reader.num_record_batches
    return count == len(starts) and bool(count < 2 or reader.get_batch(0).num_rows == starts[1])


def _stream(file: BinaryIO) -> Iterator[bytes]:
    """An Arrow file is its stream between two magic words, with a footer behind it: it need not be parsed."""
    with file:
        size = file.seek(0, os.SEEK_END)
        file.seek(size - len(_MAGIC) - 4)
        footer = int.from_bytes(file.read(4), "little")
        left = size - len(_MAGIC) - 4 - footer - _STREAM_START
        file.seek(_STREAM_START)
        while left > 0:
            piece = file.read(min(left, STREAM_BYTES))
            if not piece:
                raise ResultGone("The result's file was cut. Run the query again.")
            left -= len(piece)
            yield piece
