"""Real workers beside the story, so that its jobs run as they do on a site with two of them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app
from sqlalchemy import text

from mobility.core.db import db
from mobility.core.settings import ROOT

COMMAND = [sys.executable, "-m", "flask", "--app", "mobility.cli:app_for_commands", "worker"]
WORKERS = 2
LONGEST_WAIT_S = 600
LOOK_AFTER_S, LOOK_EVERY_S = 0.03, 0.3
WAITING = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))"
)


class JobsWait(Exception):
    """The workers do not get through; the queue says what waits."""


@contextmanager
def working() -> Iterator[None]:
    """Run the workers on this database until the end of the block."""
    environment = os.environ | {"DATABASE_URL": current_app.config["SQLALCHEMY_DATABASE_URI"]}
    # A story that is killed takes its workers with it.
    command = ["setpriv", "--pdeathsig", "KILL", *COMMAND]
    workers = [subprocess.Popen(command, cwd=ROOT, env=environment) for _ in range(WORKERS)]  # noqa: S603
    try:
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait()


def drain(leaving: int = 0) -> None:
    """Commit, and wait until no more jobs than these wait or run. Raises `JobsWait`."""
    db.session.commit()
    until, pause_s = time.monotonic() + LONGEST_WAIT_S, LOOK_AFTER_S
    while (db.session.scalar(WAITING) or 0) > leaving:
        db.session.rollback()
        if time.monotonic() > until:
            raise JobsWait(f"Jobs still wait after {LONGEST_WAIT_S} s: look at the table procrastinate_jobs.")
        time.sleep(pause_s)  # the queue tells workers of new jobs, nobody of the last one's end
        pause_s = min(pause_s * 1.5, LOOK_EVERY_S)
    db.session.commit()
