"""What the worker does about payments."""

from procrastinate import RetryStrategy

from mobility.core.db import db
from mobility.core.queue import enqueue, queue
from mobility.exchanges import services as exchanges
from mobility.exchanges.models import Exchange
from mobility.payments import batch_queries, batches, queries, services
from mobility.payments.models import Batch, PaymentOrder

# Whatever stood in the way, memory or database, may be gone in a while: 2, 4, 8, … 256 s.
PATIENT = RetryStrategy(max_attempts=8, exponential_wait=2)


@queue.periodic(cron="* * * * * */20")
@queue.task(queueing_lock="order-due", lock="order-due")
def order_due(timestamp: int) -> None:  # noqa: ARG001
    """Find exchanges that are to be paid or closed, and papers to be printed; each gets a job of its own."""
    for exchange_id in queries.exchanges_to_order():
        enqueue(order_one, once=f"order-{exchange_id}", lock=f"order-{exchange_id}", exchange_id=exchange_id)
    for exchange in queries.exchanges_to_close():
        exchanges.close(exchange, actor=None)
    for order in queries.orders_to_print(services.PAPER):
        have_printed(order)
    for batch in batch_queries.lists_to_print(batches.PAPER):
        have_list_printed(batch)
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


def have_list_printed(batch: Batch) -> None:
    """Have the worker print a batch's list, once the caller has committed."""
    lock = f"{batch_queries.LIST_LOCK}{batch.id}"
    enqueue(print_batch_list, once=lock, lock=lock, batch_id=batch.id)


@queue.task(retry=PATIENT)
def print_one(order_id: int) -> None:
    """Print the paper of one order."""
    services.print_order(db.session.get_one(PaymentOrder, order_id))
    db.session.commit()


@queue.task(retry=PATIENT)
def print_batch_list(batch_id: int) -> None:
    """Print the list of one batch."""
    services.print_list(db.session.get_one(Batch, batch_id))
    db.session.commit()
