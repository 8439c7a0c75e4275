"""The page of one application, for both sides, and the officer's decision."""

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications import blind, changes, cvs, queries, rules, services, wording
from mobility.applications.enums import EDITABLE, LIFECYCLE, TO_ASSESS, ApplicationStatus
from mobility.applications.exceptions import waivable
from mobility.applications.forms_of_officer import NamesForm
from mobility.applications.models import Application
from mobility.applications.views import bp
from mobility.audit.services import note_viewing
from mobility.calls.queries import is_open
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed, RuleBroken
from mobility.core.states import expect_version
from mobility.core.uploads import serve_pdf
from mobility.core.web import form_page
from mobility.hosts.forms import AssessForm, version_of
from mobility.hosts.rules import nearness
from mobility.hosts.wording import exception_tag
from mobility.hosts.wording import nearness as near_in_words
from mobility.mail.queries import letters_about
from mobility.notes.forms import NoteForm
from mobility.notes.queries import notes_about
from mobility.notes.services import note
from mobility.organisations.wording import TYPES
from mobility.partnerships.models import Partnership


@bp.route("/<reference>")
@requires(Permission.APPLICATIONS_READ)
def show(reference: str) -> ResponseReturnValue:
    """One application: where it stands, rules, dates, wishes, letters."""
    application = queries.application_for(signed_in(), reference)
    return render_template("applications/show.html", **_context(application))


@bp.get("/<reference>/cv/<sha256>")
@requires(Permission.APPLICATIONS_SUBMIT, Permission.APPLICATIONS_ASSESS)
def cv(reference: str, sha256: str) -> Response:
    """The CV as a file to save; each view is noted."""
    found = queries.cv_for(signed_in(), reference, sha256)
    note_viewing(signed_in(), "cv", found.application)
    return serve_pdf(found.content, found.file_name)


