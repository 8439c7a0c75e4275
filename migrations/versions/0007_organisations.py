"""Questions to clusters about the membership of organisations; colleagues."""

import sqlalchemy as sa
from alembic import op

revision = "0007_organisations"
down_revision = "0004"

STANDINGS = "'declared', 'asked', 'confirmed', 'refused'"
RIGHTS = "'view', 'edit'"
STATUSES = "'waiting', 'confirmed', 'refused', 'lapsed'"


def upgrade():
    op.add_column("organisation", sa.Column("cluster_standing", sa.String(32), nullable=False, server_default="declared"))
    op.alter_column("organisation", "cluster_standing", server_default=None)
    op.create_check_constraint(op.f("ck_organisation_standing"), "organisation", f"cluster_standing IN ({STANDINGS})")
    op.create_check_constraint(op.f("ck_organisation_cluster_named"), "organisation", "cluster_standing = 'declared' OR cluster_name <> ''"
    )
    _cluster_question()
    _colleagues()


def _cluster_question():
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "cluster_question",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _reference("cluster_question", "organisation_id", "organisation.id"),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("cluster_name", sa.Text(), nullable=False),
        sa.Column("to_email", sa.Text(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        _reference("cluster_question", "asked_by_id", "user.id"),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("reminded_at", instant),
        sa.Column("ended_at", instant),
        sa.Column("answered_by", sa.Text(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("token_sha256", name="uq_cluster_question_token_sha256"),
        sa.CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ck_cluster_question_ended"),
        sa.CheckConstraint(
            "status IN ('waiting', 'lapsed') OR answered_by <> ''", name="ck_cluster_question_answered"
        ),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="ck_cluster_question_askstatus"),
    )
    op.create_index("uq_cluster_question_turn", "cluster_question", ["organisation_id", "turn"], unique=True)
    op.create_index(
        "uq_cluster_question_waiting",
        "cluster_question",
        ["organisation_id"],
        unique=True,
        postgresql_where="status = 'waiting'",
    )
    op.execute("""
        CREATE FUNCTION refuse_other_answer() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'an answered question stands';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER cluster_question_stands BEFORE UPDATE ON cluster_question
        FOR EACH ROW WHEN (OLD.status <> 'waiting') EXECUTE FUNCTION refuse_other_answer()
    """)


def _colleagues():
    instant = sa.DateTime(timezone=True)
    op.add_column("organisation_member", sa.Column("right", sa.String(32), nullable=False, server_default="edit"))
    op.alter_column("organisation_member", "right", server_default=None)
    op.create_check_constraint(op.f("ck_organisation_member_memberright"), "organisation_member", f'"right" IN ({RIGHTS})')
    op.add_column("organisation_member", sa.Column("added_by_id", sa.BigInteger()))
    op.create_foreign_key(
        op.f("fk_organisation_member_added_by_id"), "organisation_member", "user", ["added_by_id"], ["id"]
    )
    op.create_table(
        "colleague_invitation",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _reference("colleague_invitation", "organisation_id", "organisation.id"),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("right", sa.String(32), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        _reference("colleague_invitation", "invited_by_id", "user.id"),
        sa.Column("invited_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("ended_at", instant),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("token_sha256", name="uq_colleague_invitation_token_sha256"),
        sa.CheckConstraint("(status = 'waiting') = (ended_at IS NULL)", name="ck_colleague_invitation_ended"),
        sa.CheckConstraint("email = lower(email)", name="ck_colleague_invitation_email"),
        sa.CheckConstraint(f"status IN ({STATUSES})", name="ck_colleague_invitation_askstatus"),
        sa.CheckConstraint(f'"right" IN ({RIGHTS})', name="ck_colleague_invitation_memberright"),
    )
    op.create_index(
        "uq_colleague_invitation_waiting",
        "colleague_invitation",
        ["organisation_id", "email"],
        unique=True,
        postgresql_where="status = 'waiting'",
    )
    op.execute("""
        CREATE TRIGGER colleague_invitation_stands BEFORE UPDATE ON colleague_invitation
        FOR EACH ROW WHEN (OLD.status <> 'waiting') EXECUTE FUNCTION refuse_other_answer()
    """)
    # Two who remove each other at once wait for each other's organisation.
    op.execute("""
        CREATE FUNCTION keep_one_who_acts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM organisation WHERE id = OLD.organisation_id FOR UPDATE;
            IF NOT EXISTS (
                SELECT 1 FROM organisation_member WHERE organisation_id = OLD.organisation_id AND "right" = 'edit'
            ) THEN
                RAISE EXCEPTION 'somebody acts for an organisation';
            END IF;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER organisation_member_stays AFTER DELETE OR UPDATE OF "right" ON organisation_member
        FOR EACH ROW WHEN (OLD."right" = 'edit') EXECUTE FUNCTION keep_one_who_acts()
    """)


def _reference(table, column, target):
    return sa.Column(column, sa.BigInteger(), sa.ForeignKey(target, name=f"fk_{table}_{column}"), nullable=False)


def downgrade():
    op.execute("DROP TRIGGER organisation_member_stays ON organisation_member")
    op.execute("DROP FUNCTION keep_one_who_acts")
    for table in ("colleague_invitation", "cluster_question"):
        op.drop_table(table)
    # A colleague who may only look must not come to act.
    op.execute("""DELETE FROM organisation_member WHERE "right" = 'view'""")
    for name in ("right", "added_by_id"):
        op.drop_column("organisation_member", name)
    op.execute("DROP FUNCTION refuse_other_answer")
    op.drop_column("organisation", "cluster_standing")
