"""Stays begin and end; both sides report, and the partnerships accept, send back or go on without."""

from sqlalchemy import func, select

from mobility.accounts.enums import Role
from mobility.accounts.models import User
from mobility.core import clock
from mobility.core.db import db
from mobility.demo.pdfs import small_pdf
from mobility.demo.stage import Stage, days_since, each, ids, in_days, number_of
from mobility.demo.world.words import Texts, table
from mobility.demo.year.papers import texts_of
from mobility.exchanges import services as exchanges
from mobility.exchanges.enums import ExchangeStatus
from mobility.exchanges.models import Exchange
from mobility.exchanges.tasks import keep_time
from mobility.reporting import rules
from mobility.reporting import services as reporting
from mobility.reporting.draft import ReportDraft
from mobility.reporting.enums import EvidenceKind, ReportStatus, Side
from mobility.reporting.models import ClosingReport
from mobility.reporting.tasks import begin_due, certify_due, remind_due

RETURNED_EVERY, BYPASSED_EVERY, DEVIATING_EVERY = 9, 23, 14
MEND_WITHIN_DAYS, BYPASS_AFTER_DAYS = 10, 8
STAYS_PER_BREAK = 60
TELLING = {
    EvidenceKind.ACCOMMODATION_INVOICE: "Hotel bill",
    EvidenceKind.BOARDING_PASS: "Boarding pass",
    EvidenceKind.TRAVEL_INVOICE: "Ticket and invoice",
    EvidenceKind.ATTENDANCE: "List of attendance",
}


def go_on(stage: Stage) -> None:
    """Let stays begin and end, and one step happen to every report."""
    keep_time.func(timestamp=0)
    _break_off(stage)
    begin_due.func(timestamp=0)
    waiting = select(ClosingReport.id).where(
        ClosingReport.status.in_((ReportStatus.DRAFT, ReportStatus.RETURNED, ReportStatus.FILED))
    )
    each(ClosingReport, ids(waiting.order_by(ClosingReport.id)), lambda report: _go_on(stage, report))
    remind_due.func(timestamp=0)
    certify_due.func(timestamp=0)


def _break_off(stage: Stage) -> None:
    """Now and then a stay is broken off, the first one when a third of the season is over."""
    calendar = stage.world.calendar
    season = (calendar.last_stay_on - calendar.first_stay_on).days
    if (clock.today() - calendar.first_stay_on).days < season // 3:
        return
    count = select(func.count(Exchange.id))
    broken = db.session.scalar(count.where(Exchange.terminate_reason != "")) or 0
    stays = db.session.scalar(count.where(Exchange.status != ExchangeStatus.CANCELLED)) or 0
    if broken > stays // STAYS_PER_BREAK:
        return
    ongoing = (
        select(Exchange.id)
        .where(Exchange.status == ExchangeStatus.ONGOING, Exchange.working_days >= 4)
        .order_by(Exchange.id)
        .limit(1)
    )
    each(Exchange, ids(ongoing), lambda exchange: _break_one(stage, exchange))


def _break_one(stage: Stage, exchange: Exchange) -> object:
    day = min(clock.today(), exchange.last_day)
    reason = table("sentences")["answers"]["terminated"][0]
    officer = stage.officer(exchange.vop, number_of(exchange.reference))
    exchanges.terminate(exchange, day, reason, actor=officer)
    return exchange


def _go_on(stage: Stage, report: ClosingReport) -> object:
    if report.status is ReportStatus.FILED:
        return _decide(stage, report)
    if report.status is ReportStatus.RETURNED:
        return _mend(stage, report)
    number = number_of(report.exchange.reference)
    if report.side is Side.HOST and number % BYPASSED_EVERY == 7:
        return _go_without(stage, report)
    latest = 13 if report.side is Side.VISITOR else 18
    patience = stage.random("reports", report.side, report.exchange.reference).randint(2, latest)
    if (clock.today() - rules.agreed_days(report.exchange)[1]).days < patience:
        return None
    return _file(stage, report)


