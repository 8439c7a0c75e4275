"""What the bank says: an order is paid, sent back, or its money comes home."""

from collections.abc import Iterable
from datetime import date

from mobility.audit.services import record
from mobility.calls.services import free
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import RuleBroken
from mobility.core.states import expect_version, given_text
from mobility.exchanges import services as exchanges
from mobility.exchanges.models import Exchange
from mobility.mail.services import write
from mobility.papers import services as paper_services
from mobility.payments import batch_queries, ledger, letters
from mobility.payments.content import live_lines
from mobility.payments.enums import BATCH_LIFECYCLE, LIFECYCLE, Account, BatchStatus, PaymentStatus
from mobility.payments.models import Batch, BatchLine, PaymentOrder
from mobility.payments.orders import PAPER, new_order, require_budget
from mobility.payments.queries import OVER
from mobility.payments.rules import require_paid_day

LONGEST_BANK_REFERENCE = 100


def mark_paid(
    order: PaymentOrder,
    paid_on: date,
    bank_reference: str,
    *,
    actor: Actor | None,
    version: int | None = None,
) -> None:
    """Take down that the bank paid an order of a file that left; its exchange is closed.

    Raises `RuleBroken`: "stale", "wrong-state", "not-executed", "bad-paid-day".
    """
    _lock(order, version)
    require_paid_day(_line(order).batch.execution_on, paid_on)
    pay_held(order, paid_on, bank_reference, actor=actor)


def pay_held(order: PaymentOrder, paid_on: date, bank_reference: str, *, actor: Actor | None) -> None:
    """`mark_paid` as the bank's statement tells it, for whoever holds the order's batch already.

    The bank knows when it paid: its day may lie before the one it was asked for.
    """
    _pay(_line(order).batch, [order], paid_on, bank_reference, actor)


def mark_all_paid(
    batch: Batch,
    paid_on: date,
    *,
    actor: Actor | None,
    bank_reference: str = "",
    version: int | None = None,
) -> int:
    """Take down that the bank paid whatever of a batch is still under way; how many orders.

    Raises `RuleBroken`: "stale", "wrong-state", "not-executed", "bad-paid-day".
    """
    batch_queries.lock(batch)
    if version is not None:
        expect_version(batch, version)
    under_way = [line.order for line in live_lines(batch) if line.order.status is PaymentStatus.EXPORTED]
    if not under_way:
        raise RuleBroken("wrong-state", state=batch.status, to=BatchStatus.SETTLED)
    require_paid_day(batch.execution_on, paid_on)
    _pay(batch, under_way, paid_on, bank_reference, actor)
    return len(under_way)


def fail(
    order: PaymentOrder, reason: str, *, actor: Actor | None, version: int | None = None
) -> PaymentOrder:
    """Take down that the bank sent the money back; a new order, due when this one was, takes its place.

    Raises `RuleBroken`: "reason-needed", "stale", "wrong-state", "over-budget".
    """
    _lock(order, version)
    return fail_held(order, reason, actor=actor)


def fail_held(order: PaymentOrder, reason: str, *, actor: Actor | None) -> PaymentOrder:
    """`fail`, for whoever holds the order's batch already."""
    # Where the money stands is known only now: the bank's other answer may have come while we waited.
    reason, line, stood_in = given_text(reason), _line(order), ledger.HELD_IN[order.status]
    exchange = order.exchange
    db.session.refresh(exchange, with_for_update={"of": Exchange})
    LIFECYCLE.move(order, to=PaymentStatus.FAILED, reason=reason)
    line.released_at = clock.utcnow()
    require_budget(exchange)
    # The organisation waits since the first order, and the payer is whom its agreement names.
    anew = new_order(exchange, order.due_on, payer=order.partnership, actor=actor)
    ledger.post(stood_in, Account.LUMP_SUMS, [order], actor=actor)
    ledger.post(Account.LUMP_SUMS, Account.DUE, [anew], actor=actor)
    record("payment.failed", order, actor=actor, reason=reason, follows=anew.reference)
    paper_services.cancel(PAPER, order, actor=actor)
    write(letters.failed(order, anew))
    _settle(line.batch, actor)
    return anew


def recover(order: PaymentOrder, reason: str, *, actor: Actor | None, version: int | None = None) -> None:
    """Take down that money which was paid has come back: its paper goes out of use, and its budget is free.

    Raises `RuleBroken`: "reason-needed", "stale", "wrong-state".
    """
    reason = given_text(reason)
    _lock(order, version)
    LIFECYCLE.move(order, to=PaymentStatus.RECOVERED, reason=reason)
    ledger.post(Account.BANK, Account.LUMP_SUMS, [order], actor=actor)
    # Nothing is ordered for this exchange any more, so nothing is promised to it.
    free(order.call, order.exchange.vop, order.amount_cents)
    record("payment.recovered", order, actor=actor, reason=reason)
    paper_services.cancel(PAPER, order, actor=actor)


def _lock(order: PaymentOrder, version: int | None) -> None:
    """Wait for whoever deals with the order's batch, then see what they made of it."""
    batch_queries.lock(_line(order).batch)
    if version is not None:
        expect_version(order, version)


def _line(order: PaymentOrder) -> BatchLine:
    line = batch_queries.line_of(order)
    if line is None or not LIFECYCLE.allows(order.status, PaymentStatus.FAILED):
        raise RuleBroken("wrong-state", state=order.status, to=PaymentStatus.PAID)
    return line


def _pay(
    batch: Batch, orders: Iterable[PaymentOrder], paid_on: date, bank_reference: str, actor: Actor | None
) -> None:
    _require_paid_day(batch, paid_on)
    orders, bank_reference = list(orders), bank_reference.strip()[:LONGEST_BANK_REFERENCE]
    for order in orders:
        LIFECYCLE.move(order, to=PaymentStatus.PAID, paid_on=paid_on, bank_reference=bank_reference)
        record("payment.paid", order, actor=actor, paid_on=paid_on, bank_reference=bank_reference)
        if order.exchange.status in OVER:
            exchanges.close(order.exchange, actor=actor)
        write(letters.paid(order))
    ledger.post(Account.IN_TRANSFER, Account.BANK, orders, actor=actor)
    _settle(batch, actor)


def _require_paid_day(batch: Batch, paid_on: date) -> None:
    left_on = clock.local(batch.exported_at).date() if batch.exported_at else clock.today()
    if not left_on <= paid_on <= clock.today():
        raise RuleBroken("bad-paid-day", first=left_on, last=clock.today())


def _settle(batch: Batch, actor: Actor | None) -> None:
    """Nothing of the batch is under way any more."""
    under_way = [line for line in live_lines(batch) if line.order.status is PaymentStatus.EXPORTED]
    if under_way or batch.status is not BatchStatus.EXPORTED:
        return
    BATCH_LIFECYCLE.move(batch, to=BatchStatus.SETTLED, settled_at=clock.utcnow())
    record("batch.settled", batch, actor=actor)
