"""What is known of a result beyond its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..schemas.charts import ChartType


@dataclass(frozen=True)
class ChartHints:
    """Hints from the reading of a question. All are optional: a result of hand-written SQL has none."""

    title: str = ""
    wanted: ChartType | None = None
    """The type that the question itself asked for ("… as a pie")."""
    share: bool = False
    """True when the question asks for parts of a whole."""
    measure_labels: Mapping[str, str] = field(default_factory=dict)
    """Words for the measures, by column name. Numbers that are not in it are what the result is grouped by."""
    x: str | None = None
    ids: frozenset[str] = frozenset()
    """Columns known to be identifiers."""
    additive: bool = True
    """False for averages, rates and the like: parts that don't add up to a whole."""
