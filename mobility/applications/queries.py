"""Reading applications, scoped by who asks."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, cast, column, exists, func, null, or_, select, table
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload, undefer

from mobility.accounts.models import User
from mobility.accounts.queries import is_address_of
from mobility.applications.enums import TO_ASSESS, ApplicationStatus
from mobility.applications.models import (
    Application,
    ChangeRequest,
    Cv,
    LateEntry,
    RuleException,
    Wish,
)
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.core import clock
from mobility.core.access import Permission, within
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.hosts.enums import ExceptionStatus
from mobility.hosts.models import Offer
from mobility.hosts.queries import exceptions
from mobility.mail.models import Letter
from mobility.organisations.models import Organisation
from mobility.organisations.queries import is_acted_for, is_seen_for

# Of a call, those given last.
MOST_LATE = 100
GONE = (ApplicationStatus.WITHDRAWN, ApplicationStatus.REJECTED)
# Rooms above this one, so only their tables are named: what a visitor found, and what a round proposed.
PAIR = table("agreed_pair", column("application_id"), column("status"))
PROPOSAL = table("proposal", column("application_id"), column("status"))


def is_own(user: User) -> ColumnElement[bool]:
    """Applications that the person wrote, or whose organisation the person may act for."""
    return or_(Application.author_id == user.id, is_acted_for(user, Application.organisation_id))


def visits_as(user: User) -> ColumnElement[bool]:
    """Applications whose visitor the person is: author, member, or the person named with a confirmed address."""
    return or_(
        Application.author_id == user.id,
        is_acted_for(user, Application.organisation_id),
        is_address_of(user, Application.person_email),
    )


def takes_part(user: User) -> ColumnElement[bool]:
    """Applications that are in some way the person's own: as visitor, or by looking on for the organisation."""
    return or_(visits_as(user), is_seen_for(user, Application.organisation_id))


def is_blind() -> ColumnElement[bool]:
    """Applications that are assessed without names; `Application.is_blind` of one that is read."""
    without_names = Application.call_id.in_(select(Call.id).where(Call.is_blind))
    return and_(without_names, Application.decided_at.is_(None), Application.names_shown_at.is_(None))


def held_from(user: User, applications: Sequence[Application]) -> set[int]:
    """Of these applications, by key, those with a decision that the person must not know before it is told."""
    held = [one.id for one in applications if one.held]
    if not held or not user.is_staff:
        return set(held)
    theirs = select(Application.id).where(Application.id.in_(held), takes_part(user))
    return set(db.session.scalars(theirs))


def calls_told_by(user: User) -> list[Call]:
    """The calls whose applicants the officer tells, those with decisions to tell first, then the newest."""
    # The applicants of all partnerships are told: a scope in one of them does not reach.
    theirs = within(user.scopes(Permission.DECISIONS_RELEASE), null(), Call.id)
    waits = exists().where(Application.call_id == Call.id, Application.held.is_not(None))
    found = select(Call).where(theirs, Call.status != CallStatus.DRAFT)
    return list(db.session.scalars(found.order_by(waits.desc(), Call.opens_at.desc(), Call.id)))


def in_scope(user: User, permission: Permission) -> ColumnElement[bool]:
    """Applications of the partnerships in which a staff role of the person holds the permission."""
    return within(user.scopes(permission), Application.partnership_id, Application.call_id)


def applications_seen_by(user: User) -> Select[Application]:
    """All applications that the person may see."""
    mine = or_(is_own(user), is_seen_for(user, Application.organisation_id))
    return _with_names(select(Application).where(or_(mine, in_scope(user, Permission.APPLICATIONS_READ))))


def application_for(user: User, reference: str) -> Application:
    """The application of that reference. Raises `NotFound` if it is absent or not theirs to see."""
    seen = applications_seen_by(user).where(Application.reference == reference)
    host = joinedload(Application.wishes).joinedload(Wish.offer).joinedload(Offer.organisation)
    let_in = joinedload(Application.late_entry).joinedload(LateEntry.given_by)
    return _one(seen.options(joinedload(Application.windows), host, let_in.lazyload(User.grants)))


