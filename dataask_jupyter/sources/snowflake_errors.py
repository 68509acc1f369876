"""Snowflake's errors as DataAsk's."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any, Final

from dataask_jupyter.errors import (
    DataAskError,
    QueryCancelled,
    QueryTimeout,
    QueryTooBig,
    SourceUnavailable,
    SqlInvalid,
    SqlRefused,
)

from .files import TOO_BIG
from .servers import CONNECT_SECONDS, sentence

if TYPE_CHECKING:
    from .snowflake import SnowflakeSettings

_POSITION: Final = re.compile(r"line (\d+) at position (-?\d+)|Line (\d+), Col: (\d+)")
_NOISE: Final = re.compile(r"\A\d{6} \(\w+\): |\ASQL compilation error:\s*|\s*\n\n?LINE \d+: .*\Z", re.DOTALL)


class errors:  # noqa: N801 - it is used as a function
    """A context that turns the connector's errors into DataAsk's."""

    def __init__(
        self,
        settings: SnowflakeSettings,
        *,
        shift: int = 0,
        opening: bool = False,
        stopped: threading.Event | None = None,
    ) -> None:
        self.settings, self.shift, self.opening, self.stopped = settings, shift, opening, stopped

    def __enter__(self) -> errors:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or not isinstance(error, Exception):
            return
        if isinstance(error, DataAskError):
            if self.opening and isinstance(error, QueryTimeout):
                raise _silent(self.settings) from None
            return
        if self.stopped is not None and self.stopped.is_set():
            raise QueryCancelled("The query was stopped.") from None
        if isinstance(error, MemoryError):
            raise QueryTooBig(TOO_BIG) from None
        # Not `from error`: the connector tells requests, and what was in them.
        raise (
            connecting(error, self.settings) if self.opening else running(error, self.settings, self.shift)
        ) from None


def _silent(settings: SnowflakeSettings) -> SourceUnavailable:
    return SourceUnavailable(
        f"Snowflake's account {settings.account} didn't answer within {CONNECT_SECONDS} s. Check the account, and the"
        " network of the server that DataAsk runs on."
    )


def connecting(error: Exception, settings: SnowflakeSettings) -> DataAskError:
    """DataAsk's error for one that came while signing in."""
    number, words = _number(error), _words(error)
    text = f"{number} {words}"
    if re.search(r"\b(?:390100|390144|390190|390422)\b|[Ii]ncorrect username or password|JWT token is invalid", text):
        return SourceUnavailable(
            f"Snowflake refused user {settings.user}: the password or the key is wrong, or there is no such user in"
            f" the account {settings.account}. Enter both again."
        )
    if "390189" in text or re.search(r"(?i)role .*(?:does not exist|not granted|isn't granted)", words):
        return SourceUnavailable(f"Snowflake doesn't give user {settings.user} the role {settings.role}. Check it.")
    if "390201" in text or re.search(r"(?i)(?:database|schema|warehouse).*(?:does not exist|not authorized)", words):
        return SourceUnavailable(f"{words} Check database, schema and warehouse, and what the role may use.")
    if re.search(r"(?i)\bMFA\b|multi-factor|DUO", words):
        return SourceUnavailable(
            f"Snowflake asks user {settings.user} for a second factor. Use a private key, or a user for programs."
        )
    if re.search(r"(?i)\bIP\b.*not allowed|network policy", words):
        return SourceUnavailable("Snowflake doesn't take connections from this server: a network policy forbids it.")
    if re.search(r"\b40[34]\b", words) or type(error).__name__ in ("ForbiddenError", "HttpError"):
        return SourceUnavailable(f"There is no Snowflake account {settings.account}. Check its identifier.")
    if type(error).__name__ in ("OperationalError", "DatabaseError", "InterfaceError") or isinstance(error, OSError):
        return SourceUnavailable(
            f"Snowflake's account {settings.account} can't be reached. Check its identifier, and the network of the"
            " server that DataAsk runs on."
        )
    return SourceUnavailable(f"Snowflake can't be signed in to: {type(error).__name__}. Check the settings.")


_TIMEOUTS: Final = frozenset({630, 631})
_PRIVILEGES: Final = frozenset({3001, 3005, 3030, 3540})
_SESSION: Final = frozenset({390104, 390111, 390112, 390114, 390195})


def running(error: Exception, settings: SnowflakeSettings, shift: int = 0) -> DataAskError:
    """DataAsk's error for one that came in a session, by its number."""
    from snowflake.connector import errors as known

    number, words = _number(error), _words(error)
    state: str = getattr(error, "sqlstate", None) or ""
    if number in _TIMEOUTS or "cancelled by the client due to a timeout" in words:
        return QueryTimeout("Snowflake stopped the query at its time limit. Filter the rows or group them.")
    if number == 604 or state == "57014":
        return QueryCancelled("The query was stopped.")
    if number == 606:
        return SourceUnavailable(
            "There is no warehouse that could run the query. Name one in the connection that the role may use."
        )
    if number in _PRIVILEGES:
        return SqlRefused(f"{words} The role needs the right to read it: ask who owns it.")
    if number in _SESSION:
        return SourceUnavailable("Snowflake ended the session. Run the query again.")
    if "memory" in words.lower() and isinstance(error, known.ProgrammingError):
        return QueryTooBig(f"{words} Snowflake ran short: filter or group the rows.")
    if isinstance(error, known.ProgrammingError | known.IntegrityError):
        return SqlInvalid(words or "Snowflake rejects the SQL.", extra=_position(error, shift))
    return SourceUnavailable("Snowflake can't be reached, or has a fault. Run it again in a moment.")


def _number(error: Exception) -> int:
    number = getattr(error, "errno", None)
    return number if isinstance(number, int) else 0


def _message(error: Exception) -> str:
    raw: Any = getattr(error, "raw_msg", None) or getattr(error, "msg", None) or str(error)
    return str(raw)


def _words(error: Exception) -> str:
    message = _message(error)
    for _ in range(3):
        message = _NOISE.sub("", message)
    return sentence(message)


def _position(error: Exception, shift: int) -> dict[str, int]:
    found = _POSITION.search(_message(error))
    if found is None:
        return {}
    line = int(found[1] or found[3]) - shift
    column = int(found[2]) + 1 if found[2] else int(found[4])
    return {"line": line, "column": max(1, column)} if line >= 1 else {}
