"""Queries keep the values of their parameters."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; older queries had none."""
    op.add_column("queries", sa.Column("parameters", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    """The values are lost."""
    op.drop_column("queries", "parameters")
