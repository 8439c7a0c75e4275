"""What happens to one payment order before it is in a batch."""

from datetime import date
from functools import partial

from sqlalchemy import select

from mobility.audit.services import record
from mobility.calls.models import Allotment
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.references import next_reference
from mobility.core.states import given_text
from mobility.exchanges.models import Exchange
from mobility.mail.services import write
from mobility.papers import services as paper_services
from mobility.papers.models import Paper
from mobility.partnerships.models import Partnership
from mobility.payments import ledger, letters, queries, rules
from mobility.payments.document import document
from mobility.payments.enums import LIFECYCLE, OUT_OF_FORCE, Account, PaymentStatus
from mobility.payments.models import PaymentOrder
from mobility.payments.proofs import proof_of

PAPER = "payment_order"
TEMPLATE = "pdf/payment_order.html"


def order(exchange: Exchange, *, actor: Actor | None = None) -> PaymentOrder:
    """Order the lump sum of a completed exchange, once, when nothing is missing.

    Raises `RuleBroken`: "exchange-not-ended", "nothing-to-pay", "amount-without-trace", "no-agreement-signed",
    "no-report-accepted", "no-evidence-there", "no-account-known", "above-agreement", "agreement-outdated",
    "already-ordered", "over-budget", "wrong-state" once money came back.
    """
    # Whoever comes second waits here, and then sees the order of the first.
    db.session.refresh(exchange, with_for_update={"of": Exchange})
    proof = proof_of(exchange)
    rules.require_payable(exchange, proof)
    before = queries.live_order(exchange)
    if before is not None:
        raise RuleBroken("already-ordered", reference=before.reference)
    if queries.is_recovered(exchange):
        raise RuleBroken("wrong-state", state=PaymentStatus.RECOVERED, to=PaymentStatus.DUE)
    require_budget(exchange)
    payer = exchange.call.payer or exchange.vop
    drawn_up = new_order(exchange, rules.due_on(exchange, proof), payer=payer, actor=actor)
    ledger.post(Account.LUMP_SUMS, Account.DUE, [drawn_up], actor=actor)
    write(letters.ordered(drawn_up))
    return drawn_up


def new_order(exchange: Exchange, due_on: date, *, payer: Partnership, actor: Actor | None) -> PaymentOrder:
    """Enter an order that its caller has checked; the caller posts it."""
    drawn_up = PaymentOrder(
        reference=next_reference("PO"),
        exchange=exchange,
        call=exchange.call,
        partnership=payer,
        status=PaymentStatus.DUE,
        amount_cents=exchange.lump_sum_cents,
        trace=exchange.trace,
        rules_version=exchange.rules_version,
        due_on=due_on,
        ordered_at=clock.utcnow(),
    )
    db.session.add(drawn_up)
    record(
        "payment.ordered", drawn_up, actor=actor, amount_cents=drawn_up.amount_cents, due_on=drawn_up.due_on
    )
    return drawn_up


def require_budget(exchange: Exchange) -> None:
    """Hold the allotment that bears the exchange. Raises `RuleBroken("over-budget")` if its orders would exceed it.

    A trigger refuses the same behind our back.
    """
    db.session.flush()
    allotment = db.session.scalar(
        select(Allotment)
        .where(Allotment.call_id == exchange.call_id, Allotment.partnership_id == exchange.vop_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    committed = allotment.committed_cents if allotment else 0
    if queries.live_cents(exchange) + exchange.lump_sum_cents > committed:
        raise RuleBroken("over-budget", partnership=exchange.vop.code, cents=exchange.lump_sum_cents)


def hold(waiting: PaymentOrder, reason: str, *, actor: Actor | None) -> None:
    """Let an order wait: it enters no batch until it is released. Raises `RuleBroken("reason-needed")`."""
    reason = given_text(reason)
    LIFECYCLE.move(waiting, to=PaymentStatus.HELD, reason=reason)
    record("payment.held", waiting, actor=actor, reason=reason)


def release(held: PaymentOrder, *, actor: Actor | None) -> None:
    """Let an order that waited be paid after all."""
    if held.status is not PaymentStatus.HELD:
        raise RuleBroken("wrong-state", state=held.status, to=PaymentStatus.DUE)
    LIFECYCLE.move(held, to=PaymentStatus.DUE, reason="")
    record("payment.released", held, actor=actor)


def void(drawn_up: PaymentOrder, reason: str, *, actor: Actor | None) -> None:
    """Take an order back, with its paper; the exchange can then be ordered again."""
    reason = given_text(reason)
    LIFECYCLE.move(drawn_up, to=PaymentStatus.VOID, reason=reason)
    ledger.post(Account.DUE, Account.LUMP_SUMS, [drawn_up], actor=actor)
    record("payment.voided", drawn_up, actor=actor, reason=reason)
    paper_services.cancel(PAPER, drawn_up, actor=actor)


def print_order(drawn_up: PaymentOrder, *, actor: Actor | None = None) -> Paper | None:
    """Print the order and issue its paper; one out of force gets none, an unchanged one keeps what it has."""
    db.session.refresh(drawn_up, with_for_update={"of": PaymentOrder})
    if drawn_up.status in OUT_OF_FORCE:
        return None
    return paper_services.issue_if_new(
        PAPER, drawn_up, drawn_up.reference, TEMPLATE, partial(document, drawn_up), actor
    )
