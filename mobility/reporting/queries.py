"""Reading closing reports, scoped by who asks: each side sees its own, a partnership those it answers for."""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased, contains_eager, load_only, selectinload, undefer

from mobility.accounts.models import User
from mobility.applications.models import Application
from mobility.applications.queries import visits_as
from mobility.core import clock
from mobility.core.access import Permission, within
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.hosts.models import Offer
from mobility.hosts.queries import hosts_as
from mobility.organisations.models import Organisation
from mobility.papers.models import Paper
from mobility.papers.queries import is_being_printed
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport, Evidence
from mobility.reporting.rules import OPEN

VISITING = aliased(Organisation, name="visiting")
HOSTING = aliased(Organisation, name="hosting")
OVER = (ExchangeStatus.ENDED, ExchangeStatus.TERMINATED)
PRINT_LOCK = "certify-"
# Until when a report is asked for: one that came back has a new day.
# Longer than any reminder stands from its day.
REMINDED_FOR = timedelta(days=30)
DEADLINE = case(
    (
        ClosingReport.status == ReportStatus.RETURNED,
        func.coalesce(ClosingReport.mend_by, ClosingReport.due_on),
    ),
    else_=ClosingReport.due_on,
)


def is_own(user: User) -> ColumnElement[bool]:
    """The reports that the person writes: as the visitor, or as the host."""
    return or_(
        and_(ClosingReport.side == Side.VISITOR, visits_as(user)),
        and_(ClosingReport.side == Side.HOST, hosts_as(user)),
    )


def in_scope(user: User, permission: Permission) -> ColumnElement[bool]:
    """The VOP answers for both reports, the HOP for that of its host."""
    scopes = user.scopes(permission)
    of_host = and_(ClosingReport.side == Side.HOST, within(scopes, Exchange.hop_id, Exchange.call_id))
    return or_(within(scopes, Exchange.vop_id, Exchange.call_id), of_host)


def reports_seen_by(user: User) -> Select[ClosingReport]:
    """All reports that the person may read, with the names that a list shows."""
    exchange = contains_eager(ClosingReport.exchange)
    return (
        _joined()
        .join(VISITING, Exchange.visiting_organisation)
        .join(HOSTING, Exchange.host_organisation)
        .where(or_(is_own(user), in_scope(user, Permission.EXCHANGES_READ)))
        .options(
            load_only(
                ClosingReport.reference,
                ClosingReport.side,
                ClosingReport.status,
                ClosingReport.due_on,
                ClosingReport.mend_by,
                ClosingReport.filed_at,
            ),
            exchange.load_only(Exchange.reference, Exchange.first_day, Exchange.last_day),
            exchange.contains_eager(Exchange.visiting_organisation.of_type(VISITING)).load_only(
                VISITING.name, VISITING.country
            ),
            exchange.contains_eager(Exchange.host_organisation.of_type(HOSTING)).load_only(
                HOSTING.name, HOSTING.country
            ),
        )
    )


def is_overdue(today: date) -> ColumnElement[bool]:
    """Reports that their side should have filed."""
    return and_(ClosingReport.status.in_(OPEN), today > DEADLINE)


def report_for(user: User, reference: str) -> ClosingReport:
    """The report, if the person may read it. Raises `NotFound`."""
    return _one(reference, or_(is_own(user), in_scope(user, Permission.EXCHANGES_READ)))


def own_report(user: User, reference: str) -> ClosingReport:
    """The report, if the person writes it. Raises `NotFound`."""
    return _one(reference, is_own(user))


def report_to_decide(user: User, reference: str) -> ClosingReport:
    """The report, if the person's partnership answers for it. Raises `NotFound`."""
    return _one(reference, in_scope(user, Permission.REPORTS_VALIDATE))


def report_to_bypass(user: User, reference: str) -> ClosingReport:
    """A host's report, for those who look after all partnerships. Raises `NotFound`."""
    whole = [scope for scope in user.scopes(Permission.REPORTS_VALIDATE) if scope.partnership_id is None]
    of_all = within(whole, Exchange.vop_id, Exchange.call_id)
    return _one(reference, and_(ClosingReport.side == Side.HOST, of_all))


