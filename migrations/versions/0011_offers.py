"""Offers: names of closed days."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"


def upgrade():
    op.add_column("offer_closure", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    op.alter_column("offer_closure", "name", server_default=None)


def downgrade():
    op.drop_column("offer_closure", "name")
