"""Moving a visit of a result by hand: what it would cost, live, and the run that does it."""

from datetime import date

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.web import form_page
from mobility.rounds import comparing, moving, queries
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.forms import MoveForm
from mobility.rounds.models import Run, Visit
from mobility.rounds.scenario import is_current
from mobility.rounds.views import bp, run_at


@bp.route("/<reference>/runs/<int:number>/move", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def move(reference: str, number: int) -> ResponseReturnValue:
    """Another day for a visit with what it costs; the button has the round solved with it."""
    run = run_at(reference, number)
    visit = _visit(run)
    if visit is None:
        return redirect(url_for(".show_run", reference=reference, number=number))
    asked = visit.application.reference
    form = MoveForm(data={"first_day": visit.first_day})
    if form.validate_on_submit():
        try:
            made = moving.solve(run, asked, form.first_day.data, form.reason.data, actor=signed_in())
        except RuleBroken as refusal:
            form.form_errors = [current_app.extensions["rule_words"](refusal)]
        else:
            db.session.commit()
            return redirect(url_for(".show_run", reference=reference, number=made.number))
    day = form.first_day.data or visit.first_day
    return form_page(
        "rounds/move.html", form, run=run, round=run.round, visit=visit, **_cost(run, asked, day)
    )


@bp.post("/<reference>/runs/<int:number>/move/cost")
@requires(Permission.ROUNDS_RUN)
def move_cost(reference: str, number: int) -> ResponseReturnValue:
    """What the day that is typed would cost, as a piece of HTML; nothing is stored."""
    run = run_at(reference, number)
    visit = _visit(run)
    if visit is None:
        raise NotFound
    form = MoveForm()
    form.validate()
    day = form.first_day.data or visit.first_day
    return render_template("rounds/_move_cost.html", **_cost(run, visit.application.reference, day))


def _visit(run: Run) -> Visit | None:
    """The visit that the address names, of a result that can still be changed."""
    can_change = run.round.status is RoundStatus.FROZEN and is_current(run, run.round)
    if run.status is not RunStatus.SOLVED or not can_change:
        return None
    return queries.visit_in(run, request.args.get("application", ""))


def _cost(run: Run, application: str, day: date) -> dict[str, object]:
    found = moving.moved(run, application, day)
    return {"move": found, "rows": comparing.move_rows(found)}
