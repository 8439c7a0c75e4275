"""What the worker does with the outbox."""

from mobility.core.db import db
from mobility.core.queue import queue
from mobility.mail import services


@queue.periodic(cron="* * * * * */5")
@queue.task(queueing_lock="send-due-letters", lock="send-due-letters")
def send_due_letters(timestamp: int) -> None:  # noqa: ARG001
    """Send the letters that are due."""
    services.send_due()


@queue.periodic(cron="40 4 * * *")
@queue.task(queueing_lock="forget-links")
def forget_links(timestamp: int) -> None:  # noqa: ARG001
    """Take the secrets of one-time links out of letters that left long ago."""
    services.forget_links()
    db.session.commit()
