"""From SQL text to tokens, and back to the text that runs.

What runs is rebuilt from the tokens that the parser saw: comments are gone, string literals are quoted anew from their
parsed value, white space is plain. So parser and engine read the same statement, and nothing hides between them. (Text
generated from the syntax tree would not do: it changes answers.)
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from dataask_jupyter.errors import SqlInvalid, SqlRefused, TooLarge

from . import literals
from .dialects import Dialect

MAX_CHARACTERS = 100_000
MAX_TOKENS = 10_000
MAX_DEPTH = 32
MAX_PREFIXES = 64

READS_ONLY = "Only statements that read can run here: SELECT, WITH … SELECT, FROM … or VALUES."

_STATEMENTS = frozenset({"COMMAND", "EXECUTE", "FETCH", "SHOW", "RENAME", "SET", "PRAGMA", "ATTACH", "DETACH"})
_WORD = re.compile(r"[^\W\d][\w$]*\Z")
_NUMBER = re.compile(r"(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?\Z")
_HEX = re.compile(r"(?:0[xX][0-9a-fA-F]+|[xX]'(?:[0-9a-fA-F]{2})*')\Z")
_OPEN, _CLOSE = frozenset("([{"), frozenset(")]}")
_PREFIXES = frozenset({"-", "+", "~", "!", "@", "not"})


@dataclass(frozen=True)
class Piece:
    """One token: what kind it is, its value, and how it is written in the text that runs."""

    kind: str
    """`word`, `quoted` (an identifier), `string`, `number` or `mark`."""
    value: str
    text: str
    start: int
    gap: str
    """White space before it."""


def split(sql: str, dialect: Dialect) -> tuple[list[Any], list[Piece]]:
    """The parser's tokens and the pieces that the engine gets, within the caps; one trailing semicolon is dropped."""
    _check_text(sql)
    import sqlglot
    from sqlglot.errors import SqlglotError

    try:
        tokens = sqlglot.tokenize(sql, read=dialect.name)
    except (SqlglotError, RecursionError) as error:
        raise SqlInvalid("The SQL can't be read: a quote or a comment isn't closed.") from error
    if len(tokens) > MAX_TOKENS:
        raise TooLarge(f"The SQL has more than {MAX_TOKENS:,} words and marks. Use a shorter statement.")
    while tokens and tokens[-1].token_type.name == "SEMICOLON":
        tokens.pop()
    if not tokens:
        raise SqlInvalid("The SQL is empty. Write a SELECT statement.")
    if tokens[0].token_type.name in _STATEMENTS:
        raise SqlRefused(READS_ONLY)
    if any(token.token_type.name == "SEMICOLON" for token in tokens):
        raise SqlRefused("Only one statement can run at a time. Remove what follows the first semicolon.")
    pieces = _pieces(sql, tokens, dialect)
    _gap(sql[tokens[-1].end + 1 :].replace(";", " "), dialect)
    _check_depth(pieces)
    return tokens, pieces


def rebuild(pieces: list[Piece], dialect: Dialect) -> str:
    """The text that runs; it is made sure that it reads as the same tokens again."""
    text = join(pieces)
    try:
        _, again = split(text, dialect)
    except (SqlInvalid, SqlRefused):
        again = []
    if [(piece.kind, piece.text) for piece in again] != [(piece.kind, piece.text) for piece in pieces]:
        raise SqlRefused("The SQL is written in a way that DataAsk doesn't read. Put spaces between its parts.")
    return text


def join(pieces: list[Piece]) -> str:
    """The pieces as text."""
    parts: list[str] = []
    before: Piece | None = None
    for piece in pieces:
        gap = piece.gap
        # `U&'…'`, `x'…'` and their kin are one literal for an engine and several tokens for the parser.
        if not gap and before is not None and piece.kind in ("quoted", "string") and _may_prefix(before):
            gap = " "
        parts += (gap if before is not None else "", piece.text)
        before = piece
    return "".join(parts)


def _may_prefix(piece: Piece) -> bool:
    return piece.kind != "mark" or piece.text == "&"


def _check_text(sql: str) -> None:
    if len(sql) > MAX_CHARACTERS:
        raise TooLarge(f"The SQL is longer than {MAX_CHARACTERS:,} characters. Use a shorter statement.")
    for character in sql:
        if (
            (character < " " and character not in "\t\n\r\f")
            or "\ud800" <= character <= "\udfff"
            or character == "\x7f"
        ):
            raise SqlRefused(f"The SQL holds the control character U+{ord(character):04X}. Remove it.")


