"""Synthetic rounds: training, and what the optimiser gains, on one page."""

from flask import current_app, flash, jsonify, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.web import form_page
from mobility.rounds import gains, synthetic, training
from mobility.rounds.forms import SyntheticForm
from mobility.rounds.views import bp


@bp.route("/synthetic", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def synthetic_rounds() -> ResponseReturnValue:
    """The last ones with all figures, and the form for the next."""
    form = SyntheticForm()
    if form.validate_on_submit():
        try:
            training.ask(form.size(), actor=signed_in())
        except RuleBroken as refusal:
            form.form_errors = [current_app.extensions["rule_words"](refusal)]
        else:
            db.session.commit()
            flash(_("Queued. You may leave this page; the result waits."), "good")
            return redirect(url_for(".synthetic_rounds"))
    return form_page("rounds/synthetic.html", form, found=synthetic.newest(), say=gains)


@bp.get("/synthetic/progress")
@requires(Permission.ROUNDS_RUN)
def synthetic_progress() -> ResponseReturnValue:
    """How far the newest is, for the script that keeps the page fresh."""
    return jsonify(gains.progress_of(synthetic.newest()[:1]))
