"""The question to one's cluster, and the page behind the link where somebody there answers it."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from limits import parse

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.limits import limiter
from mobility.core.web import error_page, form_page
from mobility.organisations import clusters, queries
from mobility.organisations.enums import AskStatus, MemberRight, Standing
from mobility.organisations.forms import ClusterAnswerForm, ClusterForm
from mobility.organisations.models import ClusterQuestion, Organisation
from mobility.organisations.views import bp
from mobility.organisations.views.profile import own, own_to_act_for
from mobility.organisations.wording import QUESTIONS, REFUSALS, STANDINGS, TYPES
from mobility.taxonomies.countries import country_name

# Letters go to whatever address somebody types.
LETTERS = parse("5 per day")
BESIDE_FIELD = {"own-address", "cluster-asked-often"}


@bp.app_context_processor
def _for_later_rooms() -> dict[str, Any]:
    """What the pages of an application and of an offer show beside their findings."""
    return {"newest_question": _newest_question, "standings": STANDINGS}


@bp.route("/mine/cluster", methods=["GET", "POST"])
@requires(Permission.PROFILE_OWN)
def cluster() -> ResponseReturnValue:
    """What the cluster said so far, and the form to ask it."""
    member, form = own(), ClusterForm()
    if form.validate_on_submit() and _asked(own_to_act_for(), form):
        flash(_("The letter to your cluster is on its way."), "good")
        return redirect(url_for(".cluster"))
    organisation = member.organisation
    asked = queries.questions_about(organisation)
    return form_page(
        "organisations/cluster.html",
        form,
        organisation=organisation,
        may_act=member.right == MemberRight.EDIT,
        questions=asked,
        left=clusters.MOST_QUESTIONS - len(clusters.questions_to(organisation, asked)),
        waiting=next((one for one in asked if one.status == AskStatus.WAITING), None),
        words=QUESTIONS,
    )


@bp.route("/mine/cluster/take-back", methods=["POST"])
@requires(Permission.PROFILE_OWN)
def take_back() -> ResponseReturnValue:
    """End the question that waits: it went to a wrong address."""
    question = queries.waiting_question(own_to_act_for())
    if question is None:
        raise RuleBroken("wrong-state")
    clusters.take_back(question, actor=signed_in())
    db.session.commit()
    flash(_("The link in that letter opens nothing more."), "good")
    return redirect(url_for(".cluster"))


@bp.route("/cluster/<token>", methods=["GET", "POST"])
@public
def cluster_answer(token: str) -> ResponseReturnValue:
    """Say yes or no by the link of a letter: looking uses nothing up, the first answer sent stands."""
    question = queries.question_behind(token)
    if question is None:
        return error_page(404, _("This link is not valid: it is incomplete, too old, or was taken back."))
    form = ClusterAnswerForm()
    shown = {"question": question, "types": TYPES, "country_name": country_name}
    if question.status != AskStatus.WAITING and request.method == "GET":
        return render_template("organisations/cluster_answered.html", **shown)
    if form.validate_on_submit():
        clusters.answer(question, is_member=form.is_member, by=form.name.data, remark=form.remark.data or "")
        db.session.commit()
        return redirect(url_for(".cluster_answer", token=token))
    return form_page("organisations/cluster_answer.html", form, **shown)


@bp.get("/answers/<int:number>")
@requires(Permission.APPLICATIONS_ASSESS, Permission.OFFERS_ASSESS)
def answer(number: int) -> ResponseReturnValue:
    """Who answered for a cluster, from where, for the officer who has to believe it."""
    return render_template(
        "organisations/answer.html",
        question=queries.answer_seen_by(signed_in(), number),
        standings=STANDINGS,
        types=TYPES,
        words=QUESTIONS,
        country_name=country_name,
    )


@bp.post("/answers/<int:number>/take")
@requires(Permission.APPLICATIONS_ASSESS, Permission.OFFERS_ASSESS)
def take_answer(number: int) -> ResponseReturnValue:
    """The answer came from the cluster: the rule on membership is met from now on."""
    clusters.take(queries.answer_seen_by(signed_in(), number), actor=signed_in())
    db.session.commit()
    flash(_("Taken. The rule on membership is met from now on."), "good")
    return redirect(url_for(".answer", number=number))


def _asked(organisation: Organisation, form: ClusterForm) -> bool:
    if not limiter.limiter.hit(LETTERS, "organisations.cluster", str(signed_in().id)):
        abort(429)
    try:
        clusters.ask(organisation, form.email.data, actor=signed_in())
    except RuleBroken as refusal:
        if refusal.code not in BESIDE_FIELD:
            raise
        db.session.rollback()
        form.email.errors = [str(REFUSALS[refusal.code]) % refusal.values]
        return False
    db.session.commit()
    return True


def _newest_question(organisation: Organisation) -> ClusterQuestion | None:
    if organisation.cluster_standing == Standing.DECLARED:
        return None
    return next(iter(queries.questions_about(organisation)), None)
