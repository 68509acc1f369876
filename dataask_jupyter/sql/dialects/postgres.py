"""PostgreSQL. Left out: everything that reads files, settings, the catalogue or large objects, waits, locks, moves a
sequence, or runs text as SQL."""

from __future__ import annotations

from .base import PORTABLE_FUNCTIONS, PORTABLE_TYPES, Dialect, words

AGGREGATES = words(
    """
    array_agg bit_and bit_or bit_xor bool_and bool_or corr covar_pop covar_samp every grouping json_agg
    json_object_agg jsonb_agg jsonb_object_agg mode percentile_cont percentile_disc range_agg regr_avgx regr_avgy
    regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy regr_syy stddev stddev_pop stddev_samp var_pop
    var_samp variance
    """
)

DATES = words(
    """
    age clock_timestamp current_date current_time current_timestamp date date_bin date_part date_trunc extract
    isfinite justify_days justify_hours justify_interval localtime localtimestamp make_date make_interval make_time
    make_timestamp make_timestamptz now statement_timestamp to_char to_date to_timestamp transaction_timestamp
    """
)

TEXT = words(
    """
    ascii bit_length btrim char_length character_length chr convert_from convert_to decode encode format initcap left
    lpad md5 normalize octet_length overlay parse_ident position quote_ident quote_literal quote_nullable
    regexp_count regexp_instr regexp_like regexp_match regexp_matches regexp_replace regexp_split_to_array
    regexp_split_to_table regexp_substr repeat reverse right rpad sha224 sha256 sha384 sha512 split_part starts_with
    string_to_array string_to_table strpos to_hex translate
    """
)

SEARCH = words(
    """
    numnode phraseto_tsquery plainto_tsquery querytree setweight strip to_tsquery to_tsvector ts_headline ts_rank
    ts_rank_cd tsvector_to_array websearch_to_tsquery
    """
)

NUMBERS = words(
    """
    acosd asind atan2d atand bit_count cbrt cosd cot cotd div factorial gcd gen_random_uuid get_bit get_byte
    greatest lcm least min_scale num_nonnulls num_nulls pg_size_pretty pg_typeof scale set_bit set_byte sind tand
    to_number trim_scale width_bucket
    """
)

NESTED = words(
    """
    array array_append array_cat array_dims array_fill array_length array_lower array_ndims array_position
    array_positions array_prepend array_remove array_replace array_to_json array_to_string array_upper cardinality
    daterange generate_series generate_subscripts int4range int8range isempty json_array_elements
    json_array_elements_text json_array_length json_build_array json_build_object json_each json_each_text
    json_extract_path json_extract_path_text json_object json_object_keys json_strip_nulls json_to_record
    json_to_recordset json_typeof jsonb_array_elements jsonb_array_elements_text jsonb_array_length jsonb_build_array
    jsonb_build_object jsonb_each jsonb_each_text jsonb_extract_path jsonb_extract_path_text jsonb_insert jsonb_object
    jsonb_object_keys jsonb_path_exists jsonb_path_match jsonb_path_query jsonb_path_query_array
    jsonb_path_query_first jsonb_pretty jsonb_set jsonb_strip_nulls jsonb_to_record jsonb_to_recordset jsonb_typeof
    lower_inc lower_inf multirange numrange range_merge row row_to_json to_json to_jsonb trim_array tsrange tstzrange
    unnest upper_inc upper_inf
    """
)

POSTGRES = Dialect(
    name="postgres",
    label="PostgreSQL",
    # A name that the server itself doesn't have would call a function that somebody defined in the database.
    functions=(PORTABLE_FUNCTIONS - words("group_concat if ifnull iif instr log2 unicode"))
    | AGGREGATES
    | DATES
    | TEXT
    | SEARCH
    | NUMBERS
    | NESTED,
    types=(PORTABLE_TYPES - words("blob datetime double nvarchar text tinyint"))
    | words("bpchar dec interval precision timestamptz timetz varbit"),
    before_parenthesis=(Dialect.before_parenthesis - words("qualify rename exclude regexp"))
    | words("bernoulli ordinality recursive symmetric system tablesample"),
    default_schemas=words("public"),
    system_schemas=words("information_schema pg_catalog"),
    system_tables=("pg_",),
    refused_words=words("into"),
    refused_marks=frozenset({":=", "{", "}", "$"}),
    session_words=words("current_user current_role session_user system_user current_catalog current_schema user"),
    escape_strings=True,
    write_escapes=True,
    unicode_quotes=True,
    digit_groups=False,
    qualified_calls=False,
    functional_notation=True,
    nested_comments=True,
)
