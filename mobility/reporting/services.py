"""The verbs of closing reports: begin, revise, attach, remove, file, send back, accept, bypass, remind, certify."""

from datetime import date
from functools import partial
from hashlib import sha256

from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from mobility.accounts.models import User
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import expect_version, given_text
from mobility.core.uploads import clean_name, refuse_unlikely
from mobility.exchanges import services as exchanges
from mobility.exchanges.models import Exchange
from mobility.mail.services import write
from mobility.papers import queries as papers
from mobility.papers import services as paper_services
from mobility.papers.models import Paper
from mobility.reporting import letters, queries, rules
from mobility.reporting.document import document
from mobility.reporting.draft import ReportDraft
from mobility.reporting.enums import LIFECYCLE, EvidenceKind, ReportStatus, Side
from mobility.reporting.models import ClosingReport, Evidence

CERTIFICATES = {Side.VISITOR: "certificate_visitor", Side.HOST: "certificate_host"}
TEMPLATE = "pdf/certificate.html"
FILED_STANDS = "the evidence of a filed report stands"
MOST_EVIDENCE = 20


def begin(exchange: Exchange, side: Side, *, actor: Actor | None = None) -> ClosingReport:
    """Ask one side of a stay that is over for its report, with a letter; who was asked already is not asked again.

    Raises `RuleBroken("stay-not-over")`.
    """
    db.session.flush()
    db.session.refresh(exchange, with_for_update={"of": Exchange})
    before = queries.report_of(exchange, side)
    if before is not None:
        return before
    if exchange.status not in queries.OVER:
        raise RuleBroken("stay-not-over")
    first_day, last_day = rules.agreed_days(exchange)
    report = ClosingReport(
        reference=next_reference("REP"),
        exchange=exchange,
        side=side,
        status=ReportStatus.DRAFT,
        first_day=first_day,
        last_day=last_day,
        due_on=rules.due_on(exchange),
        begun_at=clock.utcnow(),
    )
    db.session.add(report)
    record("report.begun", report, actor=actor, side=side, due_on=report.due_on)
    write(letters.begun(report))
    return report


def revise(
    report: ClosingReport, content: ReportDraft, *, actor: Actor | None, version: int | None = None
) -> None:
    """Change what a report tells; with a version, only if nobody changed it since.

    Raises `RuleBroken`: "report-filed", "days-crossed", "stale".
    """
    if content.first_day and content.last_day and content.first_day > content.last_day:
        raise RuleBroken("days-crossed")
    _lock(report)
    if version is not None:
        expect_version(report, version)
    _refuse_filed(report)
    report.first_day, report.last_day = content.first_day, content.last_day
    report.is_as_agreed, report.deviations = content.is_as_agreed, content.deviations
    report.activities, report.results = content.activities, content.results
    report.follow_up = content.follow_up
    report.author_id = actor.id if actor else report.author_id
    record("report.revised", report, actor=actor)


def attach(
    report: ClosingReport, kind: EvidenceKind, file_name: str, content: bytes, *, actor: Actor | None
) -> Evidence:
    """Add a PDF that shows that the stay took place; whoever takes it from a form has looked inside (`PdfField`).

    Raises `BadUpload`, or `RuleBroken`: "report-filed", "same-file", "too-many-files".
    """
    refuse_unlikely(content)
    _lock(report)
    _refuse_filed(report)
    digest = sha256(content).hexdigest()
    if any(one.sha256 == digest for one in report.evidence):
        raise RuleBroken("same-file")
    if len(report.evidence) >= MOST_EVIDENCE:
        raise RuleBroken("too-many-files", most=MOST_EVIDENCE)
    evidence = Evidence(
        report=report,
        kind=kind,
        file_name=clean_name(file_name),
        content=content,
        sha256=digest,
        bytes_long=len(content),
        added_at=clock.utcnow(),
        added_by_id=actor.id if actor else None,
    )
    db.session.add(evidence)
    _write_evidence()
    record("report.evidence-added", report, actor=actor, kind=kind, sha256=digest)
    return evidence


def remove(evidence: Evidence, *, actor: Actor | None) -> None:
    """Take a piece of evidence away before the report is filed. Raises `RuleBroken("report-filed")`."""
    report = evidence.report
    _lock(report)
    _refuse_filed(report)
    digest = evidence.sha256
    report.evidence.remove(evidence)
    db.session.delete(evidence)
    _write_evidence()
    record("report.evidence-removed", report, actor=actor, sha256=digest)


def file(report: ClosingReport, *, actor: Actor | None) -> None:
    """Hand the report in; from now on it and its evidence stand until the partnership sends it back.

    Raises `RuleBroken`: "not-ready" with the codes of what is missing, "wrong-state", "stale".
    """
    _lock(report)
    found = rules.to_file(report, len(report.evidence), clock.today())
    missing = [finding.code for finding in found if not finding.passed]
    if missing and report.status in rules.OPEN:
        raise RuleBroken("not-ready", codes=missing)
    author_id = actor.id if actor else report.author_id
    LIFECYCLE.move(report, to=ReportStatus.FILED, filed_at=clock.utcnow(), author_id=author_id)
    record("report.filed", report, actor=actor, side=report.side)
    write(letters.filed(report))


