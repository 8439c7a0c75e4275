"""Giving a review at the moment in which the support office sets other criteria."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from mobility.accounts.enums import Role
from mobility.applications.enums import ApplicationStatus as Status
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.reviews import queries, services
from mobility.reviews.models import Criterion, Review
from tests.make.accounts import make_user
from tests.make.applications import make_application
from tests.make.calls import make_allotment, make_call
from tests.make.partnerships import make_partnership
from tests.make.reviews import make_criteria, make_review, points_for


@pytest.fixture
def review_id(live_app: Flask) -> Iterator[int]:
    """A review that nobody has given yet."""
    with live_app.app_context():
        call = make_call()
        make_allotment(call)
        person = make_user(Role.PARTNERSHIP_OFFICER, partnership=make_partnership())
        review = make_review(person, make_application(call=call, status=Status.SUBMITTED))
        db.session.commit()
        yield review.id


def during(app: Flask, review_id: int, give: Callable[[Review, dict[str, int]], None]) -> bool:
    """Set other criteria while a review is given; whether its points are by the criteria that stand in the end."""

    def set_others() -> None:
        with app.app_context():
            db.session.execute(text("SET LOCAL lock_timeout = '500ms'"))
            try:
                make_criteria(db.session.scalars(select(Call)).one(), {"Only this": 1})
            except OperationalError:
                db.session.rollback()
            db.session.commit()

    with app.app_context(), ThreadPoolExecutor(1) as pool:
        review = db.session.get_one(Review, review_id)
        give(review, points_for(review, 5, 1))
        pool.submit(set_others).result(timeout=60)
        db.session.commit()
        db.session.expire_all()
        return review.points.keys() == {str(one) for one in db.session.scalars(select(Criterion.id))}


def test_a_review_is_by_the_criteria_that_stand(live_app: Flask, review_id: int) -> None:
    def give(review: Review, points: dict[str, int]) -> None:
        services.give(review, points, "", actor=review.reviewer)

    assert during(live_app, review_id, give)


def test_without_the_lock_it_is_by_criteria_that_are_gone(live_app: Flask, review_id: int) -> None:
    def unguarded(review: Review, points: dict[str, int]) -> None:
        assert queries.criteria_of(review.application.call_id)
        review.points, review.percent, review.given_at = points, 75, clock.utcnow()
        db.session.flush()

    assert not during(live_app, review_id, unguarded)
