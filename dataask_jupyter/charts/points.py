"""The points of each trace: grouped, in order, and no more of them than anyone can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from . import formats
from .columns import Columns, places
from .hints import ChartHints
from .roles import ColumnRole

MAX_LINE_POINTS = 2_000
"""More points than pixels draw slowly and show nothing more."""


@dataclass(frozen=True)
class Group:
    """The points of one trace."""

    name: str
    xs: list[Any]
    ys: list[float | None]

    def last(self) -> tuple[Any, float] | None:
        """The last point that has a place and a value."""
        pairs = zip(reversed(self.xs), reversed(self.ys), strict=True)
        return next(((x, y) for x, y in pairs if x is not None and y is not None), None)


def groups(
    columns: Columns, x: ColumnRole, y: Sequence[ColumnRole], series: ColumnRole | None, hints: ChartHints
) -> list[Group]:
    """One group for each measure, or of one measure for each value of `series`. Points are in the order of x."""
    order = in_order(columns, x)
    if series is None:
        return [_group(columns, words(column, hints), x, column, order) for column in y]
    split = _split(columns, series, order)
    if series.role in ("part", "time"):
        keys = sorted(split, key=series.order)
    else:
        # Largest first, so that the strongest colours go to the series that matter most.
        sizes = {key: columns.total(y[0].index, rows) for key, rows in split.items()}
        keys = sorted(split, key=lambda key: -sizes[key])
    return [_group(columns, series.label(key), x, y[0], split[key]) for key in keys]


def words(column: ColumnRole, hints: ChartHints) -> str:
    """A measure's name in words, as a name in the chart."""
    return formats.capital(hints.measure_labels.get(column.name, formats.plain(column.name)))


def in_order(columns: Columns, x: ColumnRole) -> Any:
    """The rows' numbers in the order of x, nulls last."""
    import pyarrow.compute as pc

    if x.part == "name":
        values = columns.values(x.index)
        return places(sorted(range(columns.rows), key=lambda row: x.order(values[row])))
    column = columns.sortable(x.index)
    return pc.sort_indices(column).cast("int64")


def _split(columns: Columns, series: ColumnRole, order: Any) -> dict[Any, Any]:
    """The rows of each value of the series."""
    import pyarrow.compute as pc

    column = columns.plain(series.index).take(order)
    split = {}
    for value in pc.unique(column):
        mask = pc.equal(column, value) if value.is_valid else pc.is_null(column)
        split[value.as_py()] = pc.filter(order, mask.combine_chunks())
    return split


def _group(columns: Columns, name: str, x: ColumnRole, y: ColumnRole, rows: Any) -> Group:
    ys = columns.floats(y.index).take(rows)
    if len(rows) > MAX_LINE_POINTS:
        kept = places(thinned(ys.to_pylist(), MAX_LINE_POINTS))
        rows, ys = rows.take(kept), ys.take(kept)
    return Group(name, columns.taken(x.index, rows), ys.to_pylist())


def thinned(values: list[float | None], most: int) -> list[int]:
    """The places of at most this many values, every peak and low among them: of each stretch its two extremes."""
    width = -(-len(values) // (most // 2))
    kept: list[int] = []
    for start in range(0, len(values), width):
        stretch = values[start : start + width]
        known = [value for value in stretch if value is not None]
        if known:
            kept += sorted({start + stretch.index(min(known)), start + stretch.index(max(known))})
        else:
            kept.append(start)  # a gap stays a gap
    return kept
