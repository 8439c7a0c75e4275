from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session, scoped_session

from mobility.agreements import queries, services, tasks
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges import services as exchanges
from mobility.mail.queries import letters_about
from mobility.papers import queries as papers
from tests.conftest import drain
from tests.make.agreements import make_commitment, make_financial, sign_all, sign_slot


def jobs(session: scoped_session[Session]) -> list[dict[str, Any]]:
    """The arguments of the waiting jobs that print."""
    waiting = text(
        "SELECT args FROM procrastinate_jobs WHERE task_name = 'agreements.print_one' AND status = 'todo' ORDER BY id"
    )
    return list(session.scalars(waiting))


def test_what_has_no_paper_is_printed_once(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    void = make_commitment()
    services.amend(void.exchange, "Other goals.", actor=None)

    tasks.tidy(timestamp=0)
    tasks.tidy(timestamp=20)

    assert jobs(session) == [{"agreement_id": agreement.id}]


def test_what_a_job_prints_at_this_moment_is_not_queued_again(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    tasks.tidy(timestamp=0)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo'"))

    tasks.tidy(timestamp=20)

    assert jobs(session) == []
    assert queries.ids_to_print(services.PAPER) == []
    assert papers.live(services.PAPER, agreement) is None


def test_what_is_printed_is_left_alone(session: scoped_session[Session]) -> None:
    tasks.print_one(agreement_id=make_commitment().id)

    tasks.tidy(timestamp=0)

    assert jobs(session) == []


def test_what_was_signed_by_all_since_is_printed_again(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    tasks.print_one(agreement_id=agreement.id)
    sign_all(agreement)
    financial = queries.in_force(agreement.exchange, AgreementKind.FINANCIAL)
    assert financial is not None

    tasks.tidy(timestamp=0)

    assert jobs(session) == [{"agreement_id": agreement.id}, {"agreement_id": financial.id}]


def test_agreements_of_cancelled_exchanges_are_voided(session: scoped_session[Session]) -> None:
    agreement = make_financial()
    tasks.print_one(agreement_id=agreement.id)
    exchanges.cancel(agreement.exchange, "Ill.", actor=None)

    tasks.tidy(timestamp=0)

    assert queries.all_in_force(agreement.exchange) == []
    assert agreement.status is AgreementStatus.VOID
    assert papers.live(services.PAPER, agreement) is None
    assert jobs(session) == []


def test_the_morning_reminds_of_missing_signatures(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    sign_slot(agreement, Slot.VO)
    session.execute(text("ALTER TABLE agreement DISABLE TRIGGER agreement_frozen"))
    agreement.drawn_up_at = clock.utcnow() - timedelta(days=2)
    agreement.exchange.first_day = clock.today() + timedelta(days=7)
    session.flush()

    tasks.remind(timestamp=0)
    tasks.remind(timestamp=86_400)

    reminded = [letter.kind for letter in letters_about(agreement) if "reminder" in letter.kind]
    assert sorted(reminded) == [f"agreements.reminder_{slot}" for slot in ("ho", "hop", "vop")]


def test_who_was_asked_today_is_not_reminded_today(session: scoped_session[Session]) -> None:
    agreement = make_commitment()
    agreement.exchange.first_day = clock.today() + timedelta(days=2)
    session.flush()

    assert queries.to_remind(clock.today()) == []


def test_the_worker_prints_what_the_page_left_to_it(live_app: Flask) -> None:
    with live_app.app_context():
        agreement = make_commitment()
        tasks.have_all_printed(agreement.exchange)
        db.session.commit()
        agreement_id = agreement.id

    drain(live_app)

    with live_app.app_context():
        paper = papers.live(services.PAPER, db.session.get_one(Agreement, agreement_id))
        assert paper is not None
        assert paper.content.startswith(b"%PDF-")
