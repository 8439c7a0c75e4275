"""What waits for a visitor or host, in one statement: drafts, answers, signatures, plans and reports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from mobility.accounts.models import User
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement
from mobility.agreements.queries import fills, lacks
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application, ChangeRequest, LateEntry
from mobility.applications.queries import is_own, visits_as
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.catalogue.enums import ContactStatus, PairStatus
from mobility.catalogue.enums import Side as Beginner
from mobility.catalogue.models import AgreedPair, Contact
from mobility.core import clock, dates
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.enums import OfferStatus
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.hosts.queries import is_own as is_own_offer
from mobility.organisations.models import Organisation
from mobility.reporting import queries as reports
from mobility.reporting.models import ClosingReport
from mobility.reporting.rules import OPEN
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Proposal

VISITING, HOSTING = aliased(Organisation), aliased(Organisation)
NO_TIME = cast(null(), DateTime(timezone=True))
NO_DAY = cast(null(), Date)
NO_RECORD = cast(null(), Text)
MOST_TASKS = 50


@dataclass(frozen=True)
class Task:
    """Something that waits for the reader; gone when it is done."""

    label: str
    url: str
    when: str
    tag: tuple[str, str] | None


@dataclass(frozen=True)
class _Kind:
    endpoint: str
    argument: str
    # By the name of the other side, or of the call.
    words: Callable[[str], str]


KINDS = {
    "draft": _Kind(
        "applications.edit", "reference", lambda who: _("Send your application for %(who)s", who=who)
    ),
    "changes": _Kind(
        "applications.show", "reference", lambda who: _("Change your application for %(who)s", who=who)
    ),
    "offer": _Kind("hosts.edit", "reference", lambda who: _("Send your offer for %(who)s", who=who)),
    "proposal": _Kind(
        "exchanges.proposal", "reference", lambda who: _("Say yes or no to a visit with %(who)s", who=who)
    ),
    "contact": _Kind("catalogue.show", "reference", lambda who: _("Answer the message of %(who)s", who=who)),
    "pair": _Kind(
        "catalogue.pairs.show", "reference", lambda who: _("Confirm the visit with %(who)s", who=who)
    ),
    "plan": _Kind(
        "agreements.plan", "reference", lambda who: _("Write goals and agenda with %(who)s", who=who)
    ),
    AgreementKind.COMMITMENT: _Kind(
        "agreements.show", "number", lambda who: _("Sign the Commitment to Quality with %(who)s", who=who)
    ),
    AgreementKind.FINANCIAL: _Kind(
        "agreements.show",
        "number",
        lambda who: _("Sign the financial agreement of the visit with %(who)s", who=who),
    ),
    "report": _Kind(
        "reporting.edit",
        "reference",
        lambda who: _("File the closing report on the visit with %(who)s", who=who),
    ),
}


def tasks_of(user: User) -> list[Task]:
    """What a visitor or host can do next, the nearest deadline first."""
    parts = (
        _drafts,
        _late_drafts,
        _changes,
        _offers,
        _proposals,
        _contacts,
        _pairs,
        _plans,
        _signatures,
        _reports,
    )
    waiting = union_all(*(part(user) for part in parts)).subquery()
    nearest = func.coalesce(cast(waiting.c.at, Date), waiting.c.day)
    found = select(waiting).order_by(nearest.nulls_last(), waiting.c.reference).limit(MOST_TASKS)
    return [_task(*row) for row in db.session.execute(found)]


def _task(kind: str, reference: str, who: str | None, at: Any, day: Any, of: str | None) -> Task:
    known = KINDS[kind]
    arguments: dict[str, Any] = {known.argument: reference} | ({"of": of} if of else {})
    is_there = known.endpoint in current_app.view_functions
    return Task(
        label=known.words(who or _("a visitor")),
        url=url_for(known.endpoint, **arguments) if is_there else "",
        when=_when(kind, at, day),
        tag=dates.urgency(day or (clock.local(at).date() if at else None)),
    )


def _when(kind: str, at: Any, day: Any) -> str:
    if at is not None:
        return _("by %(until)s, Brussels time", until=format_datetime(at, dates.MOMENT))
    if day is None:
        return ""
    shown = dates.day(day)
    return (
        _("by %(day)s", day=shown)
        if kind in {"draft", "report", "changes"}
        else _("the stay begins on %(day)s", day=shown)
    )


def _rows(
    kind: Any, reference: Any, who: Any, at: Any = NO_TIME, day: Any = NO_DAY, of: Any = NO_RECORD
) -> Select[Any]:
    columns: list[Any] = [
        cast(kind, Text).label("kind"),
        cast(reference, Text).label("reference"),
        cast(who, Text).label("who"),
        cast(at, DateTime(timezone=True)).label("at"),
        cast(day, Date).label("day"),
        cast(of, Text).label("of"),
    ]
    return select(*columns)


def _between(user: User, kind: Any, reference: Any, source: Any, **more: Any) -> Select[Any]:
    """Rows about an application and an offer, with the name of the side that the person is not."""
    other = case((visits_as(user), HOSTING.name), else_=VISITING.name)
    rows = _rows(kind, reference, **({"who": other} | more)).select_from(source)
    if source not in {AgreedPair, Contact, Exchange, Proposal}:
        rows, source = rows.join(Exchange, source.exchange_id == Exchange.id), Exchange
    rows = rows.join(source.application).join(source.offer)
    return rows.join(VISITING, Application.organisation).join(HOSTING, Offer.organisation)


def _drafts(user: User) -> Select[Any]:
    rows = _rows("draft", Application.reference, Call.title, Call.closes_at).select_from(Application)
    rows = rows.join(Application.call)
    return rows.where(Application.status == ApplicationStatus.DRAFT, is_own(user), _is_open())


def _late_drafts(user: User) -> Select[Any]:
    rows = _rows("draft", Application.reference, Call.title, day=LateEntry.last_on).select_from(Application)
    rows = rows.join(Application.call).join(Application.late_entry)
    holds = and_(LateEntry.revoked_at.is_(None), LateEntry.last_on >= clock.today(), not_(_is_open()))
    return rows.where(Application.status == ApplicationStatus.DRAFT, is_own(user), holds)


def _changes(user: User) -> Select[Any]:
    rows = _rows("changes", Application.reference, Call.title, day=ChangeRequest.answer_by)
    rows = rows.select_from(ChangeRequest).join(ChangeRequest.application).join(Application.call)
    return rows.where(ChangeRequest.ended_at.is_(None), is_own(user))


def _offers(user: User) -> Select[Any]:
    rows = _rows("offer", Offer.reference, Call.title, Call.closes_at).select_from(Offer).join(Offer.call)
    return rows.where(Offer.status == OfferStatus.DRAFT, is_own_offer(user), _is_open())


def _is_open() -> ColumnElement[bool]:
    return and_(Call.status == CallStatus.OPEN, Call.closes_at > clock.utcnow())


def _proposals(user: User) -> Select[Any]:
    mine = or_(
        and_(visits_as(user), Proposal.visitor_reply.is_(None)),
        and_(hosts_as(user), Proposal.host_reply.is_(None)),
    )
    rows = _between(user, "proposal", Proposal.reference, Proposal, at=Proposal.answer_by)
    return rows.where(Proposal.status == ProposalStatus.OPEN, mine)


def _contacts(user: User) -> Select[Any]:
    asked = or_(
        and_(Contact.begun_by == Beginner.HOST, visits_as(user)),
        and_(Contact.begun_by == Beginner.VISITOR, hosts_as(user)),
    )
    by_host = Contact.begun_by == Beginner.HOST
    writer = case((by_host, Offer.reference), else_=Application.reference)
    own = case((by_host, Application.reference), else_=Offer.reference)
    # A visitor is named to a host only once they are in contact.
    who = case((by_host, HOSTING.name))
    rows = _between(user, "contact", writer, Contact, who=who, of=own)
    return rows.where(Contact.status == ContactStatus.OPEN, asked)


def _pairs(user: User) -> Select[Any]:
    mine = or_(
        and_(AgreedPair.entered_by == Beginner.HOST, visits_as(user)),
        and_(AgreedPair.entered_by == Beginner.VISITOR, hosts_as(user)),
    )
    rows = _between(user, "pair", AgreedPair.reference, AgreedPair, day=AgreedPair.first_day)
    return rows.where(AgreedPair.status == PairStatus.ENTERED, mine)


def _plans(user: User) -> Select[Any]:
    drawn_up = select(Agreement.id).where(
        Agreement.exchange_id == Exchange.id,
        Agreement.kind == AgreementKind.COMMITMENT,
        Agreement.status != AgreementStatus.VOID,
    )
    rows = _between(user, "plan", Exchange.reference, Exchange, day=Exchange.first_day)
    return rows.where(
        Exchange.status == ExchangeStatus.AGREED, ~drawn_up.exists(), or_(visits_as(user), hosts_as(user))
    )


def _signatures(user: User) -> Select[Any]:
    mine = or_(*(and_(lacks(slot), fills(user, slot)) for slot in (Slot.VO, Slot.HO)))
    number = func.concat(Agreement.reference, "-", Agreement.revision)
    rows = _between(user, Agreement.kind, number, Agreement, day=Exchange.first_day)
    return rows.where(Exchange.status == ExchangeStatus.AGREED, mine)


def _reports(user: User) -> Select[Any]:
    rows = _between(user, "report", ClosingReport.reference, ClosingReport, day=reports.DEADLINE)
    return rows.where(ClosingReport.status.in_(OPEN), reports.is_own(user))
