"""Pages of payment orders."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from mobility.accounts.services import signed_in
from mobility.audit.queries import entries_about
from mobility.calls.wording import trace_rows
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.export import csv_response
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.papers import queries as papers
from mobility.papers.download import serve
from mobility.payments import queries, services, tables, tasks, wording
from mobility.payments.document import checks, masked
from mobility.payments.enums import PaymentStatus
from mobility.payments.forms import VoidForm
from mobility.payments.models import PaymentOrder
from mobility.payments.rules import PAY_WITHIN_DAYS

bp = Blueprint("payments", __name__, url_prefix="/payments")


@bp.route("")
@requires(Permission.PAYMENTS_READ)
def index() -> ResponseReturnValue:
    """The orders in somebody's scope; `?format=csv` is the same list for a spreadsheet."""
    if request.args.get("format") == "csv":
        return csv_response("payment-orders.csv", tables.export_header(), tables.export_rows(signed_in()))
    orders = tables.order_list(signed_in())
    listed = papers.live_of(
        services.PAPER, PaymentOrder.__tablename__, [row.id for row in orders.listing.rows]
    )
    return render_template(
        "payments/index.html",
        orders=orders,
        listing=orders.listing,
        papers=listed,
        words=wording,
        of=PAY_WITHIN_DAYS,
    )


@bp.route("/<reference>")
@requires(Permission.PAYMENTS_READ)
def show(reference: str) -> ResponseReturnValue:
    """One order with its trace and checks."""
    order = queries.order_for(signed_in(), reference)
    return _page(order, VoidForm(obj=order))


@bp.route("/<reference>.pdf")
@requires(Permission.PAYMENTS_READ, Permission.EXCHANGES_READ)
def paper(reference: str) -> ResponseReturnValue:
    """The paper of an order, for those who pay it and for the organisation that is paid."""
    found = papers.live(services.PAPER, queries.order_for(signed_in(), reference, or_own=True))
    if found is None:
        raise NotFound
    return serve(found)


@bp.route("/<reference>/void", methods=["POST"])
@requires(Permission.PAYMENTS_ORDER)
def void(reference: str) -> ResponseReturnValue:
    """Take an order back, with a reason."""
    order = queries.order_for(signed_in(), reference)
    form = VoidForm(obj=order)
    if not form.validate_on_submit():
        return _page(order, form)
    expect_version(order, form.version.data)
    services.void(order, form.reason.data, actor=signed_in())
    db.session.commit()
    flash(_("The order is void. Nothing is paid on it."), "good")
    return redirect(url_for(".show", reference=reference))


@bp.route("/<reference>/again", methods=["POST"])
@requires(Permission.PAYMENTS_ORDER)
def again(reference: str) -> ResponseReturnValue:
    """Order an exchange anew whose order was taken back."""
    before = queries.order_for(signed_in(), reference)
    order = services.order(before.exchange, actor=signed_in())
    tasks.have_printed(order)
    db.session.commit()
    flash(_("The exchange is ordered again; the paper follows in a moment."), "good")
    return redirect(url_for(".show", reference=order.reference))


def _page(order: PaymentOrder, form: VoidForm) -> ResponseReturnValue:
    live = queries.live_order(order.exchange)
    return form_page(
        "payments/show.html",
        form,
        order=order,
        steps=trace_rows(order.trace),
        checks=checks(order),
        account=masked(order.exchange.visiting_organisation.iban or ""),
        versions=papers.versions(services.PAPER, order),
        voided=next((entry for entry in entries_about(order) if entry.verb == "payment.voided"), None),
        words=wording,
        of=PAY_WITHIN_DAYS,
        may_void=order.status is PaymentStatus.DUE and signed_in().may(Permission.PAYMENTS_ORDER),
        may_order_again=live is None and signed_in().may(Permission.PAYMENTS_ORDER),
        followed_by=live if live is not None and live.id != order.id else None,
    )
