"""Makers of reviews."""

from collections.abc import Mapping

from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.db import db
from mobility.reviews import queries, services
from mobility.reviews.models import Review

CRITERIA = {"Fit to the scheme": 3, "Use for the region": 1}


def make_criteria(call: Call, criteria: Mapping[str, int] = CRITERIA, *, most_points: int = 0) -> None:
    """By what a call is reviewed."""
    services.set_criteria(call, criteria, most_points, actor=None)


def make_review(reviewer: User, application: Application) -> Review:
    """An application given to a reviewer, by the call's criteria."""
    if not queries.criteria_of(application.call_id):
        make_criteria(application.call)
    review = Review(application=application, reviewer=reviewer, handed_at=clock.utcnow(), points={})
    db.session.add(review)
    db.session.flush()
    return review


def points_for(review: Review, *given: int) -> dict[str, int]:
    """These points for the criteria, in their order."""
    criteria = queries.criteria_of(review.application.call_id)
    return {str(one.id): points for one, points in zip(criteria, given, strict=True)}
