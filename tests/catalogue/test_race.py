"""Fifty pairs are validated at the same moment: places, money and visits stay within their limits."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import IntegrityError

from mobility.applications.models import Application
from mobility.calls.models import Allotment
from mobility.catalogue import queries, services
from mobility.catalogue.enums import PairStatus, Side
from mobility.catalogue.models import AgreedPair
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.hosts.models import Offer, PlaceDay, Reservation
from tests.make.calls import make_allotment, make_call
from tests.make.catalogue import five_days, make_pair
from tests.make.partnerships import make_partnership
from tests.make.rounds import make_host, make_visitor, weeks

PAIRS = 50
PLACES = 10
LUMP_SUM = 78_000
WRITERS = 20


@pytest.fixture
def wide_app(live_app: Flask, own_database: str) -> Iterator[Flask]:
    """An app with two connections for each pair."""
    engine = create_engine(own_database, pool_size=2 * PAIRS, pool_timeout=120)
    with live_app.app_context():
        db.engines[None].dispose()
        db.engines[None] = engine  # type: ignore[index]
    yield live_app
    engine.dispose()


def pairs_of(app: Flask, *, places: int, budget_cents: int) -> list[int]:
    """Pairs of different visitors of one partnership with one host, validated by the host's partnership."""
    with app.app_context():
        call, vop = make_call(), make_partnership()
        make_allotment(call, vop, budget_cents=budget_cents)
        host = make_host(call, windows=((*weeks(call), places),), max_visits=PAIRS)
        pairs = []
        for _ in range(PAIRS):
            visitor = make_visitor(call, partnership=vop)
            pairs.append(make_pair(visitor, host, status=PairStatus.CONFIRMED, days=five_days(host)))
            services.validate_pair(pairs[-1], "hop", actor=None)
        db.session.commit()
        return [pair.id for pair in pairs]


def all_at_once(app: Flask, ids: list[int], verb: Callable[[AgreedPair], object]) -> list[str]:
    """What each pair got: done, or the code of its refusal."""
    start = threading.Barrier(len(ids))

    def attempt(pair_id: int) -> str:
        with app.app_context():
            clock.utcnow()
            pair = db.session.get_one(AgreedPair, pair_id)
            db.session.commit()
            start.wait(timeout=120)
            try:
                verb(pair)
                db.session.commit()
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            except IntegrityError:
                db.session.rollback()
                return "constraint"
            return "done"

    with ThreadPoolExecutor(len(ids)) as pool:
        return list(pool.map(attempt, ids))


def validate(pair: AgreedPair) -> None:
    services.validate_pair(pair, "vop", actor=None)


def figures(app: Flask) -> tuple[int, int, int, int]:
    """Validated pairs, live reservations, most places taken on a day, cents committed."""
    with app.app_context():
        counted = (
            select(func.count(AgreedPair.id)).where(AgreedPair.status == PairStatus.VALIDATED),
            select(func.count(Reservation.id)).where(Reservation.freed_at.is_(None)),
            select(func.max(PlaceDay.taken)),
            select(func.max(Allotment.committed_cents)),
        )
        one, two, three, four = (int(db.session.scalar(statement) or 0) for statement in counted)
        return one, two, three, four


def count_then_take(offer: Offer, pair: AgreedPair) -> None:
    """What a reservation would be without its guard: look, then write."""
    taken = select(func.count(Reservation.id)).where(
        Reservation.offer_id == offer.id, Reservation.freed_at.is_(None)
    )
    if (db.session.scalar(taken) or 0) >= PLACES:
        raise RuleBroken("host-full")
    time.sleep(0.5)  # between look and write, so that the others look, too
    db.session.add(
        Reservation(
            offer=offer,
            first_day=pair.first_day,
            last_day=pair.last_day,
            for_kind="agreed_pair",
            for_id=pair.id,
            made_at=clock.utcnow(),
        )
    )


