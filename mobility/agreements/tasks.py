"""What the worker does about agreements."""

from procrastinate import RetryStrategy

from mobility.agreements import queries, services
from mobility.agreements.models import Agreement
from mobility.core import clock
from mobility.core.db import db
from mobility.core.queue import enqueue, queue
from mobility.exchanges.models import Exchange


@queue.periodic(cron="* * * * * */20")
@queue.task(name="agreements.tidy", queueing_lock="agreements-tidy", lock="agreements-tidy")
def tidy(timestamp: int) -> None:  # noqa: ARG001
    """Have the papers printed that are missing, and void what belongs to cancelled exchanges."""
    for exchange_id in queries.void_for():
        services.void_cancelled(db.session.get_one(Exchange, exchange_id))
        db.session.commit()
    for agreement_id in queries.ids_to_print(services.PAPER):
        have_printed(agreement_id)
    db.session.commit()


@queue.periodic(cron="20 7 * * *")
@queue.task(name="agreements.remind", queueing_lock="agreements-remind", lock="agreements-remind")
def remind(timestamp: int) -> None:  # noqa: ARG001
    """Remind of signatures that are missing while the stay is near."""
    for agreement in queries.to_remind(clock.today()):
        services.remind(agreement)
    db.session.commit()


def have_printed(agreement_id: int) -> None:
    """Have the worker print an agreement's paper, once the caller has committed."""
    lock = f"{queries.PRINT_LOCK}{agreement_id}"
    enqueue(print_one, once=lock, lock=lock, agreement_id=agreement_id)


def have_all_printed(exchange: Exchange) -> None:
    """Have the worker print what is in force for the exchange, once the caller has committed."""
    for agreement in queries.all_in_force(exchange):
        have_printed(agreement.id)


# Whatever stood in the way, memory or database, may be gone in a while: 2, 4, 8, … 256 s.
@queue.task(name="agreements.print_one", retry=RetryStrategy(max_attempts=8, exponential_wait=2))
def print_one(agreement_id: int) -> None:
    """Print the paper of one agreement."""
    services.print_agreement(db.session.get_one(Agreement, agreement_id))
    db.session.commit()
