"""States of a payment order."""

from enum import StrEnum

from mobility.core.states import lifecycle


class PaymentStatus(StrEnum):
    DUE = "due"
    VOID = "void"


LIFECYCLE = lifecycle({PaymentStatus.DUE: {PaymentStatus.VOID}})
