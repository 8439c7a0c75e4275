"""Pages of rounds and their runs."""

from flask import current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select

from mobility.accounts.services import signed_in
from mobility.applications.wording import PRIORITY_PARTS
from mobility.calls.enums import CallStatus
from mobility.calls.models import Call
from mobility.calls.queries import call_for
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound, RuleBroken
from mobility.core.lists import Column, Filter, listing
from mobility.core.web import form_page
from mobility.rounds import (
    comparing,
    costing,
    effects,
    pages,
    queries,
    reasons,
    runs,
    scenario,
    services,
    sides,
    wording,
)
from mobility.rounds.enums import RoundStatus, RunStatus
from mobility.rounds.follow_up import ENDED
from mobility.rounds.forms import GiveUpForm, OpenForm, SolveForm
from mobility.rounds.models import Round
from mobility.rounds.picture import weeks_of
from mobility.rounds.views import bp, run_at


@bp.get("")
@requires(Permission.ROUNDS_READ)
def index() -> ResponseReturnValue:
    statuses = [(status.value, wording.round_tag(status)[1]) for status in RoundStatus]
    found = listing(
        queries.all_rounds(),
        columns=[
            Column("reference", _("Round"), Round.reference),
            Column("call", _("Call"), Call.reference),
            Column("status", _("Status"), Round.status),
            Column("opened_at", _("Opened"), Round.opened_at),
            Column("published_at", _("Published"), Round.published_at),
        ],
        search=[Round.reference, Call.reference, Call.title],
        filters=[Filter("status", _("Status"), statuses, lambda value: Round.status == RoundStatus(value))],
        default_sort="-opened_at",
    )
    return render_template("rounds/list.html", listing=found)


