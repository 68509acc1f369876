-- Statements for Snowflake that the gate lets through and that read the tables of tests/sql/test_warehouse_gate.py.
SELECT 1
SELECT a, b FROM t WHERE a > 1 ORDER BY b DESC NULLS LAST LIMIT 10
SELECT "A", t."B" AS "größe" FROM t AS t
SELECT COUNT(*) AS n, SUM(c) AS s, AVG(c), MEDIAN(c) FROM t GROUP BY a HAVING COUNT(*) > 0
WITH x AS (SELECT a, n FROM u) SELECT t.a, x.n FROM t JOIN x ON t.a = x.a
SELECT t.a, u.n FROM t LEFT JOIN u USING (a)
SELECT * FROM t WHERE b IN ('x', 'y') OR b ILIKE 'a%'
SELECT 'it''s', 'it\'s', 'a\\b', $$a'b$$, ''
SELECT a::varchar, CAST(a AS varchar(10)), TRY_CAST(b AS number(10, 2)), TRY_TO_NUMBER(b) FROM t
SELECT IFF(a > 1, 'big', 'small'), IFNULL(b, '-'), COALESCE(b, '-'), NVL(b, '-'), NULLIF(a, 1), ZEROIFNULL(a) FROM t
SELECT CASE WHEN a = 1 THEN 'one' ELSE 'more' END FROM t
SELECT DATE_TRUNC('month', d), YEAR(d), DATEDIFF(day, '2020-01-01'::date, d), DATEADD(day, 1, d) FROM t
SELECT CURRENT_DATE > d, CURRENT_DATE() > d FROM t
SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY a) AS r FROM t QUALIFY r = 1
SELECT a, SUM(a) OVER (ORDER BY a ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) FROM t
SELECT a FROM t UNION ALL SELECT a FROM u
SELECT a FROM t MINUS SELECT a FROM u
SELECT a FROM t WHERE a IN (SELECT a FROM u)
SELECT (SELECT MAX(n) FROM u WHERE u.a = t.a) FROM t
SELECT LISTAGG(b, ',') WITHIN GROUP (ORDER BY b) FROM t
SELECT UPPER(b), LENGTH(b), SUBSTR(b, 1, 1), CONCAT(b, 'x'), b || 'y', TRIM(b), SPLIT_PART(b, '-', 1) FROM t
SELECT ROUND(c, 1), ABS(c), MOD(a, 2), a % 2, POWER(a, 2), GREATEST(a, 2) FROM t
SELECT PARSE_JSON('{"a": 1}'):a::int
SELECT PARSE_JSON('{"a": {"b": [1, 2]}}'):a.b[0]
SELECT f.value FROM t, LATERAL FLATTEN(input => PARSE_JSON('[1, 2]')) f
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (x, y)
SELECT 1.5e3, .5
SELECT 1 -- a comment
SELECT /* a comment */ 1
SELECT DISTINCT b FROM t
SELECT TO_CHAR(d, 'YYYY-MM') FROM t
SELECT REGEXP_LIKE(b, '^[xy]$'), REGEXP_REPLACE(b, 'x', 'z') FROM t
SELECT COUNT_IF(a > 1), ANY_VALUE(b) FROM t
SELECT b, COUNT(*) FROM t GROUP BY ALL
SELECT a FROM t SAMPLE (10)
SELECT a FROM t TABLESAMPLE BERNOULLI (10)
