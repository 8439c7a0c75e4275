"""Decisions that applicants are told of in one step."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"

STATUSES = "'draft', 'submitted', 'changes_asked', 'accepted', 'rejected', 'matched', 'withdrawn'"


def upgrade():
    # Applicants of the calls that there are were told of each decision.
    op.add_column("call", sa.Column("releases_together", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("call", "releases_together", server_default=None)
    op.add_column("call", sa.Column("released_at", sa.DateTime(timezone=True)))
    op.create_check_constraint(op.f("ck_call_released"), "call", "released_at IS NULL OR releases_together")
    op.add_column("application", sa.Column("held", sa.String(32)))
    op.add_column("application", sa.Column("held_reason", sa.Text(), nullable=False, server_default=""))
    op.alter_column("application", "held_reason", server_default=None)
    op.create_check_constraint(op.f("ck_application_held_status"), "application", f"held IN ({STATUSES})")
    op.create_check_constraint(
        op.f("ck_application_held"),
        "application",
        "held IS NULL OR (held IN ('accepted', 'rejected') AND status = 'submitted')",
    )
    op.create_index("ix_application_held", "application", ["call_id"], postgresql_where="held IS NOT NULL")
    _list_with("partnership_id", "held")


def downgrade():
    op.drop_index("ix_application_held", "application")
    # What was held back is to be decided again.
    for name in ("ck_application_held", "ck_application_held_status"):
        op.drop_constraint(op.f(name), "application")
    _list_with("partnership_id")
    for name in ("held_reason", "held"):
        op.drop_column("application", name)
    op.drop_constraint(op.f("ck_call_released"), "call")
    for name in ("released_at", "releases_together"):
        op.drop_column("call", name)


def _list_with(*names):
    op.drop_index("ix_application_list", "application")
    columns = ["call_id", "status", sa.text("submitted_at DESC NULLS LAST"), "id"]
    op.create_index("ix_application_list", "application", columns, postgresql_include=names)
