-- The row of the security cases, and a statement; \n is a line end.
Q1 SELECT 1; DELETE FROM t
Q1 COMMIT; DELETE FROM t
Q1 SELECT 1;;SELECT 2
Q2 WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x
Q2 WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x
Q2 WITH x AS (UPDATE t SET a = 1 RETURNING *) SELECT * FROM x
Q2 WITH x AS (SELECT 1) DELETE FROM t
Q2 SELECT * FROM (WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x) y
Q2 EXPLAIN ANALYZE DELETE FROM t
Q2 EXPLAIN SELECT 1
Q2 SELECT * INTO v FROM t
Q2 SELECT 1 INTO TEMP v
Q2 SELECT a INTO UNLOGGED v FROM t
Q2 SELECT * FROM t FOR UPDATE
Q2 SELECT * FROM t FOR NO KEY UPDATE SKIP LOCKED
Q2 SELECT * FROM t FOR SHARE
Q2 SELECT * FROM (SELECT * FROM t FOR KEY SHARE) x
Q2 CREATE TABLE v AS SELECT 1
Q2 TRUNCATE t
Q2 MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE
Q2 COPY t FROM '/tmp/x'
Q2 COPY (SELECT 1) TO PROGRAM 'id'
Q2 DO $$BEGIN DELETE FROM t; END$$
Q3 SET TRANSACTION READ WRITE
Q3 SET default_transaction_read_only = off
Q3 RESET ALL
Q3 BEGIN READ WRITE
Q3 SELECT set_config('default_transaction_read_only', 'off', false)
Q3 SELECT pg_catalog.set_config('statement_timeout', '0', false)
Q3 SELECT current_setting('data_directory')
Q4 SELECT pg_read_file('/etc/passwd')
Q4 SELECT pg_read_binary_file('/etc/passwd')
Q4 SELECT * FROM pg_ls_dir('/')
Q4 SELECT pg_stat_file('/etc/passwd')
Q4 SELECT * FROM dblink('host=127.0.0.1', 'SELECT 1') AS x(a int)
Q4 SELECT dblink_exec('DELETE FROM t')
Q4 SELECT lo_export(1, '/tmp/x')
Q4 SELECT lo_import('/etc/passwd')
Q4 SELECT lo_get(4242)
Q4 SELECT lo_create(0)
Q4 SELECT pg_reload_conf()
Q4 SELECT pg_advisory_lock(1)
Q4 SELECT pg_try_advisory_xact_lock(1)
Q4 SELECT query_to_xml('DELETE FROM t RETURNING 1', true, true, '')
Q4 SELECT table_to_xml('t', true, true, '')
Q4 SELECT cursor_to_xml('c', 1, true, true, '')
Q4 SELECT * FROM ts_stat('SELECT 1')
Q4 SELECT ts_rewrite('a'::tsquery, 'SELECT 1')
Q4 SELECT pg_sleep(10)
Q4 SELECT pg_sleep_for('10 s')
Q4 SELECT nextval('s')
Q4 SELECT setval('s', 1)
Q4 SELECT currval('s')
Q4 SELECT pg_notify('a', 'b')
Q4 SELECT pg_terminate_backend(1)
Q4 SELECT pg_cancel_backend(1)
Q4 SELECT txid_current()
Q4 SELECT setseed(0.5)
Q4 SELECT pg_export_snapshot()
Q4 SELECT pg_switch_wal()
Q4 SELECT * FROM pg_create_logical_replication_slot('a', 'b')
Q4 SELECT pg_logical_emit_message(false, 'a', 'b')
Q4 SELECT version()
Q4 SELECT inet_server_addr()
Q4 SELECT current_user
Q4 SELECT user
Q4 SELECT session_user
Q4 SELECT current_catalog
Q4 SELECT has_table_privilege('t', 'select')
Q4 SELECT pg_get_functiondef(1)
Q4 SELECT to_regclass('t')
Q4 SELECT 't'::regclass
Q4 SELECT * FROM pg_catalog.pg_authid
Q4 SELECT * FROM pg_shadow
Q4 SELECT * FROM information_schema.tables
Q4 SELECT * FROM pg_toast.pg_toast_1
Q4 SELECT * FROM pg_temp.x
Q5 SELECT U&"pg\005fread_file"('/etc/passwd')
Q5 SELECT u&"pg!005fread_file" UESCAPE '!' ('/etc/passwd')
Q5 SELECT U&'\0041'
Q5 SELECT "pg_read_file"('/etc/passwd')
Q5 SELECT pg_catalog.pg_read_file('/etc/passwd')
Q5 SELECT pg_catalog."pg_read_file"('/etc/passwd')
Q5 SELECT "pg_catalog".lower('x')
Q5 SELECT public.lower('x')
Q5 SELECT "LOWER"('x')
Q5 SELECT pg_read_file /* x */ ('/etc/passwd')
Q5 SELECT pg_read_file--\n('/etc/passwd')
Q5 SELECT PG_READ_FILE\n('/etc/passwd')
Q5 SELECT ('/etc/passwd'::text).pg_read_file
Q5 SELECT (ARRAY['/etc/passwd'])[1].pg_read_file
Q5 SELECT f.pg_read_file FROM lower('/etc/passwd') f
Q5 SELECT f.pg_read_file FROM lower('/etc/passwd') AS f(a)
Q5 SELECT f."pg_read_file" FROM lower('/etc/passwd') AS "f"
Q5 SELECT lower.pg_read_file FROM lower('/etc/passwd')
Q5 SELECT u.pg_read_file FROM unnest(ARRAY['/etc/passwd']) u
Q5 SELECT u.pg_read_file FROM unnest(ARRAY['/etc/passwd']) WITH ORDINALITY u
Q5 SELECT f.pg_read_file FROM CAST('/etc/passwd' AS text) f
Q5 SELECT f.pg_read_file FROM t, LATERAL lower('/etc/passwd') f
Q5 SELECT f.pg_read_file FROM t JOIN lower('/etc/passwd') f ON true
Q5 SELECT (SELECT f.pg_read_file) FROM lower('/etc/passwd') f
Q5 SELECT * FROM t f WHERE EXISTS (SELECT f.pg_read_file FROM lower('/etc/passwd') f)
Q5 SELECT * FROM (SELECT 1) lower WHERE EXISTS (SELECT lower.pg_read_file FROM lower('/etc/passwd'))
Q5 SELECT f.pg_read_file FROM lower('/etc/passwd') f, lower('x') g(pg_read_file)
Q5 SELECT f.pg_read_file FROM ROWS FROM (lower('/etc/passwd')) f
Q5 WITH pg_read_file(a) AS (SELECT 1) SELECT pg_read_file('/etc/passwd')
Q5 SELECT 1 OPERATOR(pg_catalog.+) 2
Q6 LISTEN x
Q6 NOTIFY x
Q6 UNLISTEN *
Q6 DISCARD ALL
Q6 SHUTDOWN
Q6 CHECKPOINT
Q6 VACUUM
Q6 CALL p()
Q6 LOCK TABLE t
Q6 TABLE t
Q6 SHOW ALL
Q6 FETCH ALL FROM c
Q6 PREPARE p AS DELETE FROM t
Q6 EXECUTE p
Q6 DECLARE c CURSOR WITH HOLD FOR SELECT 1
Q6 LOAD 'x'
Q6 REINDEX TABLE t
Q6 REFRESH MATERIALIZED VIEW m
Q6 SECURITY LABEL ON TABLE t IS 'x'
Q6 GRANT ALL ON t TO PUBLIC
Q6 REASSIGN OWNED BY a TO b
Q6 ALTER SYSTEM SET work_mem = '1MB'
Q7 SELECT 1 /*! INTO v */
Q7 SELECT 1 /*M! UNION SELECT 2 */
Q12 SELECT * FROM t WHERE a = $1
Q12 SELECT * FROM t WHERE a = :name
Q12 SELECT * FROM t WHERE a = %s
Q12 SELECT * FROM t WHERE a = %(name)s
Q12 SELECT * FROM t WHERE a = ?
Q13 SELECT {{ x }}
Q13 SELECT {% x %}
text SELECT B'01'
text SELECT X'41'
text SELECT 1_000
text SELECT E'\x41'
text SELECT E'a\
