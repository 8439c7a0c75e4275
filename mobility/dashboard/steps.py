"""An applicant's line of steps, worked out from the records of every room and stored nowhere (domain 4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from mobility.accounts.models import User
from mobility.agreements.enums import AgreementKind, AgreementStatus
from mobility.agreements.models import Agreement
from mobility.applications.enums import ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.wording import is_too_late
from mobility.catalogue.enums import PairStatus
from mobility.catalogue.models import AgreedPair
from mobility.core import clock, dates
from mobility.core.db import db
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.organisations.models import Organisation, OrganisationMember
from mobility.payments.models import PaymentOrder
from mobility.payments.queries import is_in_force
from mobility.reporting.enums import ReportStatus
from mobility.reporting.enums import Side as ReportSide
from mobility.reporting.models import ClosingReport
from mobility.reporting.rules import deadline
from mobility.rounds.models import Proposal
from mobility.surveys.enums import Side
from mobility.surveys.models import Invitation, Survey
from mobility.surveys.questions import AFTER_STAY

LINES = 5
# What a step is called once it is done or still to come, what it is called now, when it was done, what is expected.
Reached = tuple[str, str, datetime | date | None, str]
Later = aliased(Exchange)
Report = aliased(ClosingReport)
Order = aliased(PaymentOrder)
Asked = aliased(Invitation)
Visiting, Hosting = aliased(Organisation), aliased(Organisation)
LIVE_PAIR = AgreedPair.status.not_in((PairStatus.DECLINED, PairStatus.WITHDRAWN))


@dataclass(frozen=True)
class Step:
    """One step: its public label, when, and whether it is done, now or to come."""

    label: str
    when: str
    state: str


@dataclass(frozen=True)
class Line:
    """An application, who visits whom, what became of it in a word where it ended, and its steps."""

    reference: str
    title: str
    ended: str
    steps: tuple[Step, ...]
    # The reference of what came of it.
    exchange: str | None


def lines_of(user: User) -> list[Line]:
    """The newest applications of somebody's organisations with their steps, in one statement."""
    acts_for = select(OrganisationMember.organisation_id).where(OrganisationMember.user_id == user.id)
    own = or_(Application.author_id == user.id, Application.organisation_id.in_(acts_for))
    return [_line_of(row) for row in _rows(own)]


def line_of(application: Application) -> Line:
    """The line from the application to the survey."""
    [row] = _rows(Application.id == application.id)
    return _line_of(row)


def _rows(which: Any) -> Sequence[Row[Any]]:
    newest = select(func.max(Later.id)).where(Later.application_id == Application.id)
    found = (
        select(
            Application,
            Exchange,
            Report,
            Order,
            Asked.answered_at.label("told_at"),
            Visiting.name.label("visitor"),
            Hosting.name.label("host"),
            _last(Proposal.made_at, Proposal).label("proposed_at"),
            _last(Proposal.answer_by, Proposal).label("answer_by"),
            _last(AgreedPair.entered_at, AgreedPair, LIVE_PAIR).label("paired_at"),
            _signed().label("signed"),
        )
        .select_from(Application)
        .options(joinedload(Application.call))
        .outerjoin(Exchange, Exchange.id == newest.scalar_subquery())
        .outerjoin(Report, (Report.exchange_id == Exchange.id) & (Report.side == ReportSide.VISITOR))
        .outerjoin(Order, Order.id == _order())
        .outerjoin(Asked, Asked.id == _asked())
        .outerjoin(Hosting, Hosting.id == Exchange.host_organisation_id)
        .join(Visiting, Visiting.id == Application.organisation_id)
        .where(which)
        .order_by(Application.id.desc())
        .limit(LINES)
    )
    return db.session.execute(found).all()


def _last(column: Any, kind: Any, *where: Any) -> Any:
    about = select(column).where(kind.application_id == Application.id, *where)
    return about.order_by(kind.id.desc()).limit(1).correlate(Application).scalar_subquery()


def _order() -> Any:
    newest = select(func.max(PaymentOrder.id)).where(PaymentOrder.exchange_id == Exchange.id, is_in_force())
    return newest.correlate(Exchange).scalar_subquery()


