"""The applicant sends the changes again at the moment in which an officer decides without them."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from mobility.applications import queries, services
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from tests.make.applications import make_application, make_change_request

Verb = Callable[[Application], None]


@pytest.fixture
def overdue_id(live_app: Flask) -> int:
    """An application whose changes were due yesterday."""
    with live_app.app_context():
        application = make_application(status=Status.SUBMITTED)
        make_change_request(application).answer_by = clock.today() - timedelta(days=1)
        db.session.commit()
        return application.id


def answer(application: Application) -> None:
    services.submit(application, actor=None)


def decide(application: Application) -> None:
    services.assess(application, accepted=False, reason="No answer came.", actor=None)


def collide(app: Flask, application_id: int, verbs: list[Verb]) -> list[str]:
    """What became of each verb, all begun on the same version."""
    start = threading.Barrier(len(verbs))

    def do(verb: Verb) -> str:
        with app.app_context():
            application = db.session.get_one(Application, application_id)
            start.wait(timeout=60)
            try:
                verb(application)
            except RuleBroken as refused:
                db.session.rollback()
                return refused.code
            db.session.commit()
            return "done"

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(do, verbs))


def test_an_answer_and_a_decision_at_once_make_one_of_them(live_app: Flask, overdue_id: int) -> None:
    answers = collide(live_app, overdue_id, [answer, decide, answer, decide])

    assert sorted(answers) == ["done", "stale", "stale", "stale"]
    with live_app.app_context():
        application = db.session.get_one(Application, overdue_id)
        request = queries.last_request(application)
        assert request is not None
        assert application.status is (Status.SUBMITTED if request.is_answered else Status.REJECTED)


def test_without_the_version_both_are_done(live_app: Flask, overdue_id: int) -> None:
    def unguarded(to: Status) -> Verb:
        def move(application: Application) -> None:
            assert application.status is Status.CHANGES_ASKED
            seen.wait(timeout=60)
            db.session.execute(update(Application).where(Application.id == application.id).values(status=to))

        return move

    seen = threading.Barrier(2)
    answers = collide(live_app, overdue_id, [unguarded(Status.SUBMITTED), unguarded(Status.REJECTED)])

    assert answers == ["done", "done"]
