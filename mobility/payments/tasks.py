"""What the worker does about payments."""

from procrastinate import RetryStrategy

from mobility.core.db import db
from mobility.core.queue import enqueue, queue
from mobility.exchanges.models import Exchange
from mobility.payments import queries, services
from mobility.payments.models import PaymentOrder


@queue.periodic(cron="* * * * * */20")
@queue.task(queueing_lock="order-due", lock="order-due")
def order_due(timestamp: int) -> None:  # noqa: ARG001
    """Find completed exchanges that are to be paid, and orders without a paper; each gets a job of its own."""
    for exchange_id in queries.exchanges_to_order():
        enqueue(order_one, once=f"order-{exchange_id}", lock=f"order-{exchange_id}", exchange_id=exchange_id)
    for order in queries.orders_to_print(services.PAPER):
        have_printed(order)
    db.session.commit()


@queue.task
def order_one(exchange_id: int) -> None:
    """Order the lump sum of one exchange, if still nobody has, and have its paper printed."""
    exchange = db.session.get_one(Exchange, exchange_id, with_for_update=True)
    if queries.live_order(exchange) is not None:
        return
    have_printed(services.order(exchange))
    db.session.commit()


def have_printed(order: PaymentOrder) -> None:
    """Have the worker print an order's paper, once the caller has committed."""
    db.session.flush()
    lock = f"{queries.PRINT_LOCK}{order.id}"
    enqueue(print_one, once=lock, lock=lock, order_id=order.id)


# Whatever stood in the way, memory or database, may be gone in a while: 2, 4, 8, … 256 s.
@queue.task(retry=RetryStrategy(max_attempts=8, exponential_wait=2))
def print_one(order_id: int) -> None:
    """Print the paper of one order."""
    services.print_order(db.session.get_one(PaymentOrder, order_id))
    db.session.commit()
