"""Two officers act on the same applications at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.applications import bulk
from mobility.applications.bulk import Act, Order
from mobility.applications.enums import ApplicationStatus as Status
from mobility.applications.models import Application
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.mail.models import Letter
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call

APPLICATIONS, OFFICERS = 4, 3
Verb = Callable[[list[Application], User], int]


@pytest.fixture
def officer_ids(live_app: Flask) -> list[int]:
    """Officers, and applications that wait."""
    with live_app.app_context():
        call = make_call()
        make_allotment(call)
        for _number in range(APPLICATIONS):
            make_application(call=call, status=Status.SUBMITTED)
        officers = [make_user(Role.SUPPORT_OFFICER) for _number in range(OFFICERS)]
        db.session.commit()
        return [one.id for one in officers]


def accept(applications: list[Application], officer: User) -> int:
    seen = {one.reference: one.version for one in applications}
    step = bulk.do(Order(Act.ACCEPT), applications, seen, actor=officer)
    assert {row["code"] for row in step.kept} <= {"stale"}
    return len(step.done)


def all_at_once(app: Flask, officer_ids: list[int], verb: Verb) -> list[int]:
    """How many applications each officer changed."""
    start = threading.Barrier(OFFICERS)

    def act(officer_id: int) -> int:
        with app.app_context():
            officer = db.session.get_one(User, officer_id)
            applications = list(db.session.scalars(select(Application).order_by(Application.id)))
            start.wait(timeout=60)
            try:
                changed = verb(applications, officer)
            except RuleBroken:
                db.session.rollback()
                return 0
            db.session.commit()
            return changed

    with ThreadPoolExecutor(OFFICERS) as pool:
        return list(pool.map(act, officer_ids))


def test_each_application_is_changed_by_one_officer(live_app: Flask, officer_ids: list[int]) -> None:
    changed = all_at_once(live_app, officer_ids, accept)

    assert sum(changed) == APPLICATIONS
    with live_app.app_context():
        accepted = select(func.count()).where(Application.status == Status.ACCEPTED)
        letters = select(func.count()).where(Letter.kind == "applications.accepted")
        assert db.session.scalar(accepted) == APPLICATIONS
        assert db.session.scalar(letters) == APPLICATIONS


def test_without_the_version_several_officers_change_the_same(
    live_app: Flask, officer_ids: list[int]
) -> None:
    read = threading.Barrier(OFFICERS)

    def unguarded(applications: list[Application], _officer: User) -> int:
        ids = [one.id for one in applications if one.status is Status.SUBMITTED]
        read.wait(timeout=60)
        db.session.execute(update(Application).where(Application.id.in_(ids)).values(status=Status.ACCEPTED))
        return len(ids)

    changed = all_at_once(live_app, officer_ids, unguarded)

    assert sum(changed) == OFFICERS * APPLICATIONS
