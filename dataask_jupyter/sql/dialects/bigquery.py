"""BigQuery. Left out: other databases, models, services and files behind functions, scripting, sessions, and every name
with a point before it, since that may be somebody's routine that calls another service."""

from __future__ import annotations

from .base import PORTABLE_FUNCTIONS, Dialect, words

AGGREGATES = words(
    """
    any_value approx_count_distinct approx_quantiles approx_top_count approx_top_sum array_agg array_concat_agg
    bit_and bit_or bit_xor corr countif covar_pop covar_samp grouping logical_and logical_or max_by min_by
    percentile_cont percentile_disc stddev stddev_pop stddev_samp var_pop var_samp variance
    """
)

DATES = words(
    """
    current_date current_datetime current_time current_timestamp date date_add date_bucket date_diff date_from_unix_date
    date_sub date_trunc datetime datetime_add datetime_bucket datetime_diff datetime_sub datetime_trunc extract
    format_date format_datetime format_time format_timestamp generate_date_array generate_timestamp_array interval
    justify_days justify_hours justify_interval last_day make_interval parse_date parse_datetime parse_time
    parse_timestamp time time_add time_diff time_sub time_trunc timestamp timestamp_add timestamp_bucket timestamp_diff
    timestamp_micros timestamp_millis timestamp_seconds timestamp_sub timestamp_trunc unix_date unix_micros unix_millis
    unix_seconds
    """
)

TEXT = words(
    """
    ascii byte_length char_length character_length chr code_points_to_bytes code_points_to_string collate
    contains_substr edit_distance ends_with farm_fingerprint format from_base32 from_base64 from_hex initcap left lpad
    md5 normalize normalize_and_casefold octet_length regexp_contains regexp_extract regexp_extract_all regexp_instr
    regexp_replace regexp_substr repeat reverse right rpad safe_convert_bytes_to_string sha1 sha256 sha512 soundex split
    starts_with strpos to_base32 to_base64 to_code_points to_hex translate unicode
    """
)

NUMBERS = words(
    """
    acosh asinh atanh bit_count cbrt cosine_distance cot coth csc csch div euclidean_distance generate_uuid greatest
    ieee_divide is_inf is_nan least parse_bignumeric parse_numeric rand range_bucket safe_add safe_cast safe_divide
    safe_multiply safe_negate safe_subtract sec sech
    """
)

NESTED = words(
    """
    array array_concat array_first array_last array_length array_reverse array_slice array_to_string bool float64
    generate_array int64 json_array json_extract json_extract_array json_extract_scalar json_extract_string_array
    json_keys json_object json_query json_query_array json_strip_nulls json_type json_value json_value_array lax_bool
    lax_float64 lax_int64 lax_string offset ordinal parse_json range range_contains range_end range_overlaps
    range_start safe_offset safe_ordinal string struct to_json to_json_string unnest
    """
)

GEOGRAPHY = words(
    """
    st_area st_asgeojson st_astext st_buffer st_centroid st_contains st_covers st_distance st_dwithin st_geogfromtext
    st_geogpoint st_intersection st_intersects st_isempty st_length st_makeline st_simplify st_union st_within st_x st_y
    """
)

BIGQUERY = Dialect(
    name="bigquery",
    label="BigQuery",
    # A name that BigQuery itself doesn't have would call a routine of the default dataset.
    functions=(PORTABLE_FUNCTIONS - words("concat_ws degrees group_concat iif log2 pi radians random"))
    | AGGREGATES
    | DATES
    | TEXT
    | NUMBERS
    | NESTED
    | GEOGRAPHY,
    types=words("bignumeric bytes decimal bigdecimal numeric string"),
    before_parenthesis=(Dialect.before_parenthesis - words("ilike asof materialized regexp sets similar"))
    | words("of pivot recursive system tablesample unpivot"),
    bare_functions=words("current_date current_datetime current_time current_timestamp case any if"),
    default_schemas=frozenset(),
    system_schemas=words("information_schema"),
    # The parser takes `INFORMATION_SCHEMA.TABLES` for one name; `region-eu` stands before it; `__TABLES__` is older.
    system_tables=("information_schema", "region-", "__"),
    refused_words=words("into"),
    # A pipe carries on with another operator; `@` is a parameter, `@@` a variable.
    refused_marks=frozenset({"@", "@@", ":=", "{", "}", "?", "$", "\\", "|>", "!"}),
    session_words=words("session_user"),
    identifier_quotes=(("`", "`"),),
    backslash_strings=True,
    plain_escapes=True,
    escaped_quotes=True,
    raw_strings=True,
    hex_numbers=True,
    digit_groups=False,
    qualified_calls=False,
    hash_comments=True,
)
