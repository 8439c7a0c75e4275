"""all walls"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

# What is never changed or deleted once it stands.
APPEND_ONLY = ("seal", "sealed_head", "ledger_line", "signature", "viewing")

GUARDS = """
CREATE FUNCTION is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % is never changed or deleted', TG_TABLE_NAME;
END $$;

-- Of an agreement only the state moves: its text stays what was signed.
CREATE FUNCTION agreement_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - ARRAY['status', 'version', 'signed_at', 'voided_at', 'void_reason'])
        <> (to_jsonb(OLD) - ARRAY['status', 'version', 'signed_at', 'voided_at', 'void_reason']) THEN
        RAISE EXCEPTION 'the text of an agreement is frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreement_frozen BEFORE UPDATE OR DELETE ON agreement
    FOR EACH ROW EXECUTE FUNCTION agreement_is_frozen();

-- An agreement counts as signed with every slot filled, and not before.
CREATE FUNCTION agreement_is_signed_by_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status = 'signed' AND OLD.status <> 'signed' AND
        (SELECT count(*) FROM signature WHERE agreement_id = NEW.id)
        < (CASE NEW.kind WHEN 'commitment' THEN 4 ELSE 2 END) THEN
        RAISE EXCEPTION 'a signature is missing';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER agreement_signed BEFORE UPDATE ON agreement
    FOR EACH ROW EXECUTE FUNCTION agreement_is_signed_by_all();

CREATE FUNCTION signature_is_asked_for() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT status FROM agreement WHERE id = NEW.agreement_id FOR SHARE) <> 'signing' THEN
        RAISE EXCEPTION 'this agreement takes no signature';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER signature_asked_for BEFORE INSERT ON signature
    FOR EACH ROW EXECUTE FUNCTION signature_is_asked_for();

-- An issued paper is replaced or cancelled, never rewritten.
CREATE FUNCTION paper_is_issued() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (to_jsonb(NEW) - ARRAY['replaced_at', 'cancelled_at'])
        <> (to_jsonb(OLD) - ARRAY['replaced_at', 'cancelled_at']) THEN
        RAISE EXCEPTION 'an issued paper is never changed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER paper_issued BEFORE UPDATE OR DELETE ON paper
    FOR EACH ROW EXECUTE FUNCTION paper_is_issued();

-- Evidence stands as it was filed.
CREATE FUNCTION evidence_is_filed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE report_status text;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        RAISE EXCEPTION 'evidence is never changed';
    END IF;
    SELECT status INTO report_status FROM closing_report
        WHERE id = CASE TG_OP WHEN 'DELETE' THEN OLD.report_id ELSE NEW.report_id END FOR SHARE;
    IF report_status NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'the evidence of a filed report stands';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER evidence_filed BEFORE INSERT OR UPDATE OR DELETE ON evidence
    FOR EACH ROW EXECUTE FUNCTION evidence_is_filed();

-- Every posting sums to zero when its transaction ends.
CREATE FUNCTION posting_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT sum(cents) FROM ledger_line WHERE posting = NEW.posting) <> 0 THEN
        RAISE EXCEPTION 'posting % does not sum to zero', NEW.posting;
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER posting_zero AFTER INSERT ON ledger_line DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION posting_sums_to_zero();

-- Lines move only while their batch is drawn up; afterwards they can only be released.
CREATE FUNCTION batch_line_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE batch_status text;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.batch_id, NEW.order_id) IS DISTINCT FROM (OLD.batch_id, OLD.order_id) THEN
        RAISE EXCEPTION 'a line stays with its batch and its order';
    END IF;
    SELECT status INTO batch_status FROM batch
        WHERE id = CASE TG_OP WHEN 'INSERT' THEN NEW.batch_id ELSE OLD.batch_id END FOR SHARE;
    IF batch_status = 'drawn_up' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'released_at') = (to_jsonb(OLD) - 'released_at') THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the lines of a proposed batch are frozen';
END $$;
CREATE TRIGGER batch_line_frozen BEFORE INSERT OR UPDATE OR DELETE ON batch_line
    FOR EACH ROW EXECUTE FUNCTION batch_line_is_frozen();

