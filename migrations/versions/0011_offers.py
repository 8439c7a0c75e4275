"""Offers: names of closed days, group visits, places that are promised, rest, and steps in bulk."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

BEFORE = "'draft', 'submitted', 'accepted', 'rejected', 'closed'"
GUARDS = """
CREATE FUNCTION keep_promised_day() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'places are promised on %', OLD.day;
END $$;
CREATE TRIGGER place_day_promised BEFORE DELETE ON place_day
    FOR EACH ROW WHEN (OLD.taken > 0) EXECUTE FUNCTION keep_promised_day();

-- The offer's lock is that of a reservation: neither sees half of what the other does.
CREATE FUNCTION keep_promised_windows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM offer WHERE id = OLD.offer_id FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT 1 FROM place_day d WHERE d.offer_id = OLD.offer_id AND d.taken > coalesce((
            SELECT max(w.places) FROM offer_window w
            WHERE w.offer_id = d.offer_id AND d.day BETWEEN w.first_day AND w.last_day
        ), 0)
    ) THEN
        RAISE EXCEPTION 'the windows of an offer hold the places that are promised';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER offer_window_promised AFTER UPDATE OR DELETE ON offer_window
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep_promised_windows();

CREATE FUNCTION keep_promised_visits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.max_visits < (SELECT count(*) FROM reservation WHERE offer_id = NEW.id AND freed_at IS NULL) THEN
        RAISE EXCEPTION 'more visits are promised than the host would take';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER offer_visits_promised AFTER UPDATE OF max_visits ON offer
    FOR EACH ROW WHEN (NEW.max_visits < OLD.max_visits) EXECUTE FUNCTION keep_promised_visits();
"""
TRIGGERS = {
    "place_day_promised": ("place_day", "keep_promised_day"),
    "offer_window_promised": ("offer_window", "keep_promised_windows"),
    "offer_visits_promised": ("offer", "keep_promised_visits"),
}


def upgrade():
    _add("offer_closure", "name", sa.Text(), "")
    _add("offer", "kind", sa.String(32), "places")
    _add("offer", "agenda", sa.Text(), "")
    _add("bulk_step", "kind", sa.Text(), "application")
    op.create_check_constraint(op.f("ck_offer_offerkind"), "offer", "kind IN ('places', 'group_visit')")
    op.create_check_constraint(
        op.f("ck_offer_fixed_length"), "offer", "kind <> 'group_visit' OR min_days = max_days"
    )
    op.execute(GUARDS)
    for name in ("used_at", "asked_at"):
        op.add_column("offer", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("offer", sa.Column("still_sha256", sa.Text()))
    op.create_unique_constraint(op.f("uq_offer_still_sha256"), "offer", ["still_sha256"])
    _statuses(BEFORE + ", 'rested'")


def downgrade():
    op.execute("DELETE FROM bulk_step WHERE kind <> 'application'")
    op.drop_column("bulk_step", "kind")
    for trigger, (table, function) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {function}()")
    op.execute("UPDATE offer SET status = 'accepted' WHERE status = 'rested'")
    _statuses(BEFORE)
    for name in ("still_sha256", "asked_at", "used_at"):
        op.drop_column("offer", name)
    op.drop_column("offer", "agenda")
    op.drop_column("offer", "kind")
    op.drop_column("offer_closure", "name")


def _statuses(allowed):
    op.drop_constraint(op.f("ck_offer_offerstatus"), "offer", type_="check")
    op.create_check_constraint(op.f("ck_offer_offerstatus"), "offer", f"status IN ({allowed})")


def _add(table, column, kind, default):
    op.add_column(table, sa.Column(column, kind, nullable=False, server_default=default))
    op.alter_column(table, column, server_default=None)
