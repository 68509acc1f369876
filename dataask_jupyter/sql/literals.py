"""Text literals: their value as the engine reads it, and how they are written in what runs."""

from __future__ import annotations

from collections.abc import Mapping

from dataask_jupyter.errors import SqlRefused

from .dialects import Dialect

UNREAD = "The SQL holds a text literal in a form that DataAsk doesn't read. Use 'text'."

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"'}
# `\%` and `\_` stay as they are: they are for LIKE.
_BACKSLASH = {**_ESCAPES, "%": "\\%", "_": "\\_"}
_WRITTEN = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r"}


def write(value: str, dialect: Dialect) -> str:
    """A text as a literal.

    Quotes and backslashes are doubled so that the literal ends at the same place whatever the server's settings say
    about backslashes.
    """
    if dialect.escaped_quotes:
        for character, escape in _WRITTEN.items():
            value = value.replace(character, escape)
        return f"'{value}'"
    text = "'" + value.replace("'", "''") + "'"
    if "\\" in value and dialect.backslash_strings:
        return text.replace("\\", "\\\\")
    if "\\" in value and dialect.write_escapes:
        return "E" + text.replace("\\", "\\\\")
    return text


def plain(raw: str, value: str, dialect: Dialect) -> str:
    """The value of an ordinary literal; `value` is what the parser read."""
    if dialect.escaped_quotes and len(raw) > 2 and raw[:3] in ("'''", '"""'):
        raise SqlRefused(UNREAD)
    if dialect.backslash_strings:
        return _scan(raw, _ESCAPES if dialect.plain_escapes else _BACKSLASH)
    if raw != "'" + value.replace("'", "''") + "'":
        raise SqlRefused(UNREAD)
    return value


def unescaped(raw: str, value: str) -> str:
    """The value of a literal in which nothing is an escape: `r'…'`, or text between two dollar signs on each side."""
    inner = raw[2:-1]
    plain = raw[:1] in "rR" and raw[1:2] in ("'", '"') and not {raw[1], "\n", "\r"} & set(inner)
    if (plain and inner == value and not inner.endswith("\\")) or raw == f"$${value}$$":
        return value
    raise SqlRefused(UNREAD)


def escaped(raw: str) -> str:
    """The value of a literal like `E'…'`."""
    return _scan(raw[1:], _ESCAPES)


def _scan(raw: str, escapes: Mapping[str, str]) -> str:
    """The value of one whole literal, quote by quote; refuses what doesn't end where the parser says that it ends."""
    quote, position, value = raw[:1], 1, []
    while position < len(raw) - 1:
        character, after = raw[position], raw[position + 1]
        if character == "\\":
            if position + 2 >= len(raw):
                raise SqlRefused("The SQL holds a text literal that ends in a backslash.")
            if after not in escapes:
                raise SqlRefused(rf"DataAsk doesn't read the escape \{after} in a text literal.")
            value.append(escapes[after])
            position += 2
        elif character == quote:
            if after != quote or position + 2 >= len(raw):
                raise SqlRefused(UNREAD)
            value.append(quote)
            position += 2
        else:
            value.append(character)
            position += 1
    if len(raw) < 2 or raw[-1] != quote or position != len(raw) - 1:
        raise SqlRefused(UNREAD)
    return "".join(value)
