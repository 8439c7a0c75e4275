"""Applications rest as offers do; exceptions for offers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"

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
    _create_exceptions()


def _create_exceptions():
    instant, key = sa.DateTime(timezone=True), sa.BigInteger()
    op.create_table(
        "offer_exception",
        sa.Column("id", key, primary_key=True),
        sa.Column("offer_id", key, sa.ForeignKey("offer.id", name="fk_offer_exception_offer_id"), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("values", JSONB(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        _person("asked_by_id", nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _person("decided_by_id", nullable=True),
        sa.Column("decided_at", instant),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("version", key, nullable=False),
        sa.CheckConstraint("decided_by_id <> asked_by_id", name="ck_offer_exception_four_eyes"),
        sa.CheckConstraint(
            "(status = 'asked') = (decided_at IS NULL) AND (status = 'asked') = (decided_by_id IS NULL)",
            name="ck_offer_exception_decided",
        ),
        sa.CheckConstraint("status IN ('asked', 'granted', 'refused')", name="ck_offer_exception_exceptionstatus"),
    )
    for name in ("asked_by_id", "decided_by_id"):
        op.create_index(f"ix_offer_exception_{name}", "offer_exception", [name])
    op.create_index(
        "uq_offer_exception_live",
        "offer_exception",
        ["offer_id", "rule"],
        unique=True,
        postgresql_where="status <> 'refused'",
    )


def _person(name, *, nullable):
    person = sa.ForeignKey("user.id", name=f"fk_offer_exception_{name}")
    return sa.Column(name, sa.BigInteger(), person, nullable=nullable)


def downgrade():
    op.drop_table("offer_exception")
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
