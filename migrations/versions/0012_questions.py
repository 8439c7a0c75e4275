"""Questions of a call with their wordings, and what applicants answer to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

KINDS = "'line', 'text', 'yes_no', 'choice', 'choices', 'number', 'date'"
BEFORE = "'person', 'topics', 'dates', 'hosts', 'consents'"


def upgrade():
    _questions()
    _answers()
    _allow_sections(BEFORE + ", 'questions'")


def _questions():
    op.create_table(
        "call_question",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("call_id", sa.BigInteger(), sa.ForeignKey("call.id", name="fk_call_question_call_id"), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("is_asked", sa.Boolean(), nullable=False),
        sa.Column("shown_if_id", sa.BigInteger()),
        sa.Column("shown_if_answer", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("id", "kind", name="uq_call_question_id_kind"),
        sa.UniqueConstraint("call_id", "id", name="uq_call_question_call_id_id"),
        sa.UniqueConstraint(
            "call_id", "position", name="uq_call_question_call_id_position", deferrable=True, initially="DEFERRED"
        ),
        sa.ForeignKeyConstraint(
            ["call_id", "shown_if_id"],
            ["call_question.call_id", "call_question.id"],
            name="fk_call_question_call_id_shown_if_id",
        ),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_call_question_questionkind")),
        sa.CheckConstraint(
            "(shown_if_id IS NULL) = (shown_if_answer = '') AND shown_if_id <> id", name=op.f("ck_call_question_condition")
        ),
    )
    op.create_table(
        "question_wording",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column(
            "question_id",
            sa.BigInteger(),
            sa.ForeignKey("call_question.id", name="fk_question_wording_question_id"),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("help", sa.Text(), nullable=False),
        sa.Column("choices", JSONB(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("question_id", "number", name="uq_question_wording_question_id_number"),
        sa.UniqueConstraint("id", "question_id", name="uq_question_wording_id_question_id"),
    )
    op.execute("""
        CREATE FUNCTION refuse_other_wording() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'a wording stands; other words are a new one';
        END $$
    """)
    op.execute("""
        CREATE TRIGGER question_wording_stands BEFORE UPDATE ON question_wording
        FOR EACH ROW EXECUTE FUNCTION refuse_other_wording()
    """)


def _answers():
    op.create_table(
        "application_answer",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column(
            "application_id",
            sa.BigInteger(),
            sa.ForeignKey("application.id", name="fk_application_answer_application_id"),
            nullable=False,
        ),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("wording_id", sa.BigInteger(), nullable=False),
        sa.Column("value", JSONB()),
        sa.UniqueConstraint("application_id", "question_id", name="uq_application_answer_application_id_question_id"),
        # An answered question is not deleted and keeps its kind; an answer keeps the words that it was given to.
        sa.ForeignKeyConstraint(
            ["question_id", "kind"],
            ["call_question.id", "call_question.kind"],
            name="fk_application_answer_question_id_kind",
        ),
        sa.ForeignKeyConstraint(
            ["wording_id", "question_id"],
            ["question_wording.id", "question_wording.question_id"],
            name="fk_application_answer_wording_id_question_id",
        ),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_application_answer_questionkind")),
    )
    op.create_index("ix_application_answer_question_id", "application_answer", ["question_id"])
    op.create_index("ix_application_answer_wording_id", "application_answer", ["wording_id"])


def _allow_sections(sections):
    op.drop_constraint(op.f("ck_typed_ck_typed_section"), "typed", type_="check")
    op.create_check_constraint(op.f("ck_typed_ck_typed_section"), "typed", f"section IN ({sections})")


def downgrade():
    op.execute("DELETE FROM typed WHERE section = 'questions'")
    _allow_sections(BEFORE)
    op.drop_table("application_answer")
    op.drop_table("question_wording")
    op.execute("DROP FUNCTION refuse_other_wording()")
    op.drop_table("call_question")
