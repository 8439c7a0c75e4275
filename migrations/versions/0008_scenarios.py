"""Runs with a name and with changes to the frozen problem, never changed; rounds that are given up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0007"

ASKED = (
    "number",
    "name",
    "changes",
    "goals",
    "inputs_sha256",
    "is_deterministic",
    "round_id",
    "seed",
    "time_limit_s",
)


def upgrade():
    op.add_column("round", sa.Column("given_up_at", sa.DateTime(timezone=True)))
    op.add_column("round", sa.Column("given_up_reason", sa.Text(), nullable=False, server_default=""))
    op.alter_column("round", "given_up_reason", server_default=None)
    _allow_states("'open', 'frozen', 'published', 'given_up'")
    op.create_check_constraint(
        op.f("ck_round_given_up"), "round", "(status = 'given_up') = (given_up_reason <> '')"
    )
    op.add_column("run", sa.Column("name", sa.Text(), nullable=False, server_default=""))
    op.add_column("run", sa.Column("changes", JSONB(), nullable=False, server_default="[]"))
    for name in ("name", "changes"):
        op.alter_column("run", name, server_default=None)
    op.create_check_constraint(op.f("ck_run_changes"), "run", "jsonb_typeof(changes) = 'array'")
    op.execute(
        f"""
        CREATE FUNCTION run_is_asked() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF {" OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in ASKED)} THEN
                RAISE EXCEPTION 'what a run was asked for is never changed';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER run_asked BEFORE UPDATE ON run FOR EACH ROW EXECUTE FUNCTION run_is_asked();
        """
    )


def downgrade():
    op.execute("DROP TRIGGER run_asked ON run; DROP FUNCTION run_is_asked()")
    op.drop_constraint(op.f("ck_run_changes"), "run")
    for name in ("name", "changes"):
        op.drop_column("run", name)
    op.drop_constraint(op.f("ck_round_given_up"), "round")
    # An unpublished round that nobody goes on with is the nearest that was known before.
    op.execute("UPDATE round SET status = 'open' WHERE status = 'given_up'")
    _allow_states("'open', 'frozen', 'published'")
    for name in ("given_up_at", "given_up_reason"):
        op.drop_column("round", name)


def _allow_states(states):
    op.drop_constraint(op.f("ck_round_roundstatus"), "round")
    op.create_check_constraint(op.f("ck_round_roundstatus"), "round", f"status IN ({states})")
