-- One statement a line.
SELECT 1 - -1, 7 / 2, 7 % 3, -7 % 3, 2 ^ 3, |/ 16, 5 & 3, 5 | 3, 5 # 3, ~5, 1 << 4
SELECT a, b FROM t WHERE a>=2 AND a<>3 AND NOT a=1 ORDER BY a
SELECT 'it''s', '', '--', '/*', '*/', ';', '$$', '\', 'a\b', '\''', 'ä€😀'
SELECT E'a\nb\t\'c\\d''e', e'x', $$it's \ $$, $tag$a $$ b$tag$, $$$$
SELECT 'a' || 'b', b||'-'||a FROM t ORDER BY a
SELECT "e f", t."e f" FROM t ORDER BY a
SELECT a::text || 'x', a::numeric(10, 2), c::int, '{1,2}'::int[], CAST(a AS varchar(5)), '5'::int::text FROM t ORDER BY t.a
SELECT b ILIKE 'X%', b LIKE 'x%' ESCAPE '!', b NOT ILIKE 'q', b SIMILAR TO '(x|y)', b ~ '^x', b ~* 'X', b !~ 'x', b !~* 'x' FROM t ORDER BY a
SELECT j->'a', j->>'a', j#>'{a,b}', j#>>'{a,b}', j @> '{"a": 2}', j ? 'k', j ?| ARRAY['a'], j ?& ARRAY['a'] FROM t ORDER BY a
SELECT j - 'a', j || '{"z": 1}', jsonb_path_query_first(j, '$.k[*] ? (@ > 1)'), jsonb_typeof(j) FROM t ORDER BY a
SELECT l[1], l[1:2], l[2:], l @> ARRAY[1], l && ARRAY[5], l || 9, array_length(l, 1), 2 = ANY(l), 3 > ALL(l) FROM t ORDER BY a
SELECT (ARRAY[1,2])[2], ARRAY[[1,2],[3,4]], ARRAY(SELECT a FROM t ORDER BY a), cardinality(ARRAY[1])
SELECT * FROM unnest(ARRAY['a','b']) WITH ORDINALITY AS x(v, n)
SELECT x.v, x.n FROM t, unnest(l) WITH ORDINALITY AS x(v, n) ORDER BY 1
SELECT g FROM generate_series(1, 5, 2) AS g
SELECT g.g, g.g + 1 FROM generate_series(1, 3) g
SELECT e.key, e.value FROM t, jsonb_each(j) e ORDER BY 1, 2
SELECT * FROM jsonb_to_recordset('[{"a": 1, "b": "x"}]') AS x(a int, b text)
SELECT x.a FROM jsonb_to_recordset('[{"a": 1, "b": "x"}]') AS x(a int, b text)
SELECT DATE '2020-02-29' + INTERVAL '1 year', d + INTERVAL '1' DAY, INTERVAL '1-2' YEAR TO MONTH, d - DATE '2020-01-01' FROM t ORDER BY a
SELECT TIMESTAMP '2020-05-17 10:00:00' AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin', TIMESTAMP WITH TIME ZONE '2020-01-01 00:00:00+00' = TIMESTAMPTZ '2020-01-01 00:00:00+00'
SELECT date_trunc('month', d), extract(year FROM d), date_part('day', d), to_char(d, 'YYYY-MM'), age(d, DATE '2019-01-01') FROM t ORDER BY a
SELECT count(*) FILTER (WHERE a > 1), string_agg(b, ',' ORDER BY b DESC), array_agg(DISTINCT a ORDER BY a), sum(c) FROM t
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY c), percentile_disc(0.5) WITHIN GROUP (ORDER BY a), mode() WITHIN GROUP (ORDER BY b) FROM t
SELECT a, b, grouping(a, b), count(*) FROM t GROUP BY GROUPING SETS ((a), (a, b), ()) ORDER BY 1, 2, 3
SELECT a, count(*) FROM t GROUP BY ROLLUP (a) ORDER BY 1
SELECT a, b, count(*) FROM t GROUP BY CUBE (a, b) ORDER BY 1, 2
SELECT t.a, z.m FROM t, LATERAL (SELECT max(n) AS m FROM u WHERE u.a = t.a) z ORDER BY 1
SELECT t.a, z.n FROM t LEFT JOIN LATERAL (SELECT n FROM u WHERE u.a = t.a LIMIT 1) z ON true ORDER BY 1
SELECT t.a, n FROM t JOIN u USING (a) WHERE EXISTS (SELECT 1 FROM u WHERE u.a = t.a) ORDER BY 1
SELECT public.t.a FROM public.t ORDER BY 1
SELECT x.* FROM t AS x(p, q) ORDER BY p
SELECT DISTINCT ON (b) a, b FROM t ORDER BY b, a DESC
SELECT a, sum(a) OVER (ORDER BY a ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW), rank() OVER w, lag(a) OVER w FROM t WINDOW w AS (ORDER BY a) ORDER BY a
SELECT a, first_value(a) OVER (PARTITION BY b ORDER BY a RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) FROM t ORDER BY a
WITH RECURSIVE r(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r
WITH x AS MATERIALIZED (SELECT a FROM t), y AS NOT MATERIALIZED (SELECT a FROM x) SELECT x.a FROM x JOIN y ON x.a = y.a ORDER BY 1
SELECT CASE WHEN a > 1 THEN 'x' ELSE 'y' END z, count(*) FROM t GROUP BY 1 ORDER BY 1
SELECT a IS DISTINCT FROM 1, a IS NOT DISTINCT FROM 2, b IS NULL, a BETWEEN 1 AND 2, a BETWEEN SYMMETRIC 2 AND 1, (a, 1) IN ((1, 1)) FROM t ORDER BY a
SELECT position('b' IN 'abc'), substring('hello' FROM 2 FOR 3), substring('hello', 2), trim(BOTH 'x' FROM 'xax'), overlay('abcd' PLACING 'X' FROM 2 FOR 1)
SELECT coalesce(b, 'z') COLLATE "C", nullif(a, 1), greatest(1, 2), least(1, 2), round(2.5), round(-2.567, 2), trunc(-1.5), mod(7, 3), log(100) FROM t ORDER BY a
SELECT a FROM t ORDER BY b NULLS FIRST, a DESC LIMIT 2 OFFSET 1
SELECT a FROM t ORDER BY a FETCH FIRST 2 ROWS ONLY
SELECT a FROM t UNION ALL SELECT n FROM u EXCEPT SELECT 3 ORDER BY 1
SELECT a FROM t INTERSECT SELECT a FROM u ORDER BY 1
VALUES (1, 'a'), (2, 'b')
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) v(n, s) ORDER BY v.n
SELECT a/* c */+/* d /* nested */ */1 FROM/**/t ORDER BY a
SELECT to_tsvector('english', 'fat cats') @@ to_tsquery('cat'), ts_rank(to_tsvector('a'), to_tsquery('a'))
SELECT regexp_replace('aXbX', 'x', '\\0', 'gi'), regexp_match('ab12', '(\d+)'), split_part('a,b', ',', 2), 'a' ~ '\d', format('%s-%I', 'x', 'y')
SELECT .5, 5., 1e3, 1E-2, 1.5e+3, 0.1+0.2, 10::float8 / 3
SELECT(1),(2)FROM t WHERE(a)=(1)
SELECT true AND NOT false, a IS NOT NULL OR FALSE, (b IS NULL) IS TRUE FROM t ORDER BY a
SELECT count(*) FROM t TABLESAMPLE BERNOULLI (100)
SELECT json_build_object('a', a, 'b', b), row_to_json(t) FROM t ORDER BY a
