"""Secret addresses of calendars; rounds that hide names; synthetic rounds."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0014"
down_revision = "0013"

STATES = "'queued', 'solving', 'solved', 'failed', 'cancelled'"


def upgrade():
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("user_id", sa.BigInteger(), sa.ForeignKey("user.id", name="fk_calendar_feed_user_id"), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("user_id", name="uq_calendar_feed_user_id"),
        sa.UniqueConstraint("token_sha256", name="uq_calendar_feed_token_sha256"),
    )
    op.add_column("round", sa.Column("is_blind", sa.Boolean(), nullable=False, server_default="false"))
    op.alter_column("round", "is_blind", server_default=None)
    op.create_table(
        "synthetic_round",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("visitors", sa.BigInteger(), nullable=False),
        sa.Column("hosts", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("is_tight", sa.Boolean(), nullable=False),
        sa.Column("time_limit_s", sa.BigInteger(), nullable=False),
        sa.Column("progress", JSONB(), nullable=False),
        sa.Column("results", JSONB(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("reference", name="uq_synthetic_round_reference"),
        sa.CheckConstraint(f"status IN ({STATES})", name="ck_synthetic_round_runstatus"),
        sa.CheckConstraint(
            "jsonb_array_length(results) = CASE WHEN status = 'solved' THEN 3 ELSE 0 END",
            name="ck_synthetic_round_whole_results",
        ),
    )


def downgrade():
    op.drop_table("synthetic_round")
    op.drop_column("round", "is_blind")
    op.drop_table("calendar_feed")
