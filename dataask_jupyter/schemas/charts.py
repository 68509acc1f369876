"""Charts: which one fits a result, why, and the figure to draw."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from .common import Schema

ChartType = Literal["metric", "line", "area", "bar", "pie", "scatter", "table", "empty"]
"""`empty` says that there are no rows. Several series are a line or bar with `series` set."""


class ChartAlternative(Schema):
    """A chart that would also fit."""

    type: ChartType
    reason: str


class Chart(Schema):
    """A chart of a result.

    `figure` is Plotly JSON (`data`, `layout`); colours in it are names of design tokens (`--da-c-1`) that the
    browser resolves in the theme of the moment. It is null for `metric`, `table` and `empty`.
    """

    type: ChartType
    title: str
    reason: str = Field(description="Why this type, in words.")
    alternatives: list[ChartAlternative] = Field(default_factory=list, description="Runners-up, best first.")
    locked: bool = Field(default=False, description="True when the user chose the type.")
    x: str | None = None
    y: list[str] = Field(default_factory=list)
    series: str | None = None
    summary: str = Field(default="", description="The finding and the extremes, for people who can't see it.")
    figure: dict[str, Any] | None = None


class ChartChoice(Schema):
    """The type that the user wants; it stays until they choose another."""

    type: ChartType