def evidence_for(user: User, reference: str, sha256: str) -> Evidence:
    """A piece of evidence, for its side, for who validates it, and for auditors. Raises `NotFound`."""
    seen = or_(
        is_own(user),
        in_scope(user, Permission.REPORTS_VALIDATE),
        in_scope(user, Permission.AUDIT_READ),
    )
    found = db.session.scalar(
        select(Evidence)
        .join(Evidence.report)
        .join(ClosingReport.exchange)
        .join(Exchange.application)
        .join(Exchange.offer)
        .where(ClosingReport.reference == reference, Evidence.sha256 == sha256, seen)
        .order_by(Evidence.id)
        .limit(1)
        .options(undefer(Evidence.content), contains_eager(Evidence.report))
    )
    if found is None:
        raise NotFound
    return found


def is_written_by(user: User, report: ClosingReport) -> bool:
    """Whether the report is of the person's own side."""
    return _is(report, is_own(user))


def report_of(exchange: Exchange, side: Side) -> ClosingReport | None:
    """What one side of an exchange reports, if it was asked to."""
    return db.session.scalar(
        select(ClosingReport).where(ClosingReport.exchange_id == exchange.id, ClosingReport.side == side)
    )


def accepted_report(exchange: Exchange) -> ClosingReport | None:
    """The visitor's accepted report with its evidence: what a payment waits for."""
    return db.session.scalar(
        select(ClosingReport)
        .where(
            ClosingReport.exchange_id == exchange.id,
            ClosingReport.side == Side.VISITOR,
            ClosingReport.status == ReportStatus.ACCEPTED,
        )
        .options(selectinload(ClosingReport.evidence))
    )


def exchanges_to_begin(limit: int = 200) -> list[int]:
    """Ids of exchanges that are over and of which a side was not asked for its report."""
    begun = (
        select(func.count(ClosingReport.id))
        .where(ClosingReport.exchange_id == Exchange.id)
        .correlate(Exchange)
        .scalar_subquery()
    )
    waiting = select(Exchange.id).where(Exchange.status.in_(OVER), begun < len(Side))
    return list(db.session.scalars(waiting.order_by(Exchange.id).limit(limit)))


def open_reports(limit: int = 1000) -> list[int]:
    """Ids of reports that their side has still to file and whose reminders are written about now."""
    today = clock.today()
    near = DEADLINE.between(today - REMINDED_FOR, today + REMINDED_FOR)
    waiting = select(ClosingReport.id).where(ClosingReport.status.in_(OPEN), near)
    return list(db.session.scalars(waiting.order_by(DEADLINE, ClosingReport.id).limit(limit)))


def reports_to_certify(kinds: list[str], limit: int = 200) -> list[int]:
    """Ids of accepted visitors' reports without all certificates, and without a job that will print them."""
    papers = (
        select(func.count(Paper.id))
        .where(
            Paper.kind.in_(kinds),
            Paper.about_kind == Exchange.__tablename__,
            Paper.about_id == ClosingReport.exchange_id,
            Paper.replaced_at.is_(None),
        )
        .correlate(ClosingReport)
        .scalar_subquery()
    )
    waiting = select(ClosingReport.id).where(
        ClosingReport.status == ReportStatus.ACCEPTED,
        ClosingReport.side == Side.VISITOR,
        papers < len(kinds),
        ~is_being_printed(PRINT_LOCK, ClosingReport.id),
    )
    return list(db.session.scalars(waiting.order_by(ClosingReport.id).limit(limit)))


def _joined() -> Select[ClosingReport]:
    return (
        select(ClosingReport)
        .join(ClosingReport.exchange)
        .join(Application, Exchange.application_id == Application.id)
        .join(Offer, Exchange.offer_id == Offer.id)
    )


def _is(report: ClosingReport, condition: ColumnElement[bool]) -> bool:
    asked = _joined().where(ClosingReport.id == report.id, condition)
    return db.session.scalar(asked.with_only_columns(ClosingReport.id)) is not None


def _one(reference: str, *where: Any) -> ClosingReport:
    exchange = contains_eager(ClosingReport.exchange)
    found = db.session.scalar(
        _joined()
        .where(ClosingReport.reference == reference, *where)
        .options(
            exchange.joinedload(Exchange.visiting_organisation),
            exchange.joinedload(Exchange.host_organisation),
            exchange.joinedload(Exchange.vop),
            exchange.joinedload(Exchange.hop),
            exchange.joinedload(Exchange.call),
            exchange.contains_eager(Exchange.application),
            exchange.contains_eager(Exchange.offer),
            selectinload(ClosingReport.evidence),
        )
    )
    if found is None:
        raise NotFound
    return found
