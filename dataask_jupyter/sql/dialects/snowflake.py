"""Snowflake. Left out: `SYSTEM$…`, stages, results of other queries, tables and names made from text, sequences,
models, what tells about the session, and every name with a point before it: that may be somebody's function."""

from __future__ import annotations

from .base import PORTABLE_FUNCTIONS, PORTABLE_TYPES, Dialect, words

AGGREGATES = words(
    """
    any_value approx_count_distinct approx_percentile approx_top_k array_agg array_union_agg array_unique_agg bitand_agg
    bitor_agg bitxor_agg booland_agg boolor_agg boolxor_agg conditional_change_event conditional_true_event corr
    count_if covar_pop covar_samp grouping grouping_id hash_agg kurtosis listagg max_by median min_by mode object_agg
    percentile_cont percentile_disc ratio_to_report regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope
    regr_sxx regr_sxy regr_syy skew stddev stddev_pop stddev_samp var_pop var_samp variance variance_pop
    variance_samp
    """
)

DATES = words(
    """
    add_months convert_timezone current_date current_time current_timestamp date date_from_parts date_part date_trunc
    dateadd datediff dayname dayofmonth dayofweek dayofweekiso dayofyear day extract getdate hour last_day localtime
    localtimestamp minute month monthname months_between next_day previous_day quarter second sysdate time
    time_from_parts
    time_slice timeadd timediff timestamp_from_parts timestamp_ltz_from_parts timestamp_ntz_from_parts
    timestamp_tz_from_parts timestampadd timestampdiff to_date to_time to_timestamp to_timestamp_ltz to_timestamp_ntz
    to_timestamp_tz trunc try_to_date try_to_time try_to_timestamp try_to_timestamp_ltz try_to_timestamp_ntz
    try_to_timestamp_tz week weekiso weekofyear year yearofweek yearofweekiso
    """
)

TEXT = words(
    """
    ascii base64_decode_string base64_encode bit_length char charindex chr collate collation contains editdistance
    endswith hex_decode_string hex_encode initcap insert jarowinkler_similarity left like lpad md5 md5_hex
    octet_length parse_ip parse_url position regexp regexp_count regexp_instr regexp_like regexp_replace regexp_substr
    regexp_substr_all repeat reverse right rlike rpad rtrimmed_length sha1 sha1_hex sha2 sha2_hex soundex space split
    split_part startswith strtok strtok_to_array to_binary to_char to_varchar translate try_to_binary
    """
)

NUMBERS = words(
    """
    bitand bitnot bitor bitshiftleft bitshiftright bitxor booland boolnot boolor boolxor cbrt cot decode div0 div0null
    equal_null factorial greatest greatest_ignore_nulls hash haversine iff ifnull least least_ignore_nulls nullifzero
    nvl nvl2 square to_boolean to_decimal to_double to_number to_numeric try_cast try_to_boolean
    try_to_decimal try_to_double try_to_number try_to_numeric truncate typeof uniform uuid_string width_bucket
    zeroifnull
    """
)

NESTED = words(
    """
    array_append array_cat array_compact array_construct array_construct_compact array_contains array_distinct
    array_except array_flatten array_generate_range array_insert array_intersection array_max array_min array_position
    array_prepend array_remove array_remove_at array_size array_slice array_sort array_to_string arrays_overlap
    arrays_to_object arrays_zip as_array as_boolean as_char as_date as_decimal as_double as_integer as_number as_object
    as_time as_varchar check_json filter flatten get get_ignore_case get_path is_array is_boolean is_char is_date
    is_decimal is_double is_integer is_null_value is_object is_time is_varchar json_extract_path_text object_construct
    object_construct_keep_null object_delete object_insert object_keys object_pick parse_json reduce strip_null_value
    to_array to_json to_object to_variant transform try_parse_json
    """
)

SNOWFLAKE = Dialect(
    name="snowflake",
    label="Snowflake",
    # A name that Snowflake itself doesn't have would call a function that somebody defined in the schema.
    functions=(PORTABLE_FUNCTIONS - words("group_concat if iif instr log2 log10 ceiling"))
    | AGGREGATES
    | DATES
    | TEXT
    | NUMBERS
    | NESTED,
    types=(PORTABLE_TYPES - words("bit blob boolean integer bigint int smallint tinyint"))
    | words("array binary dec map number object string timestamp_ltz timestamp_ntz timestamp_tz varbinary vector"),
    before_parenthesis=(Dialect.before_parenthesis - words("similar"))
    | words("bernoulli block pivot recursive rlike row sample seed system tablesample unpivot"),
    bare_functions=words("current_date current_time current_timestamp localtime localtimestamp case any if"),
    default_schemas=words("public"),
    system_schemas=words("information_schema snowflake"),
    system_tables=(),
    refused_words=words("into"),
    # `sequence.NEXTVAL` moves the sequence.
    refused_parts=words("nextval"),
    # `$` is a variable or a column of a file, `@` a stage, `?` and `:=` parameters; `->>` runs another statement.
    refused_marks=frozenset({"@", "@@", ":=", "{", "}", "?", "$", "\\", "->>", "|>", "&", "!"}),
    session_words=words(
        """
        current_account current_client current_database current_ip_address current_role current_schema current_session
        current_statement current_transaction current_user current_version current_warehouse user
        """
    ),
    identifier_quotes=(('"', '"'),),
    backslash_strings=True,
    plain_escapes=True,
    raw_strings=True,
    hex_numbers=True,
    digit_groups=False,
    qualified_calls=False,
)
