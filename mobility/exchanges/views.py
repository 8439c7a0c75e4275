"""Pages of proposals and exchanges."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.calls.wording import trace_rows
from mobility.catalogue.wording import score_rows
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.lists import Column, Filter, listing
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.exchanges import queries, services, wording
from mobility.exchanges.enums import ExchangeStatus, Side
from mobility.exchanges.forms import CancelForm, DeclineForm
from mobility.exchanges.models import Exchange
from mobility.rounds import wording as round_words
from mobility.rounds.enums import ProposalStatus
from mobility.rounds.models import Proposal
from mobility.taxonomies.countries import country_name

bp = Blueprint("exchanges", __name__, url_prefix="/exchanges")


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
        queries.exchanges_seen_by(user),
        columns=[
            Column("reference", _("Exchange"), Exchange.reference),
            Column("visitor", _("Visitor"), queries.VISITING.name_folded),
            Column("host", _("Host"), queries.HOSTING.name_folded),
            Column("first_day", _("Dates"), Exchange.first_day),
            Column("status", _("State"), Exchange.status),
            Column("lump_sum", _("Lump sum"), queries.shown_cents(user), numeric=True),
        ],
        search=[Exchange.reference, queries.VISITING.name, queries.HOSTING.name],
        filters=[
            Filter("status", _("State"), statuses, lambda value: Exchange.status == ExchangeStatus(value))
        ],
        default_sort="-first_day",
    )
    return render_template(
        "exchanges/list.html",
        listing=found,
        waiting=queries.open_proposals_of(user),
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
        may_cancel=_may_cancel(exchange),
    )


@bp.route("/<reference>/cancel", methods=["GET", "POST"])
@requires(Permission.APPLICATIONS_ASSESS)
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
        flash(_("Both sides accepted. The exchange is confirmed."), "good")
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
    return form_page(
        "exchanges/proposal.html",
        form,
        proposal=found,
        to_answer=_to_answer(found),
        sides=queries.sides_of(signed_in(), found),
        score=score_rows(found.parts),
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


def _may_cancel(exchange: Exchange) -> bool:
    is_early = exchange.status in {ExchangeStatus.AGREED, ExchangeStatus.CONFIRMED}
    user = signed_in()
    return is_early and user.may(Permission.APPLICATIONS_ASSESS) and queries.may_cancel(user, exchange)
