"""The reports of whoever asks: one's own to write, the partnership's to validate."""

from flask import Response, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import ColumnElement

from mobility.accounts.services import signed_in
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.export import export_response, is_asked
from mobility.core.lists import LONGEST_EXPORT, PER_PAGE, Column, Filter, Listing, listing
from mobility.exchanges.models import Exchange
from mobility.reporting import queries, rules, wording
from mobility.reporting.enums import ReportStatus, Side
from mobility.reporting.models import ClosingReport
from mobility.reporting.views import bp

LATE = "overdue"


@bp.get("")
@requires(Permission.EXCHANGES_READ)
def index() -> ResponseReturnValue:
    """The list, narrowed by the address; `?format=csv` or `xlsx` is the same list for a spreadsheet."""
    if is_asked():
        return _export(_listing(per_page=LONGEST_EXPORT))
    user, found = signed_in(), _listing()
    return render_template(
        "reporting/index.html",
        listing=found,
        views=_views(found) if user.may(Permission.REPORTS_VALIDATE) else [],
        deadline=rules.deadline,
    )


def _export(found: Listing) -> Response:
    header = ("reference", "exchange", "visitor", "host", "reported_by", "due_on", "filed_on", "status")
    return export_response("closing-reports", header, map(_cells, found.rows))


def _cells(report: ClosingReport) -> tuple[object, ...]:
    return (
        report.reference,
        report.exchange.reference,
        report.exchange.visiting_organisation.name,
        report.exchange.host_organisation.name,
        report.side.value,
        rules.deadline(report).isoformat(),
        clock.local(report.filed_at).date().isoformat() if report.filed_at else "",
        wording.status_tag(report, clock.today())[1],
    )


def _listing(per_page: int = PER_PAGE) -> Listing:
    return listing(
        queries.reports_seen_by(signed_in()),
        columns=[
            Column("reference", _("Report"), ClosingReport.reference),
            Column("exchange", _("Exchange"), Exchange.reference),
            Column("visitor", _("Visitor"), queries.VISITING.name_folded),
            Column("host", _("Host"), queries.HOSTING.name_folded),
            Column("side", _("Reported by"), ClosingReport.side),
            Column("due", _("Due"), queries.DEADLINE),
            Column("status", _("Status"), ClosingReport.status),
        ],
        search=[
            ClosingReport.reference,
            Exchange.reference,
            queries.VISITING.name,
            queries.HOSTING.name,
        ],
        filters=_filters(),
        default_sort="due",
        per_page=per_page,
    )


def _filters() -> list[Filter]:
    statuses = [(status.value, str(wording.STATUS[status][1])) for status in ReportStatus]
    sides = [(side.value, str(wording.SIDES[side])) for side in Side]
    return [
        Filter("status", _("Status"), [(LATE, _("Overdue")), *statuses], _has_status),
        Filter("side", _("Reported by"), sides, lambda value: ClosingReport.side == Side(value)),
    ]


def _has_status(value: str) -> ColumnElement[bool]:
    if value == LATE:
        return queries.is_overdue(clock.today())
    return ClosingReport.status == ReportStatus(value)


def _views(found: Listing) -> list[tuple[str, str, None, bool]]:
    """Saved views: what waits for an officer, what is late."""
    chosen = next(one.value for one in found.filters if one.key == "status")
    named = (
        ("", _("All")),
        (ReportStatus.FILED.value, _("To validate")),
        (LATE, _("Overdue")),
        (ReportStatus.RETURNED.value, _("Sent back")),
    )
    return [(url_for(".index", status=value or None), label, None, value == chosen) for value, label in named]
