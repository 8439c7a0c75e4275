"""A host takes places away at the moment in which visits take them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from mobility.accounts.models import User
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts import reservations, services
from mobility.hosts.draft import PlacesDraft, WindowDraft
from mobility.hosts.models import Offer, PlaceDay, Reservation
from mobility.taxonomies import working_days
from tests.make.accounts import make_user
from tests.make.calls import make_call
from tests.make.hosts import make_offer
from tests.make.rounds import weeks

VISITS, PLACES = 4, 2
LATER = 10


@pytest.fixture
def offer_id(live_app: Flask) -> int:
    """An accepted offer with two places in one week and nobody in them."""
    with live_app.app_context():
        call = make_call()
        offer = make_offer(call=call, windows=(WindowDraft(*weeks(call, 6, 1), PLACES),), max_visits=100)
        for _number in range(VISITS):
            make_user()
        db.session.commit()
        return offer.id


def week_later(offer: Offer) -> PlacesDraft:
    first, last = weeks(offer.call, LATER, 1)
    return PlacesDraft((WindowDraft(first, last, PLACES),), (), 100)


def reserve(offer: Offer, number: int) -> None:
    days = working_days.between(*weeks(offer.call, 6, 1), "PT")
    user = db.session.scalars(select(User).order_by(User.id).offset(number).limit(1)).one()
    reservations.reserve(offer, days[0], days[-1], for_record=user)


def take_away(offer: Offer, _number: int) -> None:
    services.change_places(offer, week_later(offer), actor=None, version=offer.version)


def all_at_once(app: Flask, offer_id: int, verbs: list[Callable[[Offer, int], None]]) -> list[str]:
    start = threading.Barrier(len(verbs))

    def act(number: int) -> str:
        with app.app_context():
            offer = db.session.get_one(Offer, offer_id)
            start.wait(timeout=60)
            try:
                verbs[number](offer, number)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(act, range(len(verbs))))


def without_place() -> int:
    """Live visits on whose first or last day the host has no place for them."""
    held = select(func.count()).select_from(Reservation).where(Reservation.freed_at.is_(None))
    kept = (
        select(PlaceDay.day)
        .where(
            PlaceDay.offer_id == Reservation.offer_id,
            PlaceDay.day.in_([Reservation.first_day, Reservation.last_day]),
            PlaceDay.taken > 0,
        )
        .exists()
    )
    return db.session.scalar(held.where(~kept)) or 0


def test_either_the_visit_has_its_place_or_the_host_has_taken_it_away(live_app: Flask, offer_id: int) -> None:
    answers = all_at_once(live_app, offer_id, [*[reserve] * VISITS, take_away])

    with live_app.app_context():
        assert without_place() == 0
        assert (answers[-1] == "done") != ("done" in answers[:-1])


def test_without_the_guard_a_visit_loses_its_place(live_app: Flask, offer_id: int) -> None:
    looked, reserved = threading.Barrier(2), threading.Barrier(2)

    def visit(offer: Offer, number: int) -> None:
        looked.wait(timeout=60)
        reserve(offer, number)
        db.session.commit()
        reserved.wait(timeout=60)

    def unguarded(offer: Offer, _number: int) -> None:
        taken = select(func.sum(PlaceDay.taken)).where(PlaceDay.offer_id == offer.id)
        assert db.session.scalar(taken) == 0
        looked.wait(timeout=60)
        reserved.wait(timeout=60)
        db.session.execute(text("SET LOCAL session_replication_role = replica"))
        db.session.execute(text("DELETE FROM place_day WHERE offer_id = :id"), {"id": offer.id})

    assert all_at_once(live_app, offer_id, [visit, unguarded]) == ["done", "done"]

    with live_app.app_context():
        assert without_place() == 1
