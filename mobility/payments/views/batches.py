"""Pages of batches."""

from functools import partial

from flask import Response as FlaskResponse
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug import Response

from mobility.accounts.fresh import fresh
from mobility.accounts.services import signed_in
from mobility.audit.queries import entries_about
from mobility.audit.services import note_viewing
from mobility.core import clock
from mobility.core.access import Permission, requires
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.core.export import csv_response
from mobility.core.web import form_page
from mobility.exchanges.queries import may_open
from mobility.papers import queries as papers
from mobility.papers.download import serve
from mobility.partnerships.bank import masked
from mobility.payments import batch_queries, queries, services, tables, tasks, wording
from mobility.payments.batch_page import batch_page
from mobility.payments.batches import HANDED_OUT
from mobility.payments.batches import PAPER as LIST
from mobility.payments.calendar import next_business_day
from mobility.payments.document import exported_lines
from mobility.payments.enums import BatchStatus
from mobility.payments.forms import ApproveForm, BatchForm, PaidForm, PressForm, ReasonForm
from mobility.payments.models import Batch
from mobility.payments.views import bp
from mobility.taxonomies.countries import country_name

INITIATES, APPROVES = Permission.PAYMENTS_INITIATE, Permission.PAYMENTS_APPROVE
# Who may see whole account numbers: the finance roles.
FINANCE = (Permission.ACCOUNTS_CHANGE, APPROVES)


@bp.route("/batches")
@requires(Permission.PAYMENTS_READ)
def batches() -> ResponseReturnValue:
    """The batches in somebody's scope."""
    return render_template(
        "payments/batches.html",
        listing=tables.batch_list(signed_in()),
        words=wording,
        may_initiate=signed_in().may(INITIATES),
    )


@bp.route("/batches/new", methods=["GET", "POST"])
@requires(INITIATES)
def new_batch() -> ResponseReturnValue:
    """Choose due orders of one payer in one call and the day on which they are paid."""
    waiting = batch_queries.waiting(signed_in())
    asked = (request.args.get("payer"), request.args.get("call"))
    chosen = [one for one in waiting if asked in {(one.payer.code, one.call.reference), (None, None)}]
    if not chosen:
        return render_template("payments/nothing_due.html", waiting=waiting, words=wording)
    payer, call = chosen[0].payer, chosen[0].call
    orders = batch_queries.due_orders(payer, call)
    form = BatchForm(orders=orders, data={"execution_on": next_business_day(clock.today())})
    if form.validate_on_submit():
        picked, execution_on = form.chosen()
        batch = services.draw_up(payer, call, picked, execution_on, actor=signed_in())
        return _done(batch, _("The batch is drawn up. Look at it, then propose it."))
    return form_page(
        "payments/new_batch.html",
        form,
        waiting=waiting,
        chosen=chosen[0],
        due=orders,
        words=wording,
        lacks_account=payer.iban is None,
    )


@bp.route("/batches/<reference>")
@requires(Permission.PAYMENTS_READ)
def batch(reference: str) -> ResponseReturnValue:
    """One batch: its payments, what is checked, who did what, what is next."""
    return _page(batch_queries.batch_for(signed_in(), reference))


@bp.route("/batches/<reference>/reveal", methods=["POST"])
@requires(*FINANCE)
def reveal(reference: str) -> ResponseReturnValue:
    """The same page with whole account numbers, which is noted."""
    found = batch_queries.batch_for(signed_in(), reference, *FINANCE)
    note_viewing(signed_in(), "bank-account", found)
    return _page(found, is_revealed=True)


@bp.route("/batches/<reference>/take-out/<order_reference>", methods=["POST"])
@requires(INITIATES)
def take_out(reference: str, order_reference: str) -> ResponseReturnValue:
    """Leave an order out."""
    found = batch_queries.batch_for(signed_in(), reference, INITIATES)
    line, version = batch_queries.line_for(found, order_reference), PressForm().version.data or 0
    services.take_out(line, actor=signed_in(), version=version)
    return _done(found, _("%(order)s is out of the batch and due again.", order=order_reference))


@bp.route("/batches/<reference>/propose", methods=["POST"])
@requires(INITIATES)
def propose(reference: str) -> ResponseReturnValue:
    """Hand the batch to another person."""
    found = batch_queries.batch_for(signed_in(), reference, INITIATES)
    services.propose(found, actor=signed_in(), version=PressForm().version.data or 0)
    return _done(found, _("The batch is proposed. Another person approves it."))


@bp.route("/batches/<reference>/approve", methods=["POST"])
@requires(APPROVES)
@fresh
def approve(reference: str) -> ResponseReturnValue:
    """Approve what the page showed, as the second person."""
    found = batch_queries.batch_for(signed_in(), reference, APPROVES)
    form = ApproveForm()
    if not form.validate_on_submit():
        return _page(found, approve_form=form)
    services.approve(found, form.sha256.data or "", actor=signed_in())
    return _done(found, _("The batch is approved. Its file can be made for the bank."))


