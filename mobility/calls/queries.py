"""Reading calls."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Select, inspect, null, select
from sqlalchemy.orm import joinedload

from mobility.accounts.models import User
from mobility.calls.enums import CallStatus
from mobility.calls.models import Allotment, Call, CallQuestion, QuestionWording
from mobility.core import clock
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.partnerships.models import Partnership
from mobility.taxonomies.countries import country_name


def open_calls() -> list[Call]:
    """The calls that take applications now, the one that closes first first."""
    now = clock.utcnow()
    running = select(Call).where(Call.status == CallStatus.OPEN, Call.opens_at <= now, Call.closes_at > now)
    return list(db.session.scalars(running.order_by(Call.closes_at, Call.id)))


def is_open(call: Call) -> bool:
    """Whether the call takes applications now."""
    return call.status == CallStatus.OPEN and call.opens_at <= clock.utcnow() < call.closes_at


def is_over(call: Call) -> bool:
    """Whether the call has taken applications and takes none any more."""
    return call.status != CallStatus.DRAFT and not call.opens_at > clock.utcnow() and not is_open(call)


def calls_seen_by(user: User | None) -> Select[Call]:
    """Published calls; for staff drafts, too."""
    calls = select(Call)
    return calls if user is not None and user.is_staff else calls.where(Call.status != CallStatus.DRAFT)


def call_for(user: User | None, reference: str) -> Call:
    """The call of that reference. Raises `NotFound` if it is absent or not theirs to see."""
    call = db.session.scalar(calls_seen_by(user).where(Call.reference == reference))
    if call is None:
        raise NotFound
    return call


def may_edit(user: User, call: Call) -> bool:
    """Whether a role of the person reaches the whole call."""
    return any(scope.covers(None, call.id) for scope in user.scopes(Permission.CALLS_EDIT))


def call_to_edit(user: User, reference: str) -> Call:
    """A call that the person may change. Raises `NotFound`."""
    theirs = within(user.scopes(Permission.CALLS_EDIT), null(), Call.id)
    call = db.session.scalar(select(Call).where(Call.reference == reference, theirs))
    if call is None:
        raise NotFound
    return call


def question_of(call: Call, question_id: int) -> CallQuestion:
    """One of the call's questions. Raises `NotFound`."""
    found = next((one for one in call.questions if one.id == question_id), None)
    if found is None:
        raise NotFound
    return found


def call_by_reference(reference: str) -> Call | None:
    """The call of that reference, for commands."""
    return db.session.scalar(select(Call).where(Call.reference == reference))


def load_partnerships(call: Call) -> None:
    """Load the partnerships of a call at once, not by a statement for each; nothing if they are there."""
    if "allotments" not in inspect(call).unloaded and not any(
        "partnership" in inspect(allotment).unloaded for allotment in call.allotments
    ):
        return
    allotted = joinedload(Call.allotments).joinedload(Allotment.partnership)
    db.session.scalars(select(Call).where(Call.id == call.id).options(allotted)).unique().one()


def partnerships_of(call_ids: set[int]) -> list[Partnership]:
    """The partnerships that have a budget in one of these calls, by name."""
    allotted = select(Allotment.partnership_id).where(Allotment.call_id.in_(call_ids))
    found = select(Partnership).where(Partnership.id.in_(allotted)).order_by(Partnership.name)
    return list(db.session.scalars(found))


def taking_part(call: Call, on: date) -> list[str]:
    """The countries that take part in the call on a day, by name."""
    codes = {
        entry.country
        for entry in call.countries
        if entry.from_on <= on and (entry.to_on is None or on <= entry.to_on)
    }
    return sorted(codes, key=country_name)


def allotments_seen_by(user: User | None, call: Call) -> Sequence[Allotment]:
    """The call's allotments that a member of staff may see, by partnership; none for others."""
    if user is None or not user.may(Permission.APPLICATIONS_READ) or not user.is_staff:
        return []
    found = select(Allotment).where(Allotment.call_id == call.id).join(Allotment.partnership)
    scopes = user.scopes(Permission.APPLICATIONS_READ)
    found = found.where(within(scopes, Allotment.partnership_id, Allotment.call_id))
    return db.session.scalars(
        found.options(joinedload(Allotment.partnership)).order_by(Partnership.code)
    ).all()


def allotment_of(call: Call, partnership: Partnership) -> Allotment | None:
    """What the partnership has in the call."""
    found = select(Allotment).where(Allotment.call_id == call.id, Allotment.partnership_id == partnership.id)
    return db.session.scalar(found)


def wordings_among(ids: Collection[int]) -> dict[int, QuestionWording]:
    """Wordings of questions by key, each with its question."""
    question = joinedload(QuestionWording.question).lazyload(CallQuestion.wordings)
    found = select(QuestionWording).where(QuestionWording.id.in_(ids)).options(question)
    return {one.id: one for one in db.session.scalars(found)} if ids else {}
