"""Files that staff hand in to be imported."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

STATUSES = "'checking', 'checked', 'importing', 'imported', 'refused', 'discarded'"


def upgrade():
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "import",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), sa.ForeignKey("call.id", name="fk_import_call_id"), nullable=False),
        sa.Column(
            "handed_in_by_id", sa.BigInteger(), sa.ForeignKey("user.id", name="fk_import_handed_in_by_id"), nullable=False
        ),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary()),
        sa.Column("handed_in_at", instant, nullable=False),
        sa.Column("finished_at", instant),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("rows", "done", "new", "updated", "unchanged", "not_met")),
        sa.Column("problems", JSONB(), nullable=False),
        sa.Column("problem_count", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("reference", name="uq_import_reference"),
        sa.CheckConstraint("rows >= 0 AND done BETWEEN 0 AND rows", name="ck_import_rows"),
        sa.CheckConstraint(
            "status NOT IN ('checking', 'checked', 'importing') OR content IS NOT NULL", name="ck_import_content"
        ),
        sa.CheckConstraint("(status = 'refused') = (problems <> '[]')", name="ck_import_problems"),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="ck_import_importstatus"),
    )


def downgrade():
    op.drop_table("import")