def own_application(user: User, reference: str) -> Application:
    """The person's own application with its windows and wishes. Raises `NotFound` for anybody else's."""
    own = _with_names(select(Application).where(is_own(user), Application.reference == reference))
    return _one(own.options(joinedload(Application.windows), joinedload(Application.wishes)))


def application_behind(token: str) -> Application:
    """The application that the link of a letter asks about. Raises `NotFound` for any other link."""
    return _one(_with_names(select(Application).where(Application.still_sha256 == token_hash(token))))


def is_promised(application: Application) -> bool:
    """Whether a pair or a proposal of the application is under way."""
    pair = exists().where(
        PAIR.c.application_id == application.id, PAIR.c.status.in_(("entered", "confirmed", "validated"))
    )
    proposal = exists().where(PROPOSAL.c.application_id == application.id, PROPOSAL.c.status == "open")
    return bool(db.session.scalar(select(or_(pair, proposal))))


def cv_for(user: User, reference: str, sha256: str) -> Cv:
    """A CV, for whoever may write the application, and as it was sent for who assesses it by name.

    Raises `NotFound`.
    """
    sent = case((ChangeRequest.id.is_not(None), ChangeRequest.sent["cv"].astext), else_=Application.cv)
    assessed = and_(
        in_scope(user, Permission.APPLICATIONS_ASSESS),
        Application.status != ApplicationStatus.DRAFT,
        sent == Cv.sha256,
        ~is_blind(),
    )
    waiting = and_(ChangeRequest.application_id == Application.id, ChangeRequest.ended_at.is_(None))
    found = db.session.scalar(
        select(Cv)
        .join(Cv.application)
        .outerjoin(ChangeRequest, waiting)
        .where(Application.reference == reference, Cv.sha256 == sha256, or_(is_own(user), assessed))
        .options(undefer(Cv.content), contains_eager(Cv.application))
    )
    if found is None:
        raise NotFound
    return found


def application_to_assess(
    user: User, reference: str, permission: Permission = Permission.APPLICATIONS_ASSESS
) -> Application:
    """An application that the officer may assess, or what else is asked. Raises `NotFound` outside their scope."""
    scope = in_scope(user, permission)
    return _one(_with_names(select(Application).where(scope, Application.reference == reference)))


def applications_to_assess(user: User, references: Sequence[str]) -> list[Application]:
    """Those of these applications that the officer may assess, by reference; never one the officer takes part in."""
    scope = and_(in_scope(user, Permission.APPLICATIONS_ASSESS), takes_part(user).is_not(True))
    found = _with_names(select(Application).where(scope, Application.reference.in_(references)))
    return list(db.session.scalars(found.order_by(Application.reference)))


def is_theirs(user: User, application: Application) -> bool:
    """Whether the application is in some way the person's own, so that others assess it."""
    mine = select(Application.id).where(Application.id == application.id, takes_part(user))
    return db.session.scalar(mine) is not None


def ties_of(user: User, application: Application) -> tuple[bool, bool, bool]:
    """Whether the person may act for the applicant, takes part in any way, and whether the organisation has visited."""
    other = aliased(Application)
    matched = (other.status == ApplicationStatus.MATCHED, other.id != application.id)
    visited = exists().where(other.organisation_id == application.organisation_id, *matched)
    asked = select(is_own(user), takes_part(user), visited).where(Application.id == application.id)
    theirs, part, has_been = db.session.execute(asked).one()
    return bool(theirs), bool(part), bool(has_been)


def live_application(call: Call, organisation: Organisation) -> Application | None:
    """The organisation's application in the call that is neither withdrawn nor rejected."""
    live = (Application.call_id == call.id, Application.organisation_id == organisation.id)
    return db.session.scalar(select(Application).where(*live, Application.status.not_in(GONE)))


def live_references(call: Call, organisation_ids: Collection[int]) -> dict[int, str]:
    """The live application in the call, by organisation, of those that have one."""
    live = select(Application.organisation_id, Application.reference).where(
        Application.call_id == call.id,
        Application.organisation_id.in_(organisation_ids),
        Application.status.not_in(GONE),
    )
    return {row.organisation_id: row.reference for row in db.session.execute(live)}


