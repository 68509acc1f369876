"""Which functions a statement calls, taken from the tokens: they are what the engine sees, whatever the parser made of
them."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from dataask_jupyter.errors import SqlRefused

from .dialects import Dialect
from .tokens import Piece

_COLUMNS_OF_TABLE_FUNCTIONS = frozenset({"key", "ordinality", "value"})


def check_names(root: Any, pieces: list[Piece], dialect: Dialect) -> None:
    """Every name before a parenthesis is a listed function, a type, a key word, or an alias with column names."""
    aliases = _alias_positions(root)
    for index, piece in enumerate(pieces):
        if piece.kind not in ("word", "quoted", "string"):
            continue
        name = piece.value.lower()
        before = pieces[index - 1].text if index else ""
        if before == "." and name in dialect.refused_parts:
            raise SqlRefused(f"{piece.value.upper()} can't be used here.", extra={"function": piece.value})
        if index + 1 == len(pieces) or pieces[index + 1].text != "(":
            _check_bare(piece, name, before, dialect)
        elif piece.kind == "string":
            raise SqlRefused("A text literal can't be called.")
        elif piece.start in aliases and pieces[index + 2].kind in ("word", "quoted"):
            continue  # Names of columns; the parser takes `t f(1)` for an alias too.
        elif not _may_be_called(piece, name, before, dialect):
            raise SqlRefused(
                f"The function {piece.value[:60]} can't be used here. DataAsk runs functions that only compute.",
                extra={"function": piece.value[:60]},
            )
    if dialect.functional_notation:
        _check_notation(root, pieces, dialect)


def _may_be_called(piece: Piece, name: str, before: str, dialect: Dialect) -> bool:
    # A letter such as the Kelvin sign becomes another one in lower case; and a quoted name keeps its case.
    if not piece.value.isascii() or (piece.kind == "quoted" and piece.value != name):
        return False
    if before == "." and not dialect.qualified_calls:
        return False
    return name in dialect.functions or (
        piece.kind == "word" and (name in dialect.before_parenthesis or name in dialect.types)
    )


def _check_bare(piece: Piece, name: str, before: str, dialect: Dialect) -> None:
    if piece.kind != "word" or before == ".":
        return
    if name in dialect.refused_words:
        raise SqlRefused(f"{piece.value.upper()} can't be used here: DataAsk only runs statements that read.")
    if name in dialect.session_words and name not in dialect.bare_functions:
        raise SqlRefused(f"{piece.value.upper()} can't be used here.", extra={"function": piece.value})


def _alias_positions(root: Any) -> set[int]:
    """Where names of tables are introduced before a list of columns."""
    from sqlglot import exp

    found: set[int] = set()
    for alias in root.find_all(exp.TableAlias):
        if alias.this is not None and alias.args.get("columns"):
            start = alias.this.meta.get("start")
            if start is not None:
                found.add(start)
    return found


def _check_notation(root: Any, pieces: list[Piece], dialect: Dialect) -> None:
    """`value.name` calls a function where the value isn't a row that has the column.

    So what stands before the point must be a table, a subquery or a common table expression. Behind the name of a
    table function, whose value may be a plain one, only columns pass that it is known to have.
    """
    tables, rows, columns = _sources(root)
    # A function that has no alias goes by its own name.
    introduced = _alias_positions(root)
    rows -= {
        piece.value.lower()
        for piece, after in pairwise(pieces)
        if after.text == "(" and piece.kind != "mark" and piece.start not in introduced
    }
    for index in range(1, len(pieces) - 1):
        piece, before, after = pieces[index], pieces[index - 1], pieces[index + 1]
        if piece.text != "." or after.kind not in ("word", "quoted") or after.start in tables:
            continue
        source, name = before.value.lower(), after.value.lower()
        if before.start in tables:
            continue
        if before.kind not in ("word", "quoted"):
            raise SqlRefused(f"“.{after.value[:60]}” can't be read behind a parenthesis or a bracket here.")
        followed = index + 2 < len(pieces) and pieces[index + 2].text == "."
        known = _COLUMNS_OF_TABLE_FUNCTIONS | columns.get(source, frozenset({source})) | dialect.functions
        if not (source in rows or followed or name in known):
            raise SqlRefused(
                f"“{before.value[:60]}.{after.value[:60]}” can't be used here: {before.value[:60]} isn't a table of "
                "this statement. Name the columns of a function, such as f(x) AS t(a, b).",
                extra={"function": after.value[:60]},
            )


def _sources(root: Any) -> tuple[set[int], set[str], dict[str, frozenset[str]]]:
    """Where names of tables stand; names that mean rows; and columns of the names that table functions have."""
    from sqlglot import exp

    starts: set[int] = set()
    rows: set[str] = set()
    others: dict[str, frozenset[str]] = {}
    for table in root.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier):
            starts |= {part.meta["start"] for part in table.parts if "start" in part.meta}
            if not table.alias:
                rows.add(table.name.lower())
    for alias in root.find_all(exp.TableAlias):
        if alias.this is None:
            continue
        name = alias.this.name.lower()
        owner = alias.parent
        plain = isinstance(owner, exp.Table) and isinstance(owner.this, exp.Identifier)
        query = isinstance(owner, exp.Subquery | exp.CTE | exp.Values)
        lateral = isinstance(owner, exp.Lateral) and isinstance(owner.this, exp.Subquery)
        if plain or query or lateral:
            rows.add(name)
            continue
        columns = [*(alias.args.get("columns") or ()), owner.args.get("offset")]  # WITH ORDINALITY names the last one.
        named = frozenset(column.name.lower() for column in columns if isinstance(column, exp.Expression)) | {name}
        # The same name twice: which one is meant depends on the place, so only what both have.
        others[name] = others[name] & named if name in others else named
    return starts, rows - set(others), others