@bp.route("/<reference>/assess", methods=["POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def assess(reference: str) -> ResponseReturnValue:
    """Accept or reject; never one's own."""
    user = signed_in()
    application = queries.application_to_assess(user, reference)
    if queries.is_theirs(user, application):
        raise NotAllowed
    form = AssessForm()
    if not form.validate_on_submit():
        return form_page("applications/show.html", form, **_context(application) | {"assess_form": form})
    expect_version(application, form.version.data)
    services.assess(application, accepted=form.accepted, reason=form.reason.data or "", actor=user)
    db.session.commit()
    flash(_said(application), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/reopen", methods=["POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def reopen(reference: str) -> ResponseReturnValue:
    """Take back a decision that the applicant does not know; never on one's own."""
    user = signed_in()
    application = queries.application_to_assess(user, reference)
    if queries.is_theirs(user, application):
        raise NotAllowed
    expect_version(application, version_of(request.form))
    if application.held is None:
        raise RuleBroken("undo-over")
    services.reopen(application, actor=user)
    db.session.commit()
    flash(_("Taken back: it waits for a decision again."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/names", methods=["POST"])
@requires(Permission.EXCEPTIONS_GRANT)
def show_names(reference: str) -> ResponseReturnValue:
    """Show who applies although the call hides it, with the reason; never on one's own."""
    user = signed_in()
    application = queries.application_to_assess(user, reference, Permission.EXCEPTIONS_GRANT)
    if queries.is_theirs(user, application):
        raise NotAllowed
    form = NamesForm()
    if not form.validate_on_submit():
        return form_page("applications/show.html", form, **_context(application) | {"names_form": form})
    expect_version(application, form.version.data)
    blind.lift(application, form.reason.data, actor=user)
    db.session.commit()
    flash(_("The names are shown to all who assess it. The log keeps the reason."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/notes", methods=["POST"])
@requires(Permission.APPLICATIONS_ASSESS)
def notes(reference: str) -> ResponseReturnValue:
    """Keep a note, for those who assess or also for the applicant; never on one's own."""
    user = signed_in()
    application = queries.application_to_assess(user, reference)
    if queries.is_theirs(user, application):
        raise NotAllowed
    form = NoteForm()
    if not form.validate_on_submit():
        return form_page("applications/show.html", form, **_context(application) | {"note_form": form})
    note(application, form.note.data, is_shared=form.is_shared.data, actor=user)
    db.session.commit()
    flash(_("The note is kept."), "good")
    return redirect(url_for(".show", reference=reference))


def _said(application: Application) -> str:
    if application.held:
        return _("Decided. The applicant is told with all others of the call.")
    return _("Decided. The letter is on its way.")


def why_near(application: Application, partnership: Partnership) -> str:
    """Why the partnership looks after the application, or could."""
    organisation, topics = application.organisation, application.ecosystems
    return near_in_words(
        nearness(partnership, organisation.country, topics, own_id=organisation.partnership_id)
    )


def _context(application: Application) -> dict[str, Any]:
    user = signed_in()
    is_draft = application.status == ApplicationStatus.DRAFT
    is_theirs, takes_part, has_visited = queries.ties_of(user, application)
    is_own = user.may(Permission.APPLICATIONS_SUBMIT) and is_theirs
    is_assessor = not takes_part and assesses(user, application)
    partnership = services.partnership_for(application)
    sees_held = user.is_staff and not takes_part
    # Whoever changes an application sees the findings of what stands now; others what was sent.
    is_fresh = is_draft or (is_theirs and application.status in EDITABLE)
    found = services.findings_of(application) if is_fresh else application.findings
    hides_names = blind.hides(user, application, takes_part=takes_part)
    changes = _changes(application, is_theirs=is_theirs, hides_names=hides_names)
    shown = changes["shown"]
    reads_cv = is_theirs or (is_assessor and not hides_names)
    names = blind.named(application, shown.person_name, shown.person_email, is_hidden=hides_names)
    return {
        "application": application,
        "names": names,
        "names_form": _names_form(user, application) if hides_names else None,
        "types": TYPES,
        "findings": wording.shown(blind.findings_known(found, application, is_hidden=hides_names)),
        "amounts": rules.lump_sums(shown, partnership),
        "partnership": partnership,
        "why_partnership": why_near(application, partnership) if user.is_staff else "",
        "never": rules.ruled_out(shown),
        "cv": cvs.named(application, shown.cv) if shown.cv and reads_cv else None,
        "letters": letters_about(application),
        "is_own": is_own,
        "may_withdraw": is_own and LIFECYCLE.allows(application.status, ApplicationStatus.WITHDRAWN),
        "may_assess": is_assessor and _waits_for_decision(application, changes),
        "may_ask": is_assessor and application.standing == ApplicationStatus.SUBMITTED,
        "held": application.held if sees_held else None,
        **(_exceptions(user, application, is_assessor=is_assessor) if sees_held else {}),
        "may_reopen": is_assessor and application.held is not None,
        "assess_form": AssessForm(formdata=None, data={"version": application.version}),
        "notes": notes_about(application, only_shared=not is_assessor) if is_assessor or is_theirs else [],
        "note_form": NoteForm(formdata=None) if is_assessor else None,
        "sees_reviews": sees_held and application.review_percent is not None,
        "parts": rules.priority(application, has_visited=has_visited) if user.is_staff else [],
        "tag": wording.tag_of(application, for_staff=sees_held),
        "late_entry": application.late_entry if user.is_staff else None,
        "call_is_open": is_open(application.call),
        "wording": wording,
        **changes,
    }


def _changes(application: Application, *, is_theirs: bool, hides_names: bool) -> dict[str, Any]:
    """The changes asked for last; until they are sent, only the applicant sees what was typed."""
    request = queries.last_request(application)
    if request is None:
        return {"change_request": None, "shown": application}
    is_open = request.ended_at is None
    sent = changes.as_sent(request)
    return {
        "change_request": request,
        "asked": wording.asked(request),
        "is_overdue": is_open and request.answer_by < clock.today(),
        "differences": wording.differences(sent, application, by_name=not hides_names)
        if request.is_answered
        else [],
        "shown": sent if is_open and not is_theirs else application,
    }


def _exceptions(user: User, application: Application, *, is_assessor: bool) -> dict[str, Any]:
    """What staff see of exceptions: those asked for, and whether one may be asked for or answered now."""
    if all(found["passed"] is True and "waived" not in found["values"] for found in application.findings):
        return {}
    asked = queries.exceptions_of(application)
    waits = application.standing in TO_ASSESS
    scopes = user.scopes(Permission.EXCEPTIONS_GRANT)
    covered = any(scope.covers(application.partnership_id, application.call_id) for scope in scopes)
    return {
        "exceptions": asked,
        "exception_tag": exception_tag,
        "may_except": is_assessor and waits and bool(waivable(application, asked)),
        "may_answer": covered and waits,
    }


def _names_form(user: User, application: Application) -> NamesForm | None:
    """To show what is hidden, for the support office."""
    scopes = user.scopes(Permission.EXCEPTIONS_GRANT)
    if not any(scope.covers(application.partnership_id, application.call_id) for scope in scopes):
        return None
    return NamesForm(formdata=None, data={"version": application.version})


def _waits_for_decision(application: Application, changes: dict[str, Any]) -> bool:
    return application.status == ApplicationStatus.SUBMITTED or changes.get("is_overdue", False)


def assesses(user: User, application: Application) -> bool:
    """Whether a role of the person assesses for the application's partnership."""
    scopes = user.scopes(Permission.APPLICATIONS_ASSESS)
    return any(scope.covers(application.partnership_id, application.call_id) for scope in scopes)
