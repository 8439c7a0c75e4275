"""What an import last wrote into each record, and what was saved when somebody began to type."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade():
    op.create_table(
        "written",
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("about_kind", "about_id", name="pk_written"),
    )
    op.add_column("typed", sa.Column("basis", sa.Text(), nullable=False, server_default=""))
    op.alter_column("typed", "basis", server_default=None)


def downgrade():
    op.drop_column("typed", "basis")
    op.drop_table("written")
