"""Conversations: questions and their answers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from .charts import Chart
from .common import Id, Name, Problem, Schema, Timestamp
from .results import ResultPage

MAX_QUESTION_CHARACTERS = 2_000

Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_QUESTION_CHARACTERS)]
MessageState = Literal["running", "answered", "clarify", "failed", "cancelled"]
Rating = Literal["up", "down"]


class Step(Schema):
    """One step of answering, shown while it works and kept with the answer."""

    key: Literal["read", "find", "run", "chart"]
    label: str = Field(description="E.g. `Running on flights`.")
    state: Literal["running", "done", "failed"]
    elapsed_ms: float | None = None


class Choice(Schema):
    """Something to pick; asking `question` is what picking it does."""

    label: str
    detail: str = ""
    question: str


class Assumption(Schema):
    """What an answer took for granted. Shown as a chip; its choices change it."""

    kind: Literal["measure", "dimension", "time", "filter", "join", "limit", "table"]
    label: str = Field(description="E.g. `Delay`.")
    value: str = Field(description="E.g. `average of dep_delay`.")
    guess: bool = Field(default=False, description="True when it is worth checking (amber).")
    choices: list[Choice] = Field(default_factory=list)


class Confidence(Schema):
    """How sure the engine is, and why."""

    level: Literal["high", "some", "low"]
    score: float = Field(ge=0, le=1)
    reasons: list[str] = Field(default_factory=list)


class Answer(Schema):
    """The answer to a question: a sentence, a chart, the rows, and the evidence for them."""

    understood: str = Field(description="The question as it was read.")
    sentence: str = Field(description="The answer in one line of words.")
    detail: str | None = None
    sql: str
    dialect: str
    connection_id: Id | None
    connection_name: str
    query_id: Id | None
    tables: list[str] = Field(default_factory=list)
    result: ResultPage = Field(description="The first rows, at most 200.")
    chart: Chart
    confidence: Confidence
    assumptions: list[Assumption] = Field(default_factory=list)
    suggestions: list[str] = Field(default_factory=list, description="Questions that could come next.")
    elapsed_ms: float


class WordReading(Schema):
    """How a part of the question was read; `meaning` is null when it wasn't."""

    text: str
    meaning: str | None = None
    detail: str = ""
    choices: list[Choice] = Field(default_factory=list)


class Clarification(Schema):
    """What the engine needs to know before it can answer without guessing."""

    reason: Literal["ambiguous", "unknown_words", "unreadable", "no_data"]
    message: str
    readings: list[WordReading] = Field(default_factory=list)
    choices: list[Choice] = Field(default_factory=list)
    suggestions: list[str] = Field(default_factory=list)


class Message(Schema):
    """A question and what came of it."""

    id: Id
    conversation_id: Id
    question: str
    state: MessageState
    steps: list[Step] = Field(default_factory=list)
    answer: Answer | None = None
    clarification: Clarification | None = None
    problem: Problem | None = None
    rating: Rating | None = None
    created_at: Timestamp
    finished_at: Timestamp | None = None


class Conversation(Schema):
    """A conversation about one connection."""

    id: Id
    workspace_id: Id
    connection_id: Id | None
    title: str
    version: int
    created_at: Timestamp
    updated_at: Timestamp


class ConversationDetail(Conversation):
    """A conversation with its messages, oldest first."""

    messages: list[Message]


class ConversationCreate(Schema):
    """A new conversation. Without `connection_id` it asks the workspace's first connection."""

    connection_id: Id | None = None
    title: Name | None = None


class ConversationUpdate(Schema):
    """Changed parts of a conversation."""

    title: Name | None = None
    connection_id: Id | None = None


class Ask(Schema):
    """A question to ask in a conversation."""

    question: Question


class AskEvent(Schema):
    """One line of the streamed answer (`application/x-ndjson`).

    The first and the last event carry the whole message; those between carry the step that changed.
    """

    type: Literal["message", "step"]
    message: Message | None = None
    step: Step | None = None


class Feedback(Schema):
    """A thumb, or null to take it back."""

    rating: Rating | None


class Suggestion(Schema):
    """A question that the schema or the history suggests."""

    text: str
    source: Literal["history", "schema"]
    times_asked: int = 0


class Suggestions(Schema):
    """Questions to offer, best first."""

    items: list[Suggestion]
