"""Exceptions from rules: the page to ask for one, and the page to answer."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.applications import blind, exceptions, queries, wording
from mobility.applications.views import bp
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed, NotFound
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts.enums import ExceptionStatus
from mobility.hosts.forms import ExceptionAnswerForm, ExceptionForm


@bp.route("/<reference>/exception", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def ask_exception(reference: str) -> ResponseReturnValue:
    """Choose a rule that is not met, and say why it is not to count; never on one's own."""
    user = signed_in()
    application = queries.application_to_assess(user, reference)
    if queries.is_theirs(user, application):
        raise NotAllowed
    rules = exceptions.waivable(application, queries.exceptions_of(application))
    form = ExceptionForm.among([(code, wording.rule(code)) for code in rules], application.version)
    if form.validate_on_submit():
        expect_version(application, form.version.data)
        exceptions.ask(application, form.rule.data, form.reason.data, actor=user)
        db.session.commit()
        flash(_("Asked. Somebody of the support office answers."), "good")
        return redirect(url_for(".show", reference=reference))
    found = [one for one in application.findings if one["code"] in rules]
    is_hidden = bool(blind.hidden_from(user, [application]))
    known = blind.findings_known(found, application, is_hidden=is_hidden)
    shown = wording.shown(known)
    return form_page("hosts/exception.html", form, record=application, found=shown, room=_("Applications"))


@bp.route("/<reference>/exception/<rule>", methods=["GET", "POST"])
@requires(Permission.EXCEPTIONS_GRANT)
def answer_exception(reference: str, rule: str) -> ResponseReturnValue:
    """Grant or refuse what is asked for, with the reason; never what one asked for, nor on one's own."""
    user = signed_in()
    application = queries.application_to_assess(user, reference, Permission.EXCEPTIONS_GRANT)
    asked = (one for one in queries.exceptions_of(application) if one.rule == rule)
    exception = next((one for one in asked if one.status is ExceptionStatus.ASKED), None)
    if exception is None:
        raise NotFound
    if queries.is_theirs(user, application):
        raise NotAllowed
    form = ExceptionAnswerForm(data={"version": exception.version})
    if form.validate_on_submit():
        expect_version(exception, form.version.data)
        exceptions.answer(exception, granted=form.granted, reason=form.reason.data, actor=user)
        db.session.commit()
        flash(_("Answered."), "good")
        return redirect(url_for(".show", reference=reference))
    found = [one for one in application.findings if one["code"] == rule]
    names = blind.names_for(user, [application])[application.id]
    known = blind.findings_known(found, application, is_hidden=names.is_hidden)
    return form_page(
        "hosts/exception_answer.html",
        form,
        record=application,
        exception=exception,
        found=wording.shown(known),
        name=None if names.is_hidden else names.organisation,
        is_asker=exception.asked_by_id == user.id,
        wording=wording,
        room=_("Applications"),
    )
