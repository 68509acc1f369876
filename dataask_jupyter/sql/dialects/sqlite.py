"""SQLite. Left out: load_extension, fts3_tokenizer, randomblob, zeroblob, changes and what tells about the library."""

from __future__ import annotations

from .base import PORTABLE_FUNCTIONS, Dialect, words

SQLITE = Dialect(
    name="sqlite",
    label="SQLite",
    functions=PORTABLE_FUNCTIONS
    | words(
        """
        bm25 char date datetime format generate_series glob hex highlight json json_array json_array_length json_each
        json_error_position json_extract json_group_array json_group_object json_insert json_object json_patch
        json_pretty json_quote json_remove json_replace json_set json_tree json_type json_valid julianday like
        likelihood likely median octet_length percentile percentile_cont percentile_disc printf quote snippet soundex
        strftime time timediff total typeof unhex unixepoch unlikely
        """
    ),
    identifier_quotes=(('"', '"'), ("[", "]"), ("`", "`")),
    hex_numbers=True,
)
