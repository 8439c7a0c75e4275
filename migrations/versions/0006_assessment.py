"""What assessing needs: notes."""

import sqlalchemy as sa
from alembic import op

revision = "0006_assessment"
down_revision = "0004"


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


def downgrade():
    op.drop_table("note")
