"""Telling the applicants of a call what was decided, all at once; and whether a call does so."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.accounts.services import signed_in
from mobility.applications import blind, queries, release
from mobility.applications.forms_of_officer import ReleaseForm, TellingForm
from mobility.applications.views import bp
from mobility.calls.forms import BlindForm
from mobility.calls.models import Call
from mobility.calls.queries import call_to_edit
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.states import expect_version
from mobility.core.web import form_page


@bp.route("/decisions", methods=["GET", "POST"])
@requires(Permission.DECISIONS_RELEASE)
def decisions() -> ResponseReturnValue:
    """Who would be told what, partnership by partnership; the button does it once."""
    user = signed_in()
    calls = queries.calls_told_by(user)
    call = _asked(calls)
    held = release.held_in(call)
    numbers = {"accepted": sum(one.accepted for one in held), "rejected": sum(one.rejected for one in held)}
    form = ReleaseForm(data=numbers)
    if form.validate_on_submit():
        seen = {"accepted": form.accepted.data, "rejected": form.rejected.data}
        release.release(call, **seen, actor=user)
        db.session.commit()
        told = sum(seen.values())
        flash(ngettext("%(num)s letter is on its way.", "%(num)s letters are on their way.", told), "good")
        return _back(call)
    views = [(url_for(".decisions", call=one.reference), one.title, None, one is call) for one in calls]
    telling = TellingForm(formdata=None, data={"version": call.version, "each": not call.releases_together})
    return form_page(
        "applications/decisions.html",
        form,
        call=call,
        call_views=views,
        held=held,
        telling=telling,
        **numbers,
    )


@bp.route("/decisions/telling", methods=["POST"])
@requires(Permission.DECISIONS_RELEASE)
def telling() -> ResponseReturnValue:
    """Choose whether each decision of the call is told at once."""
    user = signed_in()
    call = _asked(queries.calls_told_by(user))
    form = TellingForm()
    if form.validate_on_submit():
        expect_version(call, form.version.data)
        release.choose(call, at_once=form.each.data, actor=user)
        db.session.commit()
        flash(_("Chosen."), "good")
    return _back(call)


@bp.route("/decisions/names", methods=["POST"])
@requires(Permission.CALLS_EDIT)
def without_names() -> ResponseReturnValue:
    """Choose whether the applications of a call are assessed without names, before the first decision."""
    user, form = signed_in(), BlindForm()
    call = call_to_edit(user, request.args.get("call", ""))
    if form.validate_on_submit():
        expect_version(call, form.version.data)
        blind.choose(call, is_blind=form.is_blind.data, actor=user)
        db.session.commit()
        flash(_("Kept."), "good")
    return redirect(url_for("calls.show", reference=call.reference))


def _asked(calls: list[Call]) -> Call:
    """The call that was asked for, or the first. Raises `NotFound` where there is none."""
    asked = request.args.get("call")
    found = next((one for one in calls if asked in {None, one.reference}), None)
    if found is None:
        raise NotFound
    return found


def _back(call: Call) -> ResponseReturnValue:
    return redirect(url_for(".decisions", call=call.reference))
