"""What a paper said before it was printed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade():
    # Papers of before have none: the next print of one is a new version.
    op.add_column("paper", sa.Column("page_sha256", sa.Text(), server_default="", nullable=False))
    op.alter_column("paper", "page_sha256", server_default=None)
    # Files were said to be there always; now the database says it too.
    op.alter_column("paper", "content", nullable=False)
    op.alter_column("evidence", "content", nullable=False)


def downgrade():
    op.alter_column("evidence", "content", nullable=True)
    op.alter_column("paper", "content", nullable=True)
    op.drop_column("paper", "page_sha256")
