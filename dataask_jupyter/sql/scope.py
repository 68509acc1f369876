"""Which tables a statement reads: names of common table expressions are told from names of tables, by scope."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from dataask_jupyter.errors import SqlInvalid, SqlRefused

from .dialects import Dialect

_PATH_MARKS = frozenset("/\\:*?[]{}")
_FILE_ENDINGS = (
    ".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet", ".arrow", ".feather", ".xlsx", ".db", ".duckdb",
    ".sqlite", ".gz", ".zst", ".py", ".ipynb",
)  # fmt: skip


def tables(root: Any, dialect: Dialect, allowed: Collection[str] | None) -> tuple[str, ...]:
    """The tables that the statement reads, in order of appearance; raises for one that it may not read."""
    from sqlglot import exp

    known = None if allowed is None else {name.lower() for name in allowed}
    found: dict[str, None] = {}
    for table in root.find_all(exp.Table):
        if isinstance(table.this, exp.Identifier):
            if not table.args.get("db") and _is_expression_name(table, dialect):
                continue
            found[_check(table, dialect, known)] = None
        elif not isinstance(table.this, exp.Func):
            raise SqlRefused("The SQL reads from something that isn't a table.")
    return tuple(found)


def _check(table: Any, dialect: Dialect, known: set[str] | None) -> str:
    name, schema, catalog = table.name, table.text("db"), table.text("catalog")
    shown = ".".join(part for part in (catalog, schema, name) if part)
    if known is not None:
        if not catalog and _known(name.lower(), schema.lower(), dialect, known):
            return shown
        if _system(name, schema, catalog, dialect) or _file(name):
            raise SqlRefused(_refusal(shown), extra={"table": shown})
        raise SqlInvalid(f"There is no table “{shown}” in this connection.", extra={"table": shown, **_position(table)})
    if _system(name, schema, catalog, dialect) or _file(name) or any(_file(part) for part in (schema, catalog)):
        raise SqlRefused(_refusal(shown), extra={"table": shown})
    return shown


def _refusal(shown: str) -> str:
    return f"“{shown[:120]}” isn't a table of this connection. Files and system tables can't be read here."


def _known(name: str, schema: str, dialect: Dialect, known: set[str]) -> bool:
    if schema and f"{schema}.{name}" in known:
        return True
    bare = not schema or schema in dialect.default_schemas
    return bare and (name in known or any(f"{default}.{name}" in known for default in dialect.default_schemas))


def _system(name: str, schema: str, catalog: str, dialect: Dialect) -> bool:
    schemas = {schema.lower(), catalog.lower()}
    named = (name.lower(), *schemas)
    return bool(schemas & dialect.system_schemas) or any(part.startswith(dialect.system_tables) for part in named)


def _file(name: str) -> bool:
    return bool(_PATH_MARKS & set(name)) or name.lower().endswith(_FILE_ENDINGS)


def _position(table: Any) -> dict[str, int]:
    meta = table.this.meta
    if "line" not in meta:
        return {}
    return {"line": int(meta["line"]), "column": int(meta["col"]) - len(table.name) + 1}


def _is_expression_name(table: Any, dialect: Dialect) -> bool:
    """Whether a bare name means a common table expression that is in scope where it stands."""
    name = table.name.lower()
    return any(name == visible for visible in _visible(table))


def _visible(node: Any) -> Iterator[str]:
    """Names of the common table expressions in scope at a node, innermost first."""
    from sqlglot import exp

    inside = node
    while (parent := inside.parent) is not None:
        if isinstance(parent, exp.With):
            # Inside of one of the expressions: those before it are in scope, and itself where it may be recursive.
            for expression in parent.expressions:
                if expression is inside:
                    if parent.args.get("recursive"):
                        yield expression.alias.lower()
                    break
                yield expression.alias.lower()
            # The query that carries this WITH is not a scope of its own for them: skip it.
            inside = parent.parent if parent.parent is not None else parent
            continue
        clause = parent.args.get("with_")
        if clause is not None and clause is not inside:
            for expression in clause.expressions:
                yield expression.alias.lower()
        inside = parent
