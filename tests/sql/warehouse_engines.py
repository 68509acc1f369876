"""The emulators of BigQuery and Snowflake as the tests of the gate use them, and what is tried there."""

from __future__ import annotations

from typing import Any, Protocol

from tests.sources.emulators import PROJECT, BigQueryDataset, Emulator, SnowflakeDatabase

SETUP = """
    CREATE TABLE t (a INTEGER, b VARCHAR(20), c DECIMAL(10, 2), d DATE);
    INSERT INTO t VALUES (1, 'x', 1.50, '2020-01-31'), (2, 'y', -2.25, '2021-02-28'), (3, NULL, NULL, NULL);
    CREATE TABLE u (a INTEGER, n INTEGER);
    INSERT INTO u VALUES (1, 10), (2, 20)
"""
_SHARED = [
    "INSERT INTO t VALUES (9)", "DELETE FROM t WHERE true", "UPDATE t SET a = 9 WHERE true", "DROP TABLE t",
    "TRUNCATE TABLE t", "CREATE TABLE v AS SELECT 1", "CREATE OR REPLACE TABLE t AS SELECT 1 AS a", "BEGIN", "COMMIT",
    "WITH x AS (DELETE FROM t WHERE true) SELECT * FROM x", "; DELETE FROM t WHERE true", "CALL p()",
    "EXECUTE IMMEDIATE 'DELETE FROM t WHERE true'",
    "FOR UPDATE", "INTO v", "my_function(1)", "ds.f(1)", "DELETE FROM t",
]  # fmt: skip
ATTACKS = {
    "bigquery": [
        *_SHARED, "EXTERNAL_QUERY('c', 'DELETE FROM t')", "EXPORT DATA OPTIONS (uri = 'gs://a/*') AS SELECT 1",
        "ML.PREDICT(MODEL m, TABLE t)", "AI.GENERATE('x')", "`external_query`('a', 'b')", "SESSION_USER()", "@@x", "@x",
        "|> CALL f()", "`ds.f`(1)", "INFORMATION_SCHEMA.TABLES", "`region-us`.INFORMATION_SCHEMA.JOBS", "__TABLES__",
        "VECTOR_SEARCH(TABLE t, 'a', TABLE u)", "safe.f(1)", "DECLARE x INT64", "r'\\'", "'''a''' ", '"""b"""',
    ],
    "snowflake": [
        *_SHARED, "SYSTEM$CANCEL_ALL_QUERIES(1)", "->> DELETE FROM t", "@s", "@~/x", "TABLE(RESULT_SCAN('x'))",
        "TABLE('t')", "IDENTIFIER('t')", "s.NEXTVAL", "m!PREDICT(1)", "$1", "$x", ":x", "PUT file:///etc/passwd @s",
        "GET @s file:///tmp", "COPY INTO @s FROM t", "USE ROLE x", "ALTER SESSION SET x = 1", "CURRENT_USER()",
        "INFORMATION_SCHEMA.TABLES", "AT(OFFSET => -60)", "TABLE(GENERATOR(ROWCOUNT => 9))", "{'a': 1}",
        '"SYSTEM$WAIT"(1)', "GET_DDL('table', 't')", "SNOWFLAKE.CORTEX.COMPLETE('m', 'x')", "EXECUTE IMMEDIATE $$x$$",
    ],
}  # fmt: skip
_MARKS = [
    " ", "\n", "/**/", "/* x */", "-- x\n", ";", "; ", ",", "(", ")", "'", '"', "''", "\\", "/*", "*/", "\u00a0", ".",
    " FROM ", " JOIN ", " UNION ALL SELECT ", " AS ", " WITH x AS (", "SELECT ", " LIMIT 1", " f", "\\'", '\\"', "`",
]  # fmt: skip
GLUE = {
    "bigquery": [*_MARKS, "#", "# x\n", "r'", 'r"', "b'", "'''", '"""', "|>", "@", "[", "]", "`a.b`", "-"],
    "snowflake": [*_MARKS, "$$", "$", "//", "->>", "->", "::", ":", "@", "!", "{", "}", "x'", "=>"],
}


class Refused(Exception):
    """The emulator refused a statement, or can't run it."""


class Warehouse(Protocol):
    """A scratch database in an emulator."""

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Its rows; raises Refused."""

    def state(self) -> Any:
        """Everything that a statement could have changed."""


class BigQuery:
    """A dataset in BigQuery's emulator, without DataAsk's own session."""

    def __init__(self, emulator: Emulator) -> None:
        self._dataset = BigQueryDataset(emulator)
        self._dataset.run(SETUP)
        self._client = self._dataset._client()

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Its rows."""
        from google.cloud import bigquery

        config = bigquery.QueryJobConfig(default_dataset=f"{PROJECT}.{self._dataset.name}")
        calm: dict[str, Any] = {"retry": None, "job_retry": None, "timeout": 20}
        try:
            found = self._client.query(sql, job_config=config, **calm).result(max_results=50, **calm)
            return [tuple(row.values()) for row in found]
        except Exception as error:
            raise Refused(type(error).__name__) from error

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def state(self) -> Any:
        """Tables and rows."""
        tables = sorted(table.table_id for table in self._client.list_tables(self._dataset.name))
        return tables, [self.run(f"SELECT * FROM {name} ORDER BY 1") for name in tables]


class Snowflake:
    """A database in Snowflake's emulator, without DataAsk's own session."""

    def __init__(self, emulator: Emulator) -> None:
        self._database = SnowflakeDatabase(emulator)
        self._database.run(SETUP)
        self._connection = self._database.connect(network_timeout=3)

    def run(self, sql: str) -> list[tuple[Any, ...]]:
        """Its rows."""
        try:
            with self._connection.cursor() as cursor:
                return [tuple(row) for row in cursor.execute(sql, _no_retry=True).fetchmany(50)]
        except Exception as error:
            raise Refused(type(error).__name__) from error

    def close(self) -> None:
        """Hang up."""
        self._connection.close(retry=False)

    def state(self) -> Any:
        """Tables and rows."""
        names = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'PUBLIC' ORDER BY 1"
        tables = [name for (name,) in self.run(names)]
        return tables, [self.run(f'SELECT * FROM "{name}" ORDER BY 1') for name in tables]


def warehouse(dialect: str, request: Any) -> Warehouse:
    """A scratch database of this test module."""
    emulator: Emulator = request.getfixturevalue(f"{dialect}_emulator")
    if dialect not in emulator.kept:
        made = BigQuery(emulator) if dialect == "bigquery" else Snowflake(emulator)
        emulator.kept[dialect] = made
    found: Warehouse = emulator.kept[dialect]
    return found
