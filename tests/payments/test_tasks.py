from typing import Any

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session, scoped_session

from mobility.core.db import db
from mobility.papers import queries as papers
from mobility.payments import queries, services, tasks
from mobility.payments.models import PaymentOrder
from tests.conftest import drain
from tests.make.exchanges import make_ended_exchange
from tests.make.payments import make_order, make_payable


def jobs(session: scoped_session[Session], name: str) -> list[dict[str, Any]]:
    """The arguments of the waiting jobs of a task."""
    waiting = text(
        "SELECT args FROM procrastinate_jobs WHERE task_name LIKE :name AND status = 'todo' ORDER BY id"
    )
    return list(session.scalars(waiting, {"name": f"%.{name}"}))


def test_each_completed_exchange_without_order_gets_a_job(session: scoped_session[Session]) -> None:
    exchange = make_payable()
    make_payable(lump_sum_cents=0, trace=[])
    make_payable(status="ongoing")
    make_ended_exchange()
    make_order()

    tasks.order_due(timestamp=0)

    assert jobs(session, "order_one") == [{"exchange_id": exchange.id}]


def test_looking_twice_queues_once(session: scoped_session[Session]) -> None:
    make_payable()

    tasks.order_due(timestamp=0)
    tasks.order_due(timestamp=10)

    assert len(jobs(session, "order_one")) == 1


def test_an_order_taken_back_is_not_repeated_by_the_clock(session: scoped_session[Session]) -> None:
    services.void(make_order(), "Disputed.", actor=None)

    tasks.order_due(timestamp=0)

    assert jobs(session, "order_one") == []


def test_the_job_orders_and_has_the_paper_printed(session: scoped_session[Session]) -> None:
    exchange = make_payable()

    tasks.order_one(exchange_id=exchange.id)

    order = session.scalars(select(PaymentOrder)).one()
    assert order.exchange is exchange
    assert jobs(session, "print_one") == [{"order_id": order.id}]


def test_a_job_that_runs_twice_orders_once(session: scoped_session[Session]) -> None:
    exchange = make_payable()

    tasks.order_one(exchange_id=exchange.id)
    tasks.order_one(exchange_id=exchange.id)

    assert queries.exchanges_to_order() == []
    assert len(session.scalars(select(PaymentOrder)).all()) == 1


def test_a_due_order_without_a_paper_is_printed_once(session: scoped_session[Session]) -> None:
    order = make_order()
    make_order(is_printed=True)
    services.void(make_order(), "Disputed.", actor=None)

    tasks.order_due(timestamp=0)
    tasks.order_due(timestamp=20)

    assert jobs(session, "print_one") == [{"order_id": order.id}]


def test_an_order_that_is_being_printed_is_not_queued_again(session: scoped_session[Session]) -> None:
    make_order()
    tasks.order_due(timestamp=0)
    session.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))

    tasks.order_due(timestamp=20)

    assert jobs(session, "print_one") == []


def test_a_print_that_failed_is_tried_again_later(live_app: Flask) -> None:
    with live_app.app_context():
        order_id = make_order().id
        tasks.have_printed(db.session.get_one(PaymentOrder, order_id))
        db.session.execute(text("ALTER TABLE paper RENAME TO paper_away"))
        db.session.commit()

    drain(live_app)
    with live_app.app_context():
        waits = text(
            "SELECT status::text, attempts, scheduled_at > now() FROM procrastinate_jobs WHERE lock = :lock"
        )
        assert db.session.execute(waits, {"lock": f"print-{order_id}"}).one() == ("todo", 1, True)
        db.session.execute(text("ALTER TABLE paper_away RENAME TO paper"))
        db.session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now()"))
        db.session.commit()
    drain(live_app)

    with live_app.app_context():
        assert papers.live(services.PAPER, db.session.get_one(PaymentOrder, order_id)) is not None


def test_the_printing_job_issues_the_paper(session: scoped_session[Session]) -> None:
    order = make_order()

    tasks.print_one(order_id=order.id)

    assert papers.live(services.PAPER, order) is not None
