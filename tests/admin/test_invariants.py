"""Each invariant, broken once behind the verbs' back, is named with the rows that break it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.engine import make_url

from mobility.admin.commands import invariants
from mobility.admin.invariants import INVARIANTS, broken
from mobility.applications.enums import ApplicationStatus
from mobility.audit.services import seal
from mobility.catalogue.enums import PairStatus
from mobility.core import clock
from mobility.core.db import db
from mobility.core.uploads import Upload
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from mobility.payments import services as payments
from mobility.reporting.enums import ReportStatus
from mobility.rounds.models import Proposal, Run
from mobility.surveys import services as surveys
from tests import databases
from tests.admin.money_breaks import MONEY_BREAKS
from tests.make.agreements import make_financial, sign_all
from tests.make.applications import make_application
from tests.make.catalogue import make_pair
from tests.make.payments import make_batch, make_order
from tests.make.reporting import make_pdf, make_report
from tests.make.rounds import make_market, make_proposals, make_visitor
from tests.make.surveys import make_answer, make_invitation

FIRST_DAY_TAKEN = "(SELECT offer_id, day FROM place_day WHERE taken > 0 ORDER BY offer_id, day LIMIT 1)"
UNGUARDED_PAPER = "ALTER TABLE paper DISABLE TRIGGER ALL; "
BREAKS: list[tuple[str, int, str]] = [
    (
        "changes are asked for where an application waits for them",
        1,
        "UPDATE application SET status = 'changes_asked' WHERE id = (SELECT min(id) FROM application)",
    ),
    (
        "no host day holds more visits than places",
        1,
        f"""
        ALTER TABLE place_day DROP CONSTRAINT ck_place_day_within_places;
        UPDATE place_day SET places = taken - 1 WHERE (offer_id, day) = {FIRST_DAY_TAKEN}
        """,
    ),
    (
        "places taken equal the live reservations of the day",
        1,
        f"UPDATE place_day SET taken = taken - 1 WHERE (offer_id, day) = {FIRST_DAY_TAKEN}",
    ),
    (
        "places taken equal the live reservations of the day",
        5,
        "UPDATE reservation SET freed_at = now() WHERE id = (SELECT min(id) FROM reservation)",
    ),
    (
        "an organisation has one live exchange",
        1,
        """
        DROP INDEX uq_exchange_one_visit;
        UPDATE exchange SET visiting_organisation_id = (SELECT min(visiting_organisation_id) FROM exchange)
        """,
    ),
    (
        "an exchange has one live payment per instalment",
        1,
        """
        DROP INDEX uq_payment_order_live;
        UPDATE payment_order SET exchange_id = (SELECT min(exchange_id) FROM payment_order)
        """,
    ),
    (
        "a payment order pays what its exchange fixed",
        1,
        "UPDATE payment_order SET amount_cents = amount_cents + 1 WHERE id = (SELECT min(id) FROM payment_order)",
    ),
    (
        "no partnership commits more than its budget",
        1,
        """
        ALTER TABLE allotment DROP CONSTRAINT ck_allotment_within_budget;
        UPDATE allotment SET budget_cents = committed_cents - 1
        WHERE id = (SELECT min(id) FROM allotment WHERE committed_cents > 0)
        """,
    ),
    (
        "what is committed equals open proposals, validated pairs and live exchanges",
        1,
        "UPDATE allotment SET committed_cents = committed_cents + 1 WHERE id = (SELECT min(id) FROM allotment)",
    ),
    (
        "what is committed equals open proposals, validated pairs and live exchanges",
        1,
        "UPDATE proposal SET status = 'expired' WHERE status = 'open'",
    ),
    (
        "a published round has one published run and one proposal per assignment",
        1,
        "UPDATE run SET is_published = false",
    ),
    (
        "a published round has one published run and one proposal per assignment",
        1,
        "UPDATE run SET solution = jsonb_set(solution, '{assignments}', (solution -> 'assignments') - 0)",
    ),
    (
        "a published application was accepted before",
        1,
        """
        UPDATE application SET status = 'submitted' WHERE id = (SELECT min(application_id) FROM proposal)
        """,
    ),
    (
        "an invitation is answered at most once, and marked",
        1,
        "UPDATE invitation SET answered_at = NULL WHERE answered_at IS NOT NULL",
    ),
    ("an invitation is answered at most once, and marked", 1, "DELETE FROM answer"),
    (
        "applications were submitted before the call closed, or by a late entry",
        1,
        """
        UPDATE application SET submitted_at = call.closes_at + make_interval(secs => call.grace_s + 1)
        FROM call WHERE call.id = application.call_id AND application.id = (SELECT min(id) FROM application)
        """,
    ),
    *(
        (
            "every record that left its first state has an entry in the log",
            1,
            f"""
            ALTER TABLE entry DISABLE TRIGGER ALL;
            DELETE FROM entry WHERE about_kind = '{kind}' AND about_id = (SELECT min(id) FROM {kind})
            """,
        )
        for kind in ("application", "offer", "round")
    ),
    (
        "every paper is whole",
        1,
        UNGUARDED_PAPER
        + "UPDATE paper SET bytes_long = bytes_long + 1 WHERE id = (SELECT min(id) FROM paper)",
    ),
    (
        "every paper is whole",
        1,
        UNGUARDED_PAPER
        + "UPDATE paper SET content = set_byte(content, 9, 0) WHERE id = (SELECT min(id) FROM paper)",
    ),
    (
        "no account number stands in the clear",
        1,
        "UPDATE organisation SET iban = 'BE68539007547034' WHERE id = (SELECT min(id) FROM organisation)",
    ),
    (
        "no account number stands in the clear",
        1,
        "UPDATE letter SET body = 'To BE68539007547034.' WHERE id = (SELECT min(id) FROM letter)",
    ),
    (
        "a letter is written once for each person, subject and turn",
        1,
        """
        DROP INDEX uq_letter_once;
        UPDATE letter SET to_email = 'one@example.org', about_id = 0 WHERE kind = 'survey.invited'
        """,
    ),
    ("every reminder of a survey is one letter", 1, "UPDATE invitation SET reminded = 2 WHERE reminded = 1"),
    (
        "nobody is reminded of a survey after the answer",
        1,
        "UPDATE invitation SET answered_at = invited_at - interval '1 day' WHERE reminded = 1",
    ),
    (
        "offers were submitted before the call closed",
        1,
        """
        UPDATE offer SET submitted_at = call.closes_at + make_interval(secs => call.grace_s + 1)
        FROM call WHERE call.id = offer.call_id AND offer.id = (SELECT min(id) FROM offer)
        """,
    ),
    *(
        (
            "every state that a record reached has its entry in the log",
            1,
            f"""
            ALTER TABLE entry DISABLE TRIGGER ALL;
            DELETE FROM entry WHERE id = (SELECT min(id) FROM entry WHERE verb = '{verb}')
            """,
        )
        for verb in (
            "exchange.confirmed",
            "exchange.ended",
            "agreement.drawn_up",
            "agreement.complete",
            "report.filed",
            "report.accepted",
            "payment.ordered",
            "batch.approved",
        )
    ),
    (
        "every piece of evidence is whole",
        1,
        """
        ALTER TABLE evidence DISABLE TRIGGER ALL;
        UPDATE evidence SET content = set_byte(content, 9, 0) WHERE id = (SELECT min(id) FROM evidence)
        """,
    ),
    (
        "every CV is whole, and is that of its application or waits to be",
        1,
        "UPDATE cv SET content = set_byte(content, 9, 0)",
    ),
    (
        "every CV is whole, and is that of its application or waits to be",
        1,
        "UPDATE application SET cv = NULL",
    ),
    (
        "a signed agreement has all its signatures",
        1,
        """
        ALTER TABLE signature DISABLE TRIGGER ALL;
        DELETE FROM signature WHERE id = (SELECT min(id) FROM signature)
        """,
    ),
    (
        "the seals of the log count without a gap",
        1,
        """
        ALTER TABLE seal DISABLE TRIGGER ALL;
        UPDATE seal SET position = position + 1 WHERE position = (SELECT max(position) FROM seal)
        """,
    ),
    *MONEY_BREAKS,
]


@pytest.fixture(scope="module")
def filled(server: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a database in which a round came to stays, payments, an answer and an open proposal."""
    with databases.copy_of(template, server) as address:
        with databases.app_on(address, tmp_path_factory.mktemp("var")) as app, app.app_context():
            _fill()
            db.session.commit()
        yield make_url(address).database or ""


