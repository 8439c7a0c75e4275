"""Pages of proposals and exchanges."""

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.audit.queries import entries_about
from mobility.calls.wording import trace_rows
from mobility.catalogue.wording import score_rows
from mobility.core import clock, dates
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.lists import Column, Filter, listing
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.exchanges import calendar_views, queries, services, wording
from mobility.exchanges.amounts import of_real_stay
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.forms import CancelForm, DeclineForm, TerminateForm
from mobility.exchanges.models import Exchange
from mobility.rounds import wording as round_words
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Proposal
from mobility.taxonomies.countries import country_name

bp = Blueprint("exchanges", __name__, url_prefix="/exchanges")
bp.register_blueprint(calendar_views.bp)


@bp.context_processor
def _words() -> dict[str, Any]:
    return {
        "words": wording,
        "round_words": round_words,
        "country_name": country_name,
        "ExchangeStatus": ExchangeStatus,
        "ProposalStatus": ProposalStatus,
        "Side": Side,
    }


@bp.get("")
@requires(Permission.EXCHANGES_READ)
def index() -> ResponseReturnValue:
    user = signed_in()
    statuses = [(status.value, wording.exchange_tag(status)[1]) for status in ExchangeStatus]
    found = listing(
        queries.exchanges_listed(user),
        columns=[
            Column("reference", _("Exchange"), Exchange.reference),
            Column("visitor", _("Visitor"), queries.VISITING.name_folded),
            Column("host", _("Host"), queries.HOSTING.name_folded),
            Column("first_day", _("Dates"), Exchange.first_day),
            Column("status", _("Status"), Exchange.status),
            Column("lump_sum", _("Lump sum"), queries.shown_cents(user), numeric=True),
        ],
        search=[Exchange.reference, queries.VISITING.name, queries.HOSTING.name],
        filters=[
            Filter("status", _("Status"), statuses, lambda value: Exchange.status == ExchangeStatus(value))
        ],
        default_sort="-first_day",
    )
    return render_template(
        "exchanges/list.html",
        listing=found,
        waiting=queries.open_proposals_of(user) if user.may(Permission.PROPOSALS_ANSWER) else [],
        hosted_only=queries.hosted_only(user, found.rows),
    )


@bp.get("/<reference>")
@requires(Permission.EXCHANGES_READ)
def show(reference: str) -> ResponseReturnValue:
    exchange = queries.exchange_for(signed_in(), reference)
    return render_template(
        "exchanges/show.html",
        exchange=exchange,
        trace=trace_rows(exchange.trace),
        sees_money=exchange.id not in queries.hosted_only(signed_in(), [exchange]),
        adjusted=[entry for entry in entries_about(exchange) if entry.verb == "exchange.adjusted"],
        may_cancel=_may_run(exchange, ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED),
        may_terminate=_may_run(exchange, ExchangeStatus.ONGOING),
    )


@bp.route("/<reference>/cancel", methods=["GET", "POST"])
@requires(Permission.EXCHANGES_RUN)
def cancel(reference: str) -> ResponseReturnValue:
    exchange = queries.exchange_for(signed_in(), reference)
    if not queries.may_cancel(signed_in(), exchange):
        raise NotFound
    form = CancelForm(data={"version": exchange.version})
    if form.validate_on_submit():
        expect_version(exchange, form.version.data)
        services.cancel(exchange, form.reason.data, actor=signed_in())
        db.session.commit()
        flash(_("The exchange is cancelled. Both sides get a letter."), "good")
        return redirect(url_for(".show", reference=reference))
    return form_page("exchanges/cancel.html", form, exchange=exchange)


@bp.route("/<reference>/terminate", methods=["GET", "POST"])
@requires(Permission.EXCHANGES_RUN)
def terminate(reference: str) -> ResponseReturnValue:
    exchange = queries.exchange_for(signed_in(), reference)
    if not queries.may_cancel(signed_in(), exchange):
        raise NotFound
    form = TerminateForm(data={"version": exchange.version})
    if form.validate_on_submit() and _is_day_of_stay(exchange, form):
        expect_version(exchange, form.version.data)
        services.terminate(exchange, form.broken_off_on.data, form.reason.data, actor=signed_in())
        db.session.commit()
        flash(_("The stay is broken off. Both sides get a letter."), "good")
        return redirect(url_for(".show", reference=reference))
    return form_page(
        "exchanges/terminate.html", form, exchange=exchange, previews=_previews(exchange), today=clock.today()
    )


