"""`%%dataask`: a cell that holds a question or one SELECT, and gives a DataFrame."""

from __future__ import annotations

import argparse
import re
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from IPython.core.error import UsageError

from .client.shortcuts import default_client

if TYPE_CHECKING:
    import pandas as pd
    from IPython.core.interactiveshell import InteractiveShell

_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)

# A word alone doesn't tell: "with which airlines …" and "from JFK, how many …" are questions.
_SQL = re.compile(
    r"""\(*\s*(?:
        select\b
      | values\s*\(
      | with\s+(?:recursive\s+)?("[^"]+"|\w+)\s*(?:\([^)]*\)\s*)?as\s*(?:(?:not\s+)?materialized\s*)?\(
      | from\s+("[^"]+"|\w+)(?:\.("[^"]+"|\w+))*\s*
        (?:$|;|,|\b(?:select|where|join|inner|left|right|full|cross|group|having|order|limit|union|as)\b)
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def is_sql(text: str) -> bool:
    """True when the text begins as a query does."""
    body = _COMMENTS.sub(" ", text).strip()
    return not body.endswith("?") and _SQL.match(body) is not None


class _Parser(argparse.ArgumentParser):
    """Arguments of the cell's first line; what is wrong with them is shown in the cell."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}\n{self.format_usage()}")


def _parser() -> _Parser:
    parser = _Parser(prog="%%dataask", add_help=False, allow_abbrev=False)
    parser.add_argument("connection", nargs="?", help="name or id; the workspace's first connection by default")
    parser.add_argument("--into", metavar="NAME", help="keep the DataFrame in this variable instead of showing it")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--sql", action="store_true", help="the cell is SQL, whatever it looks like")
    kind.add_argument("--ask", action="store_true", help="the cell is a question, whatever it looks like")
    return parser


def run_cell(shell: InteractiveShell, line: str, cell: str) -> pd.DataFrame | None:
    """Asks the cell's question or runs its SQL; gives the DataFrame, or keeps it in the variable of `--into`."""
    try:
        given = _parser().parse_args(shlex.split(line))
    except ValueError as error:
        raise UsageError(f"The line after %%dataask can't be read: {error}.") from None
    if given.into is not None and not given.into.isidentifier():
        raise UsageError(f'--into needs the name of a variable; "{given.into}" isn\'t one.')
    text = cell.strip()
    if not text:
        raise UsageError("The cell is empty. Write a question or a SELECT below %%dataask.")
    client = default_client()
    run = client.sql if given.sql or (not given.ask and is_sql(text)) else client.ask
    frame = run(text, given.connection)
    if given.into is None:
        return frame
    shell.user_ns[given.into] = frame
    return None


def load_ipython_extension(shell: InteractiveShell) -> None:
    """Registers the magic: `%load_ext dataask_jupyter`."""

    def dataask(line: str, cell: str) -> pd.DataFrame | None:
        return run_cell(shell, line, cell)

    # What `%%dataask?` shows.
    dataask.__doc__ = (
        "Asks the cell's question, or runs the cell's SQL, as a DataFrame.\n\n"
        "A cell that begins like a query (SELECT, WITH … AS, FROM a table) is SQL, every other a question.\n\n"
        + _parser().format_help()
    )
    register: Any = shell.register_magic_function  # a traitlets decorator hides its signature
    register(dataask, magic_kind="cell", magic_name="dataask")
