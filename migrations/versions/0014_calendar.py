"""Secret addresses of calendars; rounds that hide names."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0008"


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


def downgrade():
    op.drop_column("round", "is_blind")
    op.drop_table("calendar_feed")
