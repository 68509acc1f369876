"""`da.ask` and `da.sql`: the same as a client's, on one client that the whole kernel shares."""

from __future__ import annotations

import atexit
import os
import threading
from typing import TYPE_CHECKING, Any, Literal, Unpack, overload

from .session import Client, SqlOptions, connect

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_lock = threading.Lock()
_shared: tuple[int, Client] | None = None


def default_client() -> Client:
    """The kernel's client, made when first needed. A forked process makes its own."""
    global _shared
    with _lock:
        if _shared is None or _shared[0] != os.getpid():
            _shared = (os.getpid(), connect())
        return _shared[1]


def reset() -> None:
    """Forgets the kernel's client; the next use looks for the server again."""
    global _shared
    with _lock:
        if _shared is not None and _shared[0] == os.getpid():
            _shared[1].close()
        _shared = None


@overload
def ask(question: str, connection: str | None = None, *, as_: Literal["pandas"] = "pandas") -> pd.DataFrame: ...
@overload
def ask(question: str, connection: str | None = None, *, as_: Literal["arrow"]) -> pa.Table: ...
@overload
def ask(question: str, connection: str | None = None, *, as_: str) -> Any: ...
def ask(question: str, connection: str | None = None, *, as_: str = "pandas") -> Any:
    """Asks a connection a question in plain words; gives the rows as a DataFrame.

    `attrs["dataask"]` holds how it was read: the SQL, the sentence, the assumptions and the confidence.
    Without `connection` (a name or an id) the workspace's first one is asked. `as_` is "pandas", "arrow" or "polars".
    """
    return default_client().ask(question, connection, as_=as_)


@overload
def sql(
    sql: str, connection: str | None = None, *, as_: Literal["pandas"] = "pandas", **more: Unpack[SqlOptions]
) -> pd.DataFrame: ...
@overload
def sql(sql: str, connection: str | None = None, *, as_: Literal["arrow"], **more: Unpack[SqlOptions]) -> pa.Table: ...
@overload
def sql(sql: str, connection: str | None = None, *, as_: str, **more: Unpack[SqlOptions]) -> Any: ...
def sql(sql: str, connection: str | None = None, *, as_: str = "pandas", **more: Unpack[SqlOptions]) -> Any:
    """Runs one SELECT on a connection (a name or an id, or the workspace's first one); gives a DataFrame.

    `parameters={"from": date(2026, 7, 1)}` gives a value for each `:name`; `refresh=True` reads from the source anew.
    `as_` is "pandas", "arrow" or "polars".
    """
    return default_client().sql(sql, connection, as_=as_, **more)


atexit.register(reset)
