"""What the parts of a query are called in sentences and headings."""

from __future__ import annotations

from ...semantic.model import ColumnModel, SemanticModel
from ...semantic.words import lemma, plural
from .form import Measure

_GENERIC = frozenset({"name", "title", "id", "code", "description", "label", "key"})


def table_label(label: str) -> str:
    """A table's label in the singular: airlines → airline."""
    head, space, last = label.rpartition(" ")
    return f"{head}{space}{lemma(last)}"


def column_label(column: ColumnModel, model: SemanticModel) -> str:
    """A column's label; "name" alone says nothing, so its table goes before it."""
    if column.label not in _GENERIC:
        return column.label
    return f"{table_label(model.tables[column.table].label)} {column.label}"


def measure_label(measure: Measure, model: SemanticModel) -> str:
    """What a measure is called: average departure delay, number of flights."""
    if measure.aggregate == "count":
        column = column_label(measure.field.column, model) if measure.field else ""
        table = table_label(measure.table.label) if measure.table else "row"
        return f"number of {'different ' if measure.distinct else ''}{plural(column or table)}"
    words = {"sum": "total", "avg": "average", "min": "lowest", "max": "highest", "median": "median",
             "std": "standard deviation of"}  # fmt: skip
    return f"{words[measure.aggregate]} {column_label(measure.field.column, model) if measure.field else ''}".strip()
