"""The page of one application, for both sides, and the officer's decision."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.models import User
from mobility.accounts.services import signed_in
from mobility.applications import queries, rules, services, wording
from mobility.applications.enums import LIFECYCLE, ApplicationStatus
from mobility.applications.models import Application
from mobility.applications.views import bp
from mobility.calls.queries import is_open
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotAllowed
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts.forms import AssessForm
from mobility.mail.queries import letters_about


@bp.route("/<reference>")
@requires(Permission.APPLICATIONS_READ)
def show(reference: str) -> ResponseReturnValue:
    """One application: where it stands, rules, dates, wishes, letters."""
    application = queries.application_for(signed_in(), reference)
    form = AssessForm(data={"version": application.version})
    return render_template("applications/show.html", form=form, **_context(application))


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
        return form_page("applications/show.html", form, **_context(application))
    expect_version(application, form.version.data)
    services.assess(application, accepted=form.accepted, reason=form.reason.data or "", actor=user)
    db.session.commit()
    flash(_("Decided. The letter is on its way."), "good")
    return redirect(url_for(".show", reference=reference))


def _context(application: Application) -> dict[str, Any]:
    user = signed_in()
    is_draft = application.status == ApplicationStatus.DRAFT
    is_own = user.may(Permission.APPLICATIONS_SUBMIT) and queries.is_theirs(user, application)
    partnership = services.partnership_for(application)
    found = services.findings_of(application) if is_draft else application.findings
    return {
        "application": application,
        "findings": wording.shown(found),
        "amounts": rules.lump_sums(application, partnership),
        "partnership": partnership,
        "never": rules.ruled_out(application),
        "letters": letters_about(application),
        "is_own": is_own,
        "may_withdraw": is_own and LIFECYCLE.allows(application.status, ApplicationStatus.WITHDRAWN),
        "may_assess": not is_own and _may_assess(user, application),
        "parts": _priority(application) if user.is_staff else [],
        "tag": wording.tag_of(application, for_staff=user.is_staff),
        "call_is_open": is_open(application.call),
        "wording": wording,
    }


def _may_assess(user: User, application: Application) -> bool:
    scopes = user.scopes(Permission.APPLICATIONS_ASSESS)
    in_scope = any(scope.covers(application.partnership_id, application.call_id) for scope in scopes)
    return in_scope and application.status == ApplicationStatus.SUBMITTED


def _priority(application: Application) -> list[rules.PriorityPart]:
    visited = queries.has_visited(application.organisation, but=application)
    return rules.priority(application, has_visited=visited)
