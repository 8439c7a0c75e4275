"""Pages of payment orders."""

from functools import partial

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from mobility.accounts.services import signed_in
from mobility.calls.wording import trace_rows
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.export import export_response, is_asked
from mobility.core.states import expect_version
from mobility.core.web import form_page
from mobility.exchanges.queries import may_open
from mobility.papers import queries as papers
from mobility.papers.download import serve
from mobility.partnerships.bank import masked
from mobility.payments import batch_queries, queries, rules, services, tables, tasks, wording
from mobility.payments.document import checks
from mobility.payments.enums import OUT_OF_FORCE
from mobility.payments.forms import PaidForm, PressForm, ReasonForm
from mobility.payments.models import Batch, PaymentOrder
from mobility.payments.proofs import proof_of
from mobility.payments.views import bp

# Who deals with orders that are at the bank.
SETTLES = (Permission.PAYMENTS_INITIATE, Permission.PAYMENTS_APPROVE)


@bp.route("")
@requires(Permission.PAYMENTS_READ)
def index() -> ResponseReturnValue:
    """The orders in somebody's scope; `?format=csv` or `xlsx` is the same list for a spreadsheet."""
    if is_asked():
        return export_response("payment-orders", tables.export_header(), tables.export_rows(signed_in()))
    orders = tables.order_list(signed_in())
    listed = papers.live_of(
        services.PAPER, PaymentOrder.__tablename__, [row.id for row in orders.listing.rows]
    )
    return render_template(
        "payments/index.html",
        orders=orders,
        listing=orders.listing,
        papers=listed,
        may_open=partial(may_open, signed_in()),
        words=wording,
        may_initiate=signed_in().may(Permission.PAYMENTS_INITIATE),
    )


@bp.route("/not-payable")
@requires(Permission.PAYMENTS_READ)
def not_payable() -> ResponseReturnValue:
    """Stays that are over and lack something of what a payment needs."""
    return render_template(
        "payments/not_payable.html", listing=tables.not_payable_list(signed_in()), words=wording
    )


@bp.route("/<reference>")
@requires(Permission.PAYMENTS_READ)
def show(reference: str) -> ResponseReturnValue:
    """One order with its trace and checks."""
    order = queries.order_for(signed_in(), reference)
    return _page(order)


@bp.route("/<reference>.pdf")
@requires(Permission.PAYMENTS_READ, Permission.EXCHANGES_READ)
def paper(reference: str) -> ResponseReturnValue:
    """The paper of an order, for those who pay it and for the organisation that is paid."""
    found = papers.live(services.PAPER, queries.order_for(signed_in(), reference, or_own=True))
    if found is None:
        raise NotFound
    return serve(found)


@bp.route("/<reference>/hold", methods=["POST"])
@requires(Permission.PAYMENTS_INITIATE)
def hold(reference: str) -> ResponseReturnValue:
    """Let a due order wait, with a reason."""
    order = queries.order_for(signed_in(), reference, Permission.PAYMENTS_INITIATE)
    form = ReasonForm(obj=order)
    if not form.validate_on_submit():
        return _page(order, form)
    expect_version(order, form.version.data)
    services.hold(order, form.reason.data, actor=signed_in())
    return _done(order, _("The order waits. It enters no batch until it is released."))


@bp.route("/<reference>/release", methods=["POST"])
@requires(Permission.PAYMENTS_INITIATE)
def release(reference: str) -> ResponseReturnValue:
    """Let an order that waited be paid."""
    order = queries.order_for(signed_in(), reference, Permission.PAYMENTS_INITIATE)
    expect_version(order, PressForm().version.data)
    services.release(order, actor=signed_in())
    return _done(order, _("The order is due again."))


@bp.route("/<reference>/void", methods=["POST"])
@requires(Permission.PAYMENTS_INITIATE)
def void(reference: str) -> ResponseReturnValue:
    """Take an order back, with a reason."""
    order = queries.order_for(signed_in(), reference, Permission.PAYMENTS_INITIATE)
    form = ReasonForm(obj=order)
    if not form.validate_on_submit():
        return _page(order, form)
    expect_version(order, form.version.data)
    services.void(order, form.reason.data, actor=signed_in())
    return _done(order, _("The order is void. Nothing is paid on it."))


