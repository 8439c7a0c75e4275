"""What the clock does to contacts and pairs."""

from mobility.catalogue import services
from mobility.core.db import db
from mobility.core.queue import queue


@queue.periodic(cron="* * * * *")
@queue.task(name="catalogue.lapse", queueing_lock="lapse", lock="lapse")
def lapse(timestamp: int) -> None:  # noqa: ARG001
    """Withdraw what can no longer come about, and give back what it held."""
    services.lapse()
    db.session.commit()
