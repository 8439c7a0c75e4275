"""What happens to reviews: criteria are set, applications handed out, points given."""

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, update

from mobility.accounts.models import User
from mobility.applications.enums import TO_ASSESS
from mobility.applications.models import Application
from mobility.audit.services import record
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Actor, Permission
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import lock_unchanged
from mobility.core.together import lock
from mobility.reviews import queries
from mobility.reviews.models import Criterion, Review
from mobility.reviews.rules import LEAST, MOST, mean_percent, percent_of


def set_criteria(call: Call, criteria: Mapping[str, int], most_points: int, *, actor: Actor | None) -> None:
    """Say by what a call is reviewed, name → weight, and how many points of a pair's score the reviews give at most.

    Raises `RuleBroken`: "criteria-in-use" for other criteria once somebody has given a review.
    """
    lock(call)
    now = {one.name: one.weight for one in queries.criteria_of(call.id)}
    if now != dict(criteria):
        if queries.is_reviewed(call):
            raise RuleBroken("criteria-in-use")
        db.session.execute(delete(Criterion).where(Criterion.call_id == call.id))
        db.session.add_all(
            Criterion(call_id=call.id, name=name, weight=one) for name, one in criteria.items()
        )
    call.review_points = most_points
    record("review.criteria-set", call, actor=actor, criteria=sorted(criteria), points=most_points)


def hand_out(call: Call, reviewers: Sequence[User], each: int, *, actor: Actor | None) -> int:
    """Give each undecided application to so many reviewers, those with fewest first; how many reviews that makes.

    Nobody reviews what they take part in or may look up by name. Raises `RuleBroken("no-criteria")`.
    """
    if not queries.criteria_of(call.id):
        raise RuleBroken("no-criteria")
    applications = queries.to_hand_out(call, each)
    reviewing, loads = queries.reviewers_of([one.id for one in applications]), queries.loads(call)
    knowing = {reviewer.id: queries.knows(reviewer, call) for reviewer in reviewers}
    made = 0
    for application in applications:
        blind = [
            one for one in reviewers if application.id not in knowing[one.id] and not _reads(one, application)
        ]
        free = [one for one in blind if one.id not in reviewing[application.id]]
        free.sort(key=lambda one: (loads[one.id], one.id))
        # Meanwhile somebody else may have handed it to more than are asked for here.
        for reviewer in free[: max(0, each - len(reviewing[application.id]))]:
            db.session.add(Review(application=application, reviewer=reviewer, handed_at=clock.utcnow()))
            loads[reviewer.id] += 1
            made += 1
    record("review.handed-out", call, actor=actor, number=made)
    return made


def give(review: Review, points: Mapping[str, int], comment: str, *, actor: Actor) -> None:
    """Give points for every criterion, or other ones, until the application is decided.

    Raises `RuleBroken`: "no-criteria", "points-missing", "wrong-state", "stale".
    """
    application = review.application
    # Nobody sets other criteria meanwhile.
    db.session.refresh(application.call, ["review_points"], with_for_update={"read": True, "of": Call})
    criteria = queries.criteria_of(application.call_id)
    if not criteria:
        raise RuleBroken("no-criteria")
    wanted = {str(one.id) for one in criteria}
    if points.keys() != wanted or not all(LEAST <= one <= MOST for one in points.values()):
        raise RuleBroken("points-missing")
    lock(application)
    if application.standing not in TO_ASSESS:
        raise RuleBroken("wrong-state", state=application.status, to=application.status)
    lock_unchanged(review)
    review.points, review.percent = dict(points), percent_of(points, criteria)
    review.comment, review.given_at = comment.strip(), clock.utcnow()
    db.session.flush()
    mean = mean_percent(queries.reviews_of(application))
    # Beside the version: it is no change of the application.
    mine = update(Application).where(Application.id == application.id)
    db.session.execute(mine.values(review_percent=mean).execution_options(synchronize_session=False))
    db.session.refresh(application, attribute_names=["review_percent"])
    record("review.given", application, actor=actor)


def _reads(reviewer: User, application: Application) -> bool:
    scopes = reviewer.scopes(Permission.APPLICATIONS_READ)
    return any(scope.covers(application.partnership_id, application.call_id) for scope in scopes)
