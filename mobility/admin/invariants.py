"""What must hold at any time: each query finds the rows that break it."""

from dataclasses import dataclass

from sqlalchemy import text

from mobility.admin.money_invariants import MONEY
from mobility.core.db import db
from mobility.payments.files import broken_files


@dataclass(frozen=True)
class Invariant:
    """A sentence, and the SQL that returns the rows that break it."""

    name: str
    sql: str


INVARIANTS = (
    Invariant(
        "no host day holds more visits than places",
        "SELECT * FROM place_day WHERE taken > places OR taken < 0",
    ),
    Invariant(
        "places taken equal the live reservations of the day",
        """
        SELECT place_day.offer_id, place_day.day, place_day.taken, count(reservation.id) AS reserved
        FROM place_day LEFT JOIN reservation ON reservation.offer_id = place_day.offer_id
             AND reservation.freed_at IS NULL AND place_day.day BETWEEN reservation.first_day AND reservation.last_day
        GROUP BY place_day.offer_id, place_day.day, place_day.taken HAVING place_day.taken <> count(reservation.id)
        """,
    ),
    Invariant(
        "an organisation has one live exchange",
        """
        SELECT visiting_organisation_id FROM exchange WHERE status <> 'cancelled'
        GROUP BY visiting_organisation_id HAVING count(*) > 1
        """,
    ),
    Invariant(
        "an exchange has one live payment per instalment",
        """
        SELECT exchange_id, instalment FROM payment_order WHERE status NOT IN ('void', 'failed', 'recovered')
        GROUP BY exchange_id, instalment HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a payment order pays what its exchange fixed",
        """
        SELECT payment_order.reference FROM payment_order JOIN exchange ON exchange.id = payment_order.exchange_id
        WHERE payment_order.amount_cents <> exchange.lump_sum_cents
              AND payment_order.status NOT IN ('void', 'failed', 'recovered')
        """,
    ),
    Invariant(
        "no partnership commits more than its budget",
        "SELECT id FROM allotment WHERE committed_cents > budget_cents OR committed_cents < 0",
    ),
    Invariant(
        "what is committed equals open proposals, validated pairs and live exchanges",
        """
        SELECT allotment.id, allotment.committed_cents, coalesce(sum(held.cents), 0) AS held
        FROM allotment LEFT JOIN (
            SELECT application.call_id, application.partnership_id, proposal.lump_sum_cents AS cents
            FROM proposal JOIN application ON application.id = proposal.application_id WHERE proposal.status = 'open'
            UNION ALL
            SELECT application.call_id, application.partnership_id, agreed_pair.lump_sum_cents
            FROM agreed_pair JOIN application ON application.id = agreed_pair.application_id
            WHERE agreed_pair.status = 'validated'
            UNION ALL
            SELECT call_id, vop_id, lump_sum_cents FROM exchange WHERE status <> 'cancelled' AND NOT EXISTS (
                SELECT 1 FROM payment_order WHERE exchange_id = exchange.id AND payment_order.status = 'recovered')
        ) AS held ON held.call_id = allotment.call_id AND held.partnership_id = allotment.partnership_id
        GROUP BY allotment.id HAVING allotment.committed_cents <> coalesce(sum(held.cents), 0)
        """,
    ),
    Invariant(
        "a published round has one published run and one proposal per assignment",
        """
        SELECT round.reference FROM round
        LEFT JOIN run ON run.round_id = round.id AND run.is_published
        WHERE round.status = 'published' AND (
            run.id IS NULL OR (
                SELECT count(*) FROM jsonb_array_elements(run.solution -> 'assignments') AS assignment
                WHERE assignment ->> 'application' NOT LIKE 'reservation:%'
            ) <> (SELECT count(*) FROM proposal WHERE proposal.round_id = round.id))
        """,
    ),
    Invariant(
        "a published application was accepted before",
        """
        SELECT proposal.reference FROM proposal JOIN application ON application.id = proposal.application_id
        WHERE application.status IN ('draft', 'submitted', 'changes_asked', 'rejected')
        """,
    ),
    Invariant(
        "changes are asked for where an application waits for them",
        """
        SELECT application.reference FROM application
        LEFT JOIN change_request ON change_request.application_id = application.id AND change_request.ended_at IS NULL
        WHERE (application.status = 'changes_asked') <> (change_request.id IS NOT NULL)
        """,
    ),
    Invariant(
        "an invitation is answered at most once, and marked",
        """
        SELECT invitation.id FROM invitation LEFT JOIN answer ON answer.invitation_id = invitation.id
        WHERE (invitation.answered_at IS NULL) <> (answer.id IS NULL)
        """,
    ),
    Invariant(
        "applications were submitted before the call closed, or by a late entry",
        """
        SELECT application.reference FROM application JOIN call ON call.id = application.call_id
        LEFT JOIN late_entry ON late_entry.id = application.late_entry_id
        WHERE application.submitted_at > call.closes_at + make_interval(secs => call.grace_s)
              AND ((application.submitted_at AT TIME ZONE 'Europe/Brussels')::date <= late_entry.last_on) IS NOT TRUE
        """,
    ),
    Invariant(
        "every record that left its first state has an entry in the log",
        """
        SELECT 'application', id FROM application WHERE status <> 'draft' AND NOT EXISTS (
            SELECT 1 FROM entry WHERE about_kind = 'application' AND about_id = application.id)
        UNION ALL SELECT 'offer', id FROM offer WHERE status <> 'draft' AND NOT EXISTS (
            SELECT 1 FROM entry WHERE about_kind = 'offer' AND about_id = offer.id)
        UNION ALL SELECT 'exchange', id FROM exchange WHERE NOT EXISTS (
            SELECT 1 FROM entry WHERE about_kind = 'exchange' AND about_id = exchange.id)
        UNION ALL SELECT 'round', id FROM round WHERE status <> 'open' AND NOT EXISTS (
            SELECT 1 FROM entry WHERE about_kind = 'round' AND about_id = round.id)
        """,
    ),
    Invariant(
        "every paper is whole",
        """
        SELECT number, paper_version FROM paper
        WHERE encode(sha256(content), 'hex') <> sha256 OR length(content) <> bytes_long
        """,
    ),
    Invariant(
        "no account number stands in the clear",
        r"""
        SELECT kind, id FROM (
            SELECT 'organisation' AS kind, id, iban AS content FROM organisation
            UNION ALL SELECT 'entry', id, values::text FROM entry
            UNION ALL SELECT 'letter', id, body FROM letter
            UNION ALL SELECT 'organisation', id, description FROM organisation
            UNION ALL SELECT 'application', id, motivation || ' ' || decision_reason || ' ' || held_reason
                FROM application
            UNION ALL SELECT 'rule_exception', id, reason || ' ' || answer FROM rule_exception
            UNION ALL SELECT 'offer_exception', id, reason || ' ' || answer FROM offer_exception
            UNION ALL SELECT 'review', id, comment FROM review
            UNION ALL SELECT 'offer', id, description || ' ' || decision_reason FROM offer
            UNION ALL SELECT 'answer', id, values::text FROM answer
            UNION ALL SELECT 'job', id, args::text FROM procrastinate_jobs
            UNION ALL SELECT 'payment_order', id, reason || ' ' || bank_reference FROM payment_order
            UNION ALL SELECT 'batch', id, debtor_name || ' ' || void_reason FROM batch
            UNION ALL SELECT 'batch_line', id, creditor_name FROM batch_line
            UNION ALL SELECT 'agreement', id, content::text FROM agreement
            UNION ALL SELECT 'closing_report', id, activities || ' ' || results || ' ' || decision_reason
                FROM closing_report
            UNION ALL SELECT 'exchange', id, cancel_reason || ' ' || terminate_reason FROM exchange
            UNION ALL SELECT 'paper', id, title FROM paper
        ) AS texts WHERE content ~ '\m[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\M'
        """,
    ),
    Invariant(
        "a letter is written once for each person, subject and turn",
        """
        SELECT kind, to_email, about_kind, about_id, turn FROM letter
        GROUP BY kind, to_email, about_kind, about_id, turn HAVING count(*) > 1
        """,
    ),
    Invariant(
        "every reminder of a survey is one letter",
        """
        SELECT invitation.id FROM invitation WHERE reminded <> (
            SELECT count(*) FROM letter
            WHERE kind = 'survey.reminded' AND about_kind = 'invitation' AND about_id = invitation.id)
        """,
    ),
    Invariant(
        "nobody is reminded of a survey after the answer",
        """
        SELECT letter.id FROM letter JOIN invitation ON invitation.id = letter.about_id
        WHERE letter.kind = 'survey.reminded' AND letter.about_kind = 'invitation'
              AND letter.created_at > invitation.answered_at
        """,
    ),
    Invariant(
        "offers were submitted before the call closed",
        """
        SELECT offer.reference FROM offer JOIN call ON call.id = offer.call_id
        WHERE offer.submitted_at > call.closes_at + make_interval(secs => call.grace_s)
        """,
    ),
    Invariant(
        "every state that a record reached has its entry in the log",
        """
        SELECT reached.kind, reached.id, reached.verb FROM (
            SELECT 'exchange' AS kind, id, unnest(array_remove(ARRAY[
                'exchange.agreed',
                CASE WHEN confirmed_at IS NOT NULL THEN 'exchange.confirmed' END,
                CASE WHEN started_at IS NOT NULL THEN 'exchange.started' END,
                CASE WHEN ended_at IS NOT NULL THEN 'exchange.ended' END,
                CASE WHEN terminated_at IS NOT NULL THEN 'exchange.terminated' END,
                CASE WHEN cancelled_at IS NOT NULL THEN 'exchange.cancelled' END,
                CASE WHEN closed_at IS NOT NULL THEN 'exchange.closed' END], NULL)) AS verb FROM exchange
            UNION ALL SELECT 'agreement', id, unnest(array_remove(ARRAY[
                'agreement.drawn_up',
                CASE WHEN signed_at IS NOT NULL THEN 'agreement.complete' END,
                CASE WHEN voided_at IS NOT NULL THEN 'agreement.voided' END], NULL)) FROM agreement
            UNION ALL SELECT 'closing_report', id, unnest(array_remove(ARRAY[
                'report.begun',
                CASE WHEN filed_at IS NOT NULL THEN 'report.filed' END,
                CASE status WHEN 'accepted' THEN 'report.accepted' WHEN 'returned' THEN 'report.returned'
                    WHEN 'bypassed' THEN 'report.bypassed' END], NULL)) FROM closing_report
            UNION ALL SELECT 'payment_order', id, unnest(array_remove(ARRAY[
                'payment.ordered',
                CASE status WHEN 'held' THEN 'payment.held' WHEN 'paid' THEN 'payment.paid'
                    WHEN 'failed' THEN 'payment.failed' WHEN 'recovered' THEN 'payment.recovered'
                    WHEN 'void' THEN 'payment.voided' END], NULL)) FROM payment_order
            UNION ALL SELECT 'batch', id, unnest(array_remove(ARRAY[
                'batch.drawn-up',
                CASE WHEN proposed_at IS NOT NULL THEN 'batch.proposed' END,
                CASE WHEN approved_at IS NOT NULL THEN 'batch.approved' END,
                CASE WHEN exported_at IS NOT NULL THEN 'batch.exported' END,
                CASE status WHEN 'void' THEN 'batch.voided' END], NULL)) FROM batch
        ) AS reached
        WHERE NOT EXISTS (
            SELECT 1 FROM entry
            WHERE about_kind = reached.kind AND about_id = reached.id AND verb = reached.verb)
        """,
    ),
    Invariant(
        "every piece of evidence is whole",
        """
        SELECT id FROM evidence
        WHERE content IS NOT NULL
              AND (encode(sha256(content), 'hex') <> sha256 OR length(content) <> bytes_long)
        """,
    ),
    Invariant(
        "every CV is whole, and is that of its application or waits to be",
        """
        SELECT cv.id FROM cv JOIN application ON application.id = cv.application_id
        WHERE encode(sha256(content), 'hex') <> sha256 OR length(content) <> bytes_long
              OR (application.status NOT IN ('draft', 'changes_asked') AND cv.sha256 IS DISTINCT FROM application.cv)
        """,
    ),
    Invariant(
        "a signed agreement has all its signatures",
        """
        SELECT agreement.id FROM agreement WHERE status = 'signed' AND (
            SELECT count(*) FROM signature
            WHERE agreement_id = agreement.id AND signature.sha256 = agreement.sha256
        ) <> CASE kind WHEN 'commitment' THEN 4 ELSE 2 END
        """,
    ),
    Invariant(
        "the seals of the log count without a gap",
        "SELECT max(position) FROM seal HAVING max(position) <> count(*)",
    ),
    *(Invariant(name, sql) for name, sql in MONEY),
)
# What no SQL can see, for the file is encrypted.
FILES = "every file for the bank has its hash and its total"


def broken() -> dict[str, int]:
    """Each invariant that does not hold, with the number of rows that break it."""
    counted = {
        invariant.name: db.session.scalar(text(f"SELECT count(*) FROM ({invariant.sql}) AS broken")) or 0  # noqa: S608
        for invariant in INVARIANTS
    }
    counted[FILES] = len(broken_files())
    return {name: number for name, number in counted.items() if number}