def _file(stage: Stage, report: ClosingReport) -> object:
    author = author_of(stage, report)
    reporting.revise(report, _content(stage, report), actor=author)
    if report.side is Side.VISITOR:
        random = stage.random("evidence", report.exchange.reference)
        for kind in random.sample(list(TELLING), random.randint(1, 2)):
            attach(report, kind, author)
    reporting.file(report, actor=author)
    return report


def author_of(stage: Stage, report: ClosingReport) -> User:
    """Who writes for one side."""
    exchange = report.exchange
    is_visitor = report.side is Side.VISITOR
    return stage.user(exchange.application.person_email if is_visitor else exchange.offer.contact_email)


def attach(report: ClosingReport, kind: EvidenceKind, author: User) -> None:
    """Add a small PDF of this kind."""
    exchange, (first, last) = report.exchange, rules.agreed_days(report.exchange)
    lines = (
        f"{exchange.application.person_name}, {exchange.visiting_organisation.name}",
        f"{exchange.host_organisation.town}, {first:%d.%m.%Y} - {last:%d.%m.%Y}",
        f"Stay {exchange.reference} at {exchange.host_organisation.name}",
    )
    name = f"{TELLING[kind].lower().replace(' ', '-')}-{exchange.reference.lower()}.pdf"
    reporting.attach(report, kind, name, small_pdf(TELLING[kind], *lines), actor=author)


def _content(stage: Stage, report: ClosingReport) -> ReportDraft:
    exchange, (first, last) = report.exchange, rules.agreed_days(report.exchange)
    texts = texts_of(stage, exchange, "report", report.side)
    is_deviating = number_of(exchange.reference) % DEVIATING_EVERY == 1 or bool(exchange.broken_off_on)
    is_visitor = report.side is Side.VISITOR
    return ReportDraft(
        first_day=first,
        last_day=last,
        is_as_agreed=not is_deviating,
        deviations=_deviations(exchange, texts) if is_deviating else "",
        activities=texts.text("report", "activities" if is_visitor else "host_activities"),
        results=texts.text("report", "results" if is_visitor else "host_results"),
        follow_up=texts.text("report", "follow_ups"),
    )


def _deviations(exchange: Exchange, texts: Texts) -> str:
    return exchange.terminate_reason or texts.text("report", "deviations")


def _decide(stage: Stage, report: ClosingReport) -> object:
    """The partnership looks at it within days; the money runs from its yes."""
    number = number_of(report.exchange.reference)
    patience = stage.random("decides", report.side, report.exchange.reference).randint(1, 5)
    if days_since(report.filed_at) < patience:
        return None
    is_visitor = report.side is Side.VISITOR
    officer = stage.officer(report.exchange.vop if is_visitor else report.exchange.hop, number)
    if is_visitor and number % RETURNED_EVERY == 2 and not report.decision_reason and not report.mend_by:
        texts = texts_of(stage, report.exchange, "returned")
        reporting.send_back(
            report, texts.text("report", "returned"), in_days(MEND_WITHIN_DAYS), actor=officer
        )
    else:
        reporting.accept(report, actor=officer)
    return report


def _mend(stage: Stage, report: ClosingReport) -> object:
    if days_since(report.decided_at) < stage.random("mends", report.exchange.reference).randint(2, 8):
        return None
    author = author_of(stage, report)
    kept = {evidence.kind for evidence in report.evidence}
    attach(report, next(kind for kind in TELLING if kind not in kept), author)
    reporting.file(report, actor=author)
    return report


def _go_without(stage: Stage, report: ClosingReport) -> object:
    if (clock.today() - report.due_on).days < BYPASS_AFTER_DAYS:
        return None
    reporting.bypass(
        report, table("sentences")["answers"]["bypassed"], actor=stage.login(Role.SUPPORT_OFFICER)
    )
    return report
