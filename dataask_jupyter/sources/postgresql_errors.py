"""PostgreSQL's errors as DataAsk's."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any, Final

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
from .servers import Place, position, sentence

NO_ROWS: Final = "The SQL does something else than reading rows, which isn't allowed here."

_PREFIX = re.compile(
    r"\A(?:[A-Z_]+: )?(?:\[libpq\] )?(?:Failed to connect: |Failed to prepare query: |Failed to execute query: "
    r"|Execution error \[\w+\]: )?(?:could not begin COPY: )?(?:[A-Z]+:  )?"
)
_SUFFIX = re.compile(r"\s*(?:\n+Query was: .*)?\.? SQLSTATE: \w+\s*\Z", re.DOTALL)
_POINTER = re.compile(r"\nLINE \d+: [^\n]*\n *\^")


class errors:  # noqa: N801 - it is used as a function
    """A context that turns ADBC's errors into DataAsk's."""

    def __init__(
        self,
        place: Place,
        *,
        sql: str = "",
        opening: bool = False,
        stopped: threading.Event | None = None,
        alive: Callable[[], bool] = lambda: True,
    ) -> None:
        self.place, self.sql, self.opening = place, sql, opening
        self.stopped, self.alive = stopped, alive

    def __enter__(self) -> errors:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, DataAskError) or not isinstance(error, Exception):
            return
        if isinstance(error, MemoryError):
            raise QueryTooBig(TOO_BIG) from None
        if self.stopped is not None and self.stopped.is_set():
            raise QueryCancelled("The query was stopped.") from None
        # Not `from error`: in connection errors the driver may tell its whole connection string.
        raise (connecting(error, self.place) if self.opening else self._running(error)) from None

    def _running(self, error: Exception) -> DataAskError:
        found = running(error, self.place, self.sql)
        if isinstance(found, SqlInvalid) and not getattr(error, "sqlstate", None) and not self.alive():
            return self.place.lost()
        return found


_UNREACHABLE: tuple[tuple[str, Callable[[Place], SourceUnavailable]], ...] = (
    (r"could not translate host name|Name or service not known|nodename nor servname", Place.unknown_host),
    (r"database \".*\" does not exist", Place.unknown_database),
    (r"password authentication failed|role \".*\" does not exist|is not permitted to log in", Place.wrong_password),
    (r"no password supplied", lambda place: place.wrong_password(given=False)),
    (r"server does not support SSL", Place.lacks_encryption),
    (r"no pg_hba\.conf entry|permission denied for database|pg_hba\.conf rejects", Place.not_permitted),
    (
        r"provider signature failure|certificate verify failed|root certificate|server certificate|not match host name",
        Place.untrusted,
    ),
    (r"too many (?:connections|clients)|remaining connection slots", Place.full),
    (r"the database system is|terminating connection", Place.starting),
    (r"Connection refused|No route to host|Network is unreachable", Place.refused),
    (r"timeout expired|timed out", Place.silent),
    (r"server closed the connection|Connection reset", Place.refused),
)


def connecting(error: Exception, place: Place) -> DataAskError:
    """DataAsk's error for one that came while connecting. The driver gives no code there, so its words decide."""
    message = str(error)
    for pattern, say in _UNREACHABLE:
        if re.search(pattern, message, re.DOTALL):
            # The server's rules may be for encrypted connections only; it says no more than that none fits.
            plain = say is Place.not_permitted and place.ssl_mode == "disable" and "no encryption" in message
            return place.needs_encryption() if plain else say(place)
    if "connection option" in message or "connection info string" in message:
        return SourceUnavailable(
            f"{place} can't be connected to: the driver is too old. Update adbc-driver-postgresql."
        )
    return place.unreachable(_words(message))


def running(error: Exception, place: Place, sql: str) -> DataAskError:
    """DataAsk's error for one that came on an open connection, by its SQLSTATE."""
    state: str = getattr(error, "sqlstate", None) or ""
    facts = _facts(error)
    words = sentence(facts.get("PG_DIAG_MESSAGE_PRIMARY") or _words(str(error))) or "PostgreSQL rejects the SQL."
    if state == "57014":
        if "timeout" in words:
            return QueryTimeout("The server stopped the query at its time limit. Filter the rows or group them.")
        return QueryCancelled("The query was stopped.")
    if state.startswith("08") or state in {"57P01", "57P02", "57P03", "57P05"}:
        return place.lost()
    if state in {"42501", "28000"}:
        return SqlRefused(f"{words} The role {place.user} needs the right to read it: ask who owns it.")
    if state in {"25006", "25001", "0A000"} and ("read-only" in words or "read-write" in words):
        return SqlRefused("The SQL writes, which isn't allowed here.")
    if state in {"53100", "53200", "54000", "53400"}:
        return QueryTooBig(f"{words} The server ran short: filter or group the rows.")
    if state.startswith(("40", "55", "58", "XX")) or state == "53300":
        return SourceUnavailable(f"{place} couldn't finish the query: {words} Run it again.")
    if "memory" in words and not state:
        return QueryTooBig(TOO_BIG)
    if state == "42601" and "COPY (" in str(error):
        return SqlRefused(NO_ROWS)  # The server described it, but it isn't a query.
    return SqlInvalid(words, extra=_position(facts, sql))


def _facts(error: Exception) -> dict[str, str]:
    details: list[tuple[Any, Any]] = getattr(error, "details", None) or []
    return {_text(name): _text(value) for name, value in details}


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _position(facts: dict[str, str], sql: str) -> dict[str, int]:
    where = facts.get("PG_DIAG_STATEMENT_POSITION", "")
    if not sql or not where.isdigit() or int(where) > len(sql) + 1:
        return {}
    return position(sql, int(where) - 1)


def _words(message: str) -> str:
    """The server's own words in a message of the driver."""
    message = _PREFIX.sub("", _SUFFIX.sub("", message))
    return _POINTER.sub("", message).replace("FATAL:  ", "").replace("ERROR:  ", "")
