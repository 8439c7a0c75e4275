"""The CV of the person who travels, as each call asks for it; late entries into a closed call."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

INSTANT = sa.DateTime(timezone=True)


def upgrade():
    _cv()
    _late_entries()


def downgrade():
    op.drop_column("application", "late_entry_id")
    op.drop_table("late_entry")
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


def _late_entries():
    op.create_table(
        "late_entry",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _reference("late_entry", "call_id", "call.id", nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        _reference("late_entry", "given_by_id", "user.id", nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.UniqueConstraint("token_sha256", name="uq_late_entry_token_sha256"),
        sa.CheckConstraint("used >= 0 AND used <= uses", name="ck_late_entry_uses"),
        sa.CheckConstraint("email = lower(email)", name="ck_late_entry_email"),
    )
    op.create_index("ix_late_entry_call_id", "late_entry", ["call_id"])
    op.create_index(
        "uq_late_entry_unused",
        "late_entry",
        ["call_id", "email"],
        unique=True,
        postgresql_where="revoked_at IS NULL AND used < uses",
    )
    op.add_column("application", sa.Column("late_entry_id", sa.BigInteger()))
    op.create_foreign_key(
        "fk_application_late_entry_id", "application", "late_entry", ["late_entry_id"], ["id"]
    )
    op.create_index("ix_application_late_entry_id", "application", ["late_entry_id"])


def _reference(table, column, other, *, nullable):
    key = sa.ForeignKey(other, name=f"fk_{table}_{column}")
    return sa.Column(column, sa.BigInteger(), key, nullable=nullable)
