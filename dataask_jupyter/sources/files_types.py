"""Types of columns that came as text: found from all values, or chosen by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dataask_jupyter.errors import UploadUnreadable
from dataask_jupyter.schemas.uploads import ColumnType

from .profiling import quote

SAMPLE_ROWS = 20_000
_COLUMNS_PER_STATEMENT = 40
_ISO_MOMENT = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?"
_INTEGER = r"-?(0|[1-9][0-9]*)"
_NUMBER = r"-?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"


@dataclass(frozen=True)
class _Type:
    """A type with, for a trimmed text `{0}`, whether it is one and what it is then."""

    name: str
    fits: str
    value: str


def _cast(name: str, pattern: str, type_: str | None = None) -> _Type:
    value = f"TRY_CAST({{0}} AS {type_ or name})"
    return _Type(name, f"regexp_full_match({{0}}, '{pattern}') AND {value} IS NOT NULL", value)


def _date(format_: str, pattern: str) -> _Type:
    value = f"CAST(TRY_STRPTIME({{0}}, '{format_}') AS DATE)"
    return _Type("DATE", f"regexp_full_match({{0}}, '{pattern}') AND {value} IS NOT NULL", value)


_DAY_FIRST = _date("%d/%m/%Y", r"\d{1,2}/\d{1,2}/\d{4}")
_MONTH_FIRST = _date("%m/%d/%Y", r"\d{1,2}/\d{1,2}/\d{4}")
_WHOLE = _Type("", f"regexp_full_match({{0}}, '{_INTEGER}')", "")
_FOUND: tuple[_Type, ...] = (
    _Type("BOOLEAN", "lower({0}) IN ('true', 'false')", "lower({0}) = 'true'"),
    _cast("BIGINT", _INTEGER),
    _cast("DECIMAL(38,0)", _INTEGER),
    _Type(
        "DOUBLE",
        f"(regexp_full_match({{0}}, '{_NUMBER}') AND TRY_CAST({{0}} AS DOUBLE) IS NOT NULL OR lower({{0}}) = 'nan')",
        "TRY_CAST(nullif(lower({0}), 'nan') AS DOUBLE)",
    ),
    _cast("DATE", r"\d{4}-\d{2}-\d{2}"),
    _cast("TIMESTAMP", _ISO_MOMENT),
    _cast("TIMESTAMP WITH TIME ZONE", _ISO_MOMENT + r" ?(Z|[+-]\d{2}(:?\d{2})?)"),
    _cast("TIME", r"\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?"),
    _date("%d.%m.%Y", r"\d{1,2}\.\d{1,2}\.\d{4}"),
    _date("%Y/%m/%d", r"\d{4}/\d{1,2}/\d{1,2}"),
    _DAY_FIRST,
    _MONTH_FIRST,
)
"""From the narrowest. A leading zero is no number: codes keep theirs."""
_DOUBLE = _FOUND[3]
_WRITTEN = ("%d.%m.%Y", "%Y/%m/%d", "%m/%d/%Y", "%d/%m/%Y")
_ANY_DATE = (
    "coalesce(CAST(TRY_CAST({0} AS TIMESTAMP) AS DATE), "
    + ", ".join(f"CAST(TRY_STRPTIME({{0}}, '{each}') AS DATE)" for each in _WRITTEN)
    + ")"
)
_YES, _NO = "('true', 't', 'yes', 'y', '1')", "('false', 'f', 'no', 'n', '0')"
_CHOSEN: dict[ColumnType, tuple[str, str]] = {
    "integer": (
        "a whole number",
        "CASE WHEN regexp_full_match({0}, '[+-]?[0-9]+(\\.0*)?') THEN TRY_CAST({0} AS BIGINT) END",
    ),
    "number": ("a number", "TRY_CAST({0} AS DOUBLE)"),
    "boolean": (
        "true or false",
        f"CASE WHEN lower({{0}}) IN {_YES} THEN true WHEN lower({{0}}) IN {_NO} THEN false END",
    ),
    "date": ("a date", _ANY_DATE),
    "datetime": ("a moment", f"coalesce(TRY_CAST({{0}} AS TIMESTAMP), CAST({_ANY_DATE} AS TIMESTAMP))"),
    "time": ("a time of day", "TRY_CAST({0} AS TIME)"),
    "json": ("JSON", "CASE WHEN json_valid({0}) THEN CAST({0} AS JSON) END"),
}
"""In words, and its value."""


def _text(column: str) -> str:
    return f"trim(CAST({quote(column)} AS VARCHAR))"


def _with(expression: str, text: str) -> str:
    return expression.replace("{0}", text)


def found(connection: Any, relation: str, columns: Sequence[str], rows: int) -> dict[str, str]:
    """For each column of texts that are all of one type, the expression of their values. `relation` is SQL."""
    sample = _fitting(connection, f"(SELECT * FROM {relation} LIMIT {SAMPLE_ROWS})", columns)  # noqa: S608
    if rows > SAMPLE_ROWS:
        unsure = [column for column in columns if not _holds(connection, relation, column, sample[column])]
        sample |= _fitting(connection, relation, unsure) if unsure else {}
    return {column: _value(type_, column) for column, type_ in sample.items() if type_ is not None}


def _value(type_: _Type, column: str) -> str:
    return _with(type_.value, f"nullif({_text(column)}, '')") + f" AS {quote(column)}"


def _fitting(connection: Any, relation: str, columns: Sequence[str]) -> dict[str, _Type | None]:
    fitting: dict[str, _Type | None] = {}
    checks = (*_FOUND, _WHOLE)
    for start in range(0, len(columns), _COLUMNS_PER_STATEMENT):
        part = columns[start : start + _COLUMNS_PER_STATEMENT]
        counts = [
            f"count_if({_text(column)} <> ''), " + ", ".join(
                f"count_if({_text(column)} <> '' AND {_with(each.fits, _text(column))})" for each in checks
            )
            for column in part
        ]  # fmt: skip
        row = connection.execute(f"SELECT {', '.join(counts)} FROM {relation}").fetchone()  # noqa: S608 - quoted
        width = len(checks) + 1
        for index, column in enumerate(part):
            values, *fits = row[index * width : (index + 1) * width]
            fitting[column] = _choose(values, fits)
    return fitting


def _choose(values: int, fits: Sequence[int]) -> _Type | None:
    if not values:
        return None
    every = [each for each, count in zip(_FOUND, fits[:-1], strict=True) if count == values]
    if _DAY_FIRST in every and _MONTH_FIRST in every:
        return None  # 03/04/2024: nobody can tell.
    best = every[0] if every else None
    # Whole numbers with more digits than any type holds would lose some as floating ones.
    return None if best is _DOUBLE and fits[-1] == values else best


def _holds(connection: Any, relation: str, column: str, type_: _Type | None) -> bool:
    text = _text(column)
    if type_ is None:
        # A column without a value in the sample may have a type all the same; another one stays text.
        row = connection.execute(
            f"SELECT count_if({text} <> '') FROM (SELECT * FROM {relation} LIMIT {SAMPLE_ROWS})"  # noqa: S608
        ).fetchone()
        return bool(row[0])
    sql = f"SELECT count_if({text} <> '' AND NOT coalesce({_with(type_.fits, text)}, false)) FROM {relation}"  # noqa: S608
    return not connection.execute(sql).fetchone()[0]


def chosen(connection: Any, relation: str, name: str, types: Mapping[str, ColumnType]) -> dict[str, str]:
    """The same for types that a person chose; raises UploadUnreadable where a value can't be one."""
    expressions = {}
    for column, type_ in types.items():
        text = f"nullif({_text(column)}, '')"
        if type_ == "text":
            expressions[column] = f"CAST({quote(column)} AS VARCHAR) AS {quote(column)}"
            continue
        words, expression = _CHOSEN[type_]
        value = _with(expression, text)
        row = connection.execute(
            f"SELECT left({text}, 80) FROM {relation} WHERE {text} IS NOT NULL AND ({value}) IS NULL LIMIT 1"  # noqa: S608
        ).fetchone()
        if row is not None:
            raise UploadUnreadable(
                f"{name}: the column {column} can't be {words}, because it holds “{row[0]}”."
                " Choose another type, or mend the file.",
                extra={"column": column},
            )
        expressions[column] = f"{value} AS {quote(column)}"
    return expressions