def send_back(report: ClosingReport, reason: str, mend_by: date, *, actor: Actor | None) -> None:
    """Ask for more, with a reason and a new day.

    Raises `RuleBroken`: "reason-needed", "mend-by-past", "own-report", "wrong-state", "stale".
    """
    reason = given_text(reason)
    if mend_by < clock.today():
        raise RuleBroken("mend-by-past")
    _refuse_own(report, actor)
    _decide(report, ReportStatus.RETURNED, actor, reason=reason, mend_by=mend_by)
    record("report.returned", report, actor=actor, reason=reason, mend_by=mend_by)
    write(letters.returned(report))


def accept(report: ClosingReport, *, actor: Actor | None) -> None:
    """Accept a filed report; on the visitor's the lump sum follows the days really stayed, and never rises.

    Raises `RuleBroken`: "own-report", "wrong-state", "stale".
    """
    _refuse_own(report, actor)
    _decide(report, ReportStatus.ACCEPTED, actor)
    record("report.accepted", report, actor=actor, first_day=report.first_day, last_day=report.last_day)
    if report.side is Side.VISITOR and report.first_day and report.last_day:
        exchanges.adjust(report.exchange, report.first_day, report.last_day, actor=actor)
    write(letters.accepted(report))


def bypass(report: ClosingReport, reason: str, *, actor: Actor | None) -> None:
    """Go on without a host's report that does not come.

    Raises `RuleBroken`: "reason-needed", "visitors-report", "own-report", "wrong-state", "stale".
    """
    reason = given_text(reason)
    if report.side is not Side.HOST:
        raise RuleBroken("visitors-report")
    _refuse_own(report, actor)
    _decide(report, ReportStatus.BYPASSED, actor, reason=reason)
    record("report.bypassed", report, actor=actor, reason=reason)
    write(letters.bypassed(report))


def remind(report: ClosingReport) -> bool:
    """Remind the author if it is the day; False if it is not, or was done."""
    organisation = (
        report.exchange.visiting_organisation
        if report.side is Side.VISITOR
        else report.exchange.host_organisation
    )
    stage = rules.reminder(report, clock.today(), organisation.country)
    if report.status not in rules.OPEN or not stage or not write(letters.reminder(report, stage)):
        return False
    # Not a change of its content: whoever writes it at this moment is not disturbed by a new version.
    reminded = update(ClosingReport).where(ClosingReport.id == report.id).values(reminded_at=clock.utcnow())
    db.session.execute(reminded)
    record("report.reminded", report, actor=None, stage=stage)
    return True


def certify(report: ClosingReport, *, actor: Actor | None = None) -> list[Paper]:
    """Print and issue the certificates of both sides by the visitor's accepted report; unchanged ones stay.

    Raises `RuleBroken("not-accepted")`.
    """
    db.session.refresh(report, with_for_update={"of": ClosingReport})
    if report.side is not Side.VISITOR or report.status is not ReportStatus.ACCEPTED:
        raise RuleBroken("not-accepted")
    return [_certificate(report, side, actor) for side in Side]


def _certificate(report: ClosingReport, side: Side, actor: Actor | None) -> Paper:
    exchange, kind = report.exchange, CERTIFICATES[side]
    before = papers.live(kind, exchange)
    number = before.number if before else next_reference("CRT")
    certificate = partial(document, report, side, number)
    paper = paper_services.issue_if_new(kind, exchange, number, TEMPLATE, certificate, actor)
    own = report if side is report.side else queries.report_of(exchange, side)
    if before is None and own is not None:
        write(letters.certified(own, side))
    return paper


def _decide(
    report: ClosingReport,
    to: ReportStatus,
    actor: Actor | None,
    *,
    reason: str = "",
    mend_by: date | None = None,
) -> None:
    LIFECYCLE.move(
        report,
        to=to,
        decided_at=clock.utcnow(),
        decided_by_id=actor.id if actor else None,
        decision_reason=reason,
        mend_by=mend_by,
    )


def _refuse_own(report: ClosingReport, actor: Actor | None) -> None:
    """Nobody decides on what their own side wrote."""
    if actor is None:
        return
    user = db.session.get(User, actor.id)
    if actor.id == report.author_id or (user is not None and queries.is_written_by(user, report)):
        raise RuleBroken("own-report")


def _refuse_filed(report: ClosingReport) -> None:
    if report.status not in rules.OPEN:
        raise RuleBroken("report-filed", state=report.status)


def _write_evidence() -> None:
    """The trigger has the last word: it sees a report that is filed at this very moment."""
    try:
        db.session.flush()
    except DBAPIError as error:
        if FILED_STANDS not in str(error.orig):
            raise
        raise RuleBroken("report-filed") from None


def _lock(report: ClosingReport) -> None:
    """Wait for whoever changes the report. Raises `RuleBroken("stale")` if it was changed since it was read."""
    db.session.flush()
    read = report.version
    db.session.refresh(report, with_for_update={"of": ClosingReport})
    expect_version(report, read)
    db.session.expire(report, ["evidence"])
