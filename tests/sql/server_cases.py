"""Statements for PostgreSQL and MariaDB: those that must pass, those that must not, and parts to make more of."""

from __future__ import annotations

import os
from pathlib import Path

SPEC = Path(__file__).parent / "cases"
STATEMENTS = int(os.environ.get("DATAASK_FUZZ_STATEMENTS", "4000"))
"""How many statements the fuzz tests make for each server; 20,000 is the number before a release."""


def allowed(dialect: str) -> list[str]:
    """Statements that pass and that the server runs, on the tables of `SETUP`."""
    return _read(f"{dialect}_allowed.sql")


def refused(dialect: str) -> list[tuple[str, str]]:
    """Statements that don't pass, each with its row of the security cases."""
    return [
        (row, sql.replace("\\n", "\n")) for row, sql in (line.split(" ", 1) for line in _read(f"{dialect}_refused.sql"))
    ]


def _read(name: str) -> list[str]:
    lines = (SPEC / name).read_text().splitlines()
    return [line for line in lines if line.strip() and not line.startswith("--")]


SETUP = {
    "postgres": """
        CREATE TABLE t (a int, b text, c numeric(10,2), d date, j jsonb, l int[], "e f" text);
        INSERT INTO t VALUES (1, 'x', 1.50, '2020-01-31', '{"a": {"b": 1}, "k": [1, 2]}', '{1,2,3}', 'it''s'),
            (2, 'y', -2.25, '2021-02-28', '{"a": 2}', '{4,5}', 'a\\nb'), (3, NULL, NULL, NULL, NULL, NULL, '--');
        CREATE TABLE u (a int, n int); INSERT INTO u VALUES (1, 10), (2, 20);
        CREATE SEQUENCE s; SELECT lo_create(4242);
    """,
    "mysql": """
        CREATE TABLE t (a int, b varchar(20), c decimal(10,2), d date, j longtext, `e f` varchar(20), FULLTEXT (b));
        INSERT INTO t VALUES (1, 'x', 1.50, '2020-01-31', '{"a": {"b": 1}, "k": [1, 2]}', 'it''s'),
            (2, 'y', -2.25, '2021-02-28', '{"a": 2}', 'a\\\\nb'), (3, NULL, NULL, NULL, NULL, '--');
        CREATE TABLE u (a int, n int); INSERT INTO u VALUES (1, 10), (2, 20);
        CREATE SEQUENCE s;
    """,
}

ATTACKS = {
    "postgres": [
        "pg_read_file('{canary}')", "pg_read_binary_file('{canary}')", "pg_ls_dir('{folder}')", "lo_import('{canary}')",
        "lo_export(4242, '{folder}/out')", "lo_unlink(4242)", "lo_create(0)", "lo_from_bytea(0, 'x')",
        "nextval('s')", "setval('s', 9)", "pg_advisory_lock(1)", "set_config('work_mem', '1MB', false)",
        "pg_notify('a', 'b')", "query_to_xml('DELETE FROM t RETURNING *', true, true, '')", "ts_stat('DELETE FROM t')",
        "table_to_xml('t', true, true, '')", "setseed(0.5)", "pg_logical_emit_message(false, 'a', 'b')",
        "('{canary}'::text).pg_read_file", "(lower('{canary}')).pg_read_file", "lower('{canary}') f",
        "f.pg_read_file", "lower.pg_read_file", "f.lo_import", "(ARRAY['{canary}'])[1].pg_read_file",
        "pg_catalog.pg_read_file('{canary}')", "\"pg_read_file\"('{canary}')", "U&\"pg\\005fread_file\"('{canary}')",
        "INSERT INTO t VALUES (9)", "DELETE FROM t", "UPDATE t SET a = 9", "DROP TABLE t", "TRUNCATE t",
        "CREATE TABLE v AS SELECT 1", "SELECT 1 INTO v", "COPY t TO '{folder}/out'", "COPY t TO PROGRAM 'id'",
        "SET work_mem = '1MB'", "BEGIN", "COMMIT", "LISTEN x", "DISCARD ALL", "VACUUM", "PREPARE p AS SELECT 1",
        "DECLARE c CURSOR WITH HOLD FOR SELECT 1", "CREATE TEMP TABLE v (a int)", "DO $$BEGIN DELETE FROM t; END$$",
        "FOR UPDATE", "INTO TEMP v", "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
        "pg_sleep(0.01)", "current_setting('data_directory')", "dblink('', 'DELETE FROM t')",
    ],
    "mysql": [
        "LOAD_FILE('{canary}')", "LOAD_FILE /**/ ('{canary}')", "INTO OUTFILE '{folder}/out'",
        "INTO DUMPFILE '{folder}/out'", "INTO @x", "/*!50000 INTO OUTFILE '{folder}/out' */",
        "/*M!100000 DELETE FROM t */",
        "/*! ; DELETE FROM t */", "SLEEP(0.01)", "BENCHMARK(1000, 1)", "GET_LOCK('a', 0)", "NEXTVAL(s)",
        "NEXT VALUE FOR s", "SETVAL(s, 9)", "LAST_INSERT_ID(9)", "@x := 1", "@@sql_mode", "@a", "UUID_SHORT()",
        "INSERT INTO t VALUES (9)", "DELETE FROM t", "UPDATE t SET a = 9", "DROP TABLE t", "TRUNCATE t",
        "CREATE TABLE v AS SELECT 1", "REPLACE INTO u VALUES (9, 9)", "SET @x = 1", "SET sql_mode = ''",
        "SET STATEMENT max_statement_time=0 FOR SELECT 1", "LOAD DATA INFILE '{canary}' INTO TABLE t",
        "BEGIN", "COMMIT", "HANDLER t OPEN", "DO SLEEP(0)", "LOCK TABLES t WRITE", "FLUSH TABLES",
        "PREPARE p FROM 'DELETE FROM t'",
        "EXECUTE IMMEDIATE 'DELETE FROM t'", "CALL p()", "BEGIN NOT ATOMIC DELETE FROM t; END", "PROCEDURE ANALYSE()",
        "FOR UPDATE", "LOCK IN SHARE MODE", "/*+ SET_VAR(sql_mode='') */", "USE mysql",
        "CREATE TEMPORARY TABLE v (a int)",
        "ANALYZE TABLE t", "--", "#", "mysql.global_priv", "DELETE FROM t RETURNING *", "KILL 99999",
    ],
}  # fmt: skip
GLUE = {
    "postgres": ["$$", "$x$", "E'", "U&", "U&'", "/* /* ", "::", "\\'", "~", "@", "[1]", ".", "ILIKE", "||"],
    "mysql": [
        "`",
        "#",
        "# x\n",
        "--",
        "-- \n",
        "--1",
        "/*!",
        "/*M!",
        "*/",
        "\\'",
        "\\\\",
        '\\"',
        "x'",
        ":=",
        "@",
        "&&",
    ],
}
"""On top of what is the same for all."""
SHARED_GLUE = [
    " ", "\n", "/**/", "/* x */", "-- x\n", ";", "; ", ",", "(", ")", "'", '"', "''", "\\", "/*", "*/", "\u00a0",
    " FROM ",
    " JOIN ", " UNION ALL SELECT ", " AS ", " WITH x AS (", "SELECT ", " INTO ", " LIMIT 1", " RETURNING *", ".", " f",
]  # fmt: skip
