"""The ledger: double entries that are only added, each posting summing to zero.

An order moves its amount along `LUMP_SUMS → DUE → IN_TRANSFER → BANK`; whatever ends it brings it back to
`LUMP_SUMS`. A line counts for the partnership whose budget bears the exchange, whoever pays.
"""

from collections.abc import Iterable

from sqlalchemy import insert

from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.references import next_reference
from mobility.payments.enums import Account, PaymentStatus
from mobility.payments.models import LedgerLine, PaymentOrder

# Where the money of an order stands in each of its states.
HELD_IN = {
    PaymentStatus.DUE: Account.DUE,
    PaymentStatus.HELD: Account.DUE,
    PaymentStatus.BATCHED: Account.DUE,
    PaymentStatus.EXPORTED: Account.IN_TRANSFER,
    PaymentStatus.PAID: Account.BANK,
    PaymentStatus.VOID: Account.LUMP_SUMS,
    PaymentStatus.FAILED: Account.LUMP_SUMS,
    PaymentStatus.RECOVERED: Account.LUMP_SUMS,
}


def post(source: Account, target: Account, orders: Iterable[PaymentOrder], *, actor: Actor | None) -> str:
    """Move the amounts of orders from one account to another, in one posting; its reference.

    What is owed or paid stands as a credit (below zero), what the scheme spent as a debit.
    """
    db.session.flush()
    posting = next_reference("PST")
    common = {"posting": posting, "at": clock.utcnow(), "actor_id": actor.id if actor else None}
    rows = [
        {
            **common,
            "account": account,
            "cents": cents,
            "order_id": order.id,
            "call_id": order.call_id,
            "partnership_id": order.exchange.vop_id,
        }
        for order in orders
        for account, cents in ((source, order.amount_cents), (target, -order.amount_cents))
    ]
    db.session.execute(insert(LedgerLine), rows)
    return posting
