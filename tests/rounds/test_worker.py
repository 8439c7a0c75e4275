"""A real worker solves: killed, cancelled, drained."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from mobility.core.db import db
from mobility.rounds import runs, services
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Proposal, Run
from mobility.rounds.solver import Options
from tests.conftest import drain
from tests.make.rounds import QUICK, make_frozen_round, make_market
from tests.processes import descendants, environment, is_gone, running, wait_until

# Too large to be proven within its time, so that the run is still going when somebody looks.
SLOW = Options(goals=("priority", "score", "cost"), time_limit_s=8)
SLOW_VISITORS, SLOW_HOSTS = 24, 8


@pytest.fixture
def worker(own_database: str, tmp_path: Path) -> Callable[[], AbstractContextManager[Popen[bytes]]]:
    """Starts workers on the test's own database."""
    command = [sys.executable, "-m", "tests.core.slow_worker", own_database]
    return lambda: running(command, environment(), tmp_path / "worker.log")


def queued_run(app: Flask, options: Options = QUICK, *, visitors: int = 2, hosts: int = 2) -> int:
    with app.app_context():
        run = services.solve(
            make_frozen_round(make_market(visitors=visitors, hosts=hosts)), options, actor=None
        )
        db.session.commit()
        return run.id


def status_of(app: Flask, run_id: int) -> RunStatus:
    with app.app_context():
        return db.session.scalars(select(Run.status).where(Run.id == run_id)).one()


def test_the_worker_solves_a_queued_run_and_tells_its_progress(live_app: Flask) -> None:
    run_id = queued_run(live_app)

    drain(live_app)

    with live_app.app_context():
        run = db.session.get_one(Run, run_id)
        assert run.status is RunStatus.SOLVED
        assert run.solution
        assert len(run.solution["assignments"]) == 2
        assert {"goal", "value", "bound", "seconds"} <= run.progress.keys()


def test_after_kill_9_of_the_worker_the_run_is_solved_and_the_round_published_once(
    live_app: Flask, tmp_path: Path, worker: Callable[[], AbstractContextManager[Popen[bytes]]]
) -> None:
    log = tmp_path / "worker.log"
    run_id = queued_run(live_app, SLOW, visitors=SLOW_VISITORS, hosts=SLOW_HOSTS)
    with worker() as first:
        wait_until(lambda: status_of(live_app, run_id) is RunStatus.SOLVING, 60, log)
        family = descendants(first.pid)
        first.kill()
        wait_until(lambda: all(is_gone(one) for one in family), 5, log)
    assert status_of(live_app, run_id) is RunStatus.SOLVING

    with worker():
        wait_until(lambda: _begun_again(live_app, run_id), 30, log)
        wait_until(lambda: status_of(live_app, run_id) is RunStatus.SOLVED, 90, log)

    with live_app.app_context():
        proposals = services.publish(db.session.get_one(Run, run_id), actor=None)
        db.session.commit()
        assert db.session.scalar(select(func.count()).select_from(Proposal)) == len(proposals) > 0


def test_a_cancelled_run_stops_and_its_worker_goes_on(
    live_app: Flask, tmp_path: Path, worker: Callable[[], AbstractContextManager[Popen[bytes]]]
) -> None:
    log = tmp_path / "worker.log"
    long = Options(goals=SLOW.goals, time_limit_s=300)
    run_id = queued_run(live_app, long, visitors=SLOW_VISITORS, hosts=SLOW_HOSTS)
    with worker() as process:
        wait_until(lambda: status_of(live_app, run_id) is RunStatus.SOLVING, 60, log)
        with live_app.app_context():
            runs.cancel(db.session.get_one(Run, run_id), actor=None)
            db.session.commit()

        wait_until(lambda: not _jobs(live_app), 30, log)
        second = queued_run(live_app)
        wait_until(lambda: status_of(live_app, second) is RunStatus.SOLVED, 60, log)

        assert process.poll() is None
    assert status_of(live_app, run_id) is RunStatus.CANCELLED


def _begun_again(app: Flask, run_id: int) -> bool:
    again = text("SELECT count(*) FROM entry WHERE verb = 'run.begun_again' AND about_id = :id")
    with app.app_context():
        return bool(db.session.scalar(again, {"id": run_id}))


def _jobs(app: Flask) -> int:
    with app.app_context():
        waiting = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'rounds.solve'")
        return db.session.scalar(waiting) or 0
