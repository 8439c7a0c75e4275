"""Fifty visits reach for ten places at the same moment (promise T60)."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select

from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import reservations
from mobility.hosts.draft import WindowDraft
from mobility.hosts.models import Offer, PlaceDay, Reservation
from tests.hosts.places import open_places
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.hosts import make_offer

PLACES, VISITS = 10, 50
Reserve = Callable[[Offer, date, User], None]


@pytest.fixture
def wide_app(live_app: Flask, own_database: str) -> Iterator[Flask]:
    """An app with a connection for each of the visits."""
    engine = create_engine(own_database, pool_size=VISITS + 2, pool_timeout=60)
    with live_app.app_context():
        db.engines[None].dispose()
        db.engines[None] = engine  # type: ignore[index]
    yield live_app
    engine.dispose()


@pytest.fixture
def offer_id(wide_app: Flask) -> int:
    """An accepted offer with ten places and nobody in them."""
    with wide_app.app_context():
        call = make_call()
        windows = (WindowDraft(call.first_day, call.last_day, PLACES),)
        offer = make_offer(call=call, windows=windows, max_visits=1000)
        for _number in range(VISITS):
            make_user()
        db.session.commit()
        return offer.id


def guarded(offer: Offer, day: date, user: User) -> None:
    reservations.reserve(offer, day, day, for_record=user)


def reach_all_at_once(app: Flask, offer_id: int, reserve: Reserve) -> list[str]:
    """What each visit got: a place, or the code of its refusal."""
    start = threading.Barrier(VISITS)

    def reach(number: int) -> str:
        with app.app_context():
            offer = db.session.get_one(Offer, offer_id)
            user = db.session.scalars(select(User).order_by(User.id).offset(number).limit(1)).one()
            day = min(open_places(offer))
            db.session.rollback()
            start.wait(timeout=60)
            try:
                reserve(offer, day, user)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "placed"

    with ThreadPoolExecutor(VISITS) as pool:
        return list(pool.map(reach, range(VISITS)))


def test_ten_places_take_ten_of_fifty_parallel_visits(wide_app: Flask, offer_id: int) -> None:
    answers = reach_all_at_once(wide_app, offer_id, guarded)

    assert sorted(answers) == ["host-full"] * (VISITS - PLACES) + ["placed"] * PLACES
    with wide_app.app_context():
        assert db.session.scalar(select(func.max(PlaceDay.taken))) == PLACES
        assert db.session.scalar(select(func.count()).select_from(Reservation)) == PLACES


def test_the_visits_a_host_takes_bound_parallel_visits_too(wide_app: Flask, offer_id: int) -> None:
    with wide_app.app_context():
        db.session.get_one(Offer, offer_id).max_visits = 4
        db.session.commit()

    answers = reach_all_at_once(wide_app, offer_id, guarded)

    assert sorted(answers) == ["host-visits"] * (VISITS - 4) + ["placed"] * 4


def test_without_the_guard_the_same_visits_overfill_the_host(wide_app: Flask, offer_id: int) -> None:
    counted = threading.Barrier(VISITS)

    def unguarded(offer: Offer, day: date, user: User) -> None:
        live = select(func.count()).where(Reservation.offer_id == offer.id, Reservation.first_day == day)
        if (db.session.scalar(live) or 0) >= PLACES:
            raise RuleBroken("host-full")
        counted.wait(timeout=60)
        db.session.add(
            Reservation(
                offer_id=offer.id,
                first_day=day,
                last_day=day,
                for_kind="user",
                for_id=user.id,
                made_at=clock.utcnow(),
            )
        )

    answers = reach_all_at_once(wide_app, offer_id, unguarded)

    assert answers.count("placed") > PLACES
