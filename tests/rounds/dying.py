"""Processes that are killed at one of their steps: before a statement or a commit, or just after a commit."""

import os
import signal
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import event

from mobility.core.db import db

Act = Callable[[], Any]


def killed_at(step: int, app: Flask, act: Act) -> bool:
    """Do it in a process that is killed with signal 9 at its n-th step; False if it ended before that step.

    The process is forked: to start Python for each step would take minutes. It uses no connection of its parent's.
    """
    child = os.fork()
    if child:
        _pid, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, "the process broke down"
        return os.WIFSIGNALED(status)
    status = 1
    try:
        with app.app_context():
            db.engines[None].dispose(close=False)
            _die_at(step)
        act()
        status = 0
    finally:
        os._exit(status)
    raise AssertionError


def _die_at(step: int) -> None:
    """Count statements and commits of this process from here on, and kill it at the n-th."""
    left = [step]

    def count(*_told: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    engine = db.engines[None]
    for name in ("before_cursor_execute", "commit"):
        event.listen(engine, name, count)
    # After a commit too: what is committed is there, though nobody was told.
    dialect = engine.dialect
    commit = dialect.do_commit

    def committed(connection: Any) -> None:
        commit(connection)
        count()

    dialect.do_commit = committed  # type: ignore[assignment,method-assign]
