"""Which chart fits a result: rules on the result itself, so that hand-written SQL gets charts too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..schemas.charts import Chart, ChartAlternative, ChartType
from . import figure, formats
from .columns import Columns
from .hints import ChartHints
from .layout import is_number_line
from .roles import ColumnRole, coarseness, roles
from .sentence import summary

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ChartHints", "choose"]

MAX_BARS = 50
MAX_SERIES = 8
MAX_LINES = 5
MAX_MEASURES = 3
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
    part: bool
    """Whether only the first of the rows are at hand."""
    axis: tuple[ColumnRole, ...]
    """Times and parts of dates, the one for the x axis last."""
    categories: tuple[ColumnRole, ...]
    measures: tuple[ColumnRole, ...]
    shares: bool
    """Whether the first measure may be shown as parts of a whole."""

    @property
    def grouping(self) -> tuple[ColumnRole, ...]:
        """What the result is grouped by."""
        return (*self.categories, *self.axis)


def choose(
    table: pa.Table, hints: ChartHints, *, locked: ChartType | None = None, total_rows: int | None = None
) -> Chart:
    """The chart of a result, with the reason and the runners-up.

    `table` may be the first rows of a result of `total_rows`. `locked` is the type that the user chose; where the
    result can't be drawn so, the chart is a table and its reason says why.
    """
    columns = Columns(table)
    facts = _facts(columns, hints, max(columns.rows, total_rows or 0))
    plans = _plans(columns, facts)
    best = _best(plans, facts, hints)
    if locked is not None:
        chosen = _honour(locked, plans)
    elif hints.wanted in plans and hints.wanted is not None:
        chosen = replace(plans[hints.wanted], reason="The question asks for it.")
    elif hints.wanted in _NEEDS and "empty" not in plans:
        chosen = replace(best, reason=f"{best.reason} {_NEEDS[hints.wanted]}")
    else:
        chosen = best
    others = {plan.type: plan for plan in (best, *plans.values()) if plan.type != chosen.type}
    if "table" in others:
        others["table"] = others.pop("table")  # it always fits, so it comes last
    title = _title(chosen, hints)
    return Chart(
        type=chosen.type,
        title=title,
        reason=" ".join(filter(None, (chosen.reason, _left_out(columns, chosen, facts)))),
        alternatives=[ChartAlternative(type=plan.type, reason=plan.reason) for plan in others.values()],
        locked=locked is not None,
        x=chosen.x.name if chosen.x else None,
        y=[column.name for column in chosen.y],
        series=chosen.series.name if chosen.series else None,
        summary=summary(columns, chosen.type, title, chosen.x, chosen.y, chosen.series, facts.rows),
        figure=figure.build(columns, chosen.type, chosen.x, chosen.y, chosen.series, hints),
    )


def _facts(columns: Columns, hints: ChartHints, rows: int) -> Facts:
    found = roles(columns, hints)
    # What is the same in every row tells nothing apart.
    telling = [column for column in found if column.groups > 1 or rows == 1]
    axis = [column for column in telling if column.role in ("time", "part")]
    axis.sort(key=lambda column: (column.name == hints.x, column.role == "time", coarseness(column)))
    categories = _names(columns, [column for column in telling if column.role in ("category", "id")])
    categories.sort(key=lambda column: column.name == hints.x)
    measures = [column for column in found if column.role == "measure" and columns.any_number(column.index)]
    return Facts(
        rows=rows,
        part=rows > columns.rows,
        axis=tuple(axis),
        categories=tuple(categories),
        measures=tuple(measures),
        shares=bool(measures) and hints.additive and _is_amount(columns, measures[0]),
    )


def _names(columns: Columns, categories: list[ColumnRole]) -> list[ColumnRole]:
    """Columns that each name every row say the same twice (a code and its name): the one with most to read stays."""
    unique = [column for column in categories if column.groups == columns.rows > 1]
    if len(unique) < 2 or len(unique) < len(categories):
        return categories

    def readable(column: ColumnRole) -> tuple[bool, int]:
        return column.role == "category", sum(len(str(value)) for value in columns.first(column.index, MAX_BARS))

    return [max(unique, key=readable)]


def _is_amount(columns: Columns, column: ColumnRole) -> bool:
    return columns.range(column.index)[0] >= 0 and columns.total(column.index) > 0


# ---- What can be drawn -------------------------------------------------------------------------------------------


def _plans(columns: Columns, facts: Facts) -> dict[ChartType, Plan]:
    """Every chart that the result can be drawn as. A table always can."""
    if facts.rows == 0:
        return {"empty": Plan("empty", "There are no rows.")}
    builders: tuple[Callable[[Columns, Facts], Plan | None], ...] = (_metric, _line, _bar, _pie, _scatter)
    plans = {plan.type: plan for build in builders if (plan := build(columns, facts)) is not None}
    line = plans.get("line")
    if line is not None and len(line.y) == 1 and line.series is None and facts.shares:
        plans["area"] = Plan("area", "It shows the size of one measure over time.", line.x, line.y)
    plans["table"] = Plan("table", "A table shows every column as it is.")
    return plans


def _metric(columns: Columns, facts: Facts) -> Plan | None:
    if facts.rows != 1 or len(columns.names) != 1:
        return None
    return Plan("metric", "The result is a single value.", y=facts.measures)


def _line(columns: Columns, facts: Facts) -> Plan | None:
    if not facts.axis or not facts.measures or facts.rows < MIN_POINTS or facts.part:
        return None
    *others, x = facts.axis
    groups = [*others, *facts.categories]
    if x.distinct < MIN_POINTS:
        return None
    if not groups and len(facts.measures) <= MAX_LINES and x.groups == facts.rows:
        return Plan("line", f"One value for each {_point(x)}.", x, facts.measures)
    if len(groups) == 1 and groups[0].groups <= MAX_SERIES and _once(columns, x, groups[0]):
        reason = f"One line for each of {groups[0].groups} values of {formats.plain(groups[0].name)}."
        return Plan("line", reason, x, facts.measures[:1], groups[0])
    return None


def _bar(columns: Columns, facts: Facts) -> Plan | None:
    groups = facts.grouping
    if not facts.measures or facts.rows < MIN_POINTS or facts.part:
        return None
    if len(groups) == 1 and groups[0].groups <= MAX_BARS and groups[0].groups == facts.rows:
        measures = facts.measures[:MAX_MEASURES]
        noun = "One number" if len(measures) == 1 else f"{len(measures)} numbers"
        return Plan("bar", f"{noun} for each {formats.plain(groups[0].name)}.", groups[0], measures)
    if len(groups) == 2:
        series, x = sorted(groups, key=lambda column: (column.groups, column.role == "time"))
        if series.groups <= MAX_SERIES and x.groups <= MAX_BARS and _once(columns, x, series):
            reason = f"One number for each {formats.plain(x.name)} and {formats.plain(series.name)}."
            return Plan("bar", reason, x, facts.measures[:1], series)
    return None


def _pie(_columns: Columns, facts: Facts) -> Plan | None:
    groups = facts.grouping
    if len(groups) != 1 or len(facts.measures) != 1 or not facts.shares or facts.part:
        return None
    if not MIN_POINTS <= facts.rows <= MAX_SLICES or groups[0].groups != facts.rows:
        return None
    return Plan("pie", f"{facts.rows} parts of a whole.", groups[0], facts.measures)


def _scatter(_columns: Columns, facts: Facts) -> Plan | None:
    # What numbers a category (rooms, floors) can be measured against, unlike months and years.
    ordinals = [column for column in facts.axis if column.role == "part" and column.part is None]
    numbers = [*ordinals, *facts.measures]
    if len(numbers) < 2 or not facts.measures or facts.rows < MIN_SCATTER:
        return None
    return Plan("scatter", "Two numbers against each other.", numbers[0], (numbers[1],))


def _point(x: ColumnRole) -> str:
    if x.role == "time":
        return {"moment": "point in time"}.get(x.part or "moment", x.part or "point in time")
    return formats.plain(x.name)


def _once(columns: Columns, x: ColumnRole, series: ColumnRole) -> bool:
    """Whether every pair occurs once: of two numbers for one mark, one would hide the other."""
    return columns.combinations(x.index, series.index) == columns.rows


# ---- What is drawn -----------------------------------------------------------------------------------------------


def _best(plans: dict[ChartType, Plan], facts: Facts, hints: ChartHints) -> Plan:
    """The rules' own choice: the first that fits."""
    for single in ("empty", "metric"):
        if single in plans:
            return plans[single]
    if hints.share and "pie" in plans:
        return replace(plans["pie"], reason="The question asks for shares.")
    line, bar = plans.get("line"), plans.get("bar")
    if line is not None and _runs_on(line):
        return line
    if bar is not None:
        return bar
    if "scatter" in plans and all(column.role == "part" and column.part is None for column in facts.grouping):
        return plans["scatter"]
    if line is not None:
        return line
    return replace(plans["table"], reason=_why_table(facts))