def late_entries_of(call: Call) -> list[LateEntry]:
    """Who may still apply in a closed call, the newest first."""
    entries = select(LateEntry).where(LateEntry.call_id == call.id).order_by(LateEntry.id.desc())
    return list(
        db.session.scalars(
            entries.options(joinedload(LateEntry.given_by).lazyload(User.grants)).limit(MOST_LATE)
        )
    )


def late_entry_in(call: Call, number: int) -> LateEntry:
    """A late entry of that call. Raises `NotFound`."""
    found = db.session.scalar(select(LateEntry).where(LateEntry.id == number, LateEntry.call_id == call.id))
    if found is None:
        raise NotFound
    return found


def late_entry_behind(token: str) -> LateEntry | None:
    """What a link opens."""
    found = select(LateEntry).where(LateEntry.token_sha256 == token_hash(token))
    return db.session.scalar(found.options(joinedload(LateEntry.call)))


def unused_late_entry(call: Call, email: str) -> LateEntry | None:
    """The link that an address has and can still begin by, whether or not its last day is over."""
    unused = (LateEntry.revoked_at.is_(None), LateEntry.used < LateEntry.uses)
    found = select(LateEntry).where(LateEntry.call_id == call.id, LateEntry.email == email, *unused)
    return db.session.scalar(found)


def begun_by(entries: Sequence[LateEntry]) -> list[Application]:
    """What was begun by late entries, the first first."""
    begun = select(Application).where(Application.late_entry_id.in_([one.id for one in entries]))
    return list(db.session.scalars(begun.order_by(Application.id)))


def handed_in_before(organisations: Sequence[Organisation], call: Call) -> dict[int, Application]:
    """By organisation the application that it handed in last in another call."""
    earlier = select(Application).where(
        Application.organisation_id.in_([one.id for one in organisations]),
        Application.call_id != call.id,
        Application.submitted_at.is_not(None),
    )
    newest = (Application.organisation_id, Application.submitted_at.desc(), Application.id.desc())
    found = db.session.scalars(earlier.ext(distinct_on(Application.organisation_id)).order_by(*newest))
    return {application.organisation_id: application for application in found}


def has_visited(organisation: Organisation, *, but: Application | None = None) -> bool:
    """Whether another application of the organisation, in any call, counts as its visit."""
    matched = select(Application.id).where(
        Application.organisation_id == organisation.id, Application.status == ApplicationStatus.MATCHED
    )
    if but is not None and but.id is not None:
        matched = matched.where(Application.id != but.id)
    return bool(db.session.scalar(select(exists(matched.subquery()))))


def visitors_among(organisation_ids: Collection[int]) -> set[int]:
    """Of these organisations, those with a matched application in any call."""
    matched = select(Application.organisation_id).where(
        Application.organisation_id.in_(organisation_ids), Application.status == ApplicationStatus.MATCHED
    )
    return set(db.session.scalars(matched))


def accepted_applications(call: Call) -> list[Application]:
    """The call's accepted applications, told of it or not, and those at rest, with windows, wishes and organisation,
    by reference."""
    is_accepted = or_(
        Application.status.in_((ApplicationStatus.ACCEPTED, ApplicationStatus.RESTED)),
        Application.held == ApplicationStatus.ACCEPTED,
    )
    accepted = select(Application).where(Application.call_id == call.id, is_accepted)
    return list(db.session.scalars(with_wishes(_with_names(accepted)).order_by(Application.reference)))


def exceptions_of(application: Application) -> list[RuleException]:
    """The exceptions asked for an application with who asked and who answered, the newest first."""
    about = exceptions(RuleException).where(RuleException.application_id == application.id)
    return list(db.session.scalars(about.order_by(RuleException.id.desc())))


