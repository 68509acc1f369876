"""One measured figure beside its goal, and the table that shows them."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure; the goal is an upper bound in the same unit."""

    name: str
    value: float
    goal: float
    unit: str
    note: str = ""

    @property
    def reached(self) -> bool:
        """Whether the goal was reached in this run."""
        return self.value <= self.goal


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie, by nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered)) - 1))]


def median_difference(with_it: Sequence[float], without: Sequence[float]) -> float:
    """What it adds: the median of the differences of runs taken side by side."""
    return statistics.median(b - a for b, a in zip(with_it, without, strict=True))


def table(figures: Iterable[Figure]) -> str:
    """The figures as aligned text."""
    rows = [("figure", "measured", "goal", "reached", "")]
    rows += [
        (f.name, f"{f.value:,.1f} {f.unit}", f"< {f.goal:,.0f} {f.unit}", "yes" if f.reached else "NO", f.note)
        for f in figures
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join(
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[4]]).rstrip() for row in rows
    )