def _runs_on(line: Plan) -> bool:
    """Times run on; weekdays' names and other numbers that order a category (rooms, floors) stand side by side."""
    return line.x is not None and (line.x.role == "time" or line.x.part not in (None, "name"))


def _why_table(facts: Facts) -> str:
    groups = facts.grouping
    if facts.rows == 1:
        return "A single row reads best as a table."
    if not facts.measures:
        return "There is no number to draw."
    if facts.part:
        return f"{facts.rows:,} rows are too many for a chart."
    if len(groups) == 1 and groups[0].groups > MAX_BARS and groups[0] in facts.categories:
        return f"{groups[0].groups:,} values of {formats.plain(groups[0].name)} are too many for a chart."
    if len(groups) == 1 and groups[0].groups < facts.rows:
        return f"There are several rows for each {formats.plain(groups[0].name)}."
    if len(groups) == 1 and len(facts.measures) > MAX_LINES:
        return f"{len(facts.measures)} numbers are too many for a chart."
    if len(groups) == 2:
        first, second = (formats.plain(column.name) for column in groups)
        return f"{formats.capital(first)} and {second} make too many marks for a chart."
    if len(groups) > 2:
        return f"{len(groups)} columns to group by are too many for a chart."
    return "No chart shows these columns better than a table."


