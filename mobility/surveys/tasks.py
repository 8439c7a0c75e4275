"""What the worker does about surveys."""

from mobility.core.db import db
from mobility.core.queue import enqueue, queue
from mobility.exchanges.models import Exchange
from mobility.surveys import queries, services


@queue.periodic(cron="* * * * * */20")
@queue.task(queueing_lock="invite-due")
def invite_due(timestamp: int) -> None:  # noqa: ARG001
    """Find finished exchanges whose sides were not asked; each is invited in a job of its own."""
    for exchange_id in queries.exchanges_to_ask():
        enqueue(
            invite_one, once=f"invite-{exchange_id}", lock=f"invite-{exchange_id}", exchange_id=exchange_id
        )
    db.session.commit()


@queue.task
def invite_one(exchange_id: int) -> None:
    """Invite both sides of one exchange; who was invited before is not asked again."""
    services.invite(db.session.get_one(Exchange, exchange_id))
    db.session.commit()
