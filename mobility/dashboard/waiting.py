"""What waits for a visitor or host, in one statement: answers, signatures, plans and reports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for
from flask_babel import format_datetime
from flask_babel import gettext as _
from sqlalchemy import (
    Date,
    DateTime,
    Select,
    Text,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from mobility.accounts.models import User
from mobility.agreements.enums import AgreementKind, AgreementStatus, Slot
from mobility.agreements.models import Agreement
from mobility.agreements.queries import fills, lacks
from mobility.applications.models import Application
from mobility.applications.queries import visits_as
from mobility.catalogue.enums import ContactStatus, PairStatus
from mobility.catalogue.enums import Side as Beginner
from mobility.catalogue.models import AgreedPair, Contact
from mobility.core import clock, dates
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.reporting import queries as reports
from mobility.reporting.models import ClosingReport
from mobility.reporting.rules import OPEN
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Proposal

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
    tag: tuple[str, str]


@dataclass(frozen=True)
class _Kind:
    endpoint: str
    argument: str
    words: Callable[[str], str]


KINDS = {
    "proposal": _Kind(
        "exchanges.proposal",
        "reference",
        lambda reference: _("Answer the proposal %(reference)s", reference=reference),
    ),
    "contact": _Kind(
        "catalogue.show",
        "reference",
        lambda reference: _("Answer the message of %(reference)s", reference=reference),
    ),
    "pair": _Kind(
        "catalogue.pairs.show",
        "reference",
        lambda reference: _("Confirm the pair %(reference)s", reference=reference),
    ),
    "plan": _Kind(
        "agreements.plan",
        "reference",
        lambda reference: _("Write goals and agenda of %(reference)s", reference=reference),
    ),
    "signature": _Kind(
        "agreements.show", "number", lambda reference: _("Sign %(reference)s", reference=reference)
    ),
    "report": _Kind(
        "reporting.edit",
        "reference",
        lambda reference: _("File the closing report %(reference)s", reference=reference),
    ),
}


def tasks_of(user: User) -> list[Task]:
    """What a visitor or host can do next, the nearest deadline first."""
    parts = (_proposals, _contacts, _pairs, _plans, _signatures, _reports)
    waiting = union_all(*(part(user) for part in parts)).subquery()
    nearest = func.coalesce(cast(waiting.c.at, Date), waiting.c.day)
    found = select(waiting).order_by(nearest.nulls_last(), waiting.c.reference).limit(MOST_TASKS)
    return [_task(*row) for row in db.session.execute(found)]


def _task(kind: str, reference: str, at: Any, day: Any, of: str | None) -> Task:
    known = KINDS[kind]
    arguments: dict[str, Any] = {known.argument: reference} | ({"of": of} if of else {})
    is_there = known.endpoint in current_app.view_functions
    last = day or (clock.local(at).date() if at else None)
    is_late = last is not None and last < clock.today()
    return Task(
        label=known.words(reference),
        url=url_for(known.endpoint, **arguments) if is_there else "",
        when=_when(kind, at, day),
        tag=("bad", _("Late")) if is_late else ("wait", _("To do")),
    )


def _when(kind: str, at: Any, day: Any) -> str:
    if at is not None:
        return _("by %(until)s, Brussels time", until=format_datetime(at, dates.MOMENT))
    if day is None:
        return ""
    shown = dates.day(day)
    return _("by %(day)s", day=shown) if kind == "report" else _("the stay begins on %(day)s", day=shown)


def _rows(
    kind: str, reference: Any, at: Any = NO_TIME, day: Any = NO_DAY, of: Any = NO_RECORD
) -> Select[Any]:
    columns: list[Any] = [
        literal(kind).label("kind"),
        cast(reference, Text).label("reference"),
        cast(at, DateTime(timezone=True)).label("at"),
        cast(day, Date).label("day"),
        cast(of, Text).label("of"),
    ]
    return select(*columns)


def _proposals(user: User) -> Select[Any]:
    mine = or_(
        and_(visits_as(user), Proposal.visitor_reply.is_(None)),
        and_(hosts_as(user), Proposal.host_reply.is_(None)),
    )
    rows = _rows("proposal", Proposal.reference, Proposal.answer_by).select_from(Proposal)
    rows = rows.join(Proposal.application).join(Proposal.offer)
    return rows.where(Proposal.status == ProposalStatus.OPEN, mine)


def _contacts(user: User) -> Select[Any]:
    asked = or_(
        and_(Contact.begun_by == Beginner.HOST, visits_as(user)),
        and_(Contact.begun_by == Beginner.VISITOR, hosts_as(user)),
    )
    writer = case((Contact.begun_by == Beginner.HOST, Offer.reference), else_=Application.reference)
    own = case((Contact.begun_by == Beginner.HOST, Application.reference), else_=Offer.reference)
    rows = _rows("contact", writer, of=own).select_from(Contact).join(Contact.application).join(Contact.offer)
    return rows.where(Contact.status == ContactStatus.OPEN, asked)


def _pairs(user: User) -> Select[Any]:
    mine = or_(
        and_(AgreedPair.entered_by == Beginner.HOST, visits_as(user)),
        and_(AgreedPair.entered_by == Beginner.VISITOR, hosts_as(user)),
    )
    rows = _rows("pair", AgreedPair.reference, day=AgreedPair.first_day).select_from(AgreedPair)
    rows = rows.join(AgreedPair.application).join(AgreedPair.offer)
    return rows.where(AgreedPair.status == PairStatus.ENTERED, mine)


def _plans(user: User) -> Select[Any]:
    drawn_up = select(Agreement.id).where(
        Agreement.exchange_id == Exchange.id,
        Agreement.kind == AgreementKind.COMMITMENT,
        Agreement.status != AgreementStatus.VOID,
    )
    rows = _of_exchange("plan", Exchange.reference, Exchange)
    return rows.where(
        Exchange.status == ExchangeStatus.AGREED, ~drawn_up.exists(), or_(visits_as(user), hosts_as(user))
    )


def _signatures(user: User) -> Select[Any]:
    mine = or_(*(and_(lacks(slot), fills(user, slot)) for slot in (Slot.VO, Slot.HO)))
    number = func.concat(Agreement.reference, "-", Agreement.revision)
    rows = _of_exchange("signature", number, Agreement)
    return rows.where(Exchange.status == ExchangeStatus.AGREED, mine)


def _of_exchange(kind: str, reference: Any, source: Any) -> Select[Any]:
    rows = _rows(kind, reference, day=Exchange.first_day).select_from(source)
    if source is not Exchange:
        rows = rows.join(Exchange, source.exchange_id == Exchange.id)
    return rows.join(Exchange.application).join(Exchange.offer)


def _reports(user: User) -> Select[Any]:
    rows = _rows("report", ClosingReport.reference, day=reports.DEADLINE).select_from(ClosingReport)
    rows = rows.join(ClosingReport.exchange).join(Exchange.application).join(Exchange.offer)
    return rows.where(ClosingReport.status.in_(OPEN), reports.is_own(user))
