"""Which chart fits a result: rules on the result itself, so that hand-written SQL gets charts too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..schemas.charts import Chart, ChartAlternative, ChartType
from . import figure, formats
from .hints import ChartHints
from .roles import ColumnRole, coarseness, roles
from .sentence import summary

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ChartHints", "choose"]

MAX_BARS = 50
MAX_SERIES = 8
MAX_LINES = 5
MAX_SLICES = 7
MIN_POINTS = 2
MIN_SCATTER = 3


@dataclass(frozen=True)
class Plan:
    """A chart that can be drawn: what goes where, and why it fits."""

    type: ChartType
    reason: str
    x: ColumnRole | None = None
    y: tuple[ColumnRole, ...] = ()
    series: ColumnRole | None = None


@dataclass(frozen=True)
class Facts:
    """The columns of a result, sorted by role."""

    rows: int
    axis: tuple[ColumnRole, ...]
    """Times and parts of dates, finest last."""
    categories: tuple[ColumnRole, ...]
    measures: tuple[ColumnRole, ...]
    shares: bool
    """Whether the first measure may be shown as parts of a whole."""


def choose(
    table: pa.Table, hints: ChartHints, *, locked: ChartType | None = None, total_rows: int | None = None
) -> Chart:
    """The chart of a result, with the reason and the runners-up.

    `table` may be the first rows of a result of `total_rows`. `locked` is the type that the user chose; where the
    result can't be drawn so, the chart is a table and its reason says why.
    """
    rows = table.num_rows if total_rows is None else total_rows
    facts = _facts(table, hints, rows)
    plans = _plans(table, facts)
    best = _best(plans, facts, hints)
    if locked is not None:
        chosen = _honour(locked, plans, facts)
    elif hints.wanted in plans and hints.wanted is not None:
        chosen = _because(plans[hints.wanted], "The question asks for it.")
    else:
        chosen = best
    # Runners-up are what else can be drawn: the rules' own choice first, the table last.
    others = [best, *plans.values()]
    alternatives = {plan.type: plan for plan in others if plan.type not in (chosen.type, "empty", "table")}
    if chosen.type not in ("table", "empty"):
        alternatives["table"] = plans["table"]
    drawn = figure.build(table, chosen.type, chosen.x, chosen.y, chosen.series, hints)
    title = _title(chosen, hints)
    return Chart(
        type=chosen.type,
        title=title,
        reason=chosen.reason,
        alternatives=[ChartAlternative(type=plan.type, reason=plan.reason) for plan in alternatives.values()],
        locked=locked is not None,
        x=chosen.x.name if chosen.x else None,
        y=[column.name for column in chosen.y],
        series=chosen.series.name if chosen.series else None,
        summary=summary(table, chosen.type, title, chosen.x, chosen.y, chosen.series, rows),
        figure=drawn,
    )


def _because(plan: Plan, reason: str) -> Plan:
    return Plan(plan.type, reason, plan.x, plan.y, plan.series)


def _facts(table: pa.Table, hints: ChartHints, rows: int) -> Facts:
    found = roles(table, hints)
    # What is the same in every row tells nothing apart.
    telling = [column for column in found if column.distinct > 1 or rows == 1 or column.role == "measure"]
    axis = [column for column in telling if column.role in ("time", "part")]
    if hints.x is not None:
        axis.sort(key=lambda column: column.name == hints.x)
    axis.sort(key=lambda column: (column.role == "time", coarseness(column)))
    categories = _names(table, [column for column in telling if column.role in ("category", "id")])
    measures = [column for column in found if column.role == "measure" and column.distinct > 0]
    return Facts(
        rows=rows,
        axis=tuple(axis),
        categories=tuple(categories),
        measures=tuple(measures),
        shares=bool(measures) and hints.additive and _not_negative(table, measures[0]),
    )


def _names(table: pa.Table, categories: list[ColumnRole]) -> list[ColumnRole]:
    """Columns that each name every row say the same twice (a code and its name): the one with most to read stays."""
    unique = [column for column in categories if column.distinct == table.num_rows > 1]
    if len(unique) < 2 or len(unique) < len(categories):
        return categories

    def readable(column: ColumnRole) -> tuple[bool, int]:
        values = table.column(column.index).slice(0, MAX_BARS).to_pylist()
        return column.role == "category", sum(len(str(value)) for value in values)

    return [max(unique, key=readable)]


def _not_negative(table: pa.Table, column: ColumnRole) -> bool:
    values = [formats.finite(value) for value in table.column(column.index).slice(0, MAX_BARS).to_pylist()]
    known = [value for value in values if value is not None]
    return bool(known) and min(known) >= 0 and sum(known) > 0


def _plans(table: pa.Table, facts: Facts) -> dict[ChartType, Plan]:
    """Every chart that the result can be drawn as. A table always can."""
    if facts.rows == 0:
        return {"empty": Plan("empty", "There are no rows.")}
    builders: tuple[Callable[[pa.Table, Facts], Plan | None], ...] = (_metric, _line, _bar, _pie, _scatter)
    plans = {plan.type: plan for build in builders if (plan := build(table, facts)) is not None}
    line = plans.get("line")
    if line is not None and len(line.y) == 1 and line.series is None and facts.shares:
        plans["area"] = Plan("area", "It shows the size of one measure over time.", line.x, line.y)
    plans["table"] = Plan("table", "A table shows every column as it is.")
    return plans


def _metric(table: pa.Table, facts: Facts) -> Plan | None:
    if facts.rows != 1 or table.num_columns != 1:
        return None
    return Plan("metric", "The result is a single value.", y=facts.measures)


def _line(_table: pa.Table, facts: Facts) -> Plan | None:
    if not facts.axis or not facts.measures or facts.rows < MIN_POINTS:
        return None
    *others, x = facts.axis
    groups = [*others, *facts.categories]
    if not groups and len(facts.measures) <= MAX_LINES and x.distinct == facts.rows:
        return Plan("line", "One value for each point in time.", x, facts.measures)
    if len(groups) == 1 and groups[0].distinct <= MAX_SERIES and x.distinct > 1:
        reason = f"Time, with one line for each of {groups[0].distinct} values of {formats.plain(groups[0].name)}."
        return Plan("line", reason, x, facts.measures[:1], groups[0])
    return None


def _bar(_table: pa.Table, facts: Facts) -> Plan | None:
    if not facts.measures or facts.rows < MIN_POINTS:
        return None
    groups = [*facts.categories, *facts.axis]
    if len(groups) == 1 and groups[0].distinct <= MAX_BARS and facts.rows <= MAX_BARS + 1:
        measures = facts.measures[:3]
        if len(measures) == 1:
            return Plan("bar", f"One number for each of {facts.rows} categories.", groups[0], measures)
        return Plan("bar", f"{len(measures)} numbers for each of {facts.rows} categories.", groups[0], measures)
    if len(groups) == 2 and len(facts.measures) == 1:
        series, x = sorted(groups, key=lambda column: (column.distinct, column.role == "time"))
        if series.distinct <= MAX_SERIES and x.distinct <= MAX_BARS:
            return Plan("bar", "Two categories: groups of bars.", x, facts.measures, series)
    return None


def _pie(_table: pa.Table, facts: Facts) -> Plan | None:
    groups = [*facts.categories, *facts.axis]
    if len(groups) != 1 or len(facts.measures) != 1 or not facts.shares:
        return None
    if not MIN_POINTS <= facts.rows <= MAX_SLICES or groups[0].distinct < facts.rows - 1:
        return None
    return Plan("pie", f"{facts.rows} parts of a whole.", groups[0], facts.measures)


def _scatter(_table: pa.Table, facts: Facts) -> Plan | None:
    if len(facts.measures) < 2 or facts.rows < MIN_SCATTER:
        return None
    return Plan("scatter", "Two measures against each other.", facts.measures[0], facts.measures[1:2])


def _best(plans: dict[ChartType, Plan], facts: Facts, hints: ChartHints) -> Plan:
    """The rules' own choice: the first that fits."""
    if "empty" in plans:
        return plans["empty"]
    if "metric" in plans:
        return plans["metric"]
    if hints.share and "pie" in plans:
        return _because(plans["pie"], "The question asks for shares.")
    line, bar = plans.get("line"), plans.get("bar")
    # Parts of dates run on; other numbers that order a category (engines, floors) stand side by side.
    if line is not None and line.x is not None and (line.x.role == "time" or line.x.part or bar is None):
        return line
    if bar is not None:
        return bar
    if "scatter" in plans and not facts.categories and not facts.axis:
        return plans["scatter"]
    return _because(plans["table"], _why_table(facts))


