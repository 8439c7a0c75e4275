"""The public lottery of a round: announced, drawn, and open to anybody who wants to draw again."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.core.access import Permission, public, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.export import csv_response
from mobility.core.web import form_page
from mobility.rounds import lottery, queries
from mobility.rounds.enums import RoundStatus
from mobility.rounds.forms import AnnounceForm, DrawForm
from mobility.rounds.models import Lottery, Round
from mobility.rounds.problem import is_fixed
from mobility.rounds.views import bp

HEADER = ["sha256", "lot"]
LONGEST_REFERENCE = 40


@bp.get("/<reference>/lottery")
@public
def show_lottery(reference: str) -> ResponseReturnValue:
    """How the round draws lots; with `?of=` what one application drew, with `?format=csv` every lot by its digest."""
    round_ = queries.round_by(reference)
    found = _lottery(round_)
    order = lottery.draw_order(found.seed, _entrants(round_)) if found.is_drawn else []
    if request.args.get("format") == "csv" and order:
        rows = [[digest, len(order) - place] for place, (digest, _reference) in enumerate(order)]
        return csv_response(f"{round_.reference}-lottery.csv", HEADER, rows)
    asked = request.args.get("of", "").strip()[:LONGEST_REFERENCE]
    lots = {one: len(order) - place for place, (_digest, one) in enumerate(order)}
    return render_template(
        "rounds/lottery.html",
        round=round_,
        lottery=found,
        entrants=len(order),
        is_told=not round_.call.holds_decisions,
        asked=asked,
        digest=lottery.digest(found.seed, asked) if asked and found.is_drawn else "",
        lot=lots.get(asked),
    )


@bp.route("/<reference>/lottery/announce", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def announce_lottery(reference: str) -> ResponseReturnValue:
    round_ = queries.round_by(reference)
    form = AnnounceForm()
    if form.validate_on_submit():
        lottery.announce(round_, source=form.source.data or "", reason=form.reason.data, actor=signed_in())
        db.session.commit()
        flash(_("Announced. Its page is public."), "good")
        return redirect(url_for(".show_lottery", reference=reference))
    return form_page("rounds/lottery_announce.html", form, round=round_)


@bp.route("/<reference>/lottery/draw", methods=["GET", "POST"])
@requires(Permission.ROUNDS_RUN)
def draw_lottery(reference: str) -> ResponseReturnValue:
    round_ = queries.round_by(reference)
    found, form = _lottery(round_), DrawForm()
    if form.validate_on_submit():
        lottery.draw(round_, form.seed.data, actor=signed_in())
        db.session.commit()
        flash(_("Drawn. Everybody can see it now."), "good")
        return redirect(url_for(".show_lottery", reference=reference))
    return form_page("rounds/lottery_draw.html", form, round=round_, lottery=found)


def _lottery(round_: Round) -> Lottery:
    found = queries.lottery_of(round_)
    if found is None:
        raise NotFound
    return found


def _entrants(round_: Round) -> list[str]:
    """The references of those who drew: as frozen, those of the problem; nobody before the applicants are told."""
    if round_.status is RoundStatus.OPEN or round_.problem is None or round_.call.holds_decisions:
        return []
    return [row["id"] for row in round_.problem["applications"] if not is_fixed(row["id"])]
