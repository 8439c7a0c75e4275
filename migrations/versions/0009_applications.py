"""The CV of the person who travels, as each call asks for it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    _cv()


def downgrade():
    op.drop_constraint("fk_application_id_cv", "application", type_="foreignkey")
    op.drop_column("application", "cv")
    op.drop_table("cv")
    op.drop_constraint(op.f("ck_call_cvasked"), "call")
    op.drop_column("call", "cv_asked")


def _cv():
    op.add_column("call", sa.Column("cv_asked", sa.String(32), nullable=False, server_default="optional"))
    op.alter_column("call", "cv_asked", server_default=None)
    op.create_check_constraint(op.f("ck_call_cvasked"), "call", "cv_asked IN ('no', 'optional', 'required')")
    op.create_table(
        "cv",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _reference("cv", "application_id", "application.id", nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("bytes_long", sa.BigInteger(), nullable=False),
        sa.Column("added_at", INSTANT, nullable=False),
        _reference("cv", "added_by_id", "user.id", nullable=True),
        sa.CheckConstraint("bytes_long > 0 AND bytes_long <= 5242880", name="ck_cv_size"),
    )
    op.create_index("uq_cv", "cv", ["application_id", "sha256"], unique=True)
    op.add_column("application", sa.Column("cv", sa.Text()))
    op.create_foreign_key(
        "fk_application_id_cv",
        "application",
        "cv",
        ["id", "cv"],
        ["application_id", "sha256"],
        deferrable=True,
        initially="DEFERRED",
    )


def _reference(table, column, other, *, nullable):
    key = sa.ForeignKey(other, name=f"fk_{table}_{column}")
    return sa.Column(column, sa.BigInteger(), key, nullable=nullable)
