"""After declines: asking for both answers of the engine, and looking at them side by side."""

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.web import form_page
from mobility.rounds import comparing, declines, pages, queries, sides
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.forms import AskForm
from mobility.rounds.scenario import is_current
from mobility.rounds.views import bp

SHOWN = 12


@bp.route("/<reference>/declines", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def ask(reference: str) -> ResponseReturnValue:
    round_ = queries.round_by(reference)
    if round_.status is not RoundStatus.PUBLISHED:
        raise NotFound
    form = AskForm()
    if form.validate_on_submit():
        try:
            after = declines.ask(
                round_,
                reason=form.reason.data,
                may_return=form.may_return.data,
                time_limit_s=form.time_limit_s.data,
                actor=signed_in(),
            )
        except RuleBroken as refusal:
            form.form_errors = [current_app.extensions["rule_words"](refusal)]
        else:
            db.session.commit()
            return redirect(url_for(".answers", reference=after.reference))
    return form_page("rounds/ask.html", form, round=round_, ended=declines.ended_of(round_))


@bp.get("/<reference>/answers")
@requires(Permission.ROUNDS_READ)
def answers(reference: str) -> ResponseReturnValue:
    """Both answers after declines side by side, each against what is proposed now."""
    round_ = queries.round_by(reference)
    if round_.after_id is None:
        raise NotFound
    both = declines.answers_of(queries.runs_of(round_)).both
    solved = [run for run in both if run.status is RunStatus.SOLVED and is_current(run, round_)]
    found = sides.against_proposals(round_, solved)
    return render_template(
        "rounds/answers.html",
        round=round_,
        after=round_.after,
        both=both,
        solved=solved,
        found=found,
        say=comparing,
        shown=SHOWN,
        places=queries.reserve_places(round_.after) if round_.after else {},
        progress={run.id: pages.progress_of(run) for run in both},
        may_run=signed_in().may(Permission.ROUNDS_RUN),
    )


@bp.post("/<reference>/answers/again")
@requires(Permission.ROUNDS_RUN)
def ask_again(reference: str) -> ResponseReturnValue:
    declines.ask_again(queries.round_by(reference), actor=signed_in())
    db.session.commit()
    flash(_("Taken down anew. Both answers are on their way."), "good")
    return redirect(url_for(".answers", reference=reference))
