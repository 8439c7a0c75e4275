"""Applications rest as offers do; exceptions for offers; the region whose holidays a host keeps."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"

BEFORE = "'draft', 'submitted', 'changes_asked', 'accepted', 'rejected', 'matched', 'withdrawn'"
SEEKING = "status IN ('submitted', 'accepted')"
FOUND = "status IN ('submitted', 'accepted', 'rested')"
NEWEST = ["call_id", "mode", sa.text("submitted_at DESC NULLS LAST"), sa.text("id DESC")]


def upgrade():
    for name in ("used_at", "asked_at"):
        op.add_column("application", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("application", sa.Column("still_sha256", sa.Text()))
    op.create_unique_constraint(op.f("uq_application_still_sha256"), "application", ["still_sha256"])
    op.add_column("user", sa.Column("signed_in_at", sa.DateTime(timezone=True)))
    _statuses(BEFORE + ", 'rested'")
    _index(FOUND)


def downgrade():
    _index(SEEKING)
    op.execute("UPDATE application SET status = 'accepted' WHERE status = 'rested'")
    _statuses(BEFORE)
    op.drop_column("user", "signed_in_at")
    for name in ("still_sha256", "asked_at", "used_at"):
        op.drop_column("application", name)


def _statuses(allowed):
    for name, column in (("applicationstatus", "status"), ("held_status", "held")):
        op.drop_constraint(op.f(f"ck_application_{name}"), "application", type_="check")
        op.create_check_constraint(op.f(f"ck_application_{name}"), "application", f"{column} IN ({allowed})")


def _index(where):
    for name in ("ix_application_seeking", "ix_application_topics"):
        op.drop_index(name, table_name="application")
    op.create_index("ix_application_seeking", "application", NEWEST, postgresql_where=where)
    op.create_index(
        "ix_application_topics",
        "application",
        ["ecosystems", "languages"],
        postgresql_using="gin",
        postgresql_where=where,
    )
