"""People: accounts, sessions, tokens, custom roles, invitations, the chain of events, idempotency keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
HASH = sa.String(length=64)
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)


def _user_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=254), nullable=True),
        sa.Column("password_hash", sa.String(length=300), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("last_seen_at", MOMENT, nullable=True),
    ]


def _event_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("actor_name", sa.String(length=300), nullable=False, server_default=""),
        sa.Column("via", sa.String(length=8), nullable=False, server_default="none"),
        sa.Column("object_name", sa.String(length=300), nullable=False, server_default=""),
        sa.Column("result", sa.String(length=8), nullable=False, server_default="allowed"),
        sa.Column("address", HASH, nullable=True),
        sa.Column("agent", sa.String(length=300), nullable=True),
        sa.Column("request_id", HASH, nullable=True),
        sa.Column("chain", ID, nullable=True),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("hash", HASH, nullable=True),
        sa.Column("previous_hash", HASH, nullable=True),
    ]


def upgrade() -> None:
    """Add the columns and make the tables."""
    for column in _user_columns():
        op.add_column("users", column)
    with op.batch_alter_table("users") as batch:
        batch.create_unique_constraint("uq_users_email_key", ["email_key"])
    op.add_column("workspaces", sa.Column("audit_days", sa.Integer(), nullable=True))
    op.add_column("memberships", sa.Column("source", sa.String(length=8), nullable=False, server_default="direct"))
    op.add_column("memberships", sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    for column in _event_columns():
        op.add_column("events", column)
    with op.batch_alter_table("events") as batch:
        batch.create_unique_constraint("uq_events_chain_number", ["chain", "number"])
    op.create_table(
        "chains",
        sa.Column("id", ID, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("purged_number", sa.BigInteger(), nullable=False),
        sa.Column("purged_hash", HASH, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chains"),
    )
    _of_users(
        "sessions",
        sa.Column("agent", sa.String(length=300), nullable=False),
        sa.Column("address", HASH, nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("last_used_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
    )
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", HASH, nullable=False),
        sa.Column("session_id", ID, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_refresh_tokens_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("hash", name="pk_refresh_tokens"),
    )
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"])
    _of_users(
        "api_tokens",
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=True),
        sa.Column("last_used_at", MOMENT, nullable=True),
        sa.UniqueConstraint("hash", name="uq_api_tokens_hash"),
    )
    op.create_table(
        "password_resets",
        sa.Column("hash", HASH, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("used_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_password_resets_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("hash", name="pk_password_resets"),
    )
    op.create_index("ix_password_resets_user_id", "password_resets", ["user_id"])
    op.create_table(
        "roles",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("permissions", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_roles_workspace_id_workspaces", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_roles"),
        sa.UniqueConstraint("workspace_id", "name", name="uq_roles_workspace_id_name"),
    )
    op.create_table(
        "invitations",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("role", ID, nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("mail", sa.String(length=8), nullable=False),
        sa.Column("mail_problem", sa.String(length=500), nullable=True),
        sa.Column("mail_runner", sa.String(length=200), nullable=True),
        sa.Column("mail_deadline_at", MOMENT, nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name="fk_invitations_created_by_users", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_invitations_workspace_id_workspaces", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_invitations"),
        sa.UniqueConstraint("hash", name="uq_invitations_hash"),
    )
    op.create_index("ix_invitations_workspace_id", "invitations", ["workspace_id"])
    op.create_table(
        "idempotency_keys",
        sa.Column("id", ID, nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("request", HASH, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", JSON, nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_idempotency_keys"),
        sa.UniqueConstraint("subject", "key", name="uq_idempotency_keys_subject_key"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    for statement in _guards():
        op.execute(statement)


def _guards() -> tuple[str, ...]:
    """Triggers that let events only be added, and removed where retention has moved the chain's beginning.

    A migration that makes the table `events` anew must make these anew as well.
    """
    if op.get_bind().dialect.name == "postgresql":
        return (
            """
            CREATE FUNCTION dataask_events_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    IF OLD.number <= (SELECT purged_number FROM chains WHERE id = OLD.chain) THEN
                        RETURN OLD;
                    END IF;
                END IF;
                RAISE EXCEPTION 'audit records are only ever added';
            END $$
            """,
            """
            CREATE TRIGGER dataask_events_only_added BEFORE UPDATE OR DELETE ON events
            FOR EACH ROW EXECUTE FUNCTION dataask_events_only_added()
            """,
            """
            CREATE TRIGGER dataask_events_not_emptied BEFORE TRUNCATE ON events
            FOR EACH STATEMENT EXECUTE FUNCTION dataask_events_only_added()
            """,
        )
    return (
        """
        CREATE TRIGGER dataask_events_not_changed BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END
        """,
        """
        CREATE TRIGGER dataask_events_not_deleted BEFORE DELETE ON events
        WHEN OLD.number IS NULL
            OR OLD.number > coalesce((SELECT purged_number FROM chains WHERE id = OLD.chain), 0)
        BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END
        """,
        # INSERT OR REPLACE would remove the old row without a word to the trigger above.
        """
        CREATE TRIGGER dataask_events_not_replaced BEFORE INSERT ON events
        WHEN EXISTS (SELECT 1 FROM events WHERE id = NEW.id OR sequence = NEW.sequence
            OR (chain = NEW.chain AND number = NEW.number))
        BEGIN SELECT RAISE(ABORT, 'audit records are only ever added'); END
        """,
    )


def _drop_guards() -> tuple[str, ...]:
    if op.get_bind().dialect.name == "postgresql":
        return (
            "DROP TRIGGER dataask_events_only_added ON events",
            "DROP TRIGGER dataask_events_not_emptied ON events",
            "DROP FUNCTION dataask_events_only_added()",
        )
    return tuple(f"DROP TRIGGER dataask_events_not_{what}" for what in ("changed", "deleted", "replaced"))


def _of_users(table: str, *columns: sa.schema.SchemaItem) -> None:
    """A table of things that belong to a user and end with them."""
    op.create_table(
        table,
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=f"fk_{table}_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id"])


def downgrade() -> None:
    """Back to the foundation."""
    for statement in _drop_guards():
        op.execute(statement)
    for table in (
        "idempotency_keys",
        "invitations",
        "roles",
        "password_resets",
        "api_tokens",
        "refresh_tokens",
        "sessions",
        "chains",
    ):
        op.drop_table(table)
    with op.batch_alter_table("events") as batch:
        batch.drop_constraint("uq_events_chain_number", type_="unique")
        for column in _event_columns():
            batch.drop_column(column.name)
    for name in ("version", "source"):
        op.drop_column("memberships", name)
    op.drop_column("workspaces", "audit_days")
    with op.batch_alter_table("users") as batch:
        batch.drop_constraint("uq_users_email_key", type_="unique")
        for column in _user_columns():
            batch.drop_column(column.name)