@pytest.fixture
def filled_app(filled: str, server: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on a copy of it, to be broken."""
    with databases.copy_of(filled, server) as address, databases.app_on(address, tmp_path) as app:
        yield app


def _fill() -> None:
    first, second, _open = make_proposals(make_market(visitors=3))
    agreed = [_agreed(proposal) for proposal in (first, second)]
    for exchange in agreed:
        sign_all(make_financial(exchange))
    _travel()
    make_application(status=ApplicationStatus.SUBMITTED, cv=Upload("cv.pdf", make_pdf()))
    for exchange in agreed:
        make_report(exchange=exchange, status=ReportStatus.ACCEPTED)
    orders = [make_order(exchange, is_printed=True) for exchange in agreed]
    make_batch(orders=orders[:1], until="approved")
    invitation, _token = make_invitation(exchange=agreed[0])
    surveys.remind(invitation)
    make_answer(invitation, recommend=9)
    seal()


def _agreed(proposal: Proposal) -> Exchange:
    for side in Side:
        exchanges.accept(proposal, side, actor=None)
    db.session.flush()
    return db.session.scalars(select(Exchange).where(Exchange.proposal_id == proposal.id)).one()


def _travel() -> None:
    last_day = max(db.session.scalars(select(Exchange.last_day)))
    db.session.commit()
    for day, move_on in ((last_day, exchanges.start_due), (last_day + timedelta(days=1), exchanges.end_due)):
        clock.move(clock.at_local(day, 9))
        assert move_on() == 2
        db.session.commit()


def test_each_invariant_is_broken_here() -> None:
    assert {name for name, _, _ in BREAKS} == {invariant.name for invariant in INVARIANTS}


@pytest.mark.parametrize(("name", "number", "sql"), BREAKS)
def test_what_breaks_an_invariant_is_counted_under_its_name(
    filled_app: Flask, name: str, number: int, sql: str
) -> None:
    with filled_app.app_context():
        db.session.execute(text(sql))

        found = broken()

    # What breaks one may break another that says it in other words.
    assert found.get(name) == number


def test_sound_data_end_with_0(filled_app: Flask) -> None:
    ended = filled_app.test_cli_runner().invoke(invariants)

    assert ended.exit_code == 0
    assert ended.stdout == f"All {len(INVARIANTS)} invariants hold.\n"


def test_broken_data_end_with_1_and_say_what_is_broken(filled_app: Flask) -> None:
    with filled_app.app_context():
        db.session.execute(text("UPDATE run SET is_published = false"))
        db.session.execute(text(UNGUARDED_PAPER + "UPDATE paper SET bytes_long = 1"))
        db.session.commit()

    ended = filled_app.test_cli_runner().invoke(invariants)

    assert ended.exit_code == 1
    assert ended.stderr.splitlines() == [
        "a published round has one published run and one proposal per assignment: 1",
        "every paper is whole: 2",
    ]


@pytest.mark.usefixtures("session")
@pytest.mark.parametrize("status", [PairStatus.CONFIRMED, PairStatus.VALIDATED])
def test_what_a_validated_pair_reserves_is_committed(status: PairStatus) -> None:
    make_pair(status=status)

    assert broken() == {}


@pytest.mark.usefixtures("session")
def test_money_that_was_recovered_is_committed_no_more() -> None:
    order = make_batch(2, until="settled").lines[0].order

    payments.recover(order, "Stay found void.", actor=None)

    assert broken() == {}


@pytest.mark.usefixtures("session")
def test_a_second_round_of_a_call_keeps_every_invariant() -> None:
    call = make_market()
    make_proposals(call)
    make_visitor(call)

    (late,) = make_proposals(call)

    solution = db.session.scalars(select(Run.solution).where(Run.id == late.run_id)).one()
    assert solution
    assert len([row for row in solution["assignments"] if row["application"].startswith("reservation:")]) == 2
    assert broken() == {}