def _pieces(sql: str, tokens: list[Any], dialect: Dialect) -> list[Piece]:
    pieces: list[Piece] = []
    end = 0
    for token in tokens:
        raw = sql[token.start : token.end + 1]
        kind, text = _write(raw, token, dialect)
        gap = _gap(sql[end : token.start], dialect)
        before = pieces[-1] if pieces else None
        if dialect.unicode_quotes and kind in ("quoted", "string") and _unicode_prefix(pieces, gap):
            raise SqlRefused("Names and text with Unicode escapes (U&'…') can't be used here.")
        if before is not None and not gap and before.kind == "number" and kind == "word":
            raise SqlRefused(f"Put a space between “{before.text}” and “{text}”.")
        # The tokenizer joins some key words, such as GROUP BY: the last one stands before what follows.
        value = text.split()[-1] if kind == "word" else token.text
        pieces.append(Piece(kind, value, text, token.start, gap))
        end = token.end + 1
    return pieces


def _unicode_prefix(pieces: list[Piece], gap: str) -> bool:
    if gap or len(pieces) < 2:
        return False
    return pieces[-1].text == "&" and not pieces[-1].gap and pieces[-2].text.lower() == "u"


def _write(raw: str, token: Any, dialect: Dialect) -> tuple[str, str]:
    """The kind of a token and how the engine gets it; refuses what parser and engine might read differently."""
    name, value = token.token_type.name, token.text
    if name == "STRING":
        return "string", literals.write(literals.plain(raw, value, dialect), dialect)
    if name == "HEREDOC_STRING":
        return "string", literals.write(value, dialect)
    if name == "RAW_STRING" and dialect.raw_strings:
        return "string", literals.write(literals.unescaped(raw, value), dialect)
    if name == "BYTE_STRING" and dialect.escape_strings:
        return "string", literals.write(literals.escaped(raw), dialect)
    if name == "HINT":
        raise SqlRefused("Hints (/*+ … */) can't be used here. Remove them.")
    if name == "IDENTIFIER":
        for opening, closing in dialect.identifier_quotes:
            if value and raw == opening + value.replace(closing, closing * 2) + closing:
                return "quoted", raw
        raise SqlRefused(f"The name {raw[:60]} is quoted in a form that DataAsk doesn't read.")
    if name == "HEX_STRING" and dialect.hex_numbers and _HEX.match(raw):
        return "number", raw
    if name == "NUMBER" and _NUMBER.match(raw) and (dialect.digit_groups or "_" not in raw):
        return "number", raw
    if all(map(_WORD.match, parts := raw.split())) and parts:
        return "word", raw if len(parts) == 1 else " ".join(parts) + "\n" * raw.count("\n")
    if not raw or any(character.isalnum() or character.isspace() or character in "'\"`;\\" for character in raw):
        raise SqlRefused(f"DataAsk doesn't read “{raw[:60]}” here.")
    if not raw.isascii():
        raise SqlRefused(f"The SQL holds the character “{raw[:10]}” outside of quotes.")
    if raw in dialect.refused_marks:
        raise SqlRefused(f"“{raw}” can't be used here: DataAsk has no variables or parameters in its SQL.")
    return "mark", raw


def _gap(between: str, dialect: Dialect) -> str:
    """White space that stands for white space and comments. Line ends are kept, so that positions in errors fit."""
    position = 0
    while position < len(between):
        if between.startswith("--", position) or (dialect.hash_comments and between[position] == "#"):
            if dialect.dashes_need_space and re.match(r"--[^\s]", between[position:]):
                raise SqlRefused(f"{dialect.label} reads “--” as a comment only before a space. Put one after it.")
            end = re.compile(r"[\r\n]|\Z").search(between, position)
            position = end.start() if end else len(between)
        elif between.startswith("/*", position):
            position = _comment_end(between, position, nested=dialect.nested_comments)
        elif between[position].isspace() or unicodedata.category(between[position]) == "Zs":
            position += 1
        else:
            raise SqlRefused(f"DataAsk doesn't read “{between[position : position + 20]}” here.")
    if not between:
        return ""
    return "\n" * between.count("\n") or " "


def _comment_end(between: str, start: int, *, nested: bool) -> int:
    if between[start + 2 : start + 3] == "!" or between[start + 2 : start + 4].upper() == "M!":
        raise SqlRefused("Comments that some databases execute (/*! … */) can't be used here.")
    depth, position = 1, start + 2
    while depth:
        closing, opening = between.find("*/", position), between.find("/*", position)
        if closing < 0:
            raise SqlInvalid("A comment isn't closed.")
        if nested and 0 <= opening < closing:
            depth, position = depth + 1, opening + 2
        else:
            depth, position = depth - 1, closing + 2
    return position


def _check_depth(pieces: list[Piece]) -> None:
    depth = prefixes = 0
    for piece in pieces:
        if piece.kind == "mark" and piece.text[-1] in _OPEN:
            depth += 1
        elif piece.kind == "mark" and piece.text[-1] in _CLOSE:
            depth -= 1
        word = piece.text.lower()
        if word == "case":
            depth += 1
        elif word == "end":
            depth = max(depth - 1, 0)
        prefixes = prefixes + 1 if word in _PREFIXES else 0
        if depth > MAX_DEPTH or prefixes > MAX_PREFIXES:
            raise TooLarge(f"The SQL is nested more than {MAX_DEPTH} levels deep. Use a flatter statement.")