_NEEDS: dict[ChartType | None, str] = {
    "metric": "A metric needs a single value.",
    "line": f"A line needs a time and 1 to {MAX_LINES} numbers, or one more column of at most {MAX_SERIES} values.",
    "area": "An area needs a time and one number that adds up and is never below zero.",
    "bar": f"Bars need one or two columns of at most {MAX_BARS} values, and one number for each.",
    "pie": f"A pie needs 2 to {MAX_SLICES} parts that add up to a whole, none below zero.",
    "scatter": f"A scatter plot needs two numbers and at least {MIN_SCATTER} rows.",
}


def _honour(locked: ChartType, plans: dict[ChartType, Plan]) -> Plan:
    if "empty" in plans:
        return plans["empty"]
    if locked in plans:
        return replace(plans[locked], reason="You chose it.")
    needs = _NEEDS.get(locked, "There are rows.")
    return replace(plans["table"], reason=f"This result can't be drawn as {locked}. {needs}")


def _left_out(columns: Columns, plan: Plan, facts: Facts) -> str:
    """What the chart doesn't show, said rather than hidden."""
    if plan.x is None or not plan.y:
        return ""
    needed = [columns.floats(column.index) for column in plan.y]
    if plan.type == "scatter":
        drawn = figure.dots(columns.rows - _unknown([*needed, columns.floats(plan.x.index)], every=False))
        return "" if drawn == facts.rows else f"{drawn:,} of {facts.rows:,} rows are drawn."
    missing = _unknown(needed, every=True)
    if plan.type in ("line", "area") and (plan.x.role == "time" or is_number_line(plan.x)):
        missing += plan.x.nulls
    if not missing:
        return ""
    noun = "row without a value is" if missing == 1 else "rows without a value are"
    return f"{missing:,} {noun} not drawn."


def _unknown(columns: Sequence[Any], *, every: bool) -> int:
    """In how many rows every one, or any one, of the columns has no value."""
    import pyarrow.compute as pc

    if every and min(column.null_count for column in columns) == 0:
        return 0
    masks = [column.is_null() for column in columns]
    combined = masks[0]
    for mask in masks[1:]:
        combined = (pc.and_ if every else pc.or_)(combined, mask)
    return pc.sum(combined).as_py() or 0


def _title(plan: Plan, hints: ChartHints) -> str:
    measures = " and ".join(hints.measure_labels.get(c.name, formats.plain(c.name)) for c in plan.y)
    if hints.title:
        # A ranking's title may name only what is ranked ("Destination").
        named = not plan.y or plan.x is None or " by " in hints.title or measures.lower() in hints.title.lower()
        return formats.capital(hints.title if named else f"{hints.title} by {measures}")
    groups = " and ".join(formats.plain(c.name) for c in (plan.x, plan.series) if c is not None)
    if plan.type == "scatter" and groups:
        return formats.capital(f"{measures} against {groups}")
    if measures and groups:
        return formats.capital(f"{measures} by {groups}")
    return formats.capital(measures or "Result")
