"""The jobs that a worker does. Only worker processes import this."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from dataask_jupyter.errors import DataAskError, QueryTooBig, StorageFull
from dataask_jupyter.schemas.catalog import Catalog
from dataask_jupyter.schemas.results import ResultColumn
from dataask_jupyter.sources import Budget, ReadLimits, Session, get
from dataask_jupyter.sources.files import TOO_BIG

from .ingest import Ingestion, ingest
from .limits import Limits
from .results import ResultInfo
from .values import kind
from .writer import ResultWriter, disk_errors

Job = Callable[[Any, dict[str, Any], Limits], dict[str, Any]]


def read_limits(limits: Limits, temporary: Path | None) -> ReadLimits:
    """What a source may use, so that the database says that memory is short before the system does."""
    return ReadLimits(
        memory_bytes=limits.memory_bytes // 2,
        cell_bytes=min(512 * 1024**2, limits.max_bytes),
        threads=limits.threads,
        seconds=limits.seconds,
        temporary=temporary,
        temporary_bytes=limits.temporary_bytes if temporary else 0,
    )


def open_source(message: dict[str, Any], limits: Limits, temporary: Path | None) -> Session | Ingestion:
    """The session that a job works on."""
    if message["job"] == "ingest":
        return Ingestion(message, read_limits(limits, temporary))
    spec = message["spec"]
    settings = {**spec["settings"], **spec.get("secrets", {})}
    session: Session = get(spec["kind"]).open(settings, read_limits(limits, temporary))
    return session


def query(session: Session, message: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Run SQL and write its rows into a result file."""
    started = time.monotonic()
    final = Path(message["file"])
    reading = session.read(message["sql"])
    writer = ResultWriter(
        final.with_suffix(f".{message['unique']}.tmp"),
        reading.schema,
        max_rows=limits.max_rows,
        max_bytes=limits.max_bytes,
    )
    try:
        for batch in reading.batches:
            if not writer.write(batch):
                break
        writer.finish(reading.timestamps)
        info = ResultInfo(
            fingerprint=message["fingerprint"],
            columns=[
                ResultColumn(name=field.name, type=str(field.type)[:200], kind=kind(field.type))
                for field in writer.schema
            ],
            row_count=writer.rows,
            byte_count=writer.bytes,
            truncated=writer.truncated,
            elapsed_ms=round((time.monotonic() - started) * 1000, 3),
            starts=tuple(writer.starts),
        )
        _publish(writer.path, final, info)
    except BaseException:
        writer.discard()
        raise
    return info.as_dict()


def _publish(written: Path, final: Path, info: ResultInfo) -> None:
    """The description goes first: a result is there when its Arrow file is."""
    description = written.with_suffix(".about")
    try:
        with disk_errors():
            description.write_text(json.dumps(info.as_dict()), "utf-8")
        description.rename(final.with_suffix(".json"))
        written.rename(final)
    finally:
        description.unlink(missing_ok=True)


def catalog(session: Session, message: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """What the source contains."""
    return session.catalog().model_dump(mode="json")


def profile(session: Session, message: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Facts about the values."""
    known = Catalog.model_validate(message["catalog"])
    return session.profile(known, Budget(seconds=message["seconds"])).model_dump(mode="json")


def check(session: Session, message: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """Whether the source answers."""
    return session.check().model_dump(mode="json")


JOBS: dict[str, Job] = {"query": query, "catalog": catalog, "profile": profile, "check": check, "ingest": ingest}


def problem(error: BaseException) -> DataAskError:
    """DataAsk's error for anything that a job raised."""
    if isinstance(error, DataAskError):
        return error
    if isinstance(error, MemoryError | pa.ArrowMemoryError):
        return QueryTooBig(TOO_BIG)
    if isinstance(error, OSError):
        try:
            with disk_errors():
                raise error
        except (StorageFull, QueryTooBig) as known:
            return known
        except OSError:
            pass
    return DataAskError("DataAsk couldn't run this query. The server's log tells more.")


def clean(temporary: Path | None) -> None:
    """Remove what a database spilled."""
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)