@bp.get("/proposals/<reference>")
@requires(Permission.EXCHANGES_READ, Permission.PROPOSALS_ANSWER)
def proposal(reference: str) -> ResponseReturnValue:
    found = queries.proposal_for(signed_in(), reference)
    return _proposal_page(found, DeclineForm(formdata=None))


@bp.post("/proposals/<reference>/accept/<side>")
@requires(Permission.PROPOSALS_ANSWER)
def accept(reference: str, side: str) -> ResponseReturnValue:
    found = queries.proposal_for(signed_in(), reference)
    exchange = services.accept(found, _own_side(found, side), actor=signed_in())
    db.session.commit()
    if exchange is not None:
        flash(_("Both sides accepted. Agree on goals and agenda now, then sign."), "good")
        return redirect(url_for(".show", reference=exchange.reference))
    flash(_("You accepted. Now the other side answers."), "good")
    return redirect(url_for(".proposal", reference=reference))


@bp.post("/proposals/<reference>/decline/<side>")
@requires(Permission.PROPOSALS_ANSWER)
def decline(reference: str, side: str) -> ResponseReturnValue:
    found = queries.proposal_for(signed_in(), reference)
    own_side, form = _own_side(found, side), DeclineForm()
    if not form.validate_on_submit():
        return _proposal_page(found, form)
    services.decline(found, own_side, form.reason.data, actor=signed_in())
    db.session.commit()
    flash(_("You declined. The other side gets a letter."), "good")
    return redirect(url_for(".proposal", reference=reference))


def _proposal_page(found: Proposal, form: DeclineForm) -> ResponseReturnValue:
    sides = queries.sides_of(signed_in(), found)
    # What reviewers gave is for staff who take no part.
    parts = [part for part in found.parts if not sides or part["code"] != "reviews"]
    return form_page(
        "exchanges/proposal.html",
        form,
        proposal=found,
        to_answer=_to_answer(found),
        sides=sides,
        points=sum(part["points"] for part in parts),
        score=score_rows(parts),
        trace=trace_rows(found.trace),
        exchange=queries.exchange_of(found),
        near=wording.is_near(found.answer_by, clock.utcnow()),
    )


def _to_answer(found: Proposal) -> Side | None:
    """The side for which the person can still answer."""
    user = signed_in()
    is_open = found.status is ProposalStatus.OPEN and clock.utcnow() <= found.answer_by
    if not is_open or not user.may(Permission.PROPOSALS_ANSWER):
        return None
    replies = {Side.VISITOR: found.visitor_reply, Side.HOST: found.host_reply}
    sides = queries.sides_of(user, found)
    return next((side for side in Side if side in sides and replies[side] is None), None)


def _own_side(found: Proposal, name: str) -> Side:
    """The side that the person answers for. Raises `NotFound` for the other one."""
    side = next((side for side in Side if side.value == name), None)
    if side is None or side not in queries.sides_of(signed_in(), found):
        raise NotFound
    return side


def _may_run(exchange: Exchange, *states: ExchangeStatus) -> bool:
    """Whether the exchange stands so that the person, an officer of its VOP, can end it."""
    return exchange.status in states and queries.may_cancel(signed_in(), exchange)


def _is_day_of_stay(exchange: Exchange, form: TerminateForm) -> bool:
    last_day = min(exchange.last_day, clock.today())
    if exchange.first_day <= form.broken_off_on.data <= last_day:
        return True
    days = {"first_day": dates.day(exchange.first_day), "last_day": dates.day(last_day)}
    form.broken_off_on.errors = [str(wording.REFUSALS["outside-stay"]) % days]
    return False


def _previews(exchange: Exchange) -> list[tuple[date, int, int]]:
    """What the stay comes to if it ended on each of its days so far: the day, working days, cents."""
    days = (min(exchange.last_day, clock.today()) - exchange.first_day).days
    found = []
    for day in (exchange.first_day + timedelta(days=n) for n in range(days + 1)):
        amount = of_real_stay(exchange, exchange.first_day, day)
        found.append((day, amount.days, min(amount.cents, exchange.lump_sum_cents)))
    return found