@bp.route("/open", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def open_round() -> ResponseReturnValue:
    calls = db.session.scalars(
        select(Call).where(Call.status != CallStatus.DRAFT).order_by(Call.reference)
    ).all()
    form = OpenForm().offer(calls)
    if form.validate_on_submit():
        try:
            round_ = services.open_round(call_for(signed_in(), form.call.data), actor=signed_in())
        except RuleBroken as refusal:
            form.call.errors = [current_app.extensions["rule_words"](refusal)]
        else:
            db.session.commit()
            return redirect(url_for(".show", reference=round_.reference))
    return form_page("rounds/open.html", form)


@bp.get("/<reference>")
@requires(Permission.ROUNDS_READ)
def show(reference: str) -> ResponseReturnValue:
    round_ = queries.round_by(reference)
    found = queries.runs_of(round_)
    solved = sides.comparable(found, round_)
    return render_template(
        "rounds/show.html",
        round=round_,
        runs=found,
        solved=solved,
        publishable=next((run for run in solved if not scenario.unreal_of(run)), None),
        matched=queries.matched_of(found),
        picture=round_.picture,
        weeks=weeks_of(round_.picture) if round_.picture else [],
        proposals=queries.proposal_counts(round_),
        under_way=queries.round_under_way(round_.call) if round_.published_at else None,
        ended=ENDED,
        lottery=queries.lottery_of(round_),
        may_run=signed_in().may(Permission.ROUNDS_RUN),
    )


@bp.post("/<reference>/freeze")
@requires(Permission.ROUNDS_RUN)
def freeze(reference: str) -> ResponseReturnValue:
    services.freeze(queries.round_by(reference), actor=signed_in())
    db.session.commit()
    flash(_("Frozen. Now solve it."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.post("/<reference>/reopen")
@requires(Permission.ROUNDS_RUN)
def reopen(reference: str) -> ResponseReturnValue:
    services.reopen(queries.round_by(reference), actor=signed_in())
    db.session.commit()
    flash(_("Open again. Freeze it when everything is in."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/give-up", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def give_up(reference: str) -> ResponseReturnValue:
    round_ = queries.round_by(reference)
    form = GiveUpForm()
    if form.validate_on_submit():
        services.give_up(round_, form.reason.data, actor=signed_in())
        db.session.commit()
        flash(_("Given up. The call can have another round."), "good")
        return redirect(url_for(".show", reference=reference))
    return form_page("rounds/give_up.html", form, round=round_)


@bp.route("/<reference>/solve", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def solve(reference: str) -> ResponseReturnValue:
    round_ = queries.round_by(reference)
    form = SolveForm()
    if "add" in request.form:
        form.add_row()
    elif form.validate_on_submit():
        try:
            run = services.solve(round_, form.options(), actor=signed_in(), **form.told())
        except RuleBroken as refusal:
            if refusal.code == "wrong-state":
                raise
            form.form_errors = [current_app.extensions["rule_words"](refusal)]
        else:
            db.session.commit()
            return redirect(url_for(".show_run", reference=reference, number=run.number))
    return form_page("rounds/solve.html", form, round=round_)


@bp.get("/<reference>/runs/<int:number>")
@requires(Permission.ROUNDS_READ)
def show_run(reference: str, number: int) -> ResponseReturnValue:
    run = run_at(reference, number)
    is_solved = run.status is RunStatus.SOLVED
    return render_template(
        "rounds/run.html",
        run=run,
        without=sides.without_changes(run) if is_solved else None,
        without_each=sides.without_each(run) if is_solved and run.changes else [],
        unreal=scenario.unreal_of(run),
        say=comparing,
        round=run.round,
        figures=queries.figures_of(run) if is_solved else None,
        visits=pages.visits(run) if is_solved else None,
        progress=pages.progress_of(run),
        may_run=signed_in().may(Permission.ROUNDS_RUN),
    )


@bp.get("/<reference>/runs/<int:number>/unmatched")
@requires(Permission.ROUNDS_READ)
def unmatched(reference: str, number: int) -> ResponseReturnValue:
    run = run_at(reference, number)
    return render_template(
        "rounds/unmatched.html",
        run=run,
        round=run.round,
        figures=queries.figures_of(run),
        listing=pages.unmatched(run),
        parts=PRIORITY_PARTS,
        names=queries.names_of(run.round),
        reason=reasons.reason,
    )


@bp.get("/<reference>/runs/<int:number>/progress")
@requires(Permission.ROUNDS_READ)
def progress(reference: str, number: int) -> ResponseReturnValue:
    return jsonify(pages.progress_of(run_at(reference, number)))


@bp.post("/<reference>/runs/<int:number>/cancel")
@requires(Permission.ROUNDS_RUN)
def cancel(reference: str, number: int) -> ResponseReturnValue:
    runs.cancel(run_at(reference, number), actor=signed_in())
    db.session.commit()
    flash(_("The run is cancelled."), "good")
    return redirect(url_for(".show_run", reference=reference, number=number))


@bp.post("/<reference>/runs/<int:number>/cost")
@requires(Permission.ROUNDS_RUN)
def cost_each(reference: str, number: int) -> ResponseReturnValue:
    queued = costing.cost_each(run_at(reference, number), actor=signed_in())
    db.session.commit()
    flash(ngettext("%(num)s run is queued.", "%(num)s runs are queued.", queued), "good")
    return redirect(url_for(".show_run", reference=reference, number=number))


@bp.get("/<reference>/runs/<int:number>/publish")
@requires(Permission.ROUNDS_RUN)
def preview(reference: str, number: int) -> ResponseReturnValue:
    run = run_at(reference, number)
    if run.status is not RunStatus.SOLVED:
        raise NotFound
    if run.round.status is RoundStatus.PUBLISHED:
        return redirect(url_for(".show_run", reference=reference, number=number))
    services.refuse_unpublishable(run.round, run)
    return render_template(
        "rounds/publish.html",
        run=run,
        round=run.round,
        figures=queries.figures_of(run),
        effects=effects.effects_of(run),
        answer_by=services.answer_deadline(run.round.call),
    )


@bp.post("/<reference>/runs/<int:number>/publish")
@requires(Permission.ROUNDS_RUN)
def publish(reference: str, number: int) -> ResponseReturnValue:
    proposals = services.publish(run_at(reference, number), actor=signed_in())
    db.session.commit()
    one, several = (
        "Published. %(num)s proposal is on its way.",
        "Published. %(num)s proposals are on their way.",
    )
    flash(ngettext(one, several, len(proposals)), "good")
    return redirect(url_for(".show", reference=reference))
