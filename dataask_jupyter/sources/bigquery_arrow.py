"""BigQuery's rows as Arrow batches: through the Storage API, or page by page where that isn't open to the account."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dataask_jupyter.errors import SourceUnavailable, SqlInvalid

from .base import Reading

if TYPE_CHECKING:
    from .bigquery_client import Client

STREAMS = 2
"""So many streams of the Storage API at once, each with one batch waiting: what they hold is bounded."""


def reading(client: Client, rows: Any) -> Reading:
    """The rows of a query that has ended."""
    storage = client.storage()
    batches = _batches(client, rows, storage)
    try:
        first = next(batches, None)
    except (SqlInvalid, SourceUnavailable):
        if storage is None:
            raise
        # The account may run queries, but not open read sessions.
        rows = client.again()
        batches = _batches(client, rows, None)
        first = next(batches, None)
    if first is None:
        rows = client.again()
        table: Any = client.call(lambda: rows.to_arrow(create_bqstorage_client=False))
        return Reading(schema=plain(table.schema), batches=iter(()))
    return Reading(schema=first.schema, batches=itertools.chain([first], batches))


def _batches(client: Client, rows: Any, storage: Any) -> Iterator[pa.RecordBatch]:
    def fetch() -> Iterator[Any]:
        found: Iterator[Any] = rows.to_arrow_iterable(
            bqstorage_client=storage, max_queue_size=1, max_stream_count=STREAMS
        )
        return found

    items: Iterator[Any] = client.call(fetch)
    while True:
        batch = client.call(lambda: next(items, None))
        if batch is None:
            return
        yield pa.RecordBatch.from_arrays(batch.columns, schema=plain(batch.schema))


def plain(schema: pa.Schema) -> pa.Schema:
    """Names and types alone: what BigQuery notes beside them, programs elsewhere don't know."""
    return pa.schema([pa.field(field.name, field.type) for field in schema])
