"""What visitor and host do: write, attach, take away, file."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.states import expect_version
from mobility.core.uploads import takes_files
from mobility.core.web import form_page
from mobility.hosts.forms import version_of
from mobility.reporting import queries, rules, services
from mobility.reporting.enums import EvidenceKind, ReportStatus
from mobility.reporting.forms import EvidenceForm, form_of
from mobility.reporting.views import bp
from mobility.reporting.views.record import context


@bp.route("/<reference>/edit", methods=["GET", "POST"])
@requires(Permission.REPORTS_FILE)
def edit(reference: str) -> ResponseReturnValue:
    """What one's own side tells; the evidence follows on the report's page."""
    report = queries.own_report(signed_in(), reference)
    if request.method == "GET" and report.status not in rules.OPEN:
        return redirect(url_for(".show", reference=reference))
    form = form_of(report)
    if form.validate_on_submit():
        services.revise(report, form.draft(), actor=signed_in(), version=form.version.data or 0)
        db.session.commit()
        flash(_("Saved. Now look at what is still missing."), "good")
        return redirect(url_for(".show", reference=reference))
    return form_page(
        "reporting/edit.html",
        form,
        report=report,
        exchange=report.exchange,
        agreed=rules.agreed_days(report.exchange),
        until=rules.deadline(report),
    )


@bp.post("/<reference>/evidence")
@takes_files("file")
@requires(Permission.REPORTS_FILE)
def attach(reference: str) -> ResponseReturnValue:
    """Add a document."""
    report = queries.own_report(signed_in(), reference)
    form = EvidenceForm()
    if not form.validate_on_submit():
        return form_page("reporting/show.html", form, **context(report))
    services.attach(
        report,
        EvidenceKind(form.kind.data),
        form.file.data.name,
        form.file.data.content,
        actor=signed_in(),
    )
    db.session.commit()
    flash(_("Attached: %(name)s.", name=form.file.data.name), "good")
    return redirect(url_for(".show", reference=reference, _anchor="evidence"))


@bp.post("/<reference>/evidence/<sha256>/remove")
@requires(Permission.REPORTS_FILE)
def remove(reference: str, sha256: str) -> ResponseReturnValue:
    """Take a document away again."""
    report = queries.own_report(signed_in(), reference)
    found = next((one for one in report.evidence if one.sha256 == sha256), None)
    if found is None:
        raise NotFound
    services.remove(found, actor=signed_in())
    db.session.commit()
    flash(_("Taken away."), "good")
    return redirect(url_for(".show", reference=reference, _anchor="evidence"))


@bp.post("/<reference>/file")
@requires(Permission.REPORTS_FILE)
def file(reference: str) -> ResponseReturnValue:
    """Hand in; a second click finds it handed in already."""
    report = queries.own_report(signed_in(), reference)
    if report.status is not ReportStatus.FILED:
        expect_version(report, version_of(request.form))
        services.file(report, actor=signed_in())
        db.session.commit()
        flash(_("Filed. Your partnership looks at it and writes to you."), "good")
    return redirect(url_for(".show", reference=reference))
