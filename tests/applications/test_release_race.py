"""Telling the applicants at the moment in which somebody else tells them, or an officer decides."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from mobility.applications import release, services
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call

OFFICERS = 3


@pytest.fixture
def call_id(live_app: Flask) -> Iterator[int]:
    """A call with a decision to tell and an application that waits for one."""
    with live_app.app_context():
        call = make_call(releases_together=True)
        make_allotment(call)
        for _number in range(2):
            make_application(call=call, status=Status.SUBMITTED)
        services.assess(db.session.scalars(select(Application).limit(1)).one(), accepted=True, actor=None)
        db.session.commit()
        yield call.id


def at_once(app: Flask, *verbs: Callable[[Call], None]) -> list[bool]:
    """Whether each verb got through, all begun at one moment."""
    start = threading.Barrier(len(verbs))

    def act(verb: Callable[[Call], None]) -> bool:
        with app.app_context():
            call = db.session.scalars(select(Call)).one()
            start.wait(timeout=60)
            try:
                verb(call)
            except RuleBroken:
                db.session.rollback()
                return False
            db.session.commit()
            return True

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(act, verbs))


def tell(call: Call) -> None:
    release.release(call, accepted=1, rejected=0, actor=None)


def letters() -> int:
    return db.session.scalar(select(func.count()).where(Letter.kind == "applications.accepted")) or 0


def test_the_applicants_are_told_once(live_app: Flask, call_id: int) -> None:
    told = at_once(live_app, *[tell] * OFFICERS)

    assert (told.count(True), letters()) == (1, 1)


def test_without_the_condition_each_officer_tells_them(live_app: Flask, call_id: int) -> None:
    read = threading.Barrier(OFFICERS)

    def unguarded(call: Call) -> None:
        assert call.released_at is None
        read.wait(timeout=60)
        db.session.execute(update(Call).where(Call.id == call_id).values(released_at=clock.utcnow()))

    assert at_once(live_app, *[unguarded] * OFFICERS).count(True) == OFFICERS


def decide(call: Call, *, waits_for: threading.Event | None = None) -> None:
    """Accept whoever waits, as one does who has looked at the call before."""
    waiting = select(Application).where(Application.status == Status.SUBMITTED, Application.held.is_(None))
    application = db.session.scalars(waiting).one()
    assert application.call.holds_decisions
    if waits_for is not None:
        assert waits_for.wait(timeout=60)
    services.assess(application, accepted=True, actor=None)


def test_who_is_accepted_while_the_others_are_told_is_told_too(live_app: Flask, call_id: int) -> None:
    told = threading.Event()

    def tell_then(call: Call) -> None:
        tell(call)
        told.set()

    done = at_once(live_app, tell_then, lambda call: decide(call, waits_for=told))

    assert (done, letters()) == ([True, True], 2)
    assert set(db.session.scalars(select(Application.status))) == {Status.ACCEPTED}


def test_without_asking_the_call_anew_somebody_is_never_told(
    live_app: Flask, call_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "holds_decisions", lambda call: call.holds_decisions)
    told = threading.Event()

    def tell_then(call: Call) -> None:
        tell(call)
        told.set()

    at_once(live_app, tell_then, lambda call: decide(call, waits_for=told))

    assert (letters(), db.session.scalar(select(func.count()).where(Application.held.is_not(None)))) == (1, 1)
