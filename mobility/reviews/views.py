"""Pages of reviews: a reviewer's list and form, and the criteria and handing out of a call."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from mobility.accounts.services import signed_in
from mobility.applications import wording as application_words
from mobility.applications.changes import sent
from mobility.applications.enums import TO_ASSESS
from mobility.calls.models import Call
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.lists import Column, listing
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.organisations.wording import TYPES
from mobility.reviews import queries, rules, services, wording
from mobility.reviews.forms import ROWS, CriteriaForm, HandOutForm, review_form
from mobility.reviews.models import Review

bp = Blueprint("reviews", __name__, url_prefix="/reviews")


@bp.app_context_processor
def _for_earlier_rooms() -> dict[str, Any]:
    """What the page of an application asks of its reviews."""
    return {"reviews_of": queries.reviews_of}


@bp.get("")
@requires(Permission.REVIEWS_GIVE)
def index() -> ResponseReturnValue:
    """What the reader is to review, what waits first."""
    found = listing(
        queries.reviews_by(signed_in()),
        columns=[
            Column("number", _("Review"), Review.id),
            Column("call", _("Call")),
            Column("handed", _("Since"), Review.handed_at),
            Column("given", _("Given"), Review.given_at),
        ],
        search=[],
        default_sort="-given",
    )
    return render_template("reviews/index.html", listing=found, wording=wording)


@bp.route("/<int:review_id>", methods=["GET", "POST"])
@requires(Permission.REVIEWS_GIVE)
def show(review_id: int) -> ResponseReturnValue:
    """An application without names, and the points for each criterion."""
    user = signed_in()
    review = queries.review_of(user, review_id)
    application = sent(review.application)
    criteria = queries.criteria_of(review.application.call_id)
    form = review_form(criteria, review)
    if form.validate_on_submit():
        expect_version(review, form.version.data)
        points = {str(one.id): int(form[f"points{one.id}"].data) for one in criteria}
        services.give(review, points, form.comment.data or "", actor=user)
        db.session.commit()
        flash(_("Thank you. You can change it until the application is decided."), "good")
        return redirect(url_for(".index"))
    return form_page(
        "reviews/show.html",
        form,
        review=review,
        application=application,
        criteria=criteria,
        shown=rules.shown(application),
        is_open=review.application.standing in TO_ASSESS,
        words=application_words,
        types=TYPES,
    )


@bp.route("/criteria", methods=["GET", "POST"])
@requires(Permission.REVIEWS_SET)
def criteria() -> ResponseReturnValue:
    """By what a call is reviewed, and what that counts."""
    call = _asked()
    now = queries.criteria_of(call.id)
    typed: dict[str, Any] = {f"name{row}": one.name for row, one in enumerate(now[:ROWS])}
    typed |= {f"weight{row}": one.weight for row, one in enumerate(now[:ROWS])}
    form = CriteriaForm(data={"version": call.version, "most_points": call.review_points, **typed})
    if form.validate_on_submit():
        expect_version(call, form.version.data)
        services.set_criteria(call, form.criteria, form.most_points.data, actor=signed_in())
        db.session.commit()
        flash(_("Kept."), "good")
        return redirect(url_for(".hand_out", call=call.reference))
    return form_page("reviews/criteria.html", form, call=call, is_reviewed=queries.is_reviewed(call))


@bp.route("/hand-out", methods=["GET", "POST"])
@requires(Permission.REVIEWS_SET)
def hand_out() -> ResponseReturnValue:
    """Choose reviewers and give them the applications that wait."""
    call, people = _asked(), queries.reviewers()
    form = HandOutForm.among(people)
    if form.validate_on_submit():
        chosen = [one for one in people if str(one.id) in form.reviewers.data]
        made = services.hand_out(call, chosen, form.each.data, actor=signed_in())
        db.session.commit()
        flash(*_said(made))
        return redirect(url_for(".hand_out", call=call.reference))
    return form_page("reviews/hand_out.html", form, call=call, criteria=queries.criteria_of(call.id))


def _said(made: int) -> tuple[str, str]:
    if made:
        return ngettext("%(num)s review is handed out.", "%(num)s reviews are handed out.", made), "good"
    return _("Nothing was left to hand out, or only to people who know the applications by name."), "wait"


def _asked() -> Call:
    """The call that was asked for, or the newest. Raises `NotFound` where there is none."""
    asked, calls = request.args.get("call"), queries.calls_reviewed_by(signed_in())
    found = next((one for one in calls if asked in {None, one.reference}), None)
    if found is None:
        raise NotFound
    return found
