"""What the clock does to proposals and exchanges."""

from mobility.core import clock
from mobility.core.db import db
from mobility.core.queue import queue
from mobility.exchanges import queries, services


@queue.periodic(cron="* * * * *")
@queue.task(name="exchanges.expire_overdue", queueing_lock="expire-overdue", lock="expire-overdue")
def expire_overdue(timestamp: int) -> None:  # noqa: ARG001
    """Close the proposals that were not answered in time, a commit each."""
    for proposal_id in queries.overdue_ids(clock.utcnow()):
        services.expire(proposal_id)
        db.session.commit()


@queue.periodic(cron="* * * * *")
@queue.task(name="exchanges.keep_time", queueing_lock="keep-time", lock="keep-time")
def keep_time(timestamp: int) -> None:  # noqa: ARG001
    """Start and end exchanges as their days come."""
    services.start_due()
    services.end_due()
    db.session.commit()