@bp.route("/batches/<reference>/send-back", methods=["POST"])
@requires(APPROVES)
def send_back(reference: str) -> ResponseReturnValue:
    """Give a proposed batch back, with a reason."""
    found = batch_queries.batch_for(signed_in(), reference, APPROVES)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(found, reason_form=form)
    services.send_back(found, form.reason.data, actor=signed_in(), version=form.version.data or 0)
    return _done(found, _("The batch is sent back."))


@bp.route("/batches/<reference>/void", methods=["POST"])
@requires(INITIATES, APPROVES)
def void_batch(reference: str) -> ResponseReturnValue:
    """Give a batch up before its file left, with a reason."""
    found = batch_queries.batch_for(signed_in(), reference, INITIATES, APPROVES)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(found, reason_form=form)
    services.void_batch(found, form.reason.data, actor=signed_in(), version=form.version.data or 0)
    return _done(found, _("The batch is void; its orders are due again."))


@bp.route("/batches/<reference>/export", methods=["POST"])
@requires(INITIATES, APPROVES)
@fresh
def export(reference: str) -> ResponseReturnValue:
    """Make the file for the bank, once."""
    found = batch_queries.batch_for(signed_in(), reference, INITIATES, APPROVES)
    services.export(found, actor=signed_in())
    tasks.have_list_printed(found)
    return _done(found, _("The file is made. Download it and hand it to the bank."))


@bp.route("/batches/<reference>/paid", methods=["POST"])
@requires(INITIATES, APPROVES)
def batch_paid(reference: str) -> ResponseReturnValue:
    """Take down that the bank paid all that is under way."""
    found = batch_queries.batch_for(signed_in(), reference, INITIATES, APPROVES)
    form = PaidForm(batch=found)
    if not form.validate_on_submit():
        return _page(found, paid_form=form)
    services.mark_all_paid(
        found,
        form.paid_on.data,
        actor=signed_in(),
        bank_reference=form.bank_reference.data or "",
        version=form.version.data or 0,
    )
    return _done(found, _("The payments are taken down, and the visitors are told."))


@bp.route("/batches/<reference>.xml")
@requires(*FINANCE)
def batch_file(reference: str) -> ResponseReturnValue:
    """The file for the bank, always the same bytes; it holds whole account numbers, so looking is noted."""
    found = batch_queries.batch_for(signed_in(), reference, *FINANCE)
    if found.file is None:
        raise NotFound
    note_viewing(signed_in(), "bank-account", found)
    response = FlaskResponse(found.file, mimetype="application/xml")
    response.headers.set("Content-Disposition", "attachment", filename=f"{reference}.xml")
    return response


@bp.route("/batches/<reference>.csv")
@requires(Permission.PAYMENTS_READ)
def batch_csv(reference: str) -> ResponseReturnValue:
    """The payments of a batch for a spreadsheet, accounts masked."""
    found = batch_queries.batch_for(signed_in(), reference)
    batch_queries.load_lines(found)
    rows = tables.batch_rows(exported_lines(found))
    return csv_response(f"{reference}.csv", tables.batch_header(), rows)


@bp.route("/batches/<reference>.pdf")
@requires(Permission.PAYMENTS_READ)
def batch_paper(reference: str) -> ResponseReturnValue:
    """The printed list of a batch."""
    paper = papers.live(LIST, batch_queries.batch_for(signed_in(), reference))
    if paper is None:
        raise NotFound
    return serve(paper)


def _done(batch: Batch, words: str) -> Response:
    db.session.commit()
    flash(words, "good")
    return redirect(url_for(".batch", reference=batch.reference))


def _page(
    found: Batch,
    *,
    reason_form: ReasonForm | None = None,
    approve_form: ApproveForm | None = None,
    paid_form: PaidForm | None = None,
    is_revealed: bool = False,
) -> ResponseReturnValue:
    page = batch_page(signed_in(), found)
    refused = next((form for form in (reason_form, approve_form, paid_form) if form is not None), None)
    usual = ReasonForm(data={"version": found.version})
    return form_page(
        "payments/batch.html",
        refused or usual,
        page=page,
        batch=found,
        may_open=partial(may_open, signed_in()),
        words=wording,
        masked=masked,
        country_name=country_name,
        log=entries_about(found) if found.status is BatchStatus.DRAWN_UP else (),
        paper=papers.live(LIST, found) if found.status in HANDED_OUT else None,
        is_revealed=is_revealed,
        reason_form=reason_form or usual,
        approve_form=approve_form or ApproveForm(data={"sha256": found.sha256}),
        paid_form=paid_form or PaidForm(batch=found, data={"version": found.version}),
        money=queries.money_of(
            found.call, signed_in().scopes(Permission.PAYMENTS_READ), only=page.partnership_ids
        ),
    )
