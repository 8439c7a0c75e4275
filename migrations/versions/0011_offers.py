"""Offers: names of closed days, group visits."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0008"


def upgrade():
    _add("offer_closure", "name", sa.Text(), "")
    _add("offer", "kind", sa.String(32), "places")
    _add("offer", "agenda", sa.Text(), "")
    op.create_check_constraint(op.f("ck_offer_offerkind"), "offer", "kind IN ('places', 'group_visit')")
    op.create_check_constraint(
        op.f("ck_offer_fixed_length"), "offer", "kind <> 'group_visit' OR min_days = max_days"
    )


def downgrade():
    op.drop_column("offer", "agenda")
    op.drop_column("offer", "kind")
    op.drop_column("offer_closure", "name")


def _add(table, column, kind, default):
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=default))
    op.alter_column(table, column, server_default=None)
