"""Late entries: the support office's list in a call, and the page behind a link."""

from collections.abc import Sequence

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from mobility.accounts.services import signed_in
from mobility.applications import blind, late, queries
from mobility.applications.forms_of_officer import LateForm
from mobility.applications.models import LateEntry
from mobility.applications.views import bp
from mobility.applications.views.applicant import first_content
from mobility.calls.models import Call
from mobility.calls.queries import call_to_edit, is_over
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.web import error_page, form_page
from mobility.hosts.forms import BeginForm
from mobility.hosts.queries import own_organisations
from mobility.organisations.models import Organisation


@bp.get("/late-entries/<reference>")
@requires(Permission.CALLS_EDIT)
def late_entries(reference: str) -> ResponseReturnValue:
    """Who may still apply in a closed call, and what became of it."""
    return _entries(call_to_edit(signed_in(), reference), LateForm(formdata=None))


@bp.post("/late-entries/<reference>")
@requires(Permission.CALLS_EDIT)
def give_late(reference: str) -> ResponseReturnValue:
    """Send a link."""
    call, form = call_to_edit(signed_in(), reference), LateForm()
    if form.validate_on_submit() and _given(call, form):
        flash(_("The link is on its way to %(email)s.", email=form.email.data), "good")
        return redirect(url_for(".late_entries", reference=reference))
    return _entries(call, form)


@bp.post("/late-entries/<reference>/<int:number>/revoke")
@requires(Permission.CALLS_EDIT)
def revoke_late(reference: str, number: int) -> ResponseReturnValue:
    """Let a link open nothing more."""
    entry = queries.late_entry_in(call_to_edit(signed_in(), reference), number)
    late.revoke(entry, actor=signed_in())
    db.session.commit()
    flash(_("The link opens nothing more, and what was begun by it can no longer be sent."), "good")
    return redirect(url_for(".late_entries", reference=reference))


@bp.get("/late/<token>")
@public
def late_entry(token: str) -> ResponseReturnValue:
    """What somebody may still apply in; looking uses nothing up."""
    entry = queries.late_entry_behind(token)
    return _page(entry, token, _own()[0]) if entry else _no_link()


@bp.post("/late/<token>")
@requires(Permission.APPLICATIONS_SUBMIT)
def begin_late(token: str) -> ResponseReturnValue:
    """Begin by the link, or go on with the draft that there is."""
    entry = queries.late_entry_behind(token)
    if entry is None:
        return _no_link()
    form, organisations = _own()
    if not organisations or not form.validate_on_submit():
        return _page(entry, token, form)
    user = signed_in()
    content = first_content(user, entry.call, None)
    application = late.begin(entry, form.chosen(organisations), content, actor=user)
    db.session.commit()
    return redirect(url_for(".edit", reference=application.reference))


def _given(call: Call, form: LateForm) -> bool:
    try:
        late.give(call, form.draft(), actor=signed_in())
    except RuleBroken as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return False
    db.session.commit()
    return True


def _entries(call: Call, form: LateForm) -> ResponseReturnValue:
    entries = queries.late_entries_of(call)
    begun = queries.begun_by(entries)
    # The address would tell whose it is.
    hidden = blind.hidden_from(signed_in(), begun)
    return form_page(
        "applications/late_entries.html",
        form,
        call=call,
        is_over=is_over(call),
        given=entries,
        begun=[one for one in begun if one.id not in hidden],
    )


def _own() -> tuple[BeginForm, Sequence[Organisation]]:
    organisations = own_organisations(signed_in()) if current_user.is_authenticated else []
    return BeginForm.among(organisations), organisations


def _page(entry: LateEntry, token: str, form: BeginForm) -> ResponseReturnValue:
    user = signed_in() if current_user.is_authenticated else None
    is_theirs = user is not None and late.is_for(entry, user)
    return form_page(
        "applications/late.html",
        form,
        entry=entry,
        token=token,
        is_theirs=is_theirs,
        may_apply=user is not None and user.may(Permission.APPLICATIONS_SUBMIT),
        begun=queries.begun_by([entry]) if is_theirs else [],
        is_left=late.is_left(entry),
    )


def _no_link() -> ResponseReturnValue:
    return error_page(404, _("This link is not valid: it is incomplete or was never given."))
