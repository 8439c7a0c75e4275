"""A real worker beside the story, so that its jobs run as they do on a site."""

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
LONGEST_WAIT_S = 180
LOOK_EVERY_S = 0.05
WAITING = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'"
    " OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now()))"
)


class JobsWait(Exception):
    """The worker does not get through; the queue says what waits."""


@contextmanager
def working() -> Iterator[None]:
    """Run a worker on this database until the end of the block."""
    environment = os.environ | {"DATABASE_URL": current_app.config["SQLALCHEMY_DATABASE_URI"]}
    # A story that is killed takes its worker with it.
    command = ["setpriv", "--pdeathsig", "KILL", *COMMAND]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)  # noqa: S603
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def drain() -> None:
    """Commit, and wait until no job waits or runs. Raises `JobsWait`."""
    db.session.commit()
    until = time.monotonic() + LONGEST_WAIT_S
    while db.session.scalar(WAITING):
        db.session.rollback()
        if time.monotonic() > until:
            raise JobsWait(f"Jobs still wait after {LONGEST_WAIT_S} s: look at the table procrastinate_jobs.")
        time.sleep(LOOK_EVERY_S)
    db.session.commit()
    db.session.expire_all()
