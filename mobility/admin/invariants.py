"""What must hold at any time: each query finds the rows that break it."""

from dataclasses import dataclass

from sqlalchemy import text

from mobility.core.db import db


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
        SELECT exchange_id, instalment FROM payment_order WHERE status <> 'void'
        GROUP BY exchange_id, instalment HAVING count(*) > 1
        """,
    ),
    Invariant(
        "a payment order pays what its exchange fixed",
        """
        SELECT payment_order.reference FROM payment_order JOIN exchange ON exchange.id = payment_order.exchange_id
        WHERE payment_order.amount_cents <> exchange.lump_sum_cents
        """,
    ),
    Invariant(
        "no partnership commits more than its budget",
        "SELECT id FROM allotment WHERE committed_cents > budget_cents OR committed_cents < 0",
    ),
    Invariant(
        "what is committed equals open proposals and live exchanges",
        """
        SELECT allotment.id, allotment.committed_cents, coalesce(sum(held.cents), 0) AS held
        FROM allotment LEFT JOIN (
            SELECT application.call_id, application.partnership_id, proposal.lump_sum_cents AS cents
            FROM proposal JOIN application ON application.id = proposal.application_id WHERE proposal.status = 'open'
            UNION ALL
            SELECT call_id, vop_id, lump_sum_cents FROM exchange WHERE status <> 'cancelled'
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
        WHERE application.status IN ('draft', 'submitted', 'rejected')
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
        "applications were submitted before the call closed",
        """
        SELECT application.reference FROM application JOIN call ON call.id = application.call_id
        WHERE application.submitted_at > call.closes_at + make_interval(secs => call.grace_s)
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
            UNION ALL SELECT 'application', id, motivation || ' ' || decision_reason FROM application
            UNION ALL SELECT 'offer', id, description || ' ' || decision_reason FROM offer
            UNION ALL SELECT 'answer', id, values::text FROM answer
            UNION ALL SELECT 'job', id, args::text FROM procrastinate_jobs
        ) AS texts WHERE content ~ '\m[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}\M'
        """,
    ),
)


def broken() -> dict[str, int]:
    """Each invariant that does not hold, with the number of rows that break it."""
    counted = {
        invariant.name: db.session.scalar(text(f"SELECT count(*) FROM ({invariant.sql}) AS broken")) or 0  # noqa: S608
        for invariant in INVARIANTS
    }
    return {name: number for name, number in counted.items() if number}
