"""What the applicant does: begin, fill, check, send, withdraw."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications import queries, rules, services, wording
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import EDITABLE, LIFECYCLE, ApplicationStatus
from mobility.applications.forms import ApplicationForm, WithdrawForm
from mobility.applications.models import Application
from mobility.applications.views import bp
from mobility.calls.models import Call
from mobility.calls.queries import is_open
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts.forms import BeginForm, version_of
from mobility.hosts.queries import accepted_offers, open_call, own_organisations
from mobility.hosts.rules import countries_on
from mobility.hosts.wording import named

LONGEST_STAY_OFFERED_FIRST = 5


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def new() -> ResponseReturnValue:
    """Choose the organisation; the button begins the draft, or finds the one begun already."""
    user, call = signed_in(), open_call(request.args.get("call", ""))
    organisations = own_organisations(user)
    form = BeginForm.among(organisations)
    if organisations and form.validate_on_submit():
        organisation = form.chosen(organisations)
        live = queries.live_application(call, organisation)
        if live is None:
            live = services.draft(call, organisation, _first_content(user, call), actor=user)
            db.session.commit()
        return redirect(url_for(".edit", reference=live.reference))
    return form_page("applications/new.html", form, call=call, organisations=organisations)


@bp.route("/<reference>/edit", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def edit(reference: str) -> ResponseReturnValue:
    """The form; "Check and send" also wants every answer and leads on to the findings."""
    application = queries.own_application(signed_in(), reference)
    if request.method == "GET" and application.status not in EDITABLE:
        return redirect(url_for(".show", reference=reference))
    form = _form(application)
    to_check = request.form.get("next") == "check"
    if form.validate_on_submit() and (not to_check or form.is_ready_to_send()):
        services.revise(application, form.draft(), actor=signed_in(), version=form.version.data or 0)
        _say_what_was_saved(application, to_check=to_check)
        db.session.commit()
        return redirect(url_for(".show" if to_check else ".edit", reference=reference))
    return form_page("applications/edit.html", form, application=application, **_beside(application, form))


@bp.route("/<reference>/findings", methods=["POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def findings(reference: str) -> ResponseReturnValue:
    """Findings and amounts for what is typed so far, as a piece of HTML; nothing is stored."""
    application = queries.own_application(signed_in(), reference)
    form = _form(application)
    form.validate()
    return render_template("applications/_findings.html", **_beside(application, form))


@bp.route("/<reference>/submit", methods=["POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def submit(reference: str) -> ResponseReturnValue:
    """Hand in; a second click finds it handed in already."""
    application = queries.own_application(signed_in(), reference)
    if application.status != ApplicationStatus.SUBMITTED:
        expect_version(application, version_of(request.form))
        services.submit(application, actor=signed_in())
        db.session.commit()
        flash(_("Sent. The receipt goes to %(email)s.", email=application.person_email), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/withdraw", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def withdraw(reference: str) -> ResponseReturnValue:
    """Ask once, with the reason; then take it back."""
    application = queries.own_application(signed_in(), reference)
    form = WithdrawForm(data={"version": application.version})
    if form.validate_on_submit():
        expect_version(application, form.version.data)
        services.withdraw(application, form.reason.data or "", actor=signed_in())
        db.session.commit()
        flash(_("Withdrawn. You may apply again while the call is open."), "good")
        return redirect(url_for(".show", reference=reference))
    if not LIFECYCLE.allows(application.status, ApplicationStatus.WITHDRAWN):
        return redirect(url_for(".show", reference=reference))
    return form_page(
        "applications/withdraw.html", form, application=application, call_is_open=is_open(application.call)
    )


def _say_what_was_saved(application: Application, *, to_check: bool) -> None:
    flash(_("Saved. Look through the rules, then send.") if to_check else _("Saved."), "good")
    if application.status == ApplicationStatus.CHANGES_ASKED:
        asked = wording.asked(queries.open_request(application))
        sections = named([section for section, _words in asked])
        flash(_("Only what was asked for is changed: %(sections)s.", sections=sections), "wait")


def _form(application: Application) -> ApplicationForm:
    home = application.organisation.country
    abroad = [offer for offer in accepted_offers(application.call) if offer.organisation.country != home]
    countries = countries_on(application.call, clock.today()) - {home}
    return ApplicationForm.of(application, abroad, countries)


def _beside(application: Application, form: ApplicationForm) -> dict[str, Any]:
    """What stands beside the form: findings and amounts of what is typed."""
    typed, found = services.findings_of_typed(application, form.draft())
    return {
        "findings": wording.shown(found),
        "amounts": rules.lump_sums(typed, services.partnership_for(typed)),
    }


def _first_content(user: User, call: Call) -> ApplicationDraft:
    return ApplicationDraft(
        person_name=user.name,
        person_email=user.email,
        windows=(),
        min_days=call.min_days,
        max_days=max(LONGEST_STAY_OFFERED_FIRST, call.min_days),
    )
