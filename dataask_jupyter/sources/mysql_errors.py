"""MySQL's and MariaDB's errors as DataAsk's."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Final

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
from .servers import Place, sentence

NO_ROWS: Final = "The SQL does something else than reading rows, which isn't allowed here."

_LOST = frozenset({1053, 1077, 1079, 1080, 1158, 1159, 1160, 1161, 1184, 1927, 2006, 2013, 2027, 2055, 3169, 4031})
_DENIED = frozenset({1044, 1142, 1143, 1227, 1345, 1356, 1370, 1449})
_WRITES = frozenset({1290, 1792, 1836, 3906})
_TIMED_OUT = frozenset({1969, 3024})
_TOO_BIG = frozenset({5, 1037, 1038, 1041, 1104, 1153, 1301, 2008, 2020, 3675})
_DISK = frozenset({3, 28, 1021, 1114})
_AGAIN = frozenset({1205, 1213, 1412})
_INTERRUPTED: Final = 1317
_LINE = re.compile(r" at line (\d+)\Z")


class errors:  # noqa: N801 - it is used as a function
    """A context that turns the driver's errors into DataAsk's."""

    def __init__(
        self, place: Place, *, sql: str = "", opening: bool = False, stopped: threading.Event | None = None
    ) -> None:
        self.place, self.sql, self.opening, self.stopped = place, sql, opening, stopped

    def __enter__(self) -> errors:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, DataAskError) or not isinstance(error, Exception):
            return
        if isinstance(error, MemoryError):
            raise QueryTooBig(TOO_BIG) from None
        code, words = _parts(error)
        if code is None:
            return
        if self.stopped is not None and self.stopped.is_set():
            raise QueryCancelled("The query was stopped.") from None
        known = connecting if self.opening else running
        raise known(code, words, self.place) from None


def _parts(error: Exception) -> tuple[int | None, str]:
    """Number and words of one of the driver's errors; no number for others."""
    if not type(error).__module__.startswith("MySQLdb") or not error.args:
        return None, ""
    code = error.args[0]
    return (code, str(error.args[-1])) if isinstance(code, int) else (0, str(code))


_UNREACHABLE: dict[int, Callable[[Place], SourceUnavailable]] = {
    1040: Place.full,
    1203: Place.full,
    1226: Place.full,
    1044: Place.not_permitted,
    1049: Place.unknown_database,
    1129: Place.not_permitted,
    1130: Place.not_permitted,
    1698: Place.wrong_password,
    2005: Place.unknown_host,
    3118: Place.not_permitted,
    3159: Place.needs_encryption,
    4151: Place.not_permitted,
}


def connecting(code: int, words: str, place: Place) -> DataAskError:
    """DataAsk's error for one that came while connecting."""
    if code == 1045:
        refusal = place.wrong_password(given="using password: NO" not in words)
        if place.ssl_mode != "disable":
            return refusal
        # MariaDB says no more than this to accounts that must come encrypted.
        return SourceUnavailable(f"{refusal.detail} Or it only takes encrypted connections: set encryption to require.")
    if code in _UNREACHABLE:
        return _UNREACHABLE[code](place)
    if code in (2002, 2003):
        # The number of the system's error stands in parentheses.
        if "(110)" in words or "timed out" in words:
            return place.silent()
        return place.unknown_host() if "nknown" in words and "host" in words else place.refused()
    if code == 2026:
        return place.lacks_encryption() if "not support" in words else place.untrusted()
    if code in (2012, 2013) and "initial communication" in words:
        return place.silent()
    return place.lost() if code in _LOST else place.unreachable(words)


def running(code: int, words: str, place: Place) -> DataAskError:
    """DataAsk's error for one that came on an open connection."""
    said = sentence(words)
    if code == _INTERRUPTED:
        return QueryCancelled("The query was stopped.")
    if code in _TIMED_OUT:
        return QueryTimeout("The server stopped the query at its time limit. Filter the rows or group them.")
    if code in _LOST:
        return place.lost()
    if code in _WRITES:
        return SqlRefused("The SQL writes, which isn't allowed here.")
    if code in _DENIED:
        return SqlRefused(f"{said} The account {place.user} needs the right to read it: ask who owns it.")
    if code in _TOO_BIG:
        return QueryTooBig(f"{said} The server ran short: filter or group the rows.")
    if code in _DISK or code in _AGAIN:
        return SourceUnavailable(f"{place} couldn't finish the query: {said} Run it again.")
    if "LOCAL INFILE" in words.upper():
        return SourceUnavailable(f"{place} asked for a file of this machine and got none. Don't trust this server.")
    found = _LINE.search(words)
    return SqlInvalid(said or "The server rejects the SQL.", extra={"line": int(found[1])} if found else {})
