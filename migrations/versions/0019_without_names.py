"""Calls whose applications are assessed without names."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade():
    op.add_column("call", sa.Column("is_blind", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("call", "is_blind", server_default=None)
    op.add_column("application", sa.Column("names_shown_at", sa.DateTime(timezone=True)))


def downgrade():
    op.drop_column("application", "names_shown_at")
    op.drop_column("call", "is_blind")
