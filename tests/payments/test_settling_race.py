"""The bank says two things at once: paid, and sent back. The ledger keeps to what came last."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from mobility.admin.invariants import broken
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.payments import batch_queries, ledger, services
from mobility.payments.enums import Account
from mobility.payments.models import PaymentOrder
from mobility.payments.settling import fail_held
from tests.make.payments import make_batch
from tests.processes import wait_until
from tests.waiting import somebody_waits

LEDGER = "the ledger says of every order where its money is"
Fail = Callable[[PaymentOrder], object]


def exported(app: Flask) -> int:
    with app.app_context():
        order_id = make_batch(1, until="exported").lines[0].order.id
        db.session.commit()
    return order_id


def paid_while_it_fails(app: Flask, order_id: int, fail: Fail) -> str:
    """One holds the batch and takes the order down as paid; the other has read it before and waits."""

    def other() -> str:
        with app.app_context():
            try:
                fail(db.session.get_one(PaymentOrder, order_id))
            except RuleBroken as refusal:
                return refusal.code
            db.session.commit()
            return "failed"

    with ThreadPoolExecutor(1) as pool, app.app_context():
        order = db.session.get_one(PaymentOrder, order_id)
        line = batch_queries.line_of(order)
        assert line is not None
        batch_queries.lock(line.batch)
        answer = pool.submit(other)
        wait_until(lambda: somebody_waits() or answer.done(), 10)
        services.mark_paid(order, clock.today(), "", actor=None)
        db.session.commit()
        return answer.result(timeout=60)


def test_what_fails_while_it_is_paid_leaves_the_account_where_it_stands_now(live_app: Flask) -> None:
    order_id = exported(live_app)

    answer = paid_while_it_fails(live_app, order_id, lambda order: services.fail(order, "AC04", actor=None))

    with live_app.app_context():
        assert (answer, broken()) == ("failed", {})


def test_a_page_that_was_opened_before_it_was_paid_fails_nothing(live_app: Flask) -> None:
    order_id = exported(live_app)

    answer = paid_while_it_fails(
        live_app, order_id, lambda order: services.fail(order, "AC04", actor=None, version=order.version)
    )

    with live_app.app_context():
        assert (answer, broken()) == ("stale", {})


def look_then_lock(order: PaymentOrder) -> None:
    """What a careless verb would do: know where the money stands before it waits."""
    line, stood_in = batch_queries.line_of(order), ledger.HELD_IN[order.status]
    assert line is not None
    batch_queries.lock(line.batch)
    fail_held(order, "AC04", actor=None)
    # The posting of the money as it stood before the wait.
    now = ledger.HELD_IN[order.status]
    ledger.post(now, Account.BANK, [order], actor=None)
    ledger.post(stood_in, now, [order], actor=None)


def test_the_control_that_looks_before_the_lock_posts_from_the_wrong_account(live_app: Flask) -> None:
    order_id = exported(live_app)

    answer = paid_while_it_fails(live_app, order_id, look_then_lock)

    with live_app.app_context():
        found = broken()
    print(f"control: {answer}, {found}")
    assert answer == "failed"
    assert LEDGER in found


def test_paid_and_failed_at_once_end_in_one_of_both(live_app: Flask) -> None:
    ids = [exported(live_app) for _number in range(6)]

    def act(numbered: tuple[int, bool]) -> str:
        order_id, is_paid = numbered
        with live_app.app_context():
            order = db.session.get_one(PaymentOrder, order_id)
            try:
                if is_paid:
                    services.mark_paid(order, clock.today(), "", actor=None, version=order.version)
                else:
                    services.fail(order, "AC04", actor=None, version=order.version)
            except RuleBroken as refusal:
                return refusal.code
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(act, [(order_id, way) for order_id in ids for way in (True, False)]))

    with live_app.app_context():
        print(f"{len(ids)} orders, paid and failed at once: {answers}")
        assert answers.count("done") >= len(ids)
        assert broken() == {}
