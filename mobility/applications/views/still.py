"""Whether an applicant still looks for a host: by the link of a letter, or on the application's own page."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.applications import queries
from mobility.applications.resting import APPLICATIONS, say_over
from mobility.applications.views import bp
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.forms import HouseForm
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.hosts.forms import version_of


@bp.route("/still/<token>", methods=["GET", "POST"])
@public
def still_looking(token: str) -> ResponseReturnValue:
    """Say by the link of a letter whether a host is still looked for: looking changes nothing."""
    application, form = queries.application_behind(token), HouseForm()
    if form.validate_on_submit():
        if request.form.get("answer") == "over":
            say_over(application)
        else:
            APPLICATIONS.say_valid(application, actor=None)
        db.session.commit()
        return redirect(url_for(".still_looking", token=token))
    may_answer = APPLICATIONS.may_answer(application)
    return form_page("applications/still.html", form, application=application, may_answer=may_answer)


@bp.route("/<reference>/wake", methods=["POST"])
@requires(Permission.APPLICATIONS_SUBMIT)
def wake(reference: str) -> ResponseReturnValue:
    """Say on its page that a host is still looked for; an application that rests enters rounds again."""
    application = queries.own_application(signed_in(), reference)
    expect_version(application, version_of(request.form))
    APPLICATIONS.say_valid(application, actor=signed_in())
    db.session.commit()
    flash(_("Thank you. The application enters the next round."), "good")
    return redirect(url_for(".show", reference=reference))