@bp.route("/<reference>/again", methods=["POST"])
@requires(Permission.PAYMENTS_ORDER)
def again(reference: str) -> ResponseReturnValue:
    """Order an exchange anew whose order was taken back."""
    before = queries.order_for(signed_in(), reference, Permission.PAYMENTS_ORDER)
    order = services.order(before.exchange, actor=signed_in())
    tasks.have_printed(order)
    return _done(order, _("The exchange is ordered again; the paper follows in a moment."))


@bp.route("/<reference>/paid", methods=["POST"])
@requires(*SETTLES)
def paid(reference: str) -> ResponseReturnValue:
    """Take down that the bank paid."""
    order = queries.order_for(signed_in(), reference, *SETTLES)
    form = PaidForm(batch=_batch_of(order))
    if not form.validate_on_submit():
        return _page(order, paid_form=form)
    services.mark_paid(
        order,
        form.paid_on.data,
        form.bank_reference.data or "",
        actor=signed_in(),
        version=form.version.data or 0,
    )
    return _done(order, _("The order is paid, and the visitor is told."))


@bp.route("/<reference>/failed", methods=["POST"])
@requires(*SETTLES)
def failed(reference: str) -> ResponseReturnValue:
    """Take down that the bank sent the money back; a new order takes its place."""
    order = queries.order_for(signed_in(), reference, *SETTLES)
    form = ReasonForm(obj=order)
    if not form.validate_on_submit():
        return _page(order, form)
    anew = services.fail(order, form.reason.data, actor=signed_in(), version=form.version.data or 0)
    tasks.have_printed(anew)
    return _done(anew, _("The payment failed. This new order takes its place, and the visitor is asked."))


@bp.route("/<reference>/recovered", methods=["POST"])
@requires(*SETTLES)
def recovered(reference: str) -> ResponseReturnValue:
    """Take down that paid money has come back."""
    order = queries.order_for(signed_in(), reference, *SETTLES)
    form = ReasonForm(obj=order)
    if not form.validate_on_submit():
        return _page(order, form)
    services.recover(order, form.reason.data, actor=signed_in(), version=form.version.data or 0)
    return _done(order, _("The money is taken down as recovered."))


def _done(order: PaymentOrder, words: str) -> Response:
    db.session.commit()
    flash(words, "good")
    return redirect(url_for(".show", reference=order.reference))


def _batch_of(order: PaymentOrder) -> Batch | None:
    line = batch_queries.line_of(order)
    return line.batch if line else None


def _page(
    order: PaymentOrder, form: ReasonForm | None = None, *, paid_form: PaidForm | None = None
) -> ResponseReturnValue:
    user, live, proof = signed_in(), queries.live_order(order.exchange), proof_of(order.exchange)
    settles = queries.may_deal_with(user, order, *SETTLES)
    orders = queries.may_deal_with(user, order, Permission.PAYMENTS_ORDER)
    batch = _batch_of(order)
    usual = ReasonForm(data={"version": order.version})
    return form_page(
        "payments/show.html",
        paid_form if paid_form is not None and paid_form.errors else form or usual,
        order=order,
        may_open=partial(may_open, user),
        reason_form=form or usual,
        paid_form=paid_form or PaidForm(batch=batch, data={"version": order.version}),
        steps=trace_rows(order.trace),
        checks=checks(order, proof),
        findings_list=[wording.finding_row(found) for found in rules.missing(order.exchange, proof)],
        account=masked(order.exchange.visiting_organisation.iban),
        versions=papers.versions(services.PAPER, order),
        batch=batch,
        words=wording,
        is_out=order.status in OUT_OF_FORCE,
        may_initiate=queries.may_deal_with(user, order, Permission.PAYMENTS_INITIATE),
        may_settle=settles,
        may_order_again=live is None and orders and not queries.is_recovered(order.exchange),
        followed_by=live if live is not None and live.id != order.id else None,
    )
