"""What the clock does to applications."""

from datetime import timedelta

from mobility.applications import changes, queries
from mobility.core import clock
from mobility.core.db import db
from mobility.core.queue import queue

REMINDED_BEFORE = timedelta(days=3)


@queue.periodic(cron="20 * * * *")
@queue.task(name="applications.remind_of_changes", queueing_lock="remind-changes", lock="remind-changes")
def remind_of_changes(timestamp: int) -> None:  # noqa: ARG001
    """Remind of the changes whose day is near, each once."""
    today = clock.today()
    for request in queries.requests_to_remind_of(today, today + REMINDED_BEFORE):
        changes.remind(request)
        db.session.commit()
