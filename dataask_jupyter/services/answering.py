"""One answer in the making: it goes on whether anybody listens or not, and always comes to an end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from dataask_jupyter.errors import DataAskError
from dataask_jupyter.schemas.conversations import Answer, AskEvent, Clarification, Message, MessageState, Step
from dataask_jupyter.store.models import now


class Answering:
    """The message as it stands, and its events so far for those who come late."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.hints: dict[str, Any] | None = None
        self.task: asyncio.Task[None] | None = None
        self.stopped_by_user = False
        self._events: list[AskEvent] = [AskEvent(type="message", message=message)]
        self._news = asyncio.Event()
        self._over = False

    async def listen(self) -> AsyncIterator[AskEvent]:
        """All events, from the first to the last. Leaving early disturbs nobody."""
        position = 0
        while True:
            news = self._news
            while position < len(self._events):
                yield self._events[position]
                position += 1
            if self._over:
                return
            await news.wait()

    def step(self, step: Step) -> None:
        """A step started or ended."""
        if step in self.message.steps:
            return
        steps = [step if known.key == step.key else known for known in self.message.steps]
        if step not in steps:
            steps.append(step)
        self.message = self.message.model_copy(update={"steps": steps})
        self._publish(AskEvent(type="step", step=step))

    def end(
        self,
        state: MessageState,
        *,
        answer: Answer | None = None,
        clarification: Clarification | None = None,
        error: DataAskError | None = None,
    ) -> None:
        """Nothing more will happen."""
        steps = [
            step.model_copy(update={"state": "failed"}) if step.state == "running" else step
            for step in self.message.steps
        ]
        self.message = self.message.model_copy(
            update={
                "state": state,
                "steps": steps,
                "answer": answer,
                "clarification": clarification,
                "problem": None if error is None else error.problem(),
                "finished_at": now(),
            }
        )

    def announce_end(self) -> None:
        """Tell the listeners; after this `listen` returns."""
        self._over = True
        self._publish(AskEvent(type="message", message=self.message))

    @property
    def over(self) -> bool:
        """Whether the message is in its last state."""
        return self._over

    def start(self, work: Callable[[Answering], Awaitable[None]]) -> None:
        """Begin, independent of whoever asked."""

        async def run() -> None:
            await work(self)

        self.task = asyncio.create_task(run(), name=f"answer-{self.message.id}")

    def _publish(self, event: AskEvent) -> None:
        self._events.append(event)
        news, self._news = self._news, asyncio.Event()
        news.set()
