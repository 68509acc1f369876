"""Facts about the values in BigQuery's tables, from their first rows.

A query over a table costs money; its preview doesn't. So the first rows are read as a preview, and what they hold is
counted here. Views have no preview.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from dataask_jupyter.errors import DataAskError, QueryCancelled, QueryTimeout
from dataask_jupyter.schemas.catalog import Catalog, CatalogProfile, Column, ColumnProfile, Table, TableProfile

from .base import VALUE_CHARACTERS, VALUES_PER_COLUMN, Budget
from .bigquery_arrow import plain
from .profiling import COMPARABLE, Allowance, in_order, text

if TYPE_CHECKING:
    from .bigquery_client import Client

SAMPLE_ROWS = 10_000


def profile(client: Client, catalog: Catalog, budget: Budget) -> CatalogProfile:
    """Profiles of the tables that the budget reaches, small tables first."""
    allowance = Allowance(budget)
    done: list[TableProfile] = []
    complete = True
    for table in in_order(catalog.tables):
        if allowance.spent:
            return CatalogProfile(tables=done, complete=False)
        if table.type == "view":
            done.append(TableProfile(schema_name=table.schema_name, table=table.name, columns={}))
            continue
        try:
            done.append(_table(client, table, allowance))
        except QueryCancelled:
            raise
        except QueryTimeout:
            return CatalogProfile(tables=done, complete=False)
        except DataAskError:
            complete = False  # It was dropped, or isn't for this account: the rest can be profiled.
    return CatalogProfile(tables=done, complete=complete)


def _table(client: Client, table: Table, allowance: Allowance) -> TableProfile:
    rows = preview(client, table, min(SAMPLE_ROWS, allowance.rows) + 1, allowance.seconds)
    whole = rows.num_rows <= SAMPLE_ROWS
    columns: dict[str, ColumnProfile] = {}
    for column in table.columns:
        index = rows.schema.get_field_index(column.name)
        if index >= 0:
            found = facts(column, rows.column(index), whole=whole)
            if len(found.values) > allowance.values:
                found = found.model_copy(update={"values": []})
            allowance.values -= len(found.values)
            columns[column.name] = found
    return TableProfile(
        schema_name=table.schema_name,
        table=table.name,
        row_count=rows.num_rows if whole else table.row_estimate,
        columns=columns,
    )


def preview(client: Client, table: Table, rows: int, seconds: float) -> pa.Table:
    """The first rows of a table, as its preview gives them."""
    place = f"{client.settings.project}.{table.schema_name or client.settings.dataset}.{table.name}"

    def read() -> Any:
        patience = client.patience()
        found = client.api.get_table(place, **patience)
        return client.api.list_rows(found, max_results=rows, page_size=rows, **patience).to_arrow(
            create_bqstorage_client=False
        )

    found = client.call(read, seconds=seconds)
    return pa.Table.from_arrays(found.columns, schema=plain(found.schema))


def facts(column: Column, values: Any, *, whole: bool) -> ColumnProfile:
    """Facts about one column of the rows that were read; `whole` where those are all."""
    nulls = values.null_count if whole else None
    if column.kind not in COMPARABLE or pa.types.is_nested(values.type):
        return ColumnProfile(nulls=nulls)
    bounds = pc.min_max(values)
    low, high = bounds["min"].as_py(), bounds["max"].as_py()
    counted = pc.value_counts(values.drop_null())
    shown: list[str] = []
    if column.kind == "text" and len(counted) <= VALUES_PER_COLUMN:
        pairs = [(each["values"].as_py(), each["counts"].as_py()) for each in counted]
        if all(len(value) <= VALUE_CHARACTERS for value, _ in pairs):
            shown = [value for value, _ in sorted(pairs, key=lambda pair: (-pair[1], pair[0]))]
    return ColumnProfile(distinct=len(counted), nulls=nulls, minimum=text(low), maximum=text(high), values=shown)
