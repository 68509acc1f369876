"""Secrets of connections, encrypted, in a table of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ID = sa.String(length=32)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "connection_secrets",
        sa.Column("connection_id", ID, nullable=False),
        sa.Column("field", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connections.id"],
            name="fk_connection_secrets_connection_id_connections",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "field", name="pk_connection_secrets"),
    )


def downgrade() -> None:
    """Without secrets, connections ask for them again."""
    op.drop_table("connection_secrets")
