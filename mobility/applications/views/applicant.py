"""What the applicant does with the whole: begin, send, withdraw."""

from dataclasses import replace

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications import cvs, queries, services, typed
from mobility.applications.columns import content_of
from mobility.applications.draft import ApplicationDraft
from mobility.applications.enums import LIFECYCLE, ApplicationStatus
from mobility.applications.forms_of_whole import NewForm, WithdrawForm
from mobility.applications.models import Application
from mobility.applications.sections import Section
from mobility.applications.versions import answers_of
from mobility.applications.views import bp
from mobility.calls.models import Call
from mobility.calls.queries import is_open
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts.forms import version_of
from mobility.hosts.queries import open_call, own_organisations

LONGEST_STAY_OFFERED_FIRST = 5
CARRIED_OVER = (answers_of(Section.PERSON) | answers_of(Section.TOPICS)) - {"cv"}


@bp.route("/new", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def new() -> ResponseReturnValue:
    """Choose the organisation; the button begins the draft, or finds the one begun already."""
    user, call = signed_in(), open_call(request.args.get("call", ""))
    organisations = own_organisations(user)
    form, earlier = NewForm.among(organisations), queries.handed_in_before(organisations, call)
    if not earlier:
        del form.carry_over
    if organisations and form.validate_on_submit():
        organisation = form.chosen(organisations)
        live = queries.live_application(call, organisation)
        if live is None:
            before = earlier.get(organisation.id) if form.carry_over and form.carry_over.data else None
            live = services.draft(call, organisation, first_content(user, call, before), actor=user)
            if before is not None:
                cvs.take_over(live, before, actor=user)
            db.session.commit()
        return redirect(url_for(".edit", reference=live.reference))
    return form_page("applications/new.html", form, call=call, organisations=organisations)


@bp.route("/<reference>/submit", methods=["POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def submit(reference: str) -> ResponseReturnValue:
    """Hand in; a second click finds it handed in already."""
    application = queries.own_application(signed_in(), reference)
    if application.status != ApplicationStatus.SUBMITTED:
        expect_version(application, version_of(request.form))
        if "without_typed" not in request.form:
            typed.refuse_unsaved(application)
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


def first_content(user: User, call: Call, before: Application | None) -> ApplicationDraft:
    """What a draft begins with: the person, or all that an earlier application says of person and topics."""
    content = ApplicationDraft(
        person_name=user.name,
        person_email=user.email,
        windows=(),
        min_days=call.min_days,
        max_days=max(LONGEST_STAY_OFFERED_FIRST, call.min_days),
    )
    if before is None:
        return content
    written = content_of(before)
    return replace(content, **{name: getattr(written, name) for name in CARRIED_OVER})
