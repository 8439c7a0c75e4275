"""The verbs of payments: of an order, of a batch, and of what the bank says."""

from mobility.payments.batches import (
    approve,
    draw_up,
    export,
    print_list,
    propose,
    send_back,
    take_out,
    void_batch,
)
from mobility.payments.orders import PAPER, TEMPLATE, hold, order, print_order, release, void
from mobility.payments.settling import fail, mark_all_paid, mark_paid, recover

__all__ = (
    "PAPER",
    "TEMPLATE",
    "approve",
    "draw_up",
    "export",
    "fail",
    "hold",
    "mark_all_paid",
    "mark_paid",
    "order",
    "print_list",
    "print_order",
    "propose",
    "recover",
    "release",
    "send_back",
    "take_out",
    "void",
    "void_batch",
)
