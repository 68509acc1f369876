"""What a widget's browser side may ask of the kernel, checked before anything is done with it."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, field_validator

MessageId = Annotated[str, StringConstraints(min_length=1, max_length=64)]
QueryValue = str | int | float | bool | None

# One segment after the other below the API's base: no scheme, host, query, dot segment or encoded character,
# so that a message can't reach any other address of the server with the kernel's token.
_PATH = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")

HEADERS = frozenset({"accept", "if-match", "idempotency-key"})
ACCEPTED = frozenset({"application/json", "application/x-ndjson"})


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: MessageId


class Request(_Message):
    """A call of the API."""

    type: Literal["request"]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, StringConstraints(max_length=512)]
    query: dict[str, QueryValue | list[QueryValue]] | None = None
    body: Any = None
    headers: dict[str, str] = Field(default_factory=dict)

    @field_validator("path")
    @classmethod
    def _below_the_api(cls, path: str) -> str:
        if not _PATH.fullmatch(path):
            raise ValueError("Not a path of the API.")
        return path

    @field_validator("headers")
    @classmethod
    def _known_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        lower = {name.lower(): value for name, value in headers.items() if name.lower() != "content-type"}
        unknown = sorted(lower.keys() - HEADERS)
        if unknown:
            raise ValueError(f"Headers that can't be sent: {', '.join(unknown)}.")
        if lower.get("accept", "application/json") not in ACCEPTED:
            raise ValueError("Only JSON and JSON lines pass through the kernel.")
        if any("\n" in value or "\r" in value for value in lower.values()):
            raise ValueError("A header can't hold a line break.")
        return lower

    @property
    def streams(self) -> bool:
        """True when the response is wanted line by line."""
        return self.headers.get("accept") == "application/x-ndjson"


class Cancel(_Message):
    """Nobody waits for that request any more."""

    type: Literal["cancel"]


class Asset(_Message):
    """A script that the widget loads when it first needs it."""

    type: Literal["asset"]
    name: Literal["plotly"]


Message = Annotated[Request | Cancel | Asset, Field(discriminator="type")]
MESSAGE: TypeAdapter[Request | Cancel | Asset] = TypeAdapter(Message)
