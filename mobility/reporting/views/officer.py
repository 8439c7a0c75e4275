"""What a partnership decides on a report, and the support office on one that does not come."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.calls.wording import trace_rows
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.reporting import queries, services, tasks
from mobility.reporting.enums import Side
from mobility.reporting.forms import AcceptForm, BypassForm, ReturnForm
from mobility.reporting.models import ClosingReport
from mobility.reporting.views import bp
from mobility.reporting.views.record import context


@bp.route("/<reference>/accept", methods=["GET", "POST"])
@requires(Permission.REPORTS_VALIDATE)
def accept(reference: str) -> ResponseReturnValue:
    """Shows what will happen to the lump sum, then accepts."""
    report = queries.report_to_decide(signed_in(), reference)
    form = AcceptForm(data={"version": report.version})
    if form.validate_on_submit():
        expect_version(report, form.version.data)
        services.accept(report, actor=signed_in())
        if report.side is Side.VISITOR:
            tasks.have_certified(report.id)
        db.session.commit()
        flash(_("Accepted. The author gets a letter."), "good")
        return redirect(url_for(".show", reference=reference))
    return _page("accept", report, form)


@bp.route("/<reference>/return", methods=["GET", "POST"])
@requires(Permission.REPORTS_VALIDATE)
def send_back(reference: str) -> ResponseReturnValue:
    """Ask for more, until a day."""
    report = queries.report_to_decide(signed_in(), reference)
    form = ReturnForm(data={"version": report.version})
    if form.validate_on_submit():
        expect_version(report, form.version.data)
        services.send_back(report, form.reason.data, form.mend_by.data, actor=signed_in())
        db.session.commit()
        flash(_("Sent back. The author gets a letter."), "good")
        return redirect(url_for(".show", reference=reference))
    return _page("return", report, form)


@bp.route("/<reference>/bypass", methods=["GET", "POST"])
@requires(Permission.REPORTS_VALIDATE)
def bypass(reference: str) -> ResponseReturnValue:
    """Go on without a host's report."""
    report = queries.report_to_bypass(signed_in(), reference)
    form = BypassForm(data={"version": report.version})
    if form.validate_on_submit():
        expect_version(report, form.version.data)
        services.bypass(report, form.reason.data, actor=signed_in())
        db.session.commit()
        flash(_("Left out. The host gets a letter."), "good")
        return redirect(url_for(".show", reference=reference))
    return _page("bypass", report, form)


def _page(
    name: str, report: ClosingReport, form: AcceptForm | ReturnForm | BypassForm
) -> ResponseReturnValue:
    """The page of a decision; what is decided already, or is one's own, shows where it stands instead."""
    shown = context(report)
    if not shown["may_bypass" if name == "bypass" else "may_decide"]:
        return redirect(url_for(".show", reference=report.reference))
    trace = trace_rows([line.as_dict() for line in shown["amount"].trace]) if shown["amount"] else []
    return form_page(f"reporting/{name}.html", form, trace=trace, **shown)
