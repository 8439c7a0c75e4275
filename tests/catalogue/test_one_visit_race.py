"""An organisation with a pair in each of ten calls, validated at the same moment, holds one visit."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from mobility.catalogue import services
from mobility.catalogue.enums import PairStatus
from mobility.core.db import db
from mobility.hosts.models import Reservation
from tests.catalogue.test_race import all_at_once, validate, without_locks
from tests.make.calls import make_call
from tests.make.catalogue import make_pair
from tests.make.organisations import make_organisation
from tests.make.rounds import SEVILLA, make_host, make_visitor

CALLS = 10


def pairs_of_one_organisation(app: Flask) -> list[int]:
    """A confirmed pair in each call, validated by the host's partnership."""
    with app.app_context():
        organisation, pairs = make_organisation(**SEVILLA), []
        for call in [make_call() for _ in range(CALLS)]:
            visitor = make_visitor(call, organisation=organisation)
            pairs.append(make_pair(visitor, make_host(call), status=PairStatus.CONFIRMED))
            services.validate_pair(pairs[-1], "hop", actor=None)
        db.session.commit()
        return [pair.id for pair in pairs]


def validate_after_all_have_looked(app: Flask, ids: list[int], monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each got when none waited for the others and all had found that nothing stands against it."""
    without_locks(monkeypatch)
    looked, look = threading.Barrier(CALLS), services._refuse_unfit

    def look_then_wait(*asked: object, **more: object) -> None:
        look(*asked, **more)  # type: ignore[arg-type]
        looked.wait(timeout=120)

    monkeypatch.setattr(services, "_refuse_unfit", look_then_wait)
    return all_at_once(app, ids, validate)


def live(app: Flask) -> int:
    with app.app_context():
        held = select(func.count(Reservation.id)).where(Reservation.freed_at.is_(None))
        return int(db.session.scalar(held) or 0)


def test_of_ten_calls_one_pair_is_validated(live_app: Flask) -> None:
    ids = pairs_of_one_organisation(live_app)

    answers = all_at_once(live_app, ids, validate)

    assert sorted(answers) == ["done"] + ["second-visit"] * (CALLS - 1)
    assert live(live_app) == 1


def test_without_the_locks_the_database_still_lets_one_through(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = pairs_of_one_organisation(live_app)

    answers = validate_after_all_have_looked(live_app, ids, monkeypatch)

    assert sorted(answers) == ["done"] + ["second-visit"] * (CALLS - 1)
    assert live(live_app) == 1


def test_the_control_without_locks_and_index_lets_several_through(
    live_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = pairs_of_one_organisation(live_app)
    with live_app.app_context():
        db.session.execute(text("DROP INDEX uq_agreed_pair_one_visit"))
        db.session.commit()

    answers = validate_after_all_have_looked(live_app, ids, monkeypatch)

    assert answers.count("done") == CALLS == live(live_app)
