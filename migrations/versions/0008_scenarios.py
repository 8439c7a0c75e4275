"""Runs with a name and with changes to the frozen problem; what a run was asked for is never changed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008_scenarios"
down_revision = "0004"

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
