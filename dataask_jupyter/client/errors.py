"""Errors that only a client can meet."""

from __future__ import annotations

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.schemas.conversations import Clarification


class ServerUnavailable(DataAskError):
    """No DataAsk server answers."""

    status = 503
    kind = "server-unavailable"
    title = "DataAsk's server doesn't answer"


class NeedsClarification(DataAskError):
    """The question can be read in more than one way, or not at all; `clarification` says what would help."""

    status = 422
    kind = "needs-clarification"
    title = "The question isn't clear enough to answer without guessing"

    def __init__(self, clarification: Clarification) -> None:
        super().__init__(_in_words(clarification))
        self.clarification = clarification


def _in_words(clarification: Clarification) -> str:
    lines = [clarification.message]
    for reading in clarification.readings:
        if reading.choices:
            lines.append(f'"{reading.text}" could mean:')
            lines += [f"  • {choice.label}: {choice.question}" for choice in reading.choices]
    if clarification.choices:
        lines.append("Ask one of these instead:")
        lines += [f"  • {choice.question}" for choice in clarification.choices]
    if clarification.suggestions:
        lines.append("Questions that work here:")
        lines += [f"  • {suggestion}" for suggestion in clarification.suggestions]
    return "\n".join(lines)
