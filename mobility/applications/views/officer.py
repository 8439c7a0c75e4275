"""What an officer does beside deciding: gives an application to another partnership, asks for changes."""

from datetime import timedelta

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications import queries, services
from mobility.applications.changes import ask as ask_changes
from mobility.applications.enums import ApplicationStatus
from mobility.applications.forms_of_officer import ChangesForm, ReassignForm
from mobility.applications.models import Application
from mobility.applications.views import bp
from mobility.applications.views.record import assesses, why_near
from mobility.calls.queries import load_partnerships
from mobility.calls.questions import asks
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts.services import nearest_partnership

# What an applicant has to answer, unless the officer says otherwise.
USUAL = timedelta(days=14)


@bp.route("/<reference>/partnership", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def reassign(reference: str) -> ResponseReturnValue:
    """Choose another partnership of the call, with the proposal and its reason beside."""
    user = signed_in()
    application = _to_assess(user, reference)
    load_partnerships(application.call)
    others = [
        one.partnership
        for one in application.call.allotments
        if one.partnership is not application.partnership
    ]
    form = ReassignForm.among({one: why_near(application, one) for one in others}, application.version)
    if form.validate_on_submit():
        chosen = next(one for one in others if one.code == form.partnership.data)
        expect_version(application, form.version.data)
        services.assign(application, chosen, form.reason.data, actor=user)
        db.session.commit()
        flash(_("%(partnership)s assesses it now.", partnership=chosen.name), "good")
        return _back(user, application)
    if application.standing != ApplicationStatus.SUBMITTED:
        return _back(user, application)
    nearest = nearest_partnership(application.call, application.organisation, application.ecosystems)
    return form_page(
        "applications/reassign.html",
        form,
        application=application,
        nearest=nearest,
        why_nearest=why_near(application, nearest),
        why_now=why_near(application, application.partnership),
    )


@bp.route("/<reference>/changes", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def changes(reference: str) -> ResponseReturnValue:
    """Ask for changes, section by section, by a day."""
    user = signed_in()
    application = _to_assess(user, reference)
    usual = {"version": application.version, "answer_by": clock.today() + USUAL}
    form = ChangesForm(data=usual)
    if not asks(application.call):
        form.leave_out_questions()
    if form.validate_on_submit():
        expect_version(application, form.version.data)
        ask_changes(application, form.asked, form.answer_by.data, actor=user)
        db.session.commit()
        flash(_("Asked. The letter is on its way."), "good")
        return _back(user, application)
    if application.standing != ApplicationStatus.SUBMITTED:
        return _back(user, application)
    return form_page("applications/changes.html", form, application=application)


def _to_assess(user: User, reference: str) -> Application:
    """An application of the officer's partnerships. Raises `NotAllowed` for one's own."""
    application = queries.application_to_assess(user, reference)
    if queries.is_theirs(user, application):
        raise NotAllowed
    return application


def _back(user: User, application: Application) -> Response:
    if not assesses(user, application):
        return redirect(url_for(".index"))
    return redirect(url_for(".show", reference=application.reference))
