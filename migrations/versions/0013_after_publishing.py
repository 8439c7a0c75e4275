"""Rounds after declines, with the proposals that they take back; what is studied of a solved run; the lottery."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0013"
down_revision = "0012"


def upgrade():
    op.add_column("round", sa.Column("after_id", sa.BigInteger()))
    op.create_foreign_key(op.f("fk_round_after_id"), "round", "round", ["after_id"], ["id"])
    op.create_index(op.f("ix_round_after_id"), "round", ["after_id"])
    op.add_column("round", sa.Column("may_return", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.alter_column("round", "may_return", server_default=None)
    _allow_states("'open', 'accepted', 'declined', 'expired', 'withdrawn'")
    op.add_column("run", sa.Column("studied_at", sa.DateTime(timezone=True)))
    op.create_table(
        "gain",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("of", sa.Text(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger()),
        sa.Column("sure", sa.BigInteger(), nullable=False),
        sa.Column("estimate_hundredths", sa.BigInteger()),
        sa.Column("let_in", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_gain_run_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_gain_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gain")),
    )
    op.create_index("uq_gain", "gain", ["run_id", "what", "of"], unique=True)
    op.create_index(op.f("ix_gain_offer_id"), "gain", ["offer_id"])
    op.create_table(
        "reserve",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_reserve_run_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_reserve_offer_id")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_reserve_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reserve")),
    )
    op.create_index("uq_reserve_place", "reserve", ["run_id", "offer_id", "place"], unique=True)
    op.create_index("uq_reserve", "reserve", ["run_id", "offer_id", "application_id"], unique=True)
    for column in ("offer_id", "application_id"):
        op.create_index(op.f(f"ix_reserve_{column}"), "reserve", [column])
    op.create_table(
        "lottery",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("seed_sha256", sa.Text(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("drawn_at IS NULL OR seed <> ''", name=op.f("ck_lottery_drawn")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_lottery_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lottery")),
        sa.UniqueConstraint("round_id", name=op.f("uq_lottery_round_id")),
    )
    op.execute(
        """
        CREATE FUNCTION lottery_stands() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' OR OLD.drawn_at IS NOT NULL
                OR (NEW.round_id, NEW.source, NEW.reason, NEW.announced_at)
                    IS DISTINCT FROM (OLD.round_id, OLD.source, OLD.reason, OLD.announced_at)
                OR (OLD.seed <> '' AND (NEW.seed, NEW.seed_sha256) IS DISTINCT FROM (OLD.seed, OLD.seed_sha256)) THEN
                RAISE EXCEPTION 'a lottery stands as announced and is drawn once';
            END IF;
            RETURN NEW;
        END $$;
        CREATE TRIGGER lottery_once BEFORE UPDATE OR DELETE ON lottery FOR EACH ROW EXECUTE FUNCTION lottery_stands();
        """
    )


def downgrade():
    op.execute("DROP TRIGGER lottery_once ON lottery; DROP FUNCTION lottery_stands()")
    op.drop_table("lottery")
    op.drop_table("reserve")
    op.drop_table("gain")
    op.drop_column("run", "studied_at")
    # A proposal that nobody can answer any more is the nearest that was known before.
    op.execute("UPDATE proposal SET status = 'expired' WHERE status = 'withdrawn'")
    _allow_states("'open', 'accepted', 'declined', 'expired'")
    op.drop_column("round", "may_return")
    op.drop_column("round", "after_id")


def _allow_states(states):
    op.drop_constraint(op.f("ck_proposal_proposalstatus"), "proposal")
    op.create_check_constraint(op.f("ck_proposal_proposalstatus"), "proposal", f"status IN ({states})")