-- A batch goes its way and no other. It is proposed, approved and exported with the total of its lines; from then on money, debtor and day stay, and the file is written once.
CREATE FUNCTION batch_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lines record;
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a batch is never deleted';
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (
        ('drawn_up', 'proposed'), ('drawn_up', 'void'), ('proposed', 'approved'), ('proposed', 'drawn_up'),
        ('proposed', 'void'), ('approved', 'exported'), ('approved', 'void'), ('exported', 'settled')) THEN
        RAISE EXCEPTION 'a batch does not go from % to %', OLD.status, NEW.status;
    END IF;
    IF OLD.file IS NOT NULL AND (NEW.file IS DISTINCT FROM OLD.file OR NEW.file_sha256 IS DISTINCT FROM OLD.file_sha256) THEN
        RAISE EXCEPTION 'the file of a batch is written once';
    END IF;
    IF OLD.status <> 'drawn_up' AND NEW.status <> 'drawn_up' AND
        (NEW.total_cents, NEW.number_of_orders, NEW.execution_on, NEW.partnership_id, NEW.sha256, NEW.debtor_name,
         NEW.debtor_iban, NEW.debtor_bic, NEW.proposed_by_id) IS DISTINCT FROM
        (OLD.total_cents, OLD.number_of_orders, OLD.execution_on, OLD.partnership_id, OLD.sha256, OLD.debtor_name,
         OLD.debtor_iban, OLD.debtor_bic, OLD.proposed_by_id) THEN
        RAISE EXCEPTION 'a proposed batch is frozen';
    END IF;
    IF OLD.approved_by_id IS NOT NULL AND NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id THEN
        RAISE EXCEPTION 'an approval stands';
    END IF;
    IF NEW.status IN ('proposed', 'approved', 'exported') AND NEW.status <> OLD.status THEN
        SELECT count(*) AS number, coalesce(sum(amount_cents), 0) AS cents INTO lines
            FROM batch_line WHERE batch_id = NEW.id AND released_at IS NULL;
        IF (lines.number, lines.cents) IS DISTINCT FROM (NEW.number_of_orders, NEW.total_cents::numeric) THEN
            RAISE EXCEPTION 'the total of a batch is the sum of its lines';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER batch_frozen BEFORE UPDATE OR DELETE ON batch
    FOR EACH ROW EXECUTE FUNCTION batch_is_frozen();

-- Orders in force never exceed what the visitor's partnership has committed in the call (promise T57).
CREATE FUNCTION payment_is_committed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held allotment%ROWTYPE; live numeric;
BEGIN
    -- Whoever comes second waits here, and then counts the order of the first.
    SELECT allotment.* INTO held FROM allotment JOIN exchange
        ON exchange.call_id = allotment.call_id AND exchange.vop_id = allotment.partnership_id
        WHERE exchange.id = NEW.exchange_id FOR UPDATE OF allotment;
    SELECT coalesce(sum(payment_order.amount_cents), 0) INTO live
        FROM payment_order JOIN exchange ON exchange.id = payment_order.exchange_id
        WHERE exchange.call_id = held.call_id AND exchange.vop_id = held.partnership_id
        AND payment_order.status NOT IN ('void', 'failed', 'recovered');
    IF held.id IS NULL OR live + NEW.amount_cents > held.committed_cents THEN
        RAISE EXCEPTION 'payments in force exceed what is committed';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER payment_committed BEFORE INSERT ON payment_order
    FOR EACH ROW EXECUTE FUNCTION payment_is_committed();
"""

# The results of solved runs as rows, for the rounds whose pairs still stand.
RESULTS = """
INSERT INTO visit (run_id, application_id, offer_id, first_day, last_day, days, priority, score, cost_cents)
SELECT run.id, entrant.application_id, pair.offer_id, (given ->> 'first_day')::date,
       (given ->> 'last_day')::date, pair.days, entrant.priority, pair.score, pair.cost_cents
