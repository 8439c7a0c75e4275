"""What the worker does about the log."""

from mobility.audit import services
from mobility.core.db import db
from mobility.core.queue import queue

AT_ONCE = 5000


@queue.periodic(cron="* * * * *")
@queue.task(queueing_lock="audit-seal")
def seal(timestamp: int) -> None:  # noqa: ARG001
    """Chain what was committed since the last minute."""
    while services.seal(AT_ONCE) == AT_ONCE:
        db.session.commit()
    db.session.commit()
