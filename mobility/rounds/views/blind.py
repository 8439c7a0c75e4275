"""Hiding the names of a round, and showing them again."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.rounds import blind, queries
from mobility.rounds.views import bp


@bp.post("/<reference>/blind")
@requires(Permission.ROUNDS_RUN)
def switch_blind(reference: str) -> ResponseReturnValue:
    round_ = queries.round_by(reference)
    blind.switch(round_, is_blind=request.form.get("names") == "hide", actor=signed_in())
    db.session.commit()
    flash(
        _("Names are hidden until the round is published.") if round_.hides_names else _("Names are shown."),
        "good",
    )
    return redirect(url_for(".show", reference=reference))
