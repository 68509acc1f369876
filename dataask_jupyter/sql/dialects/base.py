"""What the gate needs to know about a dialect, and the words that all dialects share."""

from __future__ import annotations

from dataclasses import dataclass


def words(text: str) -> frozenset[str]:
    """The distinct words of a text, in lower case: how the entries write their lists."""
    return frozenset(text.lower().split())


BEFORE_PARENTHESIS = words(
    """
    all and any as asof between by case cross cube distinct else escape except exclude exists filter for from full
    group having ilike in inner intersect interval is join lateral left like limit materialized natural not offset on
    or order outer over partition qualify regexp rename right rollup row rows select sets similar some then to union
    using values when where window with within
    """
)
"""Key words that may stand before an opening parenthesis without being a function's name."""

PORTABLE_FUNCTIONS = words(
    """
    abs acos acosh asin asinh atan atan2 atanh avg cast ceil ceiling coalesce concat concat_ws cos cosh count
    cume_dist degrees dense_rank exp first_value floor group_concat if ifnull iif instr lag last_value lead length ln
    log log10 log2 lower ltrim max min mod nth_value ntile nullif percent_rank pi pow power radians random rank
    replace round row_number rtrim sign sin sinh sqrt string_agg substr substring sum tan tanh trim trunc unicode
    upper
    """
)
"""Functions of the same name and meaning in most dialects: they compute from their arguments and nothing else."""

PORTABLE_TYPES = words(
    """
    bigint bit blob boolean char character date datetime decimal double float int integer nchar numeric nvarchar real
    smallint text time timestamp tinyint varchar varying
    """
)
"""Types that may carry arguments in parentheses."""


@dataclass(frozen=True)
class Dialect:
    """What one dialect lets through. Everything that is not listed is refused."""

    name: str
    """Its name here, and sqlglot's name for it."""
    label: str
    functions: frozenset[str]
    """Functions that compute from their arguments, and table functions that read no file, setting or other database."""
    types: frozenset[str] = PORTABLE_TYPES
    before_parenthesis: frozenset[str] = BEFORE_PARENTHESIS
    bare_functions: frozenset[str] = words("current_date current_time current_timestamp case any if")
    """Functions that are written without parentheses."""
    default_schemas: frozenset[str] = words("main")
    """Schemas that a table's bare name may belong to."""
    system_schemas: frozenset[str] = words("information_schema pg_catalog system temp sys")
    system_tables: tuple[str, ...] = ("pg_", "duckdb_", "sqlite_", "pragma_")
    """How names of tables begin that show the engine itself; open only where the caller lists them."""
    identifier_quotes: tuple[tuple[str, str], ...] = (('"', '"'),)
    escape_strings: bool = False
    """True where `E'…'` is a string with escapes."""
    hex_numbers: bool = False
    """True where sqlglot reads `x'41'` and `0x41` in this dialect as the engine does."""
    nested_comments: bool = False
    hash_comments: bool = False
    """True where `#` begins a comment."""
    dashes_need_space: bool = False
    """True where `--` begins a comment only before white space, and is two minus signs otherwise."""
    backslash_strings: bool = False
    """True where a backslash escapes in every string, and where `"…"` is a string too."""
    plain_escapes: bool = False
    """True where no backslash stays in a string; else one before `%` or `_` does, for LIKE."""
    escaped_quotes: bool = False
    """True where a quote in a string is written with a backslash, and a line doesn't end within it."""
    raw_strings: bool = False
    """True where `r'…'` or `$$…$$` is a string without escapes."""
    write_escapes: bool = False
    """True where text with a backslash is written as `E'…'`, which no setting of the server reads differently."""
    unicode_quotes: bool = False
    """True where `U&"…"` and `U&'…'` are a name and a string with escapes of their own."""
    digit_groups: bool = True
    """True where `1_000` is a number."""
    qualified_calls: bool = True
    """False where `schema.name(…)` calls a function that somebody defined."""
    functional_notation: bool = False
    """True where `value.name` calls the function `name`."""
    refused_words: frozenset[str] = frozenset()
    """Reserved words that no statement needs that only reads; they can't be names unless they are quoted."""
    refused_parts: frozenset[str] = frozenset()
    """Names that do something where they stand behind a point."""
    refused_marks: frozenset[str] = frozenset()
    """Marks that begin a variable, a parameter or an assignment."""
    session_words: frozenset[str] = words(
        "current_user current_role session_user system_user current_catalog current_schema current_database"
    )
    """Functions without parentheses that tell about the session."""
