"""What the worker does with the outbox."""

from mobility.core.queue import queue
from mobility.mail import services


@queue.periodic(cron="* * * * * */5")
@queue.task(queueing_lock="send-due-letters", lock="send-due-letters")
def send_due_letters(timestamp: int) -> None:  # noqa: ARG001
    """Send the letters that are due."""
    services.send_due()
