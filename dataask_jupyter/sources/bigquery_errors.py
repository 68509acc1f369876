"""BigQuery's errors as DataAsk's."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, Final

from dataask_jupyter.errors import (
    DataAskError,
    QueryCancelled,
    QueryTimeout,
    QueryTooBig,
    QueryTooCostly,
    SourceUnavailable,
    SqlInvalid,
    SqlRefused,
)

from .files import TOO_BIG
from .servers import CONNECT_SECONDS, sentence

if TYPE_CHECKING:
    from .bigquery import BigQuerySettings

_POSITION = re.compile(r"\s*(?:\(sqlglot: .*)?\bat \[(\d+):(\d+)\]", re.DOTALL)
_BEFORE: Final = re.compile(r"\A(?:GET|POST|DELETE) https?://\S+: ")
_AFTER: Final = re.compile(r"(?:; reason: .*|\s*\n+(?:LINE \d+|Location|Job ID):? .*)\Z", re.DOTALL)
_BUSY: Final = frozenset({"backendError", "internalError", "jobBackendError", "jobInternalError", "rateLimitExceeded"})
_FULL: Final = frozenset({"quotaExceeded", "jobRateLimitExceeded"})


class errors:  # noqa: N801 - it is used as a function
    """A context that turns the errors of Google's libraries into DataAsk's."""

    def __init__(
        self,
        settings: BigQuerySettings,
        *,
        sql: str = "",
        shift: int = 0,
        opening: bool = False,
        stopped: threading.Event | None = None,
    ) -> None:
        self.settings, self.sql, self.shift, self.opening, self.stopped = settings, sql, shift, opening, stopped

    def __enter__(self) -> errors:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, DataAskError) or not isinstance(error, Exception):
            return
        if self.stopped is not None and self.stopped.is_set():
            raise QueryCancelled("The query was stopped.") from None
        if isinstance(error, MemoryError):
            raise QueryTooBig(TOO_BIG) from None
        # Not `from error`: Google's libraries tell requests, and what was in them.
        raise translated(error, self.settings, self.sql, self.shift) from None


def translated(error: Exception, settings: BigQuerySettings, sql: str = "", shift: int = 0) -> DataAskError:
    """DataAsk's error for one of Google's."""
    import requests
    from google.api_core import exceptions
    from google.auth import exceptions as auth

    if isinstance(error, auth.RefreshError):
        return SourceUnavailable(
            "Google refused the key of the service account: it was deleted or disabled, or the clock of this server is"
            " wrong. Enter a new key."
        )
    if isinstance(error, exceptions.RetryError):
        cause = error.cause
        return (
            translated(cause, settings, sql, shift)
            if isinstance(cause, Exception) and not isinstance(cause, exceptions.RetryError)
            else _unreachable()
        )
    if isinstance(error, requests.Timeout | auth.TimeoutError):
        return SourceUnavailable(
            f"BigQuery didn't answer within {CONNECT_SECONDS} s. Check the network of the server that DataAsk runs on."
        )
    if isinstance(error, requests.ConnectionError | auth.TransportError | ConnectionError | OSError):
        return _unreachable()
    if isinstance(error, exceptions.GoogleAPICallError):
        return _answered(error, settings, sql, shift)
    if isinstance(error, TimeoutError) or type(error).__name__ == "TimeoutError":
        return QueryTimeout("BigQuery didn't finish the query in time. Filter the rows or group them.")
    return SourceUnavailable(f"BigQuery's answer can't be read: {type(error).__name__}. Run it again.")


def _unreachable() -> SourceUnavailable:
    return SourceUnavailable("BigQuery can't be reached. Check the network of the server that DataAsk runs on.")


def _answered(error: Any, settings: BigQuerySettings, sql: str, shift: int) -> DataAskError:
    """For an error that BigQuery itself gave."""
    listed: list[dict[str, Any]] = [each for each in error.errors or [] if isinstance(each, dict)]
    reason = str(listed[0].get("reason", "")) if listed else ""
    # Its own words only: the library puts the address and the job before and behind them.
    message = str((listed[0].get("message") if listed else None) or error.message or "")
    words = _words(message)
    if reason == "stopped" or "was cancelled" in message:
        return QueryCancelled("The query was stopped.")
    if reason == "timeout" or re.search(r"\b(?:timed out|exceeded the .*time(?:out)?)\b", message, re.IGNORECASE):
        return QueryTimeout("BigQuery stopped the query at its time limit. Filter the rows or group them.")
    if reason == "bytesBilledLimitExceeded" or "limit for bytes billed" in message:
        return QueryTooCostly(
            f"{words} Choose fewer columns, or filter by the column that the table is partitioned by."
        )
    if reason in ("resourcesExceeded", "responseTooLarge"):
        return QueryTooBig(f"{words} BigQuery ran short: filter or group the rows.")
    if reason in _FULL:
        return SourceUnavailable(f"The project {settings.project} has no more quota: {words} Try again later.")
    if reason in _BUSY or error.code is None or int(error.code) >= 500 or int(error.code) == 429:
        return SourceUnavailable("BigQuery is too busy, or has a fault. Run it again in a moment.")
    if reason in ("billingNotEnabled", "accessNotConfigured") or "has not enabled BigQuery" in message:
        return SourceUnavailable(f"{words} Have an administrator of the project {settings.project} mend that.")
    if int(error.code) == 401:
        return SourceUnavailable("Google refused the key of the service account. Enter a new key.")
    if int(error.code) == 403:
        if sql:
            return SqlRefused(f"{words} The service account needs the right to read it: ask who owns it.")
        return SourceUnavailable(f"{words} Give the service account the roles BigQuery Data Viewer and Job User.")
    if int(error.code) == 404 and not sql:
        return SourceUnavailable(f"{words} Check project, dataset and location.")
    return SqlInvalid(words or "BigQuery rejects the SQL.", extra=_position(message, shift))


def _words(message: str) -> str:
    message = _POSITION.split(_AFTER.sub("", _BEFORE.sub("", message)))[0]
    return sentence(message.removeprefix("Query execution failed: "))


def _position(message: str, shift: int) -> dict[str, int]:
    found = _POSITION.search(message)
    if found is None:
        return {}
    line, column = int(found[1]) - shift, int(found[2])
    return {"line": line, "column": column} if line >= 1 else {}
