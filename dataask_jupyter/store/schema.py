"""The schema's version: made, brought up to date, or refused. Alembic is imported only when there is work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from dataask_jupyter.errors import StoreUnavailable

from .engine import WRITE

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0005"
"""The newest migration in `migrations/versions`; a test compares the two."""

_LOCK = 7_023_518_664_021
"""PostgreSQL advisory lock that one migrating process holds."""


def current(connection: Connection) -> str | None:
    """The version that the database is at; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found is not None else None


def ensure(engine: Engine, place: str) -> None:
    """Make or upgrade the schema; refuse one that this program is too old for."""
    with engine.connect() as connection:
        if current(connection) == HEAD:
            return
    upgrade(engine, place)


def upgrade(engine: Engine, place: str) -> str | None:
    """Run the migrations that are missing, in one transaction; returns the version before."""
    from alembic import command
    from alembic.script import ScriptDirectory

    config = alembic_config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # Read again: another process may have upgraded while this one waited for the lock.
        before = current(connection)
        if before is not None and before not in known:
            raise StoreUnavailable(
                f"{place} was written by a newer DataAsk (schema {before}; this one knows {HEAD}). "
                "Update DataAsk, or use another DataAsk.database_url.",
                extra={"found": before, "known": HEAD},
            )
        if before != HEAD:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    return before


def alembic_config() -> Config:
    """Alembic's configuration, without a file."""
    from alembic.config import Config

    config = Config()
    # Percent signs would be taken for interpolation.
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