def without_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let pairs of one call be validated side by side."""
    monkeypatch.setattr(queries, "locked_pair", lambda pair: pair)


def test_of_fifty_pairs_a_host_with_ten_places_takes_ten(wide_app: Flask) -> None:
    ids = pairs_of(wide_app, places=PLACES, budget_cents=PAIRS * LUMP_SUM)

    answers = all_at_once(wide_app, ids, validate)

    assert sorted(answers) == ["done"] * PLACES + ["host-full"] * (PAIRS - PLACES)
    assert figures(wide_app) == (PLACES, PLACES, PLACES, PLACES * LUMP_SUM)


def test_without_the_pairs_lock_the_host_still_takes_ten(
    wide_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = pairs_of(wide_app, places=PLACES, budget_cents=PAIRS * LUMP_SUM)
    without_locks(monkeypatch)

    answers = all_at_once(wide_app, ids, validate)

    assert (answers.count("done"), figures(wide_app)[:3]) == (PLACES, (PLACES, PLACES, PLACES))


def test_without_any_guard_of_places_more_than_ten_are_taken(
    wide_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = pairs_of(wide_app, places=PLACES, budget_cents=PAIRS * LUMP_SUM)
    without_locks(monkeypatch)
    monkeypatch.setattr(
        services,
        "reserve_places",
        lambda offer, _first, _last, *, for_record: count_then_take(offer, for_record),
    )

    answers = all_at_once(wide_app, ids, validate)

    assert answers.count("done") > PLACES


def test_of_fifty_pairs_a_budget_for_ten_pays_ten(wide_app: Flask) -> None:
    ids = pairs_of(wide_app, places=PAIRS, budget_cents=PLACES * LUMP_SUM)

    answers = all_at_once(wide_app, ids, validate)

    assert sorted(answers) == ["done"] * PLACES + ["over-budget"] * (PAIRS - PLACES)
    assert figures(wide_app) == (PLACES, PLACES, PLACES, PLACES * LUMP_SUM)


def test_without_any_guard_of_money_more_than_the_budget_is_promised(
    wide_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = pairs_of(wide_app, places=PAIRS, budget_cents=PLACES * LUMP_SUM)
    without_locks(monkeypatch)
    with wide_app.app_context():
        db.session.execute(text("ALTER TABLE allotment DROP CONSTRAINT ck_allotment_within_budget"))
        db.session.commit()
    start = threading.Barrier(PAIRS)

    def look_then_write(call: object, partnership: object, cents: int) -> None:
        allotment = db.session.scalars(select(Allotment)).one()
        if allotment.committed_cents + cents > allotment.budget_cents:
            raise RuleBroken("over-budget")
        start.wait(timeout=120)
        raised = text("UPDATE allotment SET committed_cents = committed_cents + :cents")
        db.session.execute(raised, {"cents": cents})

    monkeypatch.setattr(services, "reserve_places", lambda *_args, **_more: None)
    monkeypatch.setattr(services, "reserve_budget", look_then_write)

    answers = all_at_once(wide_app, ids, validate)

    assert answers.count("done") > PLACES
    assert figures(wide_app)[3] > PLACES * LUMP_SUM


def test_one_pair_validated_fifty_times_at_once_is_validated_once(wide_app: Flask) -> None:
    ids = pairs_of(wide_app, places=PAIRS, budget_cents=PAIRS * LUMP_SUM)

    answers = all_at_once(wide_app, ids[:1] * PAIRS, validate)

    assert sorted(answers) == ["done"] + ["pair-validated"] * (PAIRS - 1)
    assert figures(wide_app) == (1, 1, 1, LUMP_SUM)


def test_two_partnerships_validate_at_once_and_place_and_money_are_reserved_once(wide_app: Flask) -> None:
    with wide_app.app_context():
        pair = make_pair(status=PairStatus.CONFIRMED)
        db.session.commit()
        pair_id = pair.id
    slots = iter(("vop", "hop"))

    answers = all_at_once(
        wide_app, [pair_id] * 2, lambda pair: services.validate_pair(pair, next(slots), actor=None)
    )

    assert answers == ["done", "done"]
    assert figures(wide_app) == (1, 1, 1, LUMP_SUM)


def enter_fifty_for_one_visitor(app: Flask) -> list[str]:
    """What fifty pairs of one application with different hosts got, entered at once."""
    with app.app_context():
        call = make_call()
        visitor = make_visitor(call)
        offers = [make_host(call) for _ in range(PAIRS)]
        db.session.commit()
        visitor_id, offer_ids = visitor.id, [offer.id for offer in offers]
    start = threading.Barrier(PAIRS)

    def enter(offer_id: int) -> str:
        with app.app_context():
            clock.utcnow()
            offer = db.session.get_one(Offer, offer_id)
            application = db.session.get_one(Application, visitor_id)
            days = five_days(offer)
            db.session.commit()
            start.wait(timeout=120)
            try:
                services.enter_pair(application, offer, *days, Side.VISITOR, actor=None)
                db.session.commit()
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            return "done"

    with ThreadPoolExecutor(PAIRS) as pool:
        return list(pool.map(enter, offer_ids))


def test_of_fifty_pairs_entered_for_one_visitor_at_once_one_stands(wide_app: Flask) -> None:
    answers = enter_fifty_for_one_visitor(wide_app)

    assert sorted(answers) == ["done"] + ["pair-paired"] * (PAIRS - 1)


def test_without_the_index_several_pairs_stand_for_one_visitor(
    wide_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with wide_app.app_context():
        db.session.execute(text("DROP INDEX uq_agreed_pair_live"))
        db.session.commit()
    # References are given out one by one, which would hide the fault.
    names = iter(f"PAR-{number}" for number in range(10 * PAIRS))
    monkeypatch.setattr(services, "next_reference", lambda _prefix: next(names))
    monkeypatch.setattr(services, "_lock_both", lambda *_both: None)

    answers = enter_fifty_for_one_visitor(wide_app)

    assert answers.count("done") > 1


def write_to_many_hosts(app: Flask) -> list[str]:
    """What twenty messages of one visitor to different hosts got, sent at once."""
    with app.app_context():
        call = make_call()
        visitor = make_visitor(call)
        offers = [make_host(call) for _ in range(WRITERS)]
        db.session.commit()
        visitor_id, offer_ids = visitor.id, [offer.id for offer in offers]
    start = threading.Barrier(WRITERS)

    def send(offer_id: int) -> str:
        with app.app_context():
            clock.utcnow()
            offer = db.session.get_one(Offer, offer_id)
            application = db.session.get_one(Application, visitor_id)
            db.session.commit()
            start.wait(timeout=120)
            try:
                services.contact(application, offer, Side.VISITOR, "Hello", actor=None)
                db.session.commit()
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            return "done"

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(send, offer_ids))


def test_of_twenty_messages_sent_at_once_five_wait_for_an_answer(wide_app: Flask) -> None:
    answers = write_to_many_hosts(wide_app)

    most = services.MOST_OPEN_CONTACTS
    assert sorted(answers) == ["contacts-sent"] * (WRITERS - most) + ["done"] * most


def test_without_the_lock_more_than_five_wait(wide_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_lock_both", lambda *_both: None)
    looked = threading.Barrier(WRITERS)
    count = services._refuse_many

    def count_then_wait(*asked: Any) -> None:
        count(*asked)
        looked.wait(timeout=120)

    monkeypatch.setattr(services, "_refuse_many", count_then_wait)

    answers = write_to_many_hosts(wide_app)

    assert answers.count("done") > services.MOST_OPEN_CONTACTS