FROM run CROSS JOIN jsonb_array_elements(run.solution -> 'assignments') AS given
JOIN application ON application.reference = given ->> 'application'
JOIN offer ON offer.reference = given ->> 'host'
JOIN entrant ON entrant.round_id = run.round_id AND entrant.application_id = application.id
JOIN pair ON pair.round_id = run.round_id AND pair.application_id = application.id AND pair.offer_id = offer.id
WHERE run.status = 'solved';
INSERT INTO unmatched (run_id, application_id, priority, parts, code, text, evidence)
SELECT run.id, entrant.application_id, entrant.priority, entrant.parts,
       CASE WHEN EXISTS (SELECT FROM pair WHERE pair.round_id = run.round_id
                         AND pair.application_id = entrant.application_id) THEN 'competition' ELSE 'no_host' END, '', '{}'
FROM run JOIN entrant ON entrant.round_id = run.round_id
WHERE run.status = 'solved' AND NOT EXISTS (
    SELECT FROM visit WHERE visit.run_id = run.id AND visit.application_id = entrant.application_id);
"""

FUNCTIONS = (
    "is_append_only",
    "agreement_is_frozen",
    "agreement_is_signed_by_all",
    "signature_is_asked_for",
    "paper_is_issued",
    "evidence_is_filed",
    "posting_sums_to_zero",
    "batch_line_is_frozen",
    "batch_is_frozen",
    "payment_is_committed",
)

FOUR_EYED = "('finance_initiator', 'finance_approver', 'administrator')"
OLD_STATES = ("due", "void")
NEW_STATES = ("due", "held", "batched", "exported", "paid", "failed", "recovered", "void")


def _run(sql: str) -> None:
    op.get_bind().exec_driver_sql(sql.replace("%", "%%"))


def _fill(table: str, column: str, kind: object, value: str, **options: object) -> None:
    """A column that must not be empty, on a table that has rows: `value` is SQL."""
    op.add_column(table, sa.Column(column, kind, nullable=True, **options))
    _run(f'UPDATE "{table}" SET {column} = {value}')
    op.alter_column(table, column, nullable=False)


def _application_lists(columns: str) -> None:
    _run("DROP INDEX ix_application_list")
    _run(f"CREATE INDEX ix_application_list ON application ({columns})")


def _order_states(states: tuple[str, ...], live: str) -> None:
    op.drop_index("uq_payment_order_live", table_name="payment_order")
    op.drop_constraint(op.f("ck_payment_order_paymentstatus"), "payment_order")
    listed = ", ".join(f"'{state}'" for state in states)
    op.create_check_constraint(
        op.f("ck_payment_order_paymentstatus"), "payment_order", f"status IN ({listed})"
    )
    op.create_index(
        "uq_payment_order_live",
        "payment_order",
        ["exchange_id", "instalment"],
        unique=True,
        postgresql_where=sa.text(live),
    )


def upgrade() -> None:
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("cost_cents", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_visit_days")),
        sa.ForeignKeyConstraint(["application_id"], ["application.id"], name=op.f("fk_visit_application_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_visit_offer_id")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_visit_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
    )
    op.create_index(op.f("ix_visit_application_id"), "visit", ["application_id"])
    op.create_index(op.f("ix_visit_offer_id"), "visit", ["offer_id"])
    op.create_index("uq_visit", "visit", ["run_id", "application_id"], unique=True)
    op.create_table(
        "unmatched",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.BigInteger(), nullable=False),
        sa.Column("parts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_unmatched_application_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_unmatched_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched")),
    )
    op.create_index(op.f("ix_unmatched_application_id"), "unmatched", ["application_id"])
    op.create_index("uq_unmatched", "unmatched", ["run_id", "application_id"], unique=True)
    op.add_column("round", sa.Column("picture", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    _fill("run", "reached", postgresql.JSONB(), "coalesce(solution -> 'goals', '[]')")
    _fill("run", "outcome", sa.Text(), "coalesce(solution ->> 'status', '')")
    _fill("run", "result_sha256", sa.Text(), "coalesce(solution ->> 'result', '')")
    _run(RESULTS)
    op.create_table(
        "sealed_head",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_sealed_head")),
    )
    op.create_table(
        "used_key",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_used_key")),
    )
    op.create_index(op.f("ix_used_key_used_at"), "used_key", ["used_at"], unique=False)
    op.create_table(
        "viewing",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about_kind", sa.Text(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("about_ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_viewing")),
    )
    op.create_index("ix_viewing_about", "viewing", ["about_kind", "about_id"], unique=False)
    op.create_table(
        "seal",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entry.id"], name=op.f("fk_seal_entry_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_seal")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_seal_entry_id")),
        sa.UniqueConstraint("sha256", name=op.f("uq_seal_sha256")),
    )
    op.create_table(
        "batch",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "drawn_up",
                "proposed",
                "approved",
                "exported",
                "settled",
                "void",
                name="batchstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("execution_on", sa.Date(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("number_of_orders", sa.BigInteger(), nullable=False),
        sa.Column("debtor_name", sa.Text(), nullable=False),
        sa.Column("debtor_iban", sa.Text(), nullable=True),
        sa.Column("debtor_bic", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("drawn_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_up_by_id", sa.BigInteger(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("proposed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by_id", sa.BigInteger(), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("file_sha256", sa.Text(), nullable=True),
        sa.Column("log_head", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('approved', 'exported', 'settled') OR (approved_by_id IS NOT NULL AND proposed_by_id IS NOT NULL AND sha256 IS NOT NULL)",
            name=op.f("ck_batch_approved"),
        ),
        sa.CheckConstraint(
            "status NOT IN ('exported', 'settled') OR file IS NOT NULL", name=op.f("ck_batch_exported")
        ),
        sa.CheckConstraint(
            "approved_by_id IS NULL OR (approved_by_id <> proposed_by_id AND approved_by_id <> drawn_up_by_id)",
            name=op.f("ck_batch_four_eyes"),
        ),
        sa.CheckConstraint("total_cents >= 0 AND number_of_orders >= 0", name=op.f("ck_batch_total")),
        sa.ForeignKeyConstraint(["approved_by_id"], ["user.id"], name=op.f("fk_batch_approved_by_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_batch_call_id")),
        sa.ForeignKeyConstraint(["drawn_up_by_id"], ["user.id"], name=op.f("fk_batch_drawn_up_by_id")),
        sa.ForeignKeyConstraint(["partnership_id"], ["partnership.id"], name=op.f("fk_batch_partnership_id")),
        sa.ForeignKeyConstraint(["proposed_by_id"], ["user.id"], name=op.f("fk_batch_proposed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("reference", name=op.f("uq_batch_reference")),
    )
    op.create_index(op.f("ix_batch_partnership_id"), "batch", ["partnership_id"], unique=False)
    op.create_table(
        "agreed_pair",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "entered",
                "confirmed",
                "validated",
                "built",
                "declined",
                "withdrawn",
                name="pairstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "entered_by",
            sa.Enum(
                "visitor", "host", name="pair_side", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days", sa.BigInteger(), nullable=False),
        sa.Column("distance_km", sa.BigInteger(), nullable=False),
        sa.Column("lump_sum_cents", sa.BigInteger(), nullable=False),
        sa.Column("trace", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by_id", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.BigInteger(), nullable=True),
        sa.Column("vop_validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vop_validated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("hop_validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hop_validated_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decline_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status NOT IN ('validated', 'built') OR (confirmed_at IS NOT NULL AND vop_validated_at IS NOT NULL AND hop_validated_at IS NOT NULL)",
            name=op.f("ck_agreed_pair_validated"),
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_agreed_pair_days")),
        sa.CheckConstraint("lump_sum_cents >= 0", name=op.f("ck_agreed_pair_lump_sum")),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_agreed_pair_application_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["user.id"], name=op.f("fk_agreed_pair_confirmed_by_id")
        ),
        sa.ForeignKeyConstraint(["entered_by_id"], ["user.id"], name=op.f("fk_agreed_pair_entered_by_id")),
        sa.ForeignKeyConstraint(
            ["hop_validated_by_id"], ["user.id"], name=op.f("fk_agreed_pair_hop_validated_by_id")
        ),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_agreed_pair_offer_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_agreed_pair_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["vop_validated_by_id"], ["user.id"], name=op.f("fk_agreed_pair_vop_validated_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreed_pair")),
        sa.UniqueConstraint("reference", name=op.f("uq_agreed_pair_reference")),
    )
    op.create_index(op.f("ix_agreed_pair_offer_id"), "agreed_pair", ["offer_id"], unique=False)
    op.create_index(
        "uq_agreed_pair_one_visit",
        "agreed_pair",
        ["organisation_id"],
        unique=True,
        postgresql_where="status = 'validated'",
    )
    op.create_index(
        "uq_agreed_pair_live",
        "agreed_pair",
        ["application_id"],
        unique=True,
        postgresql_where="status NOT IN ('built', 'declined', 'withdrawn')",
    )
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("offer_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "begun_by",
            sa.Enum(
                "visitor", "host", name="contact_side", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                name="contactstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_contact_application_id")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_contact_author_id")),
        sa.ForeignKeyConstraint(["offer_id"], ["offer.id"], name=op.f("fk_contact_offer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_offer_id"), "contact", ["offer_id"], unique=False)
    op.create_index(
        "uq_contact_open",
        "contact",
        ["application_id", "offer_id"],
        unique=True,
        postgresql_where="status <> 'declined'",
    )
    op.create_table(
        "agreement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "commitment",
                "financial",
                name="agreementkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "signing",
                "signed",
                "void",
                name="agreementstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("lump_sum_cents", sa.BigInteger(), nullable=True),
        sa.Column("drawn_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_up_by_id", sa.BigInteger(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "lump_sum_cents IS NULL OR lump_sum_cents >= 0", name=op.f("ck_agreement_lump_sum")
        ),
        sa.ForeignKeyConstraint(["drawn_up_by_id"], ["user.id"], name=op.f("fk_agreement_drawn_up_by_id")),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name=op.f("fk_agreement_exchange_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("id", "sha256", name=op.f("uq_agreement_id_sha256")),
    )
    op.create_index(
        "uq_agreement_live",
        "agreement",
        ["exchange_id", "kind"],
        unique=True,
        postgresql_where="status <> 'void'",
    )
    op.create_index("uq_agreement_revision", "agreement", ["exchange_id", "kind", "revision"], unique=True)
    op.create_table(
        "closing_report",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "side",
            sa.Enum(
                "visitor", "host", name="report_side", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "filed",
                "returned",
                "accepted",
                "bypassed",
                name="reportstatus",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("is_as_agreed", sa.Boolean(), nullable=True),
        sa.Column("deviations", sa.Text(), nullable=False),
        sa.Column("activities", sa.Text(), nullable=False),
        sa.Column("results", sa.Text(), nullable=False),
        sa.Column("follow_up", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.BigInteger(), nullable=True),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.BigInteger(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=False),
        sa.Column("mend_by", sa.Date(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "status <> 'accepted' OR decided_at IS NOT NULL", name=op.f("ck_closing_report_decided")
        ),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_closing_report_days")),
        sa.ForeignKeyConstraint(["author_id"], ["user.id"], name=op.f("fk_closing_report_author_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["user.id"], name=op.f("fk_closing_report_decided_by_id")),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name=op.f("fk_closing_report_exchange_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closing_report")),
        sa.UniqueConstraint("reference", name=op.f("uq_closing_report_reference")),
    )
    op.create_index("uq_closing_report", "closing_report", ["exchange_id", "side"], unique=True)
    op.create_table(
        "plan",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False),
        sa.Column("objectives_visitor", sa.Text(), nullable=False),
        sa.Column("objectives_host", sa.Text(), nullable=False),
        sa.Column("outcomes_visitor", sa.Text(), nullable=False),
        sa.Column("outcomes_host", sa.Text(), nullable=False),
        sa.Column("tasks", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("agenda", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["exchange_id"], ["exchange.id"], name=op.f("fk_plan_exchange_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("exchange_id", name=op.f("uq_plan_exchange_id")),
    )
    op.create_table(
        "batch_line",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("batch_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_cents", sa.BigInteger(), nullable=False),
        sa.Column("creditor_name", sa.Text(), nullable=False),
        sa.Column("creditor_iban", sa.Text(), nullable=False),
        sa.Column("creditor_bic", sa.Text(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_cents > 0", name=op.f("ck_batch_line_amount")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_line_batch_id")),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name=op.f("fk_batch_line_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch_line")),
    )
    op.create_index("uq_batch_line", "batch_line", ["batch_id", "order_id"], unique=True)
    op.create_index(
        "uq_batch_line_live", "batch_line", ["order_id"], unique=True, postgresql_where="released_at IS NULL"
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("report_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "boarding_pass",
                "travel_invoice",
                "accommodation_invoice",
                "attendance",
                "other",
                name="evidencekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes_long", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("bytes_long > 0 AND bytes_long <= 5242880", name=op.f("ck_evidence_size")),
        sa.ForeignKeyConstraint(["added_by_id"], ["user.id"], name=op.f("fk_evidence_added_by_id")),
        sa.ForeignKeyConstraint(["report_id"], ["closing_report.id"], name=op.f("fk_evidence_report_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
    )
    op.create_index(op.f("ix_evidence_report_id"), "evidence", ["report_id"], unique=False)
    op.create_table(
        "ledger_line",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("posting", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "account",
            sa.Enum(
                "lump_sums",
                "due",
                "in_transfer",
                "bank",
                name="account",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.BigInteger(), nullable=False),
        sa.Column("partnership_id", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("cents <> 0", name=op.f("ck_ledger_line_cents")),
        sa.ForeignKeyConstraint(["actor_id"], ["user.id"], name=op.f("fk_ledger_line_actor_id")),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_ledger_line_call_id")),
        sa.ForeignKeyConstraint(["order_id"], ["payment_order.id"], name=op.f("fk_ledger_line_order_id")),
        sa.ForeignKeyConstraint(
            ["partnership_id"], ["partnership.id"], name=op.f("fk_ledger_line_partnership_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_line")),
    )
    op.create_index(op.f("ix_ledger_line_call_id"), "ledger_line", ["call_id"], unique=False)
    op.create_index(op.f("ix_ledger_line_order_id"), "ledger_line", ["order_id"], unique=False)
    op.create_index("ix_ledger_line_posting", "ledger_line", ["posting"], unique=False)
    op.create_table(
        "signature",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("agreement_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "slot",
            sa.Enum(
                "vo", "ho", "vop", "hop", name="slot", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id", "sha256"], ["agreement.id", "agreement.sha256"], name="fk_signature_text"
        ),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreement.id"], name=op.f("fk_signature_agreement_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_signature_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signature")),
    )
    op.create_index(op.f("ix_signature_user_id"), "signature", ["user_id"], unique=False)
    op.create_index("uq_signature", "signature", ["agreement_id", "slot"], unique=True)
    op.add_column("call", sa.Column("payer_id", sa.BigInteger(), nullable=True))
    _fill("call", "report_days", sa.BigInteger(), "15")
    _fill("call", "pay_within_days", sa.BigInteger(), "10")
    op.create_foreign_key(op.f("fk_call_payer_id"), "call", "partnership", ["payer_id"], ["id"])
    op.add_column("exchange", sa.Column("agreed_pair_id", sa.BigInteger(), nullable=True))
    op.add_column("exchange", sa.Column("terminated_at", sa.DateTime(timezone=True), nullable=True))
    _fill("exchange", "terminate_reason", sa.Text(), "''")
    op.add_column("exchange", sa.Column("broken_off_on", sa.Date(), nullable=True))
    op.add_column("exchange", sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_unique_constraint(op.f("uq_exchange_agreed_pair_id"), "exchange", ["agreed_pair_id"])
    op.create_foreign_key(
        op.f("fk_exchange_agreed_pair_id"), "exchange", "agreed_pair", ["agreed_pair_id"], ["id"]
    )
    _fill("invitation", "reminded", sa.BigInteger(), "0")
    op.add_column("invitation", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    _fill("organisation", "street", sa.Text(), "''")
    _fill("organisation", "postcode", sa.Text(), "''")
    op.add_column("paper", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    _fill("paper", "code", sa.Text(), "replace(gen_random_uuid()::text, '-', '')")
    op.create_unique_constraint(op.f("uq_paper_code"), "paper", ["code"])
    _fill("partnership", "account_holder", sa.Text(), "''")
    op.add_column("partnership", sa.Column("iban", sa.Text(), nullable=True))
    _fill("partnership", "bic", sa.Text(), "''")
    _fill("partnership", "street", sa.Text(), "''")
    _fill("partnership", "postcode", sa.Text(), "''")
    _fill(
        "payment_order",
        "call_id",
        sa.BigInteger(),
        "(SELECT call_id FROM exchange WHERE exchange.id = exchange_id)",
    )
    op.add_column("payment_order", sa.Column("paid_on", sa.Date(), nullable=True))
    _fill("payment_order", "bank_reference", sa.Text(), "''")
    _fill("payment_order", "reason", sa.Text(), "''")
    op.create_foreign_key(op.f("fk_payment_order_call_id"), "payment_order", "call", ["call_id"], ["id"])
    op.add_column("role_grant", sa.Column("approved_by_id", sa.BigInteger(), nullable=True))
    op.add_column("role_grant", sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        op.f("fk_role_grant_approved_by_id"), "role_grant", "user", ["approved_by_id"], ["id"]
    )
    op.add_column("user", sa.Column("tf_primary_method", sa.Text(), nullable=True))
    op.add_column("user", sa.Column("tf_totp_secret", sa.Text(), nullable=True))
    op.add_column("user", sa.Column("tf_phone_number", sa.Text(), nullable=True))
    _fill("user", "mf_recovery_codes", postgresql.JSONB(astext_type=sa.Text()), "'[]'")
    op.add_column("user", sa.Column("totp_last_counter", sa.BigInteger(), nullable=True))

    op.create_check_constraint(
        op.f("ck_exchange_one_origin"), "exchange", "num_nonnulls(proposal_id, agreed_pair_id) <= 1"
    )
    op.create_check_constraint(
        op.f("ck_role_grant_two_administrators"),
        "role_grant",
        f"role NOT IN {FOUR_EYED} OR approved_at IS NULL"
        " OR (granted_by_id IS NOT NULL AND approved_by_id IS NOT NULL AND granted_by_id <> approved_by_id)",
    )
    op.create_check_constraint(
        op.f("ck_role_grant_not_to_oneself"),
        "role_grant",
        f"role NOT IN {FOUR_EYED}"
        " OR (granted_by_id IS DISTINCT FROM user_id AND approved_by_id IS DISTINCT FROM user_id)",
    )
    _order_states(NEW_STATES, "status NOT IN ('void', 'failed', 'recovered')")
    _application_lists("call_id, status, submitted_at DESC NULLS LAST, id")
    _run("DROP INDEX ix_organisation_name_folded")
    _run("CREATE INDEX ix_organisation_name_folded ON organisation (name_folded, id)")
    _run("CREATE INDEX ix_application_newest ON application (submitted_at DESC NULLS LAST, id)")
    _run("CREATE INDEX ix_application_person_email ON application (lower(person_email))")
    _run("CREATE INDEX ix_offer_contact_email ON offer (lower(contact_email))")
    _run(GUARDS)
    for table in APPEND_ONLY:
        _run(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION is_append_only()"
        )
        _run(
            f"CREATE TRIGGER {table}_not_truncated BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION is_append_only()"
        )


def downgrade() -> None:
    op.drop_table("visit")
    op.drop_table("unmatched")
    op.drop_column("round", "picture")
    for column in ("reached", "outcome", "result_sha256"):
        op.drop_column("run", column)
    _run("DROP INDEX ix_application_newest")
    _run("DROP INDEX ix_application_person_email")
    _run("DROP INDEX ix_offer_contact_email")
    _run("DROP INDEX ix_organisation_name_folded")
    _run("CREATE INDEX ix_organisation_name_folded ON organisation (name_folded)")
    _application_lists("call_id, status, submitted_at")
    for name in FUNCTIONS:
        _run(f"DROP FUNCTION {name}() CASCADE")
    _run(
        "UPDATE payment_order SET status = CASE WHEN status IN ('failed', 'recovered', 'void') THEN 'void' ELSE 'due' END"
    )
    _order_states(OLD_STATES, "status <> 'void'")
    op.drop_constraint(op.f("ck_role_grant_not_to_oneself"), "role_grant")
    op.drop_constraint(op.f("ck_role_grant_two_administrators"), "role_grant")
    op.drop_constraint(op.f("ck_exchange_one_origin"), "exchange")
    op.drop_column("user", "totp_last_counter")
    op.drop_column("user", "mf_recovery_codes")
    op.drop_column("user", "tf_phone_number")
    op.drop_column("user", "tf_totp_secret")
    op.drop_column("user", "tf_primary_method")
    op.drop_constraint(op.f("fk_role_grant_approved_by_id"), "role_grant", type_="foreignkey")
    op.drop_column("role_grant", "approved_at")
    op.drop_column("role_grant", "approved_by_id")
    op.drop_constraint(op.f("fk_payment_order_call_id"), "payment_order", type_="foreignkey")
    op.drop_column("payment_order", "reason")
    op.drop_column("payment_order", "bank_reference")
    op.drop_column("payment_order", "paid_on")
    op.drop_column("payment_order", "call_id")
    op.drop_column("partnership", "postcode")
    op.drop_column("partnership", "street")
    op.drop_column("partnership", "bic")
    op.drop_column("partnership", "iban")
    op.drop_column("partnership", "account_holder")
    op.drop_constraint(op.f("uq_paper_code"), "paper", type_="unique")
    op.drop_column("paper", "code")
    op.drop_column("paper", "cancelled_at")
    op.drop_column("organisation", "postcode")
    op.drop_column("organisation", "street")
    op.drop_column("invitation", "reminded_at")
    op.drop_column("invitation", "reminded")
    op.drop_constraint(op.f("fk_exchange_agreed_pair_id"), "exchange", type_="foreignkey")
    op.drop_constraint(op.f("uq_exchange_agreed_pair_id"), "exchange", type_="unique")
    op.drop_column("exchange", "closed_at")
    op.drop_column("exchange", "broken_off_on")
    op.drop_column("exchange", "terminate_reason")
    op.drop_column("exchange", "terminated_at")
    op.drop_column("exchange", "agreed_pair_id")
    op.drop_constraint(op.f("fk_call_payer_id"), "call", type_="foreignkey")
    op.drop_column("call", "pay_within_days")
    op.drop_column("call", "report_days")
    op.drop_column("call", "payer_id")
    op.drop_index("uq_signature", table_name="signature")
    op.drop_index(op.f("ix_signature_user_id"), table_name="signature")
    op.drop_table("signature")
    op.drop_index("ix_ledger_line_posting", table_name="ledger_line")
    op.drop_index(op.f("ix_ledger_line_order_id"), table_name="ledger_line")
    op.drop_index(op.f("ix_ledger_line_call_id"), table_name="ledger_line")
    op.drop_table("ledger_line")
    op.drop_index(op.f("ix_evidence_report_id"), table_name="evidence")
    op.drop_table("evidence")
    op.drop_index("uq_batch_line_live", table_name="batch_line", postgresql_where="released_at IS NULL")
    op.drop_index("uq_batch_line", table_name="batch_line")
    op.drop_table("batch_line")
    op.drop_table("plan")
    op.drop_index("uq_closing_report", table_name="closing_report")
    op.drop_table("closing_report")
    op.drop_index("uq_agreement_revision", table_name="agreement")
    op.drop_index("uq_agreement_live", table_name="agreement", postgresql_where="status <> 'void'")
    op.drop_table("agreement")
    op.drop_index("uq_contact_open", table_name="contact", postgresql_where="status <> 'declined'")
    op.drop_index(op.f("ix_contact_offer_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(
        "uq_agreed_pair_one_visit", table_name="agreed_pair", postgresql_where="status = 'validated'"
    )
    op.drop_index(
        "uq_agreed_pair_live",
        table_name="agreed_pair",
        postgresql_where="status NOT IN ('built', 'declined', 'withdrawn')",
    )
    op.drop_index(op.f("ix_agreed_pair_offer_id"), table_name="agreed_pair")
    op.drop_table("agreed_pair")
    op.drop_index(op.f("ix_batch_partnership_id"), table_name="batch")
    op.drop_table("batch")
    op.drop_table("seal")
    op.drop_index("ix_viewing_about", table_name="viewing")
    op.drop_table("viewing")
    op.drop_index(op.f("ix_used_key_used_at"), table_name="used_key")
    op.drop_table("used_key")
    op.drop_table("sealed_head")
