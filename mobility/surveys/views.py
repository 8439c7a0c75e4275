"""Pages of surveys: one to answer by link, two for staff."""

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, public, requires
from mobility.core.crypto import token_hash
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.web import error_page, form_page
from mobility.surveys import queries, services, tables, wording
from mobility.surveys.enums import Side
from mobility.surveys.forms import form_of
from mobility.surveys.models import Invitation
from mobility.surveys.questions import AFTER_STAY, SURVEYS, Question
from mobility.surveys.results import Given, results

bp = Blueprint("surveys", __name__)


@bp.route("/survey/<token>", methods=["GET", "POST"])
@public
def answer_page(token: str) -> ResponseReturnValue:
    """The survey behind the link of a letter: looking uses nothing up, the first answer sent stands."""
    invitation = queries.invitation_of(token_hash(token))
    if invitation is None:
        return error_page(
            404,
            _("This link to a survey is not valid: it is incomplete, unknown or too old."),
        )
    if invitation.answered_at is not None:
        return _answered_already(invitation)
    questions = questions_of(invitation)
    form = form_of(questions)()
    if form.validate_on_submit():
        services.answer(invitation, form.answers(), form.confidences())
        db.session.commit()
        return redirect(url_for(".answer_page", token=token))
    return form_page(
        "surveys/answer.html", form, invitation=invitation, parts=_parts(questions), words=wording
    )


@bp.route("/surveys")
@requires(Permission.SURVEYS_READ)
def index() -> ResponseReturnValue:
    """Who was asked and who answered."""
    listing, response = tables.invitation_list(signed_in())
    return render_template("surveys/index.html", listing=listing, response=response, words=wording, side=Side)


@bp.route("/surveys/results")
@requires(Permission.SURVEYS_READ)
def result_page() -> ResponseReturnValue:
    """What the answers say, question by question; `?survey= &call= &side=` choose whose."""
    user = signed_in()
    calls = queries.calls_asked(user)
    choice = _choice(calls)
    answers = queries.answers_of(user, choice)
    survey = queries.survey(choice.survey or AFTER_STAY)
    questions = [Question.from_dict(stored) for stored in survey.questions] if survey else []
    found = results(questions, [Given(answer.invitation.side, answer.values) for answer in answers])
    return render_template(
        "surveys/results.html",
        parts=[
            (part, list(of_part)) for part, of_part in groupby(found, lambda result: result.question.part)
        ],
        response=queries.response(queries.invitations_of(user, choice)),
        nps=next((result.nps for result in found if result.nps is not None), None),
        confidences=[answer for answer in answers if answer.confidential] if _hears() else None,
        choice=choice,
        calls=calls,
        sides=Side,
        words=wording,
    )


def _choice(calls: Sequence[tuple[str, str]]) -> queries.Choice:
    asked = request.args
    survey = asked["survey"] if asked.get("survey") in SURVEYS else AFTER_STAY
    call = asked["call"] if asked.get("call") in dict(calls) else None
    return queries.Choice(survey, call, Side(asked["side"]) if asked.get("side") in set(Side) else None)


def questions_of(invitation: Invitation) -> list[Question]:
    """What the invitation's side is asked."""
    every = [Question.from_dict(stored) for stored in invitation.survey.questions]
    return [question for question in every if invitation.side in question.sides]


def _answered_already(invitation: Invitation) -> ResponseReturnValue:
    if request.method == "POST":
        raise RuleBroken("survey-answered")
    return render_template("surveys/answered.html", invitation=invitation)


def _parts(questions: Sequence[Question]) -> list[tuple[str, list[Question]]]:
    return [(part, list(of_part)) for part, of_part in groupby(questions, lambda question: question.part)]


def _hears() -> bool:
    return queries.hears_confidences(signed_in())
