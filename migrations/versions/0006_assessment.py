"""What assessing needs: notes, changes that are asked for, who assesses, and steps in bulk."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

BEFORE = "'draft', 'submitted', 'accepted', 'rejected', 'matched', 'withdrawn'"
STATUSES = BEFORE + ", 'changes_asked'"


def statuses(allowed):
    op.drop_constraint(op.f("ck_application_applicationstatus"), "application", type_="check")
    op.create_check_constraint(op.f("ck_application_applicationstatus"), "application", f"status IN ({allowed})")


def upgrade():
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "note",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), sa.ForeignKey("user.id", name="fk_note_author_id"), nullable=False),
        sa.Column("written_at", instant, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_note_about", "note", ["about_kind", "about_id"])
    op.create_index("ix_note_author_id", "note", ["author_id"])
    statuses(STATUSES)
    op.create_table(
        "change_request",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column(
            "application_id",
            sa.BigInteger(),
            sa.ForeignKey("application.id", name="fk_change_request_application_id"),
            nullable=False,
        ),
        sa.Column("asked_by_id", sa.BigInteger(), sa.ForeignKey("user.id", name="fk_change_request_asked_by_id")),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("asked", JSONB(), nullable=False),
        sa.Column("sent", JSONB(), nullable=False),
        sa.Column("ended_at", instant),
        sa.Column("is_answered", sa.Boolean(), nullable=False),
        sa.CheckConstraint("ended_at IS NOT NULL OR NOT is_answered", name=op.f("ck_change_request_answered")),
    )
    op.create_index("ix_change_request_application_id", "change_request", ["application_id"])
    op.create_index(
        "uq_change_request_open",
        "change_request",
        ["application_id"],
        unique=True,
        postgresql_where="ended_at IS NULL",
    )
    op.add_column("application", sa.Column("assessor_id", sa.BigInteger()))
    op.create_foreign_key("fk_application_assessor_id", "application", "user", ["assessor_id"], ["id"])
    op.create_index("ix_application_assessor_id", "application", ["assessor_id"])
    op.create_table(
        "bulk_step",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), sa.ForeignKey("user.id", name="fk_bulk_step_actor_id"), nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.Column("done", JSONB(), nullable=False),
        sa.Column("kept", JSONB(), nullable=False),
        sa.Column("undone_at", instant),
    )
    op.create_index("ix_bulk_step_actor_id", "bulk_step", ["actor_id"])


def downgrade():
    op.drop_table("bulk_step")
    op.drop_column("application", "assessor_id")
    op.execute("UPDATE application SET status = 'submitted' WHERE status = 'changes_asked'")
    op.drop_table("change_request")
    statuses(BEFORE)
    op.drop_table("note")
