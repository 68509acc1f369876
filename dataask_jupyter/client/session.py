"""What a notebook does with a server: ask questions and run SQL, as DataFrames."""

from __future__ import annotations

import threading
import time
import warnings
import weakref
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, Unpack, overload

from pydantic import BaseModel

from dataask_jupyter.errors import DataAskError, NoConnection, NotFound, QueryCancelled, ResultGone
from dataask_jupyter.schemas.connections import Connection
from dataask_jupyter.schemas.conversations import Answer, AskEvent, Conversation, Message
from dataask_jupyter.schemas.queries import Query
from dataask_jupyter.schemas.users import Me
from dataask_jupyter.schemas.workspaces import Workspace

from . import frames, parameters
from .discovery import find
from .errors import NeedsClarification, ServerUnavailable
from .lines import read_lines
from .server import Server
from .transport import Transport

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Model = TypeVar("Model", bound=BaseModel)

FIRST_WAIT_SECONDS = 1.0
POLL_SECONDS = (0.05, 0.1, 0.2, 0.5)
FINISHED = ("succeeded", "failed", "cancelled")


class SqlOptions(TypedDict, total=False):
    """What SQL may be run with."""

    parameters: Mapping[str, Any] | None
    refresh: bool


class ResultTruncated(UserWarning):
    """A limit cut the result: the frame doesn't hold all rows, or not the whole of very long values."""


def connect(url: str | None = None, token: str | None = None, workspace: str | None = None) -> Client:
    """A client of the server that is named, else of the one this kernel belongs to, else of the shared one.

    The shared server is started when nobody needed it before; it ends by itself when idle.
    `workspace` is a name or an id; without it, the workspace that you used last.
    """
    return Client(Transport(lambda: find(url, token)), workspace)


