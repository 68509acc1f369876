"""What an engine is: it reads a question against a semantic model and proposes SQL, or asks back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ..charts.hints import ChartHints
from ..errors import DataAskError
from ..schemas.conversations import Assumption, Clarification, Confidence
from ..semantic.model import SemanticModel


@dataclass(frozen=True)
class Turn:
    """An earlier question of the conversation and how it was read."""

    question: str
    understood: str = ""
    sql: str = ""


@dataclass(frozen=True)
class AskInput:
    """Everything that an engine may look at. `now` makes "last month" reproducible."""

    question: str
    model: SemanticModel
    dialect: str
    now: datetime
    time_zone: str = "UTC"
    history: tuple[Turn, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """One reading of the question as SQL, with the evidence for it."""

    sql: str
    understood: str
    confidence: Confidence
    assumptions: tuple[Assumption, ...] = ()
    tables: tuple[str, ...] = ()
    chart_hints: ChartHints = field(default_factory=ChartHints)
    suggestions: tuple[str, ...] = ()
    found: str = ""


@dataclass(frozen=True)
class Candidates:
    """Readings of a question, best first; never empty."""

    items: tuple[Candidate, ...]


@dataclass(frozen=True)
class Clarified:
    """The engine doesn't answer but asks back."""

    clarification: Clarification


Reading = Candidates | Clarified


class AnswerEngine(Protocol):
    """Reads questions. Engines hold no state between questions."""

    name: str

    async def read(self, question: AskInput) -> Reading:
        """Read a question: ranked candidates, or what to ask back."""
        ...

    async def repair(self, candidate: Candidate, error: DataAskError) -> Candidate | None:
        """A candidate that avoids the error, or None when the engine knows no other way."""
        ...
