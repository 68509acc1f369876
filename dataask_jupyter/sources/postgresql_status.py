"""What a PostgreSQL server says about itself and about the role."""

from __future__ import annotations

from dataask_jupyter.schemas.connections import ConnectionStatus

from .postgresql_catalog import READABLE, Rows

_STATUS = f"""
    SELECT current_setting('server_version') AS version, current_user::text AS role,
        (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
        (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {READABLE}) AS tables,
        EXISTS (
            SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE {READABLE} AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))
        ) AS writes,
        EXISTS (
            SELECT FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
                AND has_schema_privilege(n.oid, 'CREATE')
        ) OR has_database_privilege(current_database(), 'CREATE') AS creates,
        EXISTS (
            SELECT FROM pg_roles r WHERE pg_has_role(r.oid, 'MEMBER') AND r.rolname IN ('pg_read_server_files',
                'pg_write_server_files', 'pg_execute_server_program', 'pg_write_all_data')
        ) AS mighty
"""  # noqa: S608 - constants


def status(rows: Rows) -> ConnectionStatus:
    """`read_only` is what the role may do by itself: DataAsk's own session is read-only in any case."""
    (row,) = rows(_STATUS)
    return ConnectionStatus(
        state="ok",
        server_version=f"PostgreSQL {row['version'].split(' ')[0]}",
        table_count=row["tables"],
        read_only=not (row["superuser"] or row["writes"] or row["creates"] or row["mighty"]),
        detail=_warning(row),
    )


def _warning(row: dict[str, bool | str]) -> str | None:
    if row["superuser"]:
        return (
            f"{row['role']} is a superuser: it may do anything on this server, and read its files. "
            "Use a role that may only read."
        )
    if row["mighty"]:
        return (
            f"{row['role']} may write all data, or use files and programs of the server. Use a role that may only read."
        )
    return None
