"""What the worker does with files that were handed in."""

from procrastinate import RetryStrategy
from sqlalchemy.exc import OperationalError

from mobility.core.db import db
from mobility.core.queue import queue
from mobility.imports import steps

AGAIN = RetryStrategy(max_attempts=20, linear_wait=2, retry_exceptions={OperationalError})


@queue.task(name="imports.check", retry=AGAIN)
def check(*, import_id: int) -> None:
    """Try a file and keep nothing of it; a job taken up again starts from the beginning."""
    steps.try_out(import_id)
    db.session.commit()


@queue.task(name="imports.take_in", retry=AGAIN)
def take_in(*, import_id: int) -> None:
    """Take a file whole."""
    steps.take_in(import_id)
    db.session.commit()
