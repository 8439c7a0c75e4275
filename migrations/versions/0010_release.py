"""Decisions that applicants are told of in one step; exceptions from rules; reviews."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"

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
    _create_exceptions()
    _create_reviews()


def _create_exceptions():
    instant, key = sa.DateTime(timezone=True), sa.BigInteger()
    of_application = sa.ForeignKey("application.id", name="fk_rule_exception_application_id")
    op.create_table(
        "rule_exception",
        sa.Column("id", key, primary_key=True),
        sa.Column("application_id", key, of_application, nullable=False),
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
        sa.CheckConstraint("decided_by_id <> asked_by_id", name="ck_rule_exception_four_eyes"),
        sa.CheckConstraint(
            "(status = 'asked') = (decided_at IS NULL) AND (status = 'asked') = (decided_by_id IS NULL)",
            name="ck_rule_exception_decided",
        ),
        sa.CheckConstraint(
            "status IN ('asked', 'granted', 'refused')", name="ck_rule_exception_exceptionstatus"
        ),
    )
    op.create_index(
        "uq_rule_exception_live",
        "rule_exception",
        ["application_id", "rule"],
        unique=True,
        postgresql_where="status <> 'refused'",
    )
    for name in ("asked_by_id", "decided_by_id"):
        op.create_index(f"ix_rule_exception_{name}", "rule_exception", [name])


def _create_reviews():
    instant, key = sa.DateTime(timezone=True), sa.BigInteger()
    op.add_column("call", sa.Column("review_points", key, nullable=False, server_default="0"))
    op.alter_column("call", "review_points", server_default=None)
    op.create_check_constraint(op.f("ck_call_review_points"), "call", "review_points BETWEEN 0 AND 100")
    op.add_column("application", sa.Column("review_percent", key))
    op.create_check_constraint(
        op.f("ck_application_review_percent"), "application", "review_percent BETWEEN 0 AND 100"
    )
    op.create_table(
        "review_criterion",
        sa.Column("id", key, primary_key=True),
        sa.Column(
            "call_id", key, sa.ForeignKey("call.id", name="fk_review_criterion_call_id"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("weight", key, nullable=False),
        sa.CheckConstraint("weight BETWEEN 1 AND 10", name="ck_review_criterion_weight"),
    )
    op.create_index("uq_review_criterion", "review_criterion", ["call_id", "name"], unique=True)
    of_application = sa.ForeignKey("application.id", name="fk_review_application_id")
    of_reviewer = sa.ForeignKey("user.id", name="fk_review_reviewer_id")
    op.create_table(
        "review",
        sa.Column("id", key, primary_key=True),
        sa.Column("application_id", key, of_application, nullable=False),
        sa.Column("reviewer_id", key, of_reviewer, nullable=False),
        sa.Column("handed_at", instant, nullable=False),
        sa.Column("points", JSONB(), nullable=False),
        sa.Column("percent", key),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("given_at", instant),
        sa.Column("version", key, nullable=False),
        sa.CheckConstraint(
            "(given_at IS NULL) = (points = '{}') AND (given_at IS NULL) = (percent IS NULL)",
            name="ck_review_given",
        ),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="ck_review_percent"),
    )
    op.create_index("uq_review", "review", ["application_id", "reviewer_id"], unique=True)
    op.create_index("ix_review_reviewer_id", "review", ["reviewer_id"])


def _person(name, *, nullable):
    of_person = sa.ForeignKey("user.id", name=f"fk_rule_exception_{name}")
    return sa.Column(name, sa.BigInteger(), of_person, nullable=nullable)


def downgrade():
    for name in ("review", "review_criterion", "rule_exception"):
        op.drop_table(name)
    op.drop_constraint(op.f("ck_application_review_percent"), "application")
    op.drop_column("application", "review_percent")
    op.drop_constraint(op.f("ck_call_review_points"), "call")
    op.drop_column("call", "review_points")
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
