"""the house"""

from pathlib import Path

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

PROCRASTINATE = Path(__file__).parents[1] / "sql" / "procrastinate-3.10.sql"

# The log is append-only: nobody changes or deletes an entry (promise T81).
APPEND_ONLY = """
CREATE FUNCTION entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an entry of the log is never changed or deleted';
END $$;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON entry
    FOR EACH ROW EXECUTE FUNCTION entry_is_append_only();
CREATE TRIGGER entry_not_truncated BEFORE TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION entry_is_append_only();
"""

# Procrastinate has no own way down: everything it made carries its name.
DROP_PROCRASTINATE = """
DO $$
DECLARE thing record;
BEGIN
    FOR thing IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TABLE %I CASCADE', thing.tablename);
    END LOOP;
    FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', thing.name);
    END LOOP;
    FOR thing IN SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate%' LOOP
        EXECUTE format('DROP TYPE IF EXISTS %I CASCADE', thing.typname);
    END LOOP;
END $$;
"""


def _run(sql: str) -> None:
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def upgrade() -> None:
    op.create_table(
        "browser_session",
        sa.Column("id_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("user_key", sa.Text(), nullable=True),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_sha256", name=op.f("pk_browser_session")),
    )
    op.create_index(op.f("ix_browser_session_expires_at"), "browser_session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_browser_session_user_key"), "browser_session", ["user_key"], unique=False)
    op.create_table(
        "call",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "open",
                "closed",
                name="callstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("grace_s", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("answer_days", sa.BigInteger(), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("min_days", sa.BigInteger(), nullable=False),
        sa.Column("full_days", sa.BigInteger(), nullable=False),
        sa.Column("half_below_km", sa.BigInteger(), nullable=False),
        sa.Column("ceiling_cents", sa.BigInteger(), nullable=False),
        sa.Column("roles_by_type", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("membership_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("profile_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("priority_weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("score_weights", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wish_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_call_days")),
        sa.CheckConstraint("min_days >= 1 AND full_days >= min_days", name=op.f("ck_call_stay")),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_call_opens_before_closes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call")),
        sa.UniqueConstraint("reference", name=op.f("uq_call_reference")),
    )
    op.create_table(
        "clock_shift",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("shift_s", sa.Double(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clock_shift_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock_shift")),
    )
    op.create_table(
        "entry",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("about_ref", sa.Text(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry")),
    )
    op.create_index("ix_entry_about", "entry", ["about_kind", "about_id"], unique=False)
    op.create_table(
        "letter",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("to_email", sa.Text(), nullable=False),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_message_id")),
    )
    op.create_index("ix_letter_due", "letter", ["try_at"], unique=False, postgresql_where="sent_at IS NULL")
    op.create_index(
        "uq_letter_once", "letter", ["kind", "to_email", "about_kind", "about_id", "turn"], unique=True
    )
    op.create_table(
        "paper",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("paper_version", sa.BigInteger(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes_long", sa.BigInteger(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper")),
    )
    op.create_index(
        "uq_paper_live",
        "paper",
        ["kind", "about_kind", "about_id"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index("uq_paper_number", "paper", ["number", "paper_version"], unique=True)
    op.create_table(
        "partnership",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("ecosystems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("coordinator", sa.Text(), nullable=False),
        sa.Column("founded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partnership")),
        sa.UniqueConstraint("code", name=op.f("uq_partnership_code")),
    )
    op.create_table(
        "rate_count",
        sa.Column("key_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("hits", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key_sha256", name=op.f("pk_rate_count")),
        prefixes=["UNLOGGED"],
    )
    op.create_index(op.f("ix_rate_count_ends_at"), "rate_count", ["ends_at"], unique=False)
    op.create_table(
        "reference_counter",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "year", name=op.f("pk_reference_counter")),
    )
    op.create_table(
        "survey",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("questions", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("code", name=op.f("uq_survey_code")),
    )
    op.create_table(
        "user",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_fs_uniquifier")),
    )
    op.create_table(
        "allotment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("budget_cents", sa.BigInteger(), nullable=False),
        sa.Column("committed_cents", sa.BigInteger(), nullable=False),
        sa.Column("own_rate_cents", sa.BigInteger(), nullable=True),
        sa.Column("planned_exchanges", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "committed_cents >= 0 AND committed_cents <= budget_cents",
            name=op.f("ck_allotment_within_budget"),
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_allotment_call_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_allotment_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allotment")),
    )
    op.create_index("uq_allotment", "allotment", ["call_id", "partnership_id"], unique=True)
    op.create_table(
        "call_country",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_call_country_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_country")),
    )
    op.create_index("uq_call_country", "call_country", ["call_id", "country", "from_on"], unique=True)
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column(
            "type",
            sa.Enum(
                "cluster",
                "support",
                "sme",
                "training",
                "large",
                "public",
                name="organisationtype",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("town", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=False),
        sa.Column("longitude", sa.Double(), nullable=False),
        sa.Column("staff", sa.BigInteger(), nullable=True),
        sa.Column("turnover_cents", sa.BigInteger(), nullable=True),
        sa.Column("balance_cents", sa.BigInteger(), nullable=True),
        sa.Column("founded", sa.BigInteger(), nullable=True),
        sa.Column("website", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("cluster_name", sa.Text(), nullable=False),
        sa.Column("cluster_has_profile", sa.Boolean(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=True),
        sa.Column("account_holder", sa.Text(), nullable=False),
        sa.Column("iban", sa.Text(), nullable=True),
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("staff IS NULL OR staff >= 0", name=op.f("ck_organisation_staff")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_organisation_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_index(op.f("ix_organisation_name_folded"), "organisation", ["name_folded"], unique=False)
    op.create_index("uq_organisation_registration", "organisation", ["country", "registration"], unique=True)
    op.create_table(
        "rate",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.CheckConstraint("cents >= 0", name=op.f("ck_rate_cents")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_rate_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rate")),
    )
    op.create_index("uq_rate", "rate", ["call_id", "country", "from_on"], unique=True)
    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "applicant",
                "host",
                "partnership_officer",
                "support_officer",
                "finance_initiator",
                "finance_approver",
                "auditor",
                "administrator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("partnership_id", sa.BigInteger(), nullable=True),
        sa.Column("call_id", sa.BigInteger(), nullable=True),
        sa.Column("granted_by_id", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["granted_by_id"], ["user.id"], name=op.f("fk_role_grant_granted_by_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_role_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    op.create_index(
        "uq_role_grant",
        "role_grant",
        ["user_id", "role", "partnership_id", "call_id"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "round",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "frozen",
                "published",
                name="roundstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("problem", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("inputs_sha256", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_round_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("reference", name=op.f("uq_round_reference")),
    )
    op.create_index(op.f("ix_round_call_id"), "round", ["call_id"], unique=False)
    op.create_table(
        "application",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("import_key", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "accepted",
                "rejected",
                "matched",
                "withdrawn",
                name="applicationstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("person_email", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("is_third_country", sa.Boolean(), nullable=False),
        sa.Column("residence_days", sa.BigInteger(), nullable=True),
        sa.Column("has_business", sa.Boolean(), nullable=False),
        sa.Column("motivation", sa.Text(), nullable=False),
        sa.Column("ecosystems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("industries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("purposes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("countries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("partner_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("languages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("physical", "virtual", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("min_days", sa.BigInteger(), nullable=False),
        sa.Column("max_days", sa.BigInteger(), nullable=False),
        sa.Column("group_key", sa.Text(), nullable=True),
        sa.Column("consent_version", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("min_days >= 1 AND max_days >= min_days", name=op.f("ck_application_days")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_application_author_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_application_call_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_application_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_application_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
        sa.UniqueConstraint("reference", name=op.f("uq_application_reference")),
    )
    op.create_index(op.f("ix_application_author_id"), "application", ["author_id"], unique=False)
    op.create_index("ix_application_list", "application", ["call_id", "status", "submitted_at"], unique=False)
    op.create_index(op.f("ix_application_organisation_id"), "application", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_application_partnership_id"), "application", ["partnership_id"], unique=False)
    op.create_index("uq_application_import", "application", ["call_id", "import_key"], unique=True)
    op.create_index(
        "uq_application_live",
        "application",
        ["call_id", "organisation_id"],
        unique=True,
        postgresql_where="status NOT IN ('withdrawn', 'rejected')",
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("import_key", sa.Text(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "accepted",
                "rejected",
                "closed",
                name="offerstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("ecosystems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("industries", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("purposes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("partner_types", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("languages", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "mode",
            sa.Enum("physical", "virtual", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("min_days", sa.BigInteger(), nullable=False),
        sa.Column("max_days", sa.BigInteger(), nullable=False),
        sa.Column("max_visits", sa.BigInteger(), nullable=False),
        sa.Column("contact_name", sa.Text(), nullable=False),
        sa.Column("contact_email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("findings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("max_visits >= 0", name=op.f("ck_offer_visits")),
        sa.CheckConstraint("min_days >= 1 AND max_days >= min_days", name=op.f("ck_offer_days")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_offer_author_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_offer_call_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_offer_organisation_id")
        ),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_offer_partnership_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sa.UniqueConstraint("reference", name=op.f("uq_offer_reference")),
    )
    op.create_index(op.f("ix_offer_author_id"), "offer", ["author_id"], unique=False)
    op.create_index("ix_offer_list", "offer", ["call_id", "status", "submitted_at"], unique=False)
    op.create_index(op.f("ix_offer_organisation_id"), "offer", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_offer_partnership_id"), "offer", ["partnership_id"], unique=False)
    op.create_index("uq_offer_import", "offer", ["call_id", "import_key"], unique=True)
    op.create_table(
        "organisation_member",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_member_organisation_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_organisation_member_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation_member")),
    )
    op.create_index(op.f("ix_organisation_member_user_id"), "organisation_member", ["user_id"], unique=False)
    op.create_index(
        "uq_organisation_member", "organisation_member", ["organisation_id", "user_id"], unique=True
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "solving",
                "solved",
                "failed",
                "cancelled",
                name="runstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("inputs_sha256", sa.Text(), nullable=False),
        sa.Column("goals", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("time_limit_s", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("is_deterministic", sa.Boolean(), nullable=False),
        sa.Column("progress", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("solution", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("failure", sa.Text(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_published", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_run_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index("uq_run_number", "run", ["round_id", "number"], unique=True)
    op.create_table(
        "application_window",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_application_window_days")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_window_application_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_window")),
    )
    op.create_index(
        op.f("ix_application_window_application_id"), "application_window", ["application_id"], unique=False
    )
    op.create_table(
        "entrant",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_entrant_application_id")
        ),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_entrant_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entrant")),
    )
    op.create_index(op.f("ix_entrant_application_id"), "entrant", ["application_id"], unique=False)
    op.create_index("uq_entrant", "entrant", ["round_id", "application_id"], unique=True)
    op.create_table(
        "offer_closure",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_offer_closure_days")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_closure_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_closure")),
    )
    op.create_index(op.f("ix_offer_closure_offer_id"), "offer_closure", ["offer_id"], unique=False)
    op.create_table(
        "offer_window",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_offer_window_days")),
        sa.CheckConstraint("places >= 0", name=op.f("ck_offer_window_places")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_offer_window_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer_window")),
    )
    op.create_index(op.f("ix_offer_window_offer_id"), "offer_window", ["offer_id"], unique=False)
    op.create_table(
        "pair",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("distance_km", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_pair_application_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_pair_offer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_pair_round_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair")),
    )
    op.create_index(op.f("ix_pair_application_id"), "pair", ["application_id"], unique=False)
    op.create_index(op.f("ix_pair_offer_id"), "pair", ["offer_id"], unique=False)
    op.create_index("uq_pair", "pair", ["round_id", "application_id", "offer_id"], unique=True)
    op.create_table(
        "place_day",
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("places", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name=op.f("ck_place_day_within_places")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_place_day_offer_id")),
        sa.PrimaryKeyConstraint("offer_id", "day", name=op.f("pk_place_day")),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "expired",
                name="proposalstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("distance_km", sa.BigInteger(), nullable=False),
        sa.Column("lump_sum_cents", sa.BigInteger(), nullable=False),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "visitor_reply",
            sa.Enum(
                "accepted",
                "declined",
                name="visitor_reply",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("visitor_replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "host_reply",
            sa.Enum(
                "accepted",
                "declined",
                name="host_reply",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("host_replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_proposal_application_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_proposal_offer_id")),
        sa.ForeignKeyConstraint(["round_id"], ["round.id"], name=op.f("fk_proposal_round_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_proposal_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("reference", name=op.f("uq_proposal_reference")),
    )
    op.create_index(op.f("ix_proposal_application_id"), "proposal", ["application_id"], unique=False)
    op.create_index(op.f("ix_proposal_offer_id"), "proposal", ["offer_id"], unique=False)
    op.create_index(
        "ix_proposal_open", "proposal", ["answer_by"], unique=False, postgresql_where="status = 'open'"
    )
    op.create_index("uq_proposal", "proposal", ["round_id", "application_id"], unique=True)
    op.create_index(
        "uq_proposal_open", "proposal", ["application_id"], unique=True, postgresql_where="status = 'open'"
    )
    op.create_table(
        "reservation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("for_kind", sa.Text(), nullable=False),
        sa.Column("for_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("freed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_reservation_days")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_reservation_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reservation")),
    )
    op.create_index(op.f("ix_reservation_offer_id"), "reservation", ["offer_id"], unique=False)
    op.create_index(
        "uq_reservation_live",
        "reservation",
        ["for_kind", "for_id"],
        unique=True,
        postgresql_where="freed_at IS NULL",
    )
    op.create_table(
        "wish",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("rank", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("rank >= 1", name=op.f("ck_wish_rank")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_wish_application_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_wish_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wish")),
    )
    op.create_index("uq_wish", "wish", ["application_id", "offer_id"], unique=True)
    op.create_index("uq_wish_rank", "wish", ["application_id", "rank"], unique=True)
    op.create_table(
        "exchange",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("proposal_id", sa.BigInteger(), nullable=True),
        sa.Column("visiting_organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("host_organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("vop_id", sa.BigInteger(), nullable=False),
        sa.Column("hop_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "agreed",
                "confirmed",
                "ongoing",
                "ended",
                "closed",
                "cancelled",
                "terminated",
                name="exchangestatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "mode",
            sa.Enum("physical", "virtual", name="mode", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("working_days", sa.BigInteger(), nullable=False),
        sa.Column("distance_km", sa.BigInteger(), nullable=False),
        sa.Column("lump_sum_cents", sa.BigInteger(), nullable=False),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_exchange_days")),
        sa.CheckConstraint("lump_sum_cents >= 0", name=op.f("ck_exchange_lump_sum")),
        sa.CheckConstraint(
            "visiting_organisation_id <> host_organisation_id", name=op.f("ck_exchange_two_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_exchange_application_id")
        ),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_exchange_call_id")),
        sa.ForeignKeyConstraint(["hop_id"], ["partnership.id"], name=op.f("fk_exchange_hop_id")),
        sa.ForeignKeyConstraint(
            ["host_organisation_id"], ["organisation.id"], name=op.f("fk_exchange_host_organisation_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_exchange_offer_id")),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposal.id"], name=op.f("fk_exchange_proposal_id")),
        sa.ForeignKeyConstraint(
            ["visiting_organisation_id"],
            ["organisation.id"],
            name=op.f("fk_exchange_visiting_organisation_id"),
        ),
        sa.ForeignKeyConstraint(["vop_id"], ["partnership.id"], name=op.f("fk_exchange_vop_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange")),
        sa.UniqueConstraint("proposal_id", name=op.f("uq_exchange_proposal_id")),
        sa.UniqueConstraint("reference", name=op.f("uq_exchange_reference")),
    )
    op.create_index(op.f("ix_exchange_application_id"), "exchange", ["application_id"], unique=False)
    op.create_index(op.f("ix_exchange_call_id"), "exchange", ["call_id"], unique=False)
    op.create_index(op.f("ix_exchange_hop_id"), "exchange", ["hop_id"], unique=False)
    op.create_index(
        op.f("ix_exchange_host_organisation_id"), "exchange", ["host_organisation_id"], unique=False
    )
    op.create_index(op.f("ix_exchange_offer_id"), "exchange", ["offer_id"], unique=False)
    op.create_index(op.f("ix_exchange_vop_id"), "exchange", ["vop_id"], unique=False)
    op.create_index(
        "uq_exchange_one_visit",
        "exchange",
        ["visiting_organisation_id"],
        unique=True,
        postgresql_where="status <> 'cancelled'",
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("survey_id", sa.BigInteger(), nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "side",
            sa.Enum("visitor", "host", name="side", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("to_name", sa.Text(), nullable=False),
        sa.Column("to_email", sa.Text(), nullable=False),
        sa.Column("token_sha256", sa.Text(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name=op.f("fk_invitation_exchange_id")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_invitation_survey_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_invitation_token_sha256")),
    )
    op.create_index("ix_invitation_exchange", "invitation", ["exchange_id"], unique=False)
    op.create_index("uq_invitation", "invitation", ["survey_id", "exchange_id", "side"], unique=True)
    op.create_table(
        "payment_order",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("instalment", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "due", "void", name="paymentstatus", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("rules_version", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_cents >= 0", name=op.f("ck_payment_order_amount")),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name=op.f("fk_payment_order_exchange_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_payment_order_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_order")),
        sa.UniqueConstraint("reference", name=op.f("uq_payment_order_reference")),
    )
    op.create_index(
        op.f("ix_payment_order_partnership_id"), "payment_order", ["partnership_id"], unique=False
    )
    op.create_index(
        "uq_payment_order_live",
        "payment_order",
        ["exchange_id", "instalment"],
        unique=True,
        postgresql_where="status <> 'void'",
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("confidential", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["invitation_id"], ["invitation.id"], name=op.f("fk_answer_invitation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_answer_invitation_id")),
    )
    _run(APPEND_ONLY)
    _run(PROCRASTINATE.read_text())


def downgrade() -> None:
    _run(DROP_PROCRASTINATE)
    op.drop_table("answer")
    op.drop_index("uq_payment_order_live", table_name="payment_order", postgresql_where="status <> 'void'")
    op.drop_index(op.f("ix_payment_order_partnership_id"), table_name="payment_order")
    op.drop_table("payment_order")
    op.drop_index("uq_invitation", table_name="invitation")
    op.drop_index("ix_invitation_exchange", table_name="invitation")
    op.drop_table("invitation")
    op.drop_index("uq_exchange_one_visit", table_name="exchange", postgresql_where="status <> 'cancelled'")
    op.drop_index(op.f("ix_exchange_vop_id"), table_name="exchange")
    op.drop_index(op.f("ix_exchange_offer_id"), table_name="exchange")
    op.drop_index(op.f("ix_exchange_host_organisation_id"), table_name="exchange")
    op.drop_index(op.f("ix_exchange_hop_id"), table_name="exchange")
    op.drop_index(op.f("ix_exchange_call_id"), table_name="exchange")
    op.drop_index(op.f("ix_exchange_application_id"), table_name="exchange")
    op.drop_table("exchange")
    op.drop_index("uq_wish_rank", table_name="wish")
    op.drop_index("uq_wish", table_name="wish")
    op.drop_table("wish")
    op.drop_index("uq_reservation_live", table_name="reservation", postgresql_where="freed_at IS NULL")
    op.drop_index(op.f("ix_reservation_offer_id"), table_name="reservation")
    op.drop_table("reservation")
    op.drop_index("uq_proposal_open", table_name="proposal", postgresql_where="status = 'open'")
    op.drop_index("uq_proposal", table_name="proposal")
    op.drop_index("ix_proposal_open", table_name="proposal", postgresql_where="status = 'open'")
    op.drop_index(op.f("ix_proposal_offer_id"), table_name="proposal")
    op.drop_index(op.f("ix_proposal_application_id"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_table("place_day")
    op.drop_index("uq_pair", table_name="pair")
    op.drop_index(op.f("ix_pair_offer_id"), table_name="pair")
    op.drop_index(op.f("ix_pair_application_id"), table_name="pair")
    op.drop_table("pair")
    op.drop_index(op.f("ix_offer_window_offer_id"), table_name="offer_window")
    op.drop_table("offer_window")
    op.drop_index(op.f("ix_offer_closure_offer_id"), table_name="offer_closure")
    op.drop_table("offer_closure")
    op.drop_index("uq_entrant", table_name="entrant")
    op.drop_index(op.f("ix_entrant_application_id"), table_name="entrant")
    op.drop_table("entrant")
    op.drop_index(op.f("ix_application_window_application_id"), table_name="application_window")
    op.drop_table("application_window")
    op.drop_index("uq_run_number", table_name="run")
    op.drop_table("run")
    op.drop_index("uq_organisation_member", table_name="organisation_member")
    op.drop_index(op.f("ix_organisation_member_user_id"), table_name="organisation_member")
    op.drop_table("organisation_member")
    op.drop_index("uq_offer_import", table_name="offer")
    op.drop_index(op.f("ix_offer_partnership_id"), table_name="offer")
    op.drop_index(op.f("ix_offer_organisation_id"), table_name="offer")
    op.drop_index("ix_offer_list", table_name="offer")
    op.drop_index(op.f("ix_offer_author_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_index(
        "uq_application_live",
        table_name="application",
        postgresql_where="status NOT IN ('withdrawn', 'rejected')",
    )
    op.drop_index("uq_application_import", table_name="application")
    op.drop_index(op.f("ix_application_partnership_id"), table_name="application")
    op.drop_index(op.f("ix_application_organisation_id"), table_name="application")
    op.drop_index("ix_application_list", table_name="application")
    op.drop_index(op.f("ix_application_author_id"), table_name="application")
    op.drop_table("application")
    op.drop_index(op.f("ix_round_call_id"), table_name="round")
    op.drop_table("round")
    op.drop_index("uq_role_grant", table_name="role_grant", postgresql_nulls_not_distinct=True)
    op.drop_table("role_grant")
    op.drop_index("uq_rate", table_name="rate")
    op.drop_table("rate")
    op.drop_index("uq_organisation_registration", table_name="organisation")
    op.drop_index(op.f("ix_organisation_name_folded"), table_name="organisation")
    op.drop_table("organisation")
    op.drop_index("uq_call_country", table_name="call_country")
    op.drop_table("call_country")
    op.drop_index("uq_allotment", table_name="allotment")
    op.drop_table("allotment")
    op.drop_table("user")
    op.drop_table("survey")
    op.drop_table("reference_counter")
    op.drop_index(op.f("ix_rate_count_ends_at"), table_name="rate_count")
    op.drop_table("rate_count")
    op.drop_table("partnership")
    op.drop_index("uq_paper_number", table_name="paper")
    op.drop_index("uq_paper_live", table_name="paper", postgresql_where=sa.text("replaced_at IS NULL"))
    op.drop_table("paper")
    op.drop_index("uq_letter_once", table_name="letter")
    op.drop_index("ix_letter_due", table_name="letter", postgresql_where="sent_at IS NULL")
    op.drop_table("letter")
    op.drop_index("ix_entry_about", table_name="entry")
    op.drop_table("entry")
    op.drop_table("clock_shift")
    op.drop_table("call")
    op.drop_index(op.f("ix_browser_session_user_key"), table_name="browser_session")
    op.drop_index(op.f("ix_browser_session_expires_at"), table_name="browser_session")
    op.drop_table("browser_session")
    _run("DROP FUNCTION entry_is_append_only() CASCADE")
