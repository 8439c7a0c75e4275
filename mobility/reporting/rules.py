"""When a report can be filed, and what the partnership looks at; pure but for the calendar."""

from datetime import date, timedelta

from mobility.calls.findings import Finding
from mobility.core import clock
from mobility.exchanges.models import Exchange
from mobility.hosts.rules import open_days
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport
from mobility.taxonomies import working_days

MOST_APART = timedelta(days=60)
OPEN = frozenset({ReportStatus.DRAFT, ReportStatus.RETURNED})
REMIND_BEFORE, REMIND_AFTER = 3, 7
DAY = timedelta(days=1)


def agreed_days(exchange: Exchange) -> tuple[date, date]:
    """First and last day as agreed, or until the stay was broken off."""
    return exchange.first_day, exchange.broken_off_on or exchange.last_day


def due_on(exchange: Exchange) -> date:
    """Until when both sides report."""
    return agreed_days(exchange)[1] + timedelta(days=exchange.call.report_days)


def deadline(report: ClosingReport) -> date:
    """Until when the report is asked for: a report that came back has a new day."""
    is_back = report.status is ReportStatus.RETURNED and report.mend_by is not None
    return report.mend_by if is_back and report.mend_by else report.due_on


def is_overdue(report: ClosingReport, today: date) -> bool:
    """Whether its author should have filed it."""
    return report.status in OPEN and deadline(report) < today


def working_days_of(report: ClosingReport) -> int | None:
    """The working days of the stay by this report on which the host is open."""
    if report.first_day is None or report.last_day is None:
        return None
    return len(open_days(report.exchange.offer, report.first_day, report.last_day))


def days_over(last_day: date | None, today: date) -> Finding:
    """Nobody reports on days that are to come."""
    return Finding("days-over", last_day is not None and last_day <= today, {"last_day": _iso(last_day)})


def days_near(exchange: Exchange, first_day: date | None, last_day: date | None) -> Finding:
    """The stay took place about when it was agreed."""
    first, last = agreed_days(exchange)
    is_near = (
        first_day is not None
        and last_day is not None
        and first_day <= last_day
        and abs(first_day - first) <= MOST_APART
        and abs(last_day - last) <= MOST_APART
    )
    values = {"first_day": first.isoformat(), "last_day": last.isoformat(), "most_days": MOST_APART.days}
    return Finding("days-near", is_near, values)


def told(report: ClosingReport) -> Finding:
    """Whether all went as agreed was said, and otherwise what was different."""
    is_told = report.is_as_agreed is not None and (report.is_as_agreed or bool(report.deviations.strip()))
    return Finding("told", is_told, {"is_as_agreed": report.is_as_agreed})


def days_as_told(report: ClosingReport) -> Finding:
    """Whoever says that all went as agreed gives the days that were agreed."""
    differs = (report.first_day, report.last_day) != agreed_days(report.exchange)
    return Finding("days-as-told", not (differs and report.is_as_agreed), {})


def has_results(report: ClosingReport) -> Finding:
    """What came of the visit is told."""
    return Finding("results", bool(report.results.strip()), {})


def has_evidence(number: int) -> Finding:
    """At least one document shows that the stay took place."""
    return Finding("evidence", number > 0, {"number": number})


def to_file(report: ClosingReport, evidence: int, today: date) -> list[Finding]:
    """What must be met before a report is filed; the host's is short."""
    findings = [
        days_over(report.last_day, today),
        days_near(report.exchange, report.first_day, report.last_day),
        told(report),
        days_as_told(report),
    ]
    if report.side is Side.VISITOR:
        findings += [has_results(report), has_evidence(evidence)]
    return findings


def to_decide(report: ClosingReport, other: ClosingReport | None, evidence: int) -> list[Finding]:
    """What the partnership looks at beside the evidence; none of it decides by itself."""
    first, last = agreed_days(report.exchange)
    is_same = (report.first_day, report.last_day) == (first, last)
    agreed = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    findings = [
        Finding("days-as-agreed", is_same, agreed),
        filed_in_time(report),
        *_with_other(report, other),
    ]
    if report.side is Side.VISITOR:
        findings += [long_enough(report), has_evidence(evidence)]
    return findings


def long_enough(report: ClosingReport) -> Finding:
    """The stay had the working days without which there is no lump sum."""
    days, needed = working_days_of(report) or 0, report.exchange.call.min_days
    return Finding("min-days", days >= needed, {"days": days, "needed": needed})


def filed_in_time(report: ClosingReport) -> Finding:
    """It came by its day; a late one counts all the same."""
    filed = clock.local(report.filed_at).date() if report.filed_at else None
    in_time = filed is not None and filed <= max(report.due_on, report.mend_by or report.due_on)
    return Finding("in-time", in_time, {"filed_on": _iso(filed), "due_on": report.due_on.isoformat()})


def reminder(report: ClosingReport, today: date, country: str) -> str:
    """Which reminder is due today: "before", "on", "after", or none; never one from before it was asked for."""
    until, asked = deadline(report), _asked_on(report)
    days = (
        ("after", working_days.after(until, REMIND_AFTER, country)),
        ("on", until),
        ("before", _before(until, REMIND_BEFORE, country)),
    )
    return next((name for name, day in days if asked < day <= today), "")


def _with_other(report: ClosingReport, other: ClosingReport | None) -> list[Finding]:
    """Whether the other side tells of the same days; open as long as it has not reported."""
    if other is None or other.status not in {ReportStatus.FILED, ReportStatus.ACCEPTED}:
        return [Finding("both-say", None, {})]
    values = {"first_day": _iso(other.first_day), "last_day": _iso(other.last_day)}
    is_same = (other.first_day, other.last_day) == (report.first_day, report.last_day)
    return [Finding("both-say", is_same, values)]


def _asked_on(report: ClosingReport) -> date:
    is_back = report.status is ReportStatus.RETURNED and report.decided_at is not None
    moment = report.decided_at if is_back and report.decided_at else report.begun_at
    return clock.local(moment).date()


def _before(day: date, n: int, country: str) -> date:
    """The n-th working day before a day."""
    while n > 0:
        day -= DAY
        n -= working_days.is_working_day(day, country)
    return day


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
