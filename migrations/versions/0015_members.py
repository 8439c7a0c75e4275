"""Somebody acts for an organisation after a merge is undone, too; a cluster's answer waits until an officer takes it."""

from alembic import op

revision = "0015"
down_revision = "0014"

STANDINGS = "'declared', 'asked', 'confirmed', 'refused'"


def upgrade():
    _allow_standings(f"{STANDINGS}, 'answered'")
    # People come back to who they were, however often they were removed and invited meanwhile.
    op.execute("""
        UPDATE organisation_merge SET moved = moved - 'members' || jsonb_build_object(
            'people', (
                SELECT coalesce(jsonb_agg(user_id ORDER BY id), '[]') FROM organisation_member
                WHERE moved -> 'members' @> to_jsonb(id)
            ),
            'raised', '[]'::jsonb,
            'acting', (
                SELECT coalesce(jsonb_agg(user_id ORDER BY id), '[]') FROM organisation_member
                WHERE organisation_id = survivor_id AND "right" = 'edit' AND NOT moved -> 'members' @> to_jsonb(id)
            )
        )
    """)
    # A merge takes all people away, and its undoing those who came by it: an entry without people has none again.
    op.execute("""
        CREATE OR REPLACE FUNCTION keep_one_who_acts() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM 1 FROM organisation WHERE id = OLD.organisation_id AND merged_into_id IS NULL FOR UPDATE;
            IF FOUND AND NOT EXISTS (
                SELECT 1 FROM organisation_member WHERE organisation_id = OLD.organisation_id AND "right" = 'edit'
            ) AND NOT (TG_OP = 'UPDATE' AND coalesce((
                SELECT moved -> 'acting' = '[]' FROM organisation_merge
                WHERE survivor_id = OLD.organisation_id AND merged_id = NEW.organisation_id
                ORDER BY id DESC LIMIT 1
            ), false)) THEN
                RAISE EXCEPTION 'somebody acts for an organisation';
            END IF;
            RETURN NULL;
        END $$
    """)
    _watch('"right", organisation_id')


def downgrade():
    _watch('"right"')
    op.execute("""
        CREATE OR REPLACE FUNCTION keep_one_who_acts() RETURNS trigger LANGUAGE plpgsql AS $$
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
        UPDATE organisation_merge SET moved = moved - 'people' - 'raised' - 'acting' || jsonb_build_object(
            'members', (
                SELECT coalesce(jsonb_agg(id ORDER BY id), '[]') FROM organisation_member
                WHERE organisation_id = survivor_id AND moved -> 'people' @> to_jsonb(user_id)
            )
        )
    """)
    # What a cluster said and nobody took needs proof, as if it had not been asked.
    op.execute("UPDATE organisation SET cluster_standing = 'declared' WHERE cluster_standing = 'answered'")
    _allow_standings(STANDINGS)


def _allow_standings(standings):
    op.drop_constraint(op.f("ck_organisation_standing"), "organisation")
    op.create_check_constraint(op.f("ck_organisation_standing"), "organisation", f"cluster_standing IN ({standings})")


def _watch(columns):
    op.execute("DROP TRIGGER organisation_member_stays ON organisation_member")
    op.execute(f"""
        CREATE TRIGGER organisation_member_stays AFTER DELETE OR UPDATE OF {columns} ON organisation_member
        FOR EACH ROW WHEN (OLD."right" = 'edit') EXECUTE FUNCTION keep_one_who_acts()
    """)
