"""What the worker does for the administration."""

from mobility.admin import services
from mobility.core.db import db
from mobility.core.queue import queue


@queue.periodic(cron="20 5 * * *")
@queue.task(queueing_lock="mail-head", lock="mail-head")
def mail_head(timestamp: int) -> None:  # noqa: ARG001
    """Send the head of the sealed log to the auditors."""
    services.mail_head()
    db.session.commit()
