"""An applicant's line of steps, worked out from the records of every room and stored nowhere (domain 4.3)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy import select

from mobility.applications.models import Application
from mobility.core import clock
from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.payments.enums import PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.rounds.models import Proposal
from mobility.surveys.enums import Side
from mobility.surveys.models import Invitation

T = TypeVar("T", Proposal, Exchange)


@dataclass(frozen=True)
class Step:
    """One step: its public label, when, and whether it is done, now or to come."""

    label: str
    when: str
    state: str


def steps_of(application: Application) -> list[Step]:
    """The line from the application to the survey."""
    proposal = _newest(Proposal, application)
    exchange = _newest(Exchange, application)
    order, invitation = (_order(exchange), _invitation(exchange)) if exchange else (None, None)
    reached: list[tuple[str, datetime | None, str]] = [
        (_("Applied"), application.submitted_at, ""),
        (_("Checked"), application.decided_at, ""),
        (_("Host proposed"), proposal.made_at if proposal else None, ""),
        (_("Confirmed"), exchange.confirmed_at if exchange else None, _by(proposal)),
        (_("Visit"), exchange.ended_at if exchange else None, _days(exchange)),
        (_("Payment ordered"), order.ordered_at if order else None, ""),
        (_("Survey"), invitation.answered_at if invitation else None, ""),
    ]
    return _line(reached)


def _line(reached: list[tuple[str, datetime | None, str]]) -> list[Step]:
    line, is_open = [], True
    for label, at, expected in reached:
        if at is not None:
            line.append(Step(label, _day(clock.local(at).date()), "done"))
        else:
            line.append(Step(label, expected, "now" if is_open else "to-come"))
            is_open = False
    return line


def _newest(kind: type[T], application: Application) -> T | None:
    about = select(kind).where(kind.application_id == application.id)
    return db.session.scalar(about.order_by(kind.id.desc()).limit(1))


def _order(exchange: Exchange) -> PaymentOrder | None:
    live = PaymentOrder.status != PaymentStatus.VOID
    return db.session.scalar(
        select(PaymentOrder).where(PaymentOrder.exchange_id == exchange.id, live).limit(1)
    )


def _invitation(exchange: Exchange) -> Invitation | None:
    asked = select(Invitation).where(Invitation.exchange_id == exchange.id, Invitation.side == Side.VISITOR)
    return db.session.scalar(asked.order_by(Invitation.id).limit(1))


def _by(proposal: Proposal | None) -> str:
    return _("by %(day)s", day=_day(clock.local(proposal.answer_by).date())) if proposal else ""


def _days(exchange: Exchange | None) -> str:
    return f"{_day(exchange.first_day)} – {_day(exchange.last_day)}" if exchange else ""


def _day(day: date) -> str:
    return format_date(day, "d MMM y")
