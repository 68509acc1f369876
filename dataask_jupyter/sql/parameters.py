"""Typed values for `:name` in SQL.

Each becomes a literal of its type, written as the dialect writes literals, before the statement goes through the gate.
So a value is never read as SQL, and every kind of source takes the same parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from dataask_jupyter.errors import InvalidInput, SqlInvalid, TooLarge
from dataask_jupyter.schemas.common import FieldProblem
from dataask_jupyter.schemas.queries import Parameter, ParameterType, ParameterValue

from . import dialects, literals
from .dialects import Dialect
from .tokens import MAX_CHARACTERS

MAX_DIGITS = 38

_NAME = re.compile(r"[A-Za-z_]\w{0,63}", re.ASCII)
# After these a colon belongs to what stands before it: a path in JSON, a slice, a key, a cast.
_BEFORE = re.compile(r"[\w\])}\[:\"'`$]")

_MOMENTS: dict[str, tuple[str, str]] = {
    # The types of a moment without and with an offset; where there is none with, it is given in UTC.
    "duckdb": ("TIMESTAMP", "TIMESTAMPTZ"),
    "postgres": ("TIMESTAMP", "TIMESTAMPTZ"),
    "mysql": ("DATETIME", ""),
    "bigquery": ("DATETIME", "TIMESTAMP"),
    "snowflake": ("TIMESTAMP_NTZ", "TIMESTAMP_TZ"),
}


class _Unfit(Exception):
    """A value isn't of its parameter's type; the text says what it must be."""


def names(sql: str, dialect: str) -> list[str]:
    """The parameters of a statement, each once, in the order in which they come."""
    return list(dict.fromkeys(name for _, name in _places(sql, dialects.get(dialect))))


def bind(sql: str, parameters: Mapping[str, Parameter], dialect: str) -> str:
    """The statement with a literal for every `:name`.

    Raises InvalidInput that names the parameter: one that has no value, a value that nothing asks for, or one that
    isn't of its type. Raises SqlInvalid where the SQL can't be read.
    """
    if not parameters and ":" not in sql:
        return sql
    entry = dialects.get(dialect)
    places = _places(sql, entry)
    asked = {name for _, name in places}
    problems = [(name, "The SQL has no such parameter.") for name in parameters if name not in asked]
    problems += [(name, "This parameter needs a value.") for name in sorted(asked - parameters.keys())]
    written: dict[str, str] = {}
    for name in sorted(asked & parameters.keys()):
        try:
            written[name] = _literal(parameters[name], entry)
        except _Unfit as error:
            problems.append((name, str(error)))
    if problems:
        errors = [FieldProblem(field=f"parameters.{name}", detail=detail) for name, detail in problems]
        raise InvalidInput(f"Parameter {problems[0][0]}: {problems[0][1]}", errors=errors)
    parts: list[str] = []
    end = 0
    for start, name in places:
        parts += (sql[end:start], written[name])
        end = start + 1 + len(name)
    bound = "".join([*parts, sql[end:]])
    if len(bound) > MAX_CHARACTERS:
        raise TooLarge(f"With its parameters the SQL is longer than {MAX_CHARACTERS:,} characters. Give fewer values.")
    return bound


def _literal(parameter: Parameter, dialect: Dialect) -> str:
    """One value as a literal, several with commas between them."""
    if isinstance(parameter.value, list):
        return ", ".join(_one(parameter.type, value, dialect) for value in parameter.value)
    return _one(parameter.type, parameter.value, dialect)


def _places(sql: str, dialect: Dialect) -> list[tuple[int, str]]:
    """Where parameters are: the colon's position, and the name."""
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        tokens = sqlglot.tokenize(sql, read=dialect.name)
    except (SqlglotError, RecursionError) as error:
        raise SqlInvalid("The SQL can't be read: a quote or a comment isn't closed.") from error
    found: list[tuple[int, str]] = []
    for token, following in pairwise(tokens):
        if sql[token.start : token.end + 1] != ":" or following.start != token.end + 1:
            continue
        name = _NAME.match(sql, following.start)
        if name is not None and not (token.start and _BEFORE.match(sql[token.start - 1])):
            found.append((token.start, name[0]))
    return found


def _one(kind: ParameterType, value: ParameterValue, dialect: Dialect) -> str:
    return "NULL" if value is None else _WRITERS[kind](value, dialect)


def _text(value: ParameterValue, dialect: Dialect) -> str:
    if not isinstance(value, str):
        raise _Unfit("This must be a text.")
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise _Unfit("This text holds a character that SQL can't have.")
    if any((character < " " and character not in "\t\n\r\f") or character == "\x7f" for character in value):
        raise _Unfit("This text holds a control character.")
    return _expression(literals.write(value, dialect), dialect)


def _boolean(value: ParameterValue, dialect: Dialect) -> str:
    if not isinstance(value, bool):
        raise _Unfit("This must be true or false.")
    return "TRUE" if value else "FALSE"


def _integer(value: ParameterValue, dialect: Dialect) -> str:
    number = _decimal(value)
    if number is None or number != number.to_integral_value() or number.adjusted() >= MAX_DIGITS:
        raise _Unfit(f"This must be a whole number with at most {MAX_DIGITS} digits.")
    return _signed(str(int(number)))


def _number(value: ParameterValue, dialect: Dialect) -> str:
    number = _decimal(value)
    if number is None or len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > 308:
        raise _Unfit(f"This must be a number with at most {MAX_DIGITS} digits.")
    return _signed(f"{number:f}" if abs(number.adjusted()) < MAX_DIGITS else str(number))


def _decimal(value: ParameterValue) -> Decimal | None:
    if isinstance(value, bool) or value is None or (isinstance(value, str) and len(value) > 400):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _signed(text: str) -> str:
    # `5-:x` would become a comment otherwise.
    return f"({text})" if text.startswith("-") else text


def _date(value: ParameterValue, dialect: Dialect) -> str:
    try:
        day = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else None
    except ValueError:
        day = None
    if day is None:
        raise _Unfit("This must be a date, such as 2026-07-01.")
    return _cast(day.isoformat(), "DATE", dialect)


def _timestamp(value: ParameterValue, dialect: Dialect) -> str:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > 10 else None
    except ValueError:
        moment = None
    if moment is None:
        raise _Unfit("This must be a date with a time, such as 2026-07-01 09:30 or 2026-07-01T09:30:00Z.")
    plain, zoned = _MOMENTS.get(dialect.name, ("", ""))
    if moment.tzinfo is None:
        return _cast(moment.isoformat(sep=" "), plain, dialect)
    moment = moment.astimezone(UTC)
    if zoned:
        return _cast(moment.isoformat(sep=" "), zoned, dialect)
    return _cast(moment.replace(tzinfo=None).isoformat(sep=" "), plain, dialect)


def _cast(text: str, kind: str, dialect: Dialect) -> str:
    written = literals.write(text, dialect)
    # SQLite has no dates: there they are text.
    return _expression(written, dialect) if dialect.name == "sqlite" else f"CAST({written} AS {kind})"


def _expression(written: str, dialect: Dialect) -> str:
    """As what can be nothing but a value: a text alone names a table after FROM, or a column after an expression."""
    # SQLite takes tables in parentheses, too.
    return f"CAST({written} AS TEXT)" if dialect.name == "sqlite" else f"({written})"


_WRITERS: dict[ParameterType, Callable[[ParameterValue, Dialect], str]] = {
    "text": _text,
    "boolean": _boolean,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "timestamp": _timestamp,
}
