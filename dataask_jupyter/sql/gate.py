"""The one gate that all SQL passes before it reaches a database.

It lets through a single statement that only reads: its root, every part of its syntax tree, every function that it
calls and every table that it names must be on a list. The engine's own read-only means come on top of it, since parser
and engine are each bypassable alone.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from dataask_jupyter.errors import SqlInvalid, SqlRefused, TooLarge

from . import dialects
from .dialects import Dialect
from .names import check_names
from .scope import tables as read_tables
from .tokens import MAX_DEPTH, READS_ONLY, rebuild, split

_BEGINNINGS = frozenset({"SELECT", "WITH", "FROM", "VALUES", "L_PAREN"})


@dataclass(frozen=True)
class CheckedQuery:
    """SQL that passed the gate. Only `check` makes one; what runs is `sql`."""

    sql: str
    dialect: str
    tables: tuple[str, ...]
    """Tables that it reads, as written."""


def check(sql: str, dialect: str, *, tables: Collection[str] | None = None) -> CheckedQuery:
    """Let a single read statement through, rebuilt from its tokens.

    `tables` are the names (`table` or `schema.table`) that it may read; None means all but files and system tables.
    Raises SqlRefused for what may not run, SqlInvalid for what isn't SQL, TooLarge beyond the caps.
    """
    entry = dialects.get(dialect)
    tokens, pieces = split(sql, entry)
    root = _parse(sql, tokens, entry)
    _check_nodes(root)
    if tokens[0].token_type.name not in _BEGINNINGS:
        raise SqlRefused(READS_ONLY)  # The parser also takes `x UNION SELECT 1`.
    check_names(root, pieces, entry)
    return CheckedQuery(sql=rebuild(pieces, entry), dialect=dialect, tables=read_tables(root, entry, tables))


def _parse(sql: str, tokens: list[Any], dialect: Dialect) -> Any:
    import sqlglot
    from sqlglot.errors import ParseError, SqlglotError

    logging.getLogger("sqlglot").setLevel(logging.ERROR)  # It warns of statements that the gate refuses anyway.
    try:
        statements = sqlglot.Dialect.get_or_raise(dialect.name).parser().parse(tokens, sql)
    except RecursionError as error:
        raise TooLarge(f"The SQL is nested more than {MAX_DEPTH} levels deep. Use a flatter statement.") from error
    except ParseError as error:
        raise _invalid(error) from error
    except (SqlglotError, ValueError, TypeError, AttributeError, KeyError, IndexError) as error:
        raise SqlInvalid("The SQL can't be read. Check its spelling and punctuation.") from error
    statements = [statement for statement in statements if statement is not None]
    if len(statements) != 1:
        raise SqlRefused("Only one statement can run at a time. Remove what follows the first semicolon.")
    return statements[0]


def _invalid(error: Any) -> SqlInvalid:
    found = error.errors[0] if error.errors else {}
    line, column, mark = found.get("line"), found.get("col"), found.get("highlight") or ""
    if not line or not column:
        return SqlInvalid("The SQL can't be read. Check its spelling and punctuation.")
    column = max(1, column - len(mark) + 1)
    near = f" near “{mark[:40]}”" if mark.strip() else ""
    return SqlInvalid(
        f"The SQL can't be read{near} (line {line}, column {column}).", extra={"line": line, "column": column}
    )


def _check_nodes(root: Any) -> None:
    from sqlglot import exp

    roots, parts, bases = _allowed_nodes()
    if type(root) not in roots:
        raise SqlRefused(READS_ONLY)
    for node in root.walk():
        # It moves a sequence, and has no parentheses that the list of functions would see.
        if (type(node) not in parts and not isinstance(node, bases)) or isinstance(node, exp.NextValueFor):
            raise SqlRefused(f"{_name(node)} can't be used here: DataAsk only runs statements that read.")


def _name(node: Any) -> str:
    words = "".join(f" {letter}" if letter.isupper() else letter for letter in type(node).__name__)
    return words.strip().upper()


@cache
def _allowed_nodes() -> tuple[frozenset[type], frozenset[type], tuple[type, ...]]:
    """Roots, parts, and base classes of parts. Functions are let through here: `names.check_names` has its own list."""
    from sqlglot import exp

    roots = frozenset({exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.Values})
    parts = roots | {
        exp.Alias, exp.Aliases, exp.All, exp.Any, exp.AtTimeZone, exp.Between, exp.Boolean, exp.Bracket,
        exp.ByteString, exp.CTE, exp.Collate, exp.Column, exp.ColumnDef, exp.Comprehension, exp.Cube, exp.DataType,
        exp.DataTypeParam, exp.Distinct, exp.Dot, exp.Escape, exp.Exists, exp.Fetch, exp.Filter, exp.ForIn, exp.From,
        exp.Group, exp.GroupingSets, exp.Having, exp.HavingMax, exp.HexString, exp.Identifier, exp.IgnoreNulls,
        exp.In, exp.Interval, exp.IntervalSpan, exp.JSONKeyValue, exp.JSONValue, exp.Join,
        exp.Kwarg, exp.Lambda, exp.Lateral, exp.Limit,
        exp.LimitOptions, exp.Literal, exp.National, exp.Null, exp.Offset, exp.Order, exp.Ordered, exp.Paren,
        exp.Pivot, exp.PivotAlias, exp.PivotAny, exp.PositionalColumn, exp.PropertyEQ, exp.Qualify, exp.RawString,
        exp.RespectNulls, exp.Rollup, exp.Slice, exp.Star, exp.Table, exp.TableAlias, exp.TableSample, exp.Tuple,
        exp.UnpivotColumns, exp.Var, exp.Where, exp.Window, exp.WindowSpec, exp.With, exp.WithinGroup,
    }  # fmt: skip
    bases = (exp.Func, exp.Binary, exp.Unary, exp.Connector, exp.JSONPath, exp.JSONPathPart)
    return roots, frozenset(parts), bases