class Client:
    """A workspace on a server. Any thread may use it; it works where an event loop runs."""

    def __init__(self, transport: Transport, workspace: str | None = None) -> None:
        self.transport = transport
        self._lock = threading.Lock()
        self._conversations: dict[tuple[str | None, str], str] = {}
        self._close = weakref.finalize(self, transport.close)
        self.workspace_id = self._workspace(workspace)

    def __repr__(self) -> str:
        return f"<DataAsk at {self.server.url}>"

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connections to the server."""
        self._close()

    @property
    def server(self) -> Server:
        """The server that answers."""
        return self.transport.server

    # ---- Asking --------------------------------------------------------------------------------------------------

    @overload
    def ask(
        self, question: str, connection: str | None = None, *, as_: Literal["pandas"] = "pandas"
    ) -> pd.DataFrame: ...
    @overload
    def ask(self, question: str, connection: str | None = None, *, as_: Literal["arrow"]) -> pa.Table: ...
    @overload
    def ask(self, question: str, connection: str | None = None, *, as_: str) -> Any: ...
    def ask(self, question: str, connection: str | None = None, *, as_: str = "pandas") -> Any:
        """The rows that answer a question; `attrs["dataask"]` tells the SQL, the assumptions and the rest.

        Each question stands for itself, so cells may run in any order. Raises `NeedsClarification` where the
        question could mean several things.
        """
        frames.check_kind(as_)
        answer = self.answer(question, connection)
        try:
            table = self._rows(answer.query_id) if answer.query_id else frames.from_page(answer.result)
        except ResultGone:
            # Made room for newer results since: the SQL is known, so it runs once more.
            return self.sql(answer.sql, answer.connection_id, as_=as_)
        _warn_if(answer.result.truncated, table)
        facts = answer.model_dump(mode="json", exclude={"result": True, "chart": {"figure"}})
        return frames.as_frame(table, as_, {"question": question, **facts})

    def answer(self, question: str, connection: str | None = None) -> Answer:
        """The whole answer: sentence, chart, SQL, assumptions and the first rows."""
        message = self._ask(question, self.connection(connection).id if connection else None)
        if message.answer is not None:
            return message.answer
        if message.clarification is not None:
            raise NeedsClarification(message.clarification)
        if message.problem is not None:
            raise DataAskError.from_problem(message.problem)
        raise QueryCancelled("Somebody stopped this question. Ask it again to get an answer.")

    def _ask(self, question: str, connection_id: str | None) -> Message:
        conversation = self._conversation(question, connection_id)
        message: Message | None = None
        try:
            for event in self._events(conversation, question):
                message = event.message or message
            if message is None:
                raise ServerUnavailable("The server ended its answer before it began. Ask again.")
            for pause in _pauses():
                if message.state != "running":
                    return message
                time.sleep(pause)
                message = self._get(Message, f"messages/{message.id}")
            raise AssertionError("pauses never end")
        except KeyboardInterrupt:
            if message is not None:
                self.transport.request("POST", f"messages/{message.id}/stop")
            raise

    def _events(self, conversation: str, question: str) -> Iterator[AskEvent]:
        with self.transport.stream(
            "POST",
            f"workspaces/{self.workspace_id}/conversations/{conversation}/ask",
            body={"question": question},
            headers={"Accept": "application/x-ndjson"},
        ) as response:
            for line in read_lines(response):
                yield AskEvent.model_validate_json(line)

    def _conversation(self, question: str, connection_id: str | None) -> str:
        """A conversation of this question's own: the same question asked again, as a cell does, takes the same one."""
        key = (connection_id, " ".join(question.split()))
        with self._lock:
            known = self._conversations.get(key)
            if known is not None and self._exists(f"workspaces/{self.workspace_id}/conversations/{known}"):
                return known
            body = {"connection_id": connection_id}
            made = self._post(Conversation, f"workspaces/{self.workspace_id}/conversations", body)
            self._conversations[key] = made.id
            return made.id

    # ---- SQL -----------------------------------------------------------------------------------------------------

    @overload
    def sql(
        self, sql: str, connection: str | None = None, *, as_: Literal["pandas"] = "pandas", **more: Unpack[SqlOptions]
    ) -> pd.DataFrame: ...
    @overload
    def sql(
        self, sql: str, connection: str | None = None, *, as_: Literal["arrow"], **more: Unpack[SqlOptions]
    ) -> pa.Table: ...
    @overload
    def sql(self, sql: str, connection: str | None = None, *, as_: str, **more: Unpack[SqlOptions]) -> Any: ...
    def sql(self, sql: str, connection: str | None = None, *, as_: str = "pandas", **more: Unpack[SqlOptions]) -> Any:
        """The rows of one SELECT on a connection: its name or id, or the workspace's first one.

        `parameters` has a value for each `:name` in the SQL; a list stands for several values, as in `IN (:ids)`.
        `refresh` reads from the source even where a result is kept.
        """
        frames.check_kind(as_)
        given = parameters.typed(more.get("parameters"))
        on = self.connection(connection)
        body: dict[str, Any] = {"connection_id": on.id, "sql": sql, "wait_seconds": FIRST_WAIT_SECONDS}
        if given:
            body["parameters"] = given
        if more.get("refresh"):
            body["refresh"] = True
        query = self._finished(self._post(Query, "queries/execute", body))
        table = self._rows(query.id)
        _warn_if(query.truncated, table)
        facts = {
            "sql": query.sql,
            "connection_id": on.id,
            "connection_name": on.name,
            "query_id": query.id,
            "elapsed_ms": query.elapsed_ms,
            "truncated": query.truncated,
        }
        return frames.as_frame(table, as_, facts)

    def _finished(self, query: Query) -> Query:
        try:
            for pause in _pauses():
                if query.state in FINISHED:
                    break
                time.sleep(pause)
                query = self._get(Query, f"queries/{query.id}")
        except KeyboardInterrupt:
            self.transport.request("DELETE", f"queries/{query.id}")
            raise
        if query.problem is not None:
            raise DataAskError.from_problem(query.problem)
        if query.state == "cancelled":
            raise QueryCancelled("Somebody stopped this query. Run it again to get its rows.")
        return query

    def _rows(self, query_id: str) -> pa.Table:
        with self.transport.stream(
            "GET", f"queries/{query_id}/rows", headers={"Accept": frames.ARROW_STREAM}
        ) as response:
            return frames.read_stream(response.iter_bytes())

    # ---- What there is -------------------------------------------------------------------------------------------

    def connections(self) -> list[Connection]:
        """The workspace's connections, in the server's order."""
        return list(self._pages(Connection, f"workspaces/{self.workspace_id}/connections"))

    def connection(self, name: str | None = None) -> Connection:
        """The connection of a name or an id; without one, the workspace's first."""
        known = self.connections()
        if not known:
            raise NoConnection(
                "This workspace has no connection yet. Add one in DataAsk's sidebar, "
                "or run `jupyter dataask demo` for the demo data."
            )
        if name is None:
            return known[0]
        return _named("connection", name, [(item.id, item.name, item) for item in known])

    def _workspace(self, name: str | None) -> str:
        if name is None:
            return self._get(Me, "auth/me").workspace_id
        known = [(item.id, item.name, item) for item in self._pages(Workspace, "workspaces")]
        return _named("workspace", name, known).id

    # ---- Requests ------------------------------------------------------------------------------------------------

    def _get(self, model: type[Model], path: str) -> Model:
        return model.model_validate_json(self.transport.request("GET", path).content)

    def _post(self, model: type[Model], path: str, body: Any) -> Model:
        return model.model_validate_json(self.transport.request("POST", path, body=body).content)

    def _exists(self, path: str) -> bool:
        try:
            self.transport.request("GET", path)
        except NotFound:
            return False
        return True

    def _pages(self, model: type[Model], path: str) -> Iterator[Model]:
        cursor: str | None = None
        while True:
            page = self.transport.request("GET", path, query={"cursor": cursor}).json()
            for item in page["items"]:
                yield model.model_validate(item)
            cursor = page.get("next_cursor")
            if not cursor:
                return


Named = TypeVar("Named")


def _named(what: str, wanted: str, known: list[tuple[str, str, Named]]) -> Named:
    """The one that the name or id means. Upper and lower case only matter where they tell two apart."""
    exact = [item for key, name, item in known if wanted in (key, name)]
    found = exact or [item for _, name, item in known if name.casefold() == wanted.strip().casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(key for key, _, item in known if item in found)
        raise NotFound(f'More than one {what} is called "{wanted}". Use the id instead: {ids}.')
    names = ", ".join(f'"{name}"' for _, name, _ in known)
    raise NotFound(f'There is no {what} "{wanted}" here. There is: {names or "none yet"}.')


def _pauses() -> Iterator[float]:
    """Short at first, since most answers are quick."""
    yield from POLL_SECONDS
    while True:
        yield POLL_SECONDS[-1]


def _warn_if(truncated: bool, table: pa.Table) -> None:
    if truncated:
        warnings.warn(
            f"A limit cut the result: {table.num_rows:,} rows are here; more rows, or the ends of very long values, "
            "are missing. Narrow the question, or aggregate in SQL.",
            ResultTruncated,
            stacklevel=3,
        )