def _asked() -> Any:
    asked = select(func.min(Invitation.id)).join(Invitation.survey)
    asked = asked.where(
        Invitation.exchange_id == Exchange.id, Invitation.side == Side.VISITOR, Survey.code == AFTER_STAY
    )
    return asked.correlate(Exchange).scalar_subquery()


def _signed() -> Any:
    """How many of the two agreements are signed by all."""
    signed = select(func.count(Agreement.id)).where(
        Agreement.exchange_id == Exchange.id, Agreement.status == AgreementStatus.SIGNED
    )
    return signed.correlate(Exchange).scalar_subquery()


def _line_of(row: Any) -> Line:
    application, exchange, report, order = row[:4]
    met_at = row.proposed_at or row.paired_at or (exchange and exchange.agreed_at)
    reached: list[Reached] = [
        (_("Applied"), _("Applying"), application.submitted_at, ""),
        (_("Checked"), _("Being checked"), application.decided_at or (exchange and exchange.agreed_at), ""),
        (_("Host found"), _("Finding a host"), met_at, ""),
        (_("Agreed"), _("Agreeing"), exchange and exchange.agreed_at, _by(row.answer_by)),
        (_("Signed"), _("Signing"), exchange and exchange.confirmed_at, _signatures(exchange, row.signed)),
        (_("Visit"), _("Visit"), _stayed(exchange), _days(exchange)),
        (_("Report"), _("Report"), _accepted(report), _report(report)),
        (_("Paid"), _("Being paid"), order and order.paid_on, _due(order)),
        (_("Survey"), _("Survey"), row.told_at, ""),
    ]
    return Line(
        reference=application.reference,
        title=_title(row.visitor, row.host),
        ended=_ended(application, exchange),
        steps=tuple(_line(reached)),
        exchange=exchange.reference if exchange else None,
    )


def _title(visitor: str, host: str | None) -> str:
    if host is None:
        return _("A visit of %(visitor)s", visitor=visitor)
    return _("%(visitor)s visits %(host)s", visitor=visitor, host=host)


def _line(reached: list[Reached]) -> list[Step]:
    # A later step may be done before an earlier one, such as the survey before the money.
    now = next((place for place, (_done, _now, at, _when) in enumerate(reached) if at is None), len(reached))
    line = []
    for place, (done, doing, at, expected) in enumerate(reached):
        state = "done" if at is not None else "now" if place == now else "to-come"
        label = doing if state == "now" else done
        line.append(Step(label, expected if at is None else _day(at), state))
    return line


def _ended(application: Application, exchange: Exchange | None) -> str:
    if exchange is not None and exchange.status == ExchangeStatus.CANCELLED:
        return _("Cancelled")
    if is_too_late(application):
        return _("No host found: the call is over")
    ended = {
        ApplicationStatus.REJECTED: _("Not accepted"),
        ApplicationStatus.WITHDRAWN: _("Withdrawn"),
        ApplicationStatus.RESTED: _("Rests"),
    }
    return ended.get(application.status, "")


def _signatures(exchange: Exchange | None, signed: int) -> str:
    if exchange is None:
        return ""
    return _("%(signed)s of %(all)s agreements", signed=signed, all=len(AgreementKind))


def _accepted(report: ClosingReport | None) -> datetime | None:
    return report.decided_at if report and report.status == ReportStatus.ACCEPTED else None


def _report(report: ClosingReport | None) -> str:
    if report is None:
        return ""
    if report.status == ReportStatus.FILED:
        return _("being checked")
    return _("by %(day)s", day=_day(deadline(report)))


def _due(order: PaymentOrder | None) -> str:
    return _("by %(day)s", day=_day(order.due_on)) if order else ""


def _by(until: datetime | None) -> str:
    return _("by %(day)s", day=_day(until)) if until else ""


def _stayed(exchange: Exchange | None) -> date | None:
    """The stay's last day once it is over; the hour at which a job noted that is nobody's concern."""
    if exchange is None or not (exchange.ended_at or exchange.terminated_at):
        return None
    return exchange.broken_off_on or exchange.last_day


def _days(exchange: Exchange | None) -> str:
    return dates.period(exchange.first_day, exchange.last_day) if exchange else ""


def _day(moment: datetime | date) -> str:
    day = clock.local(moment).date() if isinstance(moment, datetime) else moment
    return dates.short(day)
