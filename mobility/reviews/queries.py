"""Reading reviews: one's own, those of an application, and who may review what."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, null, or_, select
from sqlalchemy.orm import joinedload, selectinload

from mobility.accounts.enums import Role
from mobility.accounts.models import RoleGrant, User
from mobility.applications.enums import TO_ASSESS
from mobility.applications.models import Application
from mobility.applications.queries import in_scope, takes_part
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.reviews.models import Criterion, Review


def is_undecided() -> ColumnElement[bool]:
    """Applications that wait for their decision."""
    return Application.status.in_(TO_ASSESS) & Application.held.is_(None)


def _blind_reviews(user: User) -> Select[Review]:
    """The person's reviews of applications that they do not take part in, and may not look up by name meanwhile."""
    knows = or_(takes_part(user), in_scope(user, Permission.APPLICATIONS_READ))
    return select(Review).join(Review.application).where(Review.reviewer_id == user.id, knows.is_not(True))


def reviews_by(user: User) -> Select[Review]:
    """What a person is to review, or has reviewed, without knowing whom."""
    whole = joinedload(Review.application)
    mine = _blind_reviews(user)
    return mine.options(whole.joinedload(Application.organisation), whole.joinedload(Application.call))


def waiting_for(user: User) -> Select[Review]:
    """What a person is to review and has not."""
    return _blind_reviews(user).where(Review.given_at.is_(None), is_undecided())


def review_of(user: User, review_id: int) -> Review:
    """The person's own review. Raises `NotFound` for anybody else's."""
    windows = joinedload(Review.application).selectinload(Application.windows)
    own = reviews_by(user).where(Review.id == review_id).options(windows)
    review = db.session.scalar(own) if review_id < 2**63 else None
    if review is None:
        raise NotFound
    return review


def criteria_of(call_id: int) -> list[Criterion]:
    """The criteria of a call, as they were written."""
    found = select(Criterion).where(Criterion.call_id == call_id).order_by(Criterion.id)
    return list(db.session.scalars(found))


def reviews_of(application: Application) -> list[Review]:
    """The reviews of an application, with who gives them."""
    reviewer = joinedload(Review.reviewer).lazyload(User.grants)
    found = select(Review).where(Review.application_id == application.id).options(reviewer)
    return list(db.session.scalars(found.order_by(Review.id)))


def is_reviewed(call: Call) -> bool:
    """Whether somebody has given a review in the call."""
    given = select(Review.id).join(Review.application)
    given = given.where(Application.call_id == call.id, Review.given_at.is_not(None))
    return db.session.scalar(given.limit(1)) is not None


def calls_reviewed_by(user: User) -> list[Call]:
    """The calls in which the officer hands out reviews, the newest first."""
    theirs = within(user.scopes(Permission.REVIEWS_SET), null(), Call.id)
    found = select(Call).where(theirs, Call.status != CallStatus.DRAFT)
    return list(db.session.scalars(found.order_by(Call.opens_at.desc(), Call.id)))


def reviewers() -> list[User]:
    """Who may be asked to review: the officers of partnerships, by name."""
    officers = select(RoleGrant.user_id).where(RoleGrant.role == Role.PARTNERSHIP_OFFICER)
    found = select(User).where(User.id.in_(officers), User.active).options(selectinload(User.grants))
    return list(db.session.scalars(found.order_by(User.name, User.id)))


def to_hand_out(call: Call, each: int) -> list[Application]:
    """Undecided applications of a call that fewer people review than should, locked, the longest waiting first."""
    handed = select(func.count(Review.id)).where(Review.application_id == Application.id)
    few = handed.correlate(Application).scalar_subquery() < each
    found = select(Application).where(Application.call_id == call.id, is_undecided(), few)
    in_order = found.order_by(Application.submitted_at, Application.id)
    return list(db.session.scalars(in_order.with_for_update(key_share=True, of=Application)))


def reviewers_of(application_ids: Sequence[int]) -> dict[int, set[int]]:
    """Who reviews each of these applications, by keys."""
    found: dict[int, set[int]] = {one: set() for one in application_ids}
    rows = select(Review.application_id, Review.reviewer_id).where(Review.application_id.in_(application_ids))
    for application_id, reviewer_id in db.session.execute(rows):
        found[application_id].add(reviewer_id)
    return found


def loads(call: Call) -> Counter[int]:
    """How many reviews of the call each reviewer has."""
    rows = select(Review.reviewer_id, func.count()).join(Review.application)
    rows = rows.where(Application.call_id == call.id).group_by(Review.reviewer_id)
    return Counter(dict(db.session.execute(rows).all()))


def knows(reviewer: User, call: Call) -> set[int]:
    """The applications of a call, by key, in which a reviewer takes part."""
    mine = select(Application.id).where(Application.call_id == call.id, takes_part(reviewer))
    return set(db.session.scalars(mine))
