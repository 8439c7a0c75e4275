"""Makers of payment orders."""

from typing import Any

from mobility.core.db import db
from mobility.exchanges.models import Exchange
from mobility.payments import services
from mobility.payments.models import PaymentOrder
from tests.make.exchanges import make_ended_exchange


def make_order(exchange: Exchange | None = None, *, is_printed: bool = False, **changes: Any) -> PaymentOrder:
    """An order of a completed exchange; `changes` are those of `make_ended_exchange`."""
    order = services.order(exchange or make_ended_exchange(**changes))
    db.session.flush()
    if is_printed:
        services.print_order(order)
        db.session.flush()
    return order
