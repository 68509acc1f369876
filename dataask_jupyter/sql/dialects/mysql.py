"""MySQL and MariaDB. Left out: everything that reads files, waits, locks, tells about the session or changes it."""

from __future__ import annotations

from .base import PORTABLE_FUNCTIONS, PORTABLE_TYPES, Dialect, words

AGGREGATES = words(
    """
    any_value bit_and bit_or bit_xor grouping json_arrayagg json_objectagg median percentile_cont percentile_disc std
    stddev stddev_pop stddev_samp var_pop var_samp variance
    """
)

DATES = words(
    """
    adddate addtime convert_tz curdate current_date current_time current_timestamp curtime date date_add date_format
    date_sub datediff day dayname dayofmonth dayofweek dayofyear extract from_days from_unixtime get_format hour
    last_day localtime localtimestamp makedate maketime microsecond minute month monthname now period_add period_diff
    quarter sec_to_time second str_to_date subdate subtime sysdate time time_format time_to_sec timediff timestamp
    timestampadd timestampdiff to_days to_seconds unix_timestamp utc_date utc_time utc_timestamp week weekday
    weekofyear year yearweek
    """
)

TEXT = words(
    """
    against ascii bin bit_length char char_length character_length charset collation convert elt field find_in_set
    format from_base64 hex insert lcase left locate lpad make_set match md5 mid oct octet_length ord position quote
    regexp_instr regexp_like regexp_replace regexp_substr repeat reverse right rpad sha sha1 sha2 soundex space strcmp
    substring_index to_base64 ucase unhex weight_string
    """
)

NUMBERS = words(
    """
    binary bit_count conv cot crc32 div greatest if inet6_aton inet6_ntoa inet_aton inet_ntoa interval isnull least
    rand truncate uuid
    """
)

NESTED = words(
    """
    json_array json_array_append json_array_insert json_compact json_contains json_contains_path json_depth
    json_detailed json_exists json_extract json_insert json_keys json_length json_loose json_merge json_merge_patch
    json_merge_preserve json_object json_overlaps json_pretty json_query json_quote json_remove json_replace
    json_search json_set json_type json_unquote json_valid json_value row
    """
)

MYSQL = Dialect(
    name="mysql",
    label="MySQL",
    # A name that the server itself doesn't have would call a function that somebody stored in the database.
    functions=(PORTABLE_FUNCTIONS - words("acosh asinh atanh cosh sinh tanh iif random string_agg trunc unicode"))
    | AGGREGATES
    | DATES
    | TEXT
    | NUMBERS
    | NESTED,
    types=PORTABLE_TYPES | words("binary dec fixed int mediumint nchar signed unsigned varbinary year"),
    before_parenthesis=(Dialect.before_parenthesis - words("qualify rename exclude ilike"))
    | words("div mod recursive rlike separator sounds xor of"),
    default_schemas=frozenset(),
    system_schemas=words("information_schema mysql performance_schema sys"),
    system_tables=(),
    refused_words=words("dumpfile into outfile procedure"),
    refused_marks=frozenset({"@", "@@", ":=", "{", "}", "?", "$", "\\"}),
    session_words=words("current_user current_role"),
    identifier_quotes=(("`", "`"),),
    backslash_strings=True,
    hex_numbers=True,
    digit_groups=False,
    qualified_calls=False,
    hash_comments=True,
    dashes_need_space=True,
)
