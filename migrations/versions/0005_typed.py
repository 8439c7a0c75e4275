"""What stands in the open pages of drafts, as typed; days that do not suit a visitor."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

SECTIONS = "'person', 'topics', 'dates', 'hosts', 'consents'"


def upgrade():
    op.create_table(
        "typed",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column(
            "application_id",
            sa.BigInteger(),
            sa.ForeignKey("application.id", name="fk_typed_application_id"),
            nullable=False,
        ),
        sa.Column("section", sa.String(32), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("of_version", sa.BigInteger(), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("typed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(fields::text) <= 400000", name="ck_typed_size"),
        sa.CheckConstraint(f"section IN ({SECTIONS})", name="ck_typed_section"),
    )
    op.add_column("application", sa.Column("excluded", JSONB(), server_default="[]", nullable=False))
    op.alter_column("application", "excluded", server_default=None)
    op.create_index("uq_typed", "typed", ["application_id", "section", "page"], unique=True)


def downgrade():
    op.drop_column("application", "excluded")
    op.drop_table("typed")
