from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from flask import Flask
from sqlalchemy import func, insert, select, text

from mobility.admin.invariants import broken
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.exchanges.models import Exchange
from mobility.payments import queries, services
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from tests.make.payments import make_payable

AT_ONCE = 50
WIDE_POOL = 8


def committed_exchange(app: Flask) -> int:
    with app.app_context():
        exchange_id = make_payable().id
        db.session.commit()
    return exchange_id


def race(app: Flask, create: Callable[[int], None], exchange_id: int) -> tuple[int, int]:
    """Create the order 50 times, always several at once; how often it worked, and how many there are."""
    together = Barrier(WIDE_POOL)

    def attempt(number: int) -> bool:
        if number < WIDE_POOL:
            together.wait()
        with app.app_context():
            try:
                create(exchange_id)
            except RuleBroken:
                return False
            return True

    with ThreadPoolExecutor(WIDE_POOL) as pool:
        worked = sum(pool.map(attempt, range(AT_ONCE)))
    with app.app_context():
        return worked, db.session.scalar(select(func.count(PaymentOrder.id))) or 0


def order(exchange_id: int) -> None:
    services.order(db.session.get_one(Exchange, exchange_id))
    db.session.commit()


def look_then_insert(exchange_id: int) -> None:
    """What a careless verb would do: look first, and no index says no."""
    exchange = db.session.get_one(Exchange, exchange_id)
    if queries.live_order(exchange) is not None:
        raise RuleBroken("already-ordered")
    count = db.session.scalar(select(func.count(PaymentOrder.id))) or 0
    db.session.execute(text("SELECT pg_sleep(0.05)"))
    row = insert(PaymentOrder).values(
        reference=f"PO-{count}-{db.session.scalar(text('SELECT gen_random_uuid()'))}",
        exchange_id=exchange.id,
        call_id=exchange.call_id,
        bank_reference="",
        reason="",
        instalment=1,
        partnership_id=exchange.vop_id,
        status=PaymentStatus.DUE,
        amount_cents=exchange.lump_sum_cents,
        trace=exchange.trace,
        rules_version=exchange.rules_version,
        due_on=clock.today(),
        ordered_at=clock.utcnow(),
        version=1,
    )
    db.session.execute(row)
    db.session.commit()


def test_fifty_orders_at_once_are_one(live_app: Flask) -> None:
    exchange_id = committed_exchange(live_app)

    assert race(live_app, order, exchange_id) == (1, 1)
    with live_app.app_context():
        assert broken() == {}


def test_the_control_without_lock_and_index_orders_more_than_once(live_app: Flask) -> None:
    exchange_id = committed_exchange(live_app)
    with live_app.app_context():
        db.session.execute(text("DROP INDEX uq_payment_order_live"))
        db.session.execute(text("DROP TRIGGER payment_committed ON payment_order"))
        db.session.commit()

    worked, there = race(live_app, look_then_insert, exchange_id)

    assert worked == there > 1