def granted_in(call: Call) -> dict[int, list[RuleException]]:
    """The exceptions granted in a call, by application."""
    granted = exceptions(RuleException).join(RuleException.application)
    granted = granted.where(Application.call_id == call.id, RuleException.status == ExceptionStatus.GRANTED)
    found: defaultdict[int, list[RuleException]] = defaultdict(list)
    for exception in db.session.scalars(granted.order_by(RuleException.id)):
        found[exception.application_id].append(exception)
    return found


def waits_for_exception(user: User) -> ColumnElement[bool]:
    """Applications for which somebody else asks an exception that the person may grant."""
    asked = select(RuleException.id).where(
        RuleException.application_id == Application.id,
        RuleException.status == ExceptionStatus.ASKED,
        RuleException.asked_by_id != user.id,
    )
    undecided = and_(Application.status.in_(TO_ASSESS), Application.held.is_(None))
    return and_(undecided, in_scope(user, Permission.EXCEPTIONS_GRANT), asked.exists())


def with_ids(ids: Sequence[int]) -> list[Application]:
    """These applications read anew, by reference."""
    found = _with_names(select(Application).where(Application.id.in_(ids)).order_by(Application.reference))
    return list(db.session.scalars(found.execution_options(populate_existing=True)))


def last_request(application: Application) -> ChangeRequest | None:
    """The last time that changes were asked for."""
    about = select(ChangeRequest).where(ChangeRequest.application_id == application.id)
    return db.session.scalar(about.order_by(ChangeRequest.id.desc()).limit(1))


def open_request(application: Application) -> ChangeRequest:
    """The changes that wait for their answer, of an application for which some were asked."""
    return db.session.scalars(_open_requests().where(ChangeRequest.application_id == application.id)).one()


def requests_to_remind_of(first: date, last: date) -> list[ChangeRequest]:
    """The changes that wait for their answer, are due between two days, and of which no letter reminded yet."""
    reminded = exists().where(Letter.kind == "applications.changes_due", Letter.turn == ChangeRequest.id)
    due = _open_requests().where(ChangeRequest.answer_by.between(first, last), ~reminded)
    both = joinedload(ChangeRequest.application).joinedload(Application.call)
    return list(db.session.scalars(due.options(both).order_by(ChangeRequest.id)))


def sent_names(applications: Sequence[Application]) -> dict[int, str]:
    """The visitors' names as they were sent, of applications that are being changed."""
    return _sent(applications, ChangeRequest.sent["person_name"].astext)


def sent_answers(applications: Sequence[Application]) -> dict[int, list[dict[str, Any]]]:
    """The answers to the call's questions as they were sent, of applications that are being changed."""
    return _sent(applications, func.coalesce(ChangeRequest.sent["answers"], cast([], JSONB)))


def _sent(applications: Sequence[Application], what: ColumnElement[Any]) -> dict[int, Any]:
    ids = [one.id for one in applications if one.status == ApplicationStatus.CHANGES_ASKED]
    if not ids:
        return {}
    sent = select(ChangeRequest.application_id, what).where(ChangeRequest.application_id.in_(ids))
    return dict(db.session.execute(sent.where(ChangeRequest.ended_at.is_(None))).all())


def changes_are_late() -> ColumnElement[bool]:
    """Applications whose changes did not come by their day."""
    waiting = (ChangeRequest.application_id == Application.id, ChangeRequest.ended_at.is_(None))
    return exists().where(*waiting, ChangeRequest.answer_by < clock.today())


def _open_requests() -> Select[ChangeRequest]:
    return select(ChangeRequest).where(ChangeRequest.ended_at.is_(None))


def with_wishes(statement: Select[Any]) -> Select[Any]:
    """Also load windows, wishes and the wished hosts."""
    host = joinedload(Wish.offer).joinedload(Offer.organisation)
    return statement.options(
        selectinload(Application.windows), selectinload(Application.wishes).options(host)
    )


def _with_names(statement: Select[Any]) -> Select[Any]:
    return statement.options(
        joinedload(Application.call),
        joinedload(Application.organisation),
        joinedload(Application.partnership),
    )


def _one(statement: Select[Any]) -> Application:
    application: Application | None = db.session.scalars(statement).unique().one_or_none()
    if application is None:
        raise NotFound
    return application
