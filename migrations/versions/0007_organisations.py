"""Questions to clusters about the membership of organisations; colleagues; organisations entered twice."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"

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
    _merges()


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


def _merges():
    instant = sa.DateTime(timezone=True)
    op.add_column("organisation", sa.Column("merged_into_id", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_organisation_merged_into_id"), "organisation", "organisation", ["merged_into_id"], ["id"])
    op.create_index("ix_organisation_merged_into_id", "organisation", ["merged_into_id"])
    op.create_check_constraint(op.f("ck_organisation_merged_into_another"), "organisation", "merged_into_id <> id")
    op.create_table(
        "likeness",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _reference("likeness", "one_id", "organisation.id"),
        _reference("likeness", "other_id", "organisation.id"),
        sa.Column("reasons", JSONB(), nullable=False),
        sa.Column("status", sa.String(32), nullable=False),
        sa.Column("found_at", instant, nullable=False),
        _reference("likeness", "decided_by_id", "user.id", nullable=True),
        sa.Column("decided_at", instant),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name="ck_likeness_order"),
        sa.CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="ck_likeness_decided"),
        sa.CheckConstraint("status IN ('open', 'different', 'merged')", name="ck_likeness_likenessstatus"),
    )
    op.create_index("uq_likeness_pair", "likeness", ["one_id", "other_id"], unique=True)
    op.create_index("ix_likeness_other_id", "likeness", ["other_id"])
    op.create_table(
        "organisation_merge",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        _reference("organisation_merge", "likeness_id", "likeness.id"),
        _reference("organisation_merge", "survivor_id", "organisation.id"),
        _reference("organisation_merge", "merged_id", "organisation.id"),
        sa.Column("moved", JSONB(), nullable=False),
        _reference("organisation_merge", "merged_by_id", "user.id"),
        sa.Column("merged_at", instant, nullable=False),
        _reference("organisation_merge", "undone_by_id", "user.id", nullable=True),
        sa.Column("undone_at", instant),
        sa.CheckConstraint("survivor_id <> merged_id", name="ck_organisation_merge_two_organisations"),
    )
    op.create_index("ix_organisation_merge_likeness_id", "organisation_merge", ["likeness_id"])
    op.create_index(
        "uq_organisation_merge_live",
        "organisation_merge",
        ["merged_id"],
        unique=True,
        postgresql_where="undone_at IS NULL",
    )
    # Whoever had a form open while two were merged hands in nothing for the one that is gone.
    op.execute("""
        CREATE FUNCTION refuse_merged() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM organisation WHERE id = NEW.organisation_id AND merged_into_id IS NULL FOR KEY SHARE;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'another entry stands for this organisation';
            END IF;
            RETURN NEW;
        END $$
    """)
    for table in ("application", "offer"):
        op.execute(f"""
            CREATE TRIGGER {table}_of_survivor BEFORE INSERT OR UPDATE OF organisation_id ON {table}
            FOR EACH ROW EXECUTE FUNCTION refuse_merged()
        """)


def _reference(table, column, target, *, nullable=False):
    return sa.Column(column, sa.BigInteger(), sa.ForeignKey(target, name=f"fk_{table}_{column}"), nullable=nullable)


def downgrade():
    for table in ("application", "offer"):
        op.execute(f"DROP TRIGGER {table}_of_survivor ON {table}")
    op.execute("DROP FUNCTION refuse_merged")
    for table in ("organisation_merge", "likeness"):
        op.drop_table(table)
    op.drop_column("organisation", "merged_into_id")
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
