"""Conversations: questions, their answers as they come, and what people do with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from dataask_jupyter.errors import Busy, Conflict, NoConnection, NotFound, ResultGone, StaleVersion, VersionRequired
from dataask_jupyter.schemas.charts import Chart, ChartChoice
from dataask_jupyter.schemas.common import Page
from dataask_jupyter.schemas.conversations import (
    Ask,
    AskEvent,
    Conversation,
    ConversationCreate,
    ConversationDetail,
    ConversationUpdate,
    Feedback,
    Message,
    Suggestions,
)

from .base import BaseHandler
from .endpoint import endpoint
from .parameters import ListQuery, SuggestionsQuery

NDJSON = "application/x-ndjson"


class ConversationsHandler(BaseHandler):
    """A workspace's conversations."""

    @endpoint(
        "listConversations",
        "Your conversations, newest first",
        action="read",
        resource="conversations",
        problems=(NotFound,),
    )
    async def get(self, workspace_id: str, query: ListQuery) -> Page[Conversation]:
        return await (await self.services()).conversations.list(self.identity, workspace_id, query.cursor, query.limit)

    @endpoint(
        "createConversation",
        "Start a conversation",
        action="write",
        resource="conversations",
        status=201,
        etag=True,
        problems=(NotFound,),
    )
    async def post(self, workspace_id: str, body: ConversationCreate) -> Conversation:
        return await (await self.services()).conversations.create(self.identity, workspace_id, body)


class ConversationHandler(BaseHandler):
    """One conversation."""

    @endpoint(
        "getConversation",
        "A conversation with its messages, oldest first",
        action="read",
        resource="conversations",
        etag=True,
        problems=(NotFound,),
    )
    async def get(self, workspace_id: str, conversation_id: str) -> ConversationDetail:
        return await (await self.services()).conversations.get(self.identity, workspace_id, conversation_id)

    @endpoint(
        "updateConversation",
        "Rename a conversation, or ask another connection from now on",
        action="write",
        resource="conversations",
        etag=True,
        if_match=True,
        problems=(NotFound, StaleVersion, VersionRequired),
    )
    async def patch(
        self, workspace_id: str, conversation_id: str, if_match: int, body: ConversationUpdate
    ) -> Conversation:
        return await (await self.services()).conversations.update(
            self.identity, workspace_id, conversation_id, if_match, body
        )

    @endpoint(
        "deleteConversation",
        "Delete a conversation with its messages",
        action="write",
        resource="conversations",
        status=204,
        problems=(NotFound,),
    )
    async def delete(self, workspace_id: str, conversation_id: str) -> None:
        await (await self.services()).conversations.delete(self.identity, workspace_id, conversation_id)


class AskHandler(BaseHandler):
    """Asking."""

    @endpoint(
        "ask",
        "Ask a question. As x-ndjson: one event a line while it works; otherwise the finished message. A failed "
        "answer is a message in the state `failed`, with its problem",
        action="execute",
        resource="conversations",
        streams={NDJSON: AskEvent},
        problems=(NotFound, NoConnection, Conflict, Busy),
    )
    async def post(self, workspace_id: str, conversation_id: str, body: Ask) -> Message | None:
        asking = (await self.services()).asking
        events = await asking.ask(self.identity, workspace_id, conversation_id, body.question)
        if self.wants(NDJSON):
            await self.send_stream(NDJSON, _lines(events))
            return None
        message: Message | None = None
        async for event in events:
            message = event.message or message
        return message


class MessageHandler(BaseHandler):
    """One message."""

    @endpoint(
        "getMessage",
        "A message as it stands, e.g. after the stream was lost",
        action="read",
        resource="conversations",
        problems=(NotFound,),
    )
    async def get(self, message_id: str) -> Message:
        return await (await self.services()).messages.get(self.identity, message_id)


class MessageStopHandler(BaseHandler):
    """Stopping an answer."""

    @endpoint(
        "stopMessage",
        "Stop answering; a message that has ended stays as it is",
        action="execute",
        resource="conversations",
        problems=(NotFound,),
    )
    async def post(self, message_id: str) -> Message:
        return await (await self.services()).asking.stop(self.identity, message_id)


class MessageChartHandler(BaseHandler):
    """The chart of an answer."""

    @endpoint(
        "chooseChart",
        "Show the answer as another chart; the choice stays",
        action="write",
        resource="conversations",
        problems=(NotFound, Conflict, ResultGone),
    )
    async def put(self, message_id: str, body: ChartChoice) -> Chart:
        return await (await self.services()).messages.choose_chart(self.identity, message_id, body.type)


class MessageFeedbackHandler(BaseHandler):
    """A thumb up or down."""

    @endpoint(
        "giveFeedback",
        "Say whether the answer helped",
        action="write",
        resource="conversations",
        problems=(NotFound, Conflict),
    )
    async def post(self, message_id: str, body: Feedback) -> Message:
        return await (await self.services()).messages.give_feedback(self.identity, message_id, body.rating)


class SuggestionsHandler(BaseHandler):
    """Questions to offer."""

    @endpoint(
        "listSuggestions",
        "Questions to offer: asked before, or certain to be answered",
        action="read",
        resource="conversations",
        problems=(NotFound,),
    )
    async def get(self, workspace_id: str, query: SuggestionsQuery) -> Suggestions:
        return await (await self.services()).suggestions.offer(
            self.identity, workspace_id, query.connection_id, query.prefix
        )


async def _lines(events: AsyncIterator[AskEvent]) -> AsyncIterator[bytes]:
    async for event in events:
        yield event.model_dump_json().encode() + b"\n"
