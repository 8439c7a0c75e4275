"""States of a payment order and of a batch; accounts of the ledger."""

from enum import StrEnum

from mobility.core.states import lifecycle


class PaymentStatus(StrEnum):
    DUE = "due"
    # Somebody asked to wait, with a reason.
    HELD = "held"
    # In a batch that is drawn up, proposed or approved.
    BATCHED = "batched"
    # In a file that was handed out for the bank.
    EXPORTED = "exported"
    PAID = "paid"
    # The bank sent it back: a new order takes its place.
    FAILED = "failed"
    RECOVERED = "recovered"
    VOID = "void"


class BatchStatus(StrEnum):
    DRAWN_UP = "drawn_up"
    # Its initiator is done: frozen, waiting for another person.
    PROPOSED = "proposed"
    APPROVED = "approved"
    EXPORTED = "exported"
    # Each of its orders is paid or has failed.
    SETTLED = "settled"
    VOID = "void"


class Account(StrEnum):
    """Accounts of the ledger; every posting sums to zero."""

    # What the scheme has promised to visitors.
    LUMP_SUMS = "lump_sums"
    DUE = "due"
    IN_TRANSFER = "in_transfer"
    BANK = "bank"


# Orders that no longer stand for money: another may take their place.
OUT_OF_FORCE = (PaymentStatus.VOID, PaymentStatus.FAILED, PaymentStatus.RECOVERED)

LIFECYCLE = lifecycle(
    {
        PaymentStatus.DUE: {PaymentStatus.HELD, PaymentStatus.BATCHED, PaymentStatus.VOID},
        PaymentStatus.HELD: {PaymentStatus.DUE, PaymentStatus.VOID},
        PaymentStatus.BATCHED: {PaymentStatus.EXPORTED, PaymentStatus.DUE},
        PaymentStatus.EXPORTED: {PaymentStatus.PAID, PaymentStatus.FAILED},
        PaymentStatus.PAID: {PaymentStatus.FAILED, PaymentStatus.RECOVERED},
    }
)
BATCH_LIFECYCLE = lifecycle(
    {
        BatchStatus.DRAWN_UP: {BatchStatus.PROPOSED, BatchStatus.VOID},
        BatchStatus.PROPOSED: {BatchStatus.APPROVED, BatchStatus.DRAWN_UP, BatchStatus.VOID},
        BatchStatus.APPROVED: {BatchStatus.EXPORTED, BatchStatus.VOID},
        BatchStatus.EXPORTED: {BatchStatus.SETTLED},
    }
)