def _why_table(facts: Facts) -> str:
    if facts.rows == 1:
        return "A single row reads best as a table."
    if not facts.measures:
        return "There is no number to draw."
    groups = [*facts.axis, *facts.categories]
    if len(groups) == 1 and groups[0].distinct > MAX_BARS:
        return f"{groups[0].distinct} values of {formats.plain(groups[0].name)} are too many for a chart."
    if len(groups) > 2:
        return f"{len(groups)} columns to group by are too many for a chart."
    return "No chart shows these columns better than a table."


_NEEDS: dict[ChartType, str] = {
    "metric": "A metric needs a single value.",
    "line": f"A line needs a time and 1 to {MAX_LINES} numbers, or one more column of at most {MAX_SERIES} values.",
    "area": "An area needs a time and one number that is never below zero.",
    "bar": f"Bars need one or two columns of at most {MAX_BARS} values, and a number.",
    "pie": f"A pie needs 2 to {MAX_SLICES} parts that add up to a whole, none below zero.",
    "scatter": f"A scatter plot needs two numbers and at least {MIN_SCATTER} rows.",
}


def _honour(locked: ChartType, plans: dict[ChartType, Plan], facts: Facts) -> Plan:
    if facts.rows == 0:
        return plans["empty"]
    if locked in plans:
        return _because(plans[locked], "You chose it.")
    needs = _NEEDS.get(locked, "")
    return _because(plans["table"], f"This result can't be drawn as {locked}. {needs}".strip())


def _title(plan: Plan, hints: ChartHints) -> str:
    if hints.title:
        return formats.capital(hints.title)
    measures = " and ".join(hints.measure_labels.get(c.name, formats.plain(c.name)) for c in plan.y)
    groups = " and ".join(formats.plain(c.name) for c in (plan.x, plan.series) if c is not None)
    if plan.type == "scatter" and plan.x is not None:
        return formats.capital(f"{measures} against {formats.plain(plan.x.name)}")
    if measures and groups:
        return formats.capital(f"{measures} by {groups}")
    return formats.capital(measures or "Result")
