"""A round is published while fifty visits are assigned to the same places by hand (promise T60)."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select

from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer, PlaceDay, Reservation
from mobility.hosts.reservations import reserve
from mobility.rounds import services
from mobility.rounds.models import Run
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.rounds import make_frozen_round, make_host, make_solved_run, make_visitor, weeks

PLACES, BY_HAND, BY_ROUND = 10, 50, 2
Assign = Callable[[Offer, User], None]


@pytest.fixture
def wide_app(live_app: Flask, own_database: str) -> Iterator[Flask]:
    """An app with two connections for each who assigns."""
    engine = create_engine(own_database, pool_size=2 * BY_HAND + 4, pool_timeout=60)
    with live_app.app_context():
        db.engines[None].dispose()
        db.engines[None] = engine  # type: ignore[index]
    yield live_app
    engine.dispose()


@pytest.fixture
def run_id(wide_app: Flask) -> int:
    """A solved run of two visits to a host with ten places, of one stay's length."""
    with wide_app.app_context():
        call = make_call()
        monday, _friday = weeks(call)
        window = (monday, monday + timedelta(days=2))
        make_host(call, windows=((*window, PLACES),), max_visits=1000)
        for _ in range(BY_ROUND):
            make_visitor(call, windows=(window,))
        for _ in range(BY_HAND):
            make_user()
        run = make_solved_run(make_frozen_round(call))
        db.session.commit()
        return run.id


def guarded(offer: Offer, user: User) -> None:
    window = offer.windows[0]
    reserve(offer, window.first_day, window.last_day, for_record=user)


def all_at_once(app: Flask, run_id: int, assign: Assign) -> Counter[str]:
    """What came of publishing and of each assignment by hand."""
    start = threading.Barrier(BY_HAND + 1)

    def act(number: int) -> str:
        with app.app_context():
            run, offer = db.session.get_one(Run, run_id), db.session.scalars(select(Offer)).one()
            user = db.session.scalars(select(User).order_by(User.id).offset(number).limit(1)).first()
            # Read before the start, not at it.
            assert all((run.round.reference, offer.windows, clock.utcnow()))
            db.session.commit()
            start.wait(timeout=60)
            try:
                if number == BY_HAND:
                    services.publish(run, actor=None)
                else:
                    assert user
                    assign(offer, user)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "published" if number == BY_HAND else "placed"

    with ThreadPoolExecutor(BY_HAND + 1) as pool:
        return Counter(pool.map(act, range(BY_HAND + 1)))


def test_ten_places_are_taken_ten_times_by_hand_and_by_the_round_together(
    wide_app: Flask, run_id: int
) -> None:
    answers = all_at_once(wide_app, run_id, guarded)

    by_round = BY_ROUND * answers["published"]
    assert answers["placed"] + by_round == PLACES
    assert answers.keys() <= {"placed", "published", "host-full", "inputs-changed"}
    with wide_app.app_context():
        assert db.session.scalar(select(func.max(PlaceDay.taken))) == PLACES
        live = select(func.count()).select_from(Reservation).where(Reservation.freed_at.is_(None))
        assert db.session.scalar(live) == PLACES


def test_the_control_that_counts_and_then_takes_overfills_the_host(wide_app: Flask, run_id: int) -> None:
    counted = threading.Barrier(BY_HAND)

    def unguarded(offer: Offer, user: User) -> None:
        window, about = offer.windows[0], {"for_kind": "user", "for_id": user.id}
        taken = db.session.scalar(select(func.count()).where(Reservation.offer_id == offer.id)) or 0
        counted.wait(timeout=60)
        if taken >= PLACES:
            raise RuleBroken("host-full")
        days = {"first_day": window.first_day, "last_day": window.last_day}
        db.session.add(Reservation(offer_id=offer.id, made_at=clock.utcnow(), **days, **about))

    answers = all_at_once(wide_app, run_id, unguarded)

    assert answers["placed"] + BY_ROUND * answers["published"] > PLACES
