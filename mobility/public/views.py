"""Pages for everybody: what the scheme is, who may take part, whether a paper is valid; and what watches the site."""

from http import HTTPStatus

from flask import Blueprint, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import text

from mobility.accounts.fresh import signed_in_only
from mobility.accounts.services import signed_in
from mobility.calls.models import Call
from mobility.calls.queries import load_partnerships, open_calls, taking_part
from mobility.calls.rates import rate_rows
from mobility.core import clock
from mobility.core.access import Permission, public
from mobility.core.db import db
from mobility.core.uploads import takes_files
from mobility.core.web import error_page, form_page
from mobility.papers import queries as papers
from mobility.papers.enums import PaperState
from mobility.public import eligibility, finder, queries, wording
from mobility.public.forms import CHECK, CodeForm, CompareForm, EligibilityForm, FinderForm
from mobility.taxonomies.countries import country_name

bp = Blueprint("public", __name__)


@bp.get("/")
@public
def home() -> ResponseReturnValue:
    """What the scheme is, what is open, what one receives."""
    calls = open_calls()
    call = queries.call_shown(calls)
    return render_template(
        "public/home.html",
        calls=calls,
        call=call,
        rates=rate_rows(call) if call else [],
        taking_part=taking_part(call, max(call.first_day, clock.today())) if call else [],
        numbers=queries.numbers(),
        ahead=queries.offers_ahead(),
        country_name=country_name,
        form=EligibilityForm(),
        check=CHECK,
    )


@bp.get("/home")
@signed_in_only
def home_of() -> ResponseReturnValue:
    """Where somebody's day begins: staff at what waits for them, others at their own line of steps.

    Whose only role is not in force yet is told so.
    """
    if not signed_in().may(Permission.DASHBOARD_READ):
        return render_template("public/no_role.html")
    return redirect(url_for("admin.work" if signed_in().is_staff else "dashboard.index"))


@bp.get("/amounts")
@public
def amounts() -> ResponseReturnValue:
    """The lump sums by host country, and how an amount is worked out."""
    call = queries.call_shown()
    return render_template("public/amounts.html", call=call, rates=rate_rows(call) if call else [])


@bp.get("/partnerships")
@public
def partnerships() -> ResponseReturnValue:
    """Which partnership fits whom and why, the answers in the address; and what came of past calls."""
    call, form = queries.call_shown(), FinderForm()
    asked = form.validate()
    country, topic = (form.country.data or "", form.topic.data or "") if asked else ("", "")
    if call is not None:
        load_partnerships(call)
    page = render_template(
        "public/partnerships.html",
        form=form,
        call=call,
        asked=bool(country or topic),
        country=country,
        topic=topic,
        fits=_fits(call, country, topic) if call else [],
        results=queries.results(),
        country_name=country_name,
        words=wording,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


def _fits(call: Call, country: str, topic: str) -> list[finder.Fit]:
    of_call = [allotment.partnership for allotment in call.allotments]
    return finder.fits(of_call, queries.cluster_countries(), country=country, topic=topic)


@bp.get("/eligibility")
@public
def check() -> ResponseReturnValue:
    """Whether one could take part: questions, and the verdict with its reasons once they are answered."""
    call, form = queries.call_shown(), EligibilityForm()
    judged = form.is_sent and form.validate() and call is not None
    answers = form.answers() if judged else None
    page = render_template(
        "public/eligibility.html",
        form=form,
        check=CHECK,
        call=call,
        answers=answers,
        answer=eligibility.answer(call, answers) if call and answers else None,
        country_name=country_name,
        words=wording,
    )
    return page, HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK


@bp.get("/verify")
@public
def verify_code() -> ResponseReturnValue:
    """Type the code of a paper."""
    form = CodeForm()
    if form.code.data and form.validate():
        return redirect(url_for(".verify", code=form.code.data))
    return form_page("public/verify_code.html", form)


@bp.route("/verify/<code>", methods=["GET", "POST"])
@public
@takes_files("paper")
def verify(code: str) -> ResponseReturnValue:
    """Whether the paper of a code is in force, without a word on persons; a copy can be held against it."""
    paper = papers.by_code(code)
    if paper is None:
        words = _("No paper of ours has this code. Compare it sign by sign with the foot of the paper.")
        return error_page(404, words)
    form = CompareForm()
    is_same = form.paper.data == paper.sha256 if form.validate_on_submit() else None
    return form_page(
        "public/verify.html",
        form,
        paper=paper,
        standing=papers.standing(paper),
        states=PaperState,
        is_same=is_same,
        words=wording,
    )


@bp.get("/health/live")
@public
def live() -> ResponseReturnValue:
    """This process answers."""
    return jsonify(status="live")


@bp.get("/health/ready")
@public
def ready() -> ResponseReturnValue:
    """The database answers, too."""
    db.session.execute(text("SELECT 1"))
    return jsonify(status="ready")
