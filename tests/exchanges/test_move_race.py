"""An agreed exchange is moved by two people across each other: the budget holds what the exchange costs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from flask import Flask

from mobility.calls.queries import allotment_of
from mobility.calls.services import reserve
from mobility.core.db import db
from mobility.exchanges import services
from mobility.exchanges.enums import Side
from mobility.exchanges.models import Exchange
from mobility.taxonomies import working_days
from tests.make.rounds import make_proposal

OTHERS_CENTS = 200_000
DAY = timedelta(days=1)


def agreed(app: Flask) -> tuple[int, list[date]]:
    """An exchange of €780.00 in a budget that others use too, and two Mondays to move it to."""
    with app.app_context():
        proposal = make_proposal()
        services.accept(proposal, Side.VISITOR, actor=None)
        exchange = services.accept(proposal, Side.HOST, actor=None)
        assert exchange
        assert exchange.lump_sum_cents == 78_000
        reserve(exchange.call, exchange.vop, OTHERS_CENTS)
        window = exchange.offer.windows[0]
        days = (window.first_day + n * DAY for n in range((window.last_day - window.first_day).days - 2))
        mondays = [
            day
            for day in days
            if day.weekday() == 0
            and day != exchange.first_day
            and working_days.count(day, day + 2 * DAY, "PT") == 3
        ]
        db.session.commit()
        return exchange.id, mondays[:2]


def move(app: Flask, exchange_id: int, monday: date) -> None:
    with app.app_context():
        exchange = db.session.get_one(Exchange, exchange_id)
        services.move(exchange, monday, monday + 2 * DAY, actor=None)
        db.session.commit()


def move_across(app: Flask, exchange_id: int, mondays: list[date]) -> None:
    """Read the exchange, let somebody else move it, then move what was read."""
    with app.app_context(), ThreadPoolExecutor(1) as pool:
        exchange = db.session.get_one(Exchange, exchange_id)
        _ = exchange.offer, exchange.call, exchange.vop
        pool.submit(move, app, exchange_id, mondays[0]).result(timeout=60)
        services.move(exchange, mondays[1], mondays[1] + 2 * DAY, actor=None)
        db.session.commit()


def too_much_cents(app: Flask, exchange_id: int) -> int:
    """What the budget holds beyond the exchange and the others."""
    with app.app_context():
        exchange = db.session.get_one(Exchange, exchange_id)
        allotment = allotment_of(exchange.call, exchange.vop)
        assert allotment
        return allotment.committed_cents - exchange.lump_sum_cents - OTHERS_CENTS


def test_two_moves_across_leave_the_budget_right(live_app: Flask) -> None:
    exchange_id, mondays = agreed(live_app)

    move_across(live_app, exchange_id, mondays)

    assert too_much_cents(live_app, exchange_id) == 0


def test_the_control_without_the_lock_frees_the_money_twice(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange_id, mondays = agreed(live_app)
    monkeypatch.setattr(services, "_lock", lambda _exchange: None)

    move_across(live_app, exchange_id, mondays)

    assert too_much_cents(live_app, exchange_id) == -39_000
