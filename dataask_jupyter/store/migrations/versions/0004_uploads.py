"""Uploads: files that people brought."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.String(length=32)
JSON = sa.JSON(none_as_null=True)
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "uploads",
        sa.Column("id", ID, nullable=False),
        sa.Column("workspace_id", ID, nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=True),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("preview", JSON, nullable=True),
        sa.Column("options", JSON, nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("problem", JSON, nullable=True),
        sa.Column("runner", sa.String(length=200), nullable=True),
        sa.Column("deadline_at", MOMENT, nullable=True),
        sa.Column("created_by", ID, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name="fk_uploads_workspace_id_workspaces", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name="fk_uploads_created_by_users", ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name="pk_uploads"),
    )
    op.create_index("ix_uploads_state", "uploads", ["state"], unique=False)
    op.create_index("ix_uploads_workspace_id_created_at", "uploads", ["workspace_id", "created_at"], unique=False)


def downgrade() -> None:
    """The files themselves stay on the disk."""
    op.drop_table("uploads")
