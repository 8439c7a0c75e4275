"""Ordering payments, printing their papers, taking an order back."""

from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.pdf import render_pdf
from mobility.core.references import next_reference
from mobility.exchanges.models import Exchange
from mobility.mail.services import write
from mobility.papers import queries as papers
from mobility.papers import services as paper_services
from mobility.papers.models import Paper
from mobility.payments import letters, queries, rules
from mobility.payments.document import document
from mobility.payments.enums import LIFECYCLE, PaymentStatus
from mobility.payments.models import PaymentOrder

PAPER = "payment_order"
TEMPLATE = "pdf/payment_order.html"


def order(exchange: Exchange, *, actor: Actor | None = None) -> PaymentOrder:
    """Order the lump sum of a completed exchange, once.

    Raises `RuleBroken`: "exchange-not-ended", "nothing-to-pay", "amount-without-trace" or "already-ordered".
    """
    # Whoever comes second waits here, and then sees the order of the first.
    db.session.refresh(exchange, with_for_update={"of": Exchange})
    rules.require_payable(exchange)
    before = queries.live_order(exchange)
    if before is not None:
        raise RuleBroken("already-ordered", reference=before.reference)
    drawn_up = PaymentOrder(
        reference=next_reference("PO"),
        exchange=exchange,
        partnership=exchange.vop,
        status=PaymentStatus.DUE,
        amount_cents=exchange.lump_sum_cents,
        trace=exchange.trace,
        rules_version=exchange.rules_version,
        due_on=rules.due_on(exchange),
        ordered_at=clock.utcnow(),
    )
    db.session.add(drawn_up)
    record(
        "payment.ordered", drawn_up, actor=actor, amount_cents=drawn_up.amount_cents, due_on=drawn_up.due_on
    )
    write(letters.ordered(drawn_up))
    return drawn_up


def print_order(drawn_up: PaymentOrder, *, actor: Actor | None = None) -> Paper | None:
    """Print the order and issue its paper; a void order gets none, an unchanged one keeps what it has."""
    db.session.refresh(drawn_up, with_for_update={"of": PaymentOrder})
    if drawn_up.status is PaymentStatus.VOID:
        return None
    before = papers.live(PAPER, drawn_up)
    if (
        before is not None
        and render_pdf(TEMPLATE, document(drawn_up, before.paper_version)) == before.content
    ):
        return before
    printed = document(drawn_up, paper_services.next_version(drawn_up.reference))
    content = render_pdf(TEMPLATE, printed)
    return paper_services.issue(PAPER, drawn_up, drawn_up.reference, printed.title, content, actor)


def void(drawn_up: PaymentOrder, reason: str, *, actor: Actor | None) -> None:
    """Take an order back, with its paper; the exchange can then be ordered again."""
    LIFECYCLE.move(drawn_up, to=PaymentStatus.VOID)
    record("payment.voided", drawn_up, actor=actor, reason=reason)
    paper_services.cancel(PAPER, drawn_up, actor=actor)
