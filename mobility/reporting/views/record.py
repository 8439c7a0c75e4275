"""The page of one report, its evidence and its certificate."""

from typing import Any

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from mobility.accounts.services import signed_in
from mobility.audit.services import note_viewing
from mobility.catalogue.amounts import StayAmount
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.errors import NotFound
from mobility.core.uploads import serve_pdf
from mobility.exchanges.amounts import of_real_stay
from mobility.mail.queries import letters_about
from mobility.papers import queries as papers
from mobility.papers.download import serve
from mobility.reporting import queries, rules, wording
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.forms import EvidenceForm
from mobility.reporting.models import ClosingReport
from mobility.reporting.services import CERTIFICATES
from mobility.reporting.views import bp


@bp.get("/<reference>")
@requires(Permission.EXCHANGES_READ)
def show(reference: str) -> ResponseReturnValue:
    """What one side tells, with the findings and the evidence beside it."""
    report = queries.report_for(signed_in(), reference)
    return render_template("reporting/show.html", form=EvidenceForm(formdata=None), **context(report))


@bp.get("/<reference>/evidence/<sha256>")
@requires(Permission.REPORTS_FILE, Permission.REPORTS_VALIDATE, Permission.AUDIT_READ)
def evidence(reference: str, sha256: str) -> Response:
    """A piece of evidence as a file to save; each view is noted."""
    found = queries.evidence_for(signed_in(), reference, sha256)
    note_viewing(signed_in(), "evidence", found.report)
    return serve_pdf(found.content, found.file_name)


@bp.get("/<reference>/certificate.pdf")
@requires(Permission.EXCHANGES_READ)
def certificate(reference: str) -> Response:
    """The certificate of the report's side."""
    report = queries.report_for(signed_in(), reference)
    found = papers.live(CERTIFICATES[report.side], report.exchange)
    if found is None:
        raise NotFound
    return serve(found)


def context(report: ClosingReport) -> dict[str, Any]:
    """What the page of a report shows to whoever asks."""
    user, today = signed_in(), clock.today()
    other = queries.report_of(report.exchange, Side.HOST if report.side is Side.VISITOR else Side.VISITOR)
    is_open = report.status in rules.OPEN
    is_own = queries.is_written_by(user, report)
    number = len(report.evidence)
    findings = rules.to_file(report, number, today) if is_open else rules.to_decide(report, other, number)
    return {
        "report": report,
        "exchange": report.exchange,
        "tag": wording.status_tag(report, today),
        "findings": wording.shown(findings),
        "days": rules.working_days_of(report),
        "agreed": rules.agreed_days(report.exchange),
        "until": rules.deadline(report),
        "is_open": is_open,
        "is_own": is_own,
        "may_write": is_own and is_open and user.may(Permission.REPORTS_FILE),
        "is_ready": all(finding.passed for finding in findings),
        "amount": amount_of(report) if report.side is Side.VISITOR else None,
        "may_open": is_own or may_look_inside(report),
        "certificate": papers.live(CERTIFICATES[report.side], report.exchange),
        "letters": letters_about(report),
        **may_decide(report, is_own=is_own),
    }


def amount_of(report: ClosingReport) -> StayAmount | None:
    """What the stay comes to on the days of the report."""
    if report.first_day is None or report.last_day is None:
        return None
    return of_real_stay(report.exchange, report.first_day, report.last_day)


def may_look_inside(report: ClosingReport) -> bool:
    """Whether somebody of the staff may open the evidence, and not only read the report."""
    asked = (Permission.REPORTS_VALIDATE, Permission.AUDIT_READ)
    return any(_in_scope(report, permission) for permission in asked)


def may_decide(report: ClosingReport, *, is_own: bool) -> dict[str, bool]:
    """Which decisions are the person's to make now."""
    scopes = signed_in().scopes(Permission.REPORTS_VALIDATE)
    call_id, is_host = report.exchange.call_id, report.side is Side.HOST
    is_filed = report.status is ReportStatus.FILED
    for_all = any(scope.partnership_id is None and scope.covers(None, call_id) for scope in scopes)
    return {
        "may_decide": is_filed and not is_own and _in_scope(report, Permission.REPORTS_VALIDATE),
        "may_bypass": for_all and is_host and not is_own and report.status in rules.OPEN,
    }


def _in_scope(report: ClosingReport, permission: Permission) -> bool:
    exchange, scopes = report.exchange, signed_in().scopes(permission)
    partnerships = [exchange.vop_id, *([exchange.hop_id] if report.side is Side.HOST else [])]
    return any(scope.covers(one, exchange.call_id) for scope in scopes for one in partnerships)
