"""Exceptions from rules for offers: the page to ask for one, and the page to answer."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed, NotFound
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts import queries, wording
from mobility.hosts.enums import ExceptionStatus
from mobility.hosts.exceptions import OFFERS
from mobility.hosts.forms import ExceptionAnswerForm, ExceptionForm
from mobility.hosts.views import bp


@bp.route("/<reference>/exception", methods=["GET", "POST"])
@requires(Permission.OFFERS_ASSESS)
def ask_exception(reference: str) -> ResponseReturnValue:
    """Choose a rule that is not met, and say why it is not to count; never on one's own."""
    user = signed_in()
    offer = queries.offer_to_assess(user, reference)
    if queries.ties_of(user, offer).takes_part:
        raise NotAllowed
    rules = OFFERS.waivable(offer, queries.exceptions_of(offer))
    form = ExceptionForm.among([(code, wording.rule(code)) for code in rules], offer.version)
    if form.validate_on_submit():
        expect_version(offer, form.version.data)
        OFFERS.ask(offer, form.rule.data, form.reason.data, actor=user)
        db.session.commit()
        flash(_("Asked. Somebody of the support office answers."), "good")
        return redirect(url_for(".show", reference=reference))
    found = wording.shown(one for one in offer.findings if one["code"] in rules)
    return form_page("hosts/exception.html", form, record=offer, found=found, room=_("Hosts"))


@bp.route("/<reference>/exception/<rule>", methods=["GET", "POST"])
@requires(Permission.EXCEPTIONS_GRANT)
def answer_exception(reference: str, rule: str) -> ResponseReturnValue:
    """Grant or refuse what is asked for, with the reason; never what one asked for, nor on one's own."""
    user = signed_in()
    offer = queries.offer_to_assess(user, reference, Permission.EXCEPTIONS_GRANT)
    asked = (one for one in queries.exceptions_of(offer) if one.rule == rule)
    exception = next((one for one in asked if one.status is ExceptionStatus.ASKED), None)
    if exception is None:
        raise NotFound
    if queries.ties_of(user, offer).takes_part:
        raise NotAllowed
    form = ExceptionAnswerForm(data={"version": exception.version})
    if form.validate_on_submit():
        expect_version(exception, form.version.data)
        OFFERS.answer(exception, granted=form.granted, reason=form.reason.data, actor=user)
        db.session.commit()
        flash(_("Answered."), "good")
        return redirect(url_for(".show", reference=reference))
    found = wording.shown(one for one in offer.findings if one["code"] == rule)
    return form_page(
        "hosts/exception_answer.html",
        form,
        record=offer,
        exception=exception,
        found=found,
        name=offer.organisation.name,
        is_asker=exception.asked_by_id == user.id,
        wording=wording,
        room=_("Hosts"),
    )
