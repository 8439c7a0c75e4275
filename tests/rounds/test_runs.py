"""The verbs of a run as the worker meets them."""

from datetime import date, timedelta
from typing import Any

import pytest
from procrastinate.jobs import Job
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, scoped_session

from mobility.core.errors import NotFound, RuleBroken
from mobility.rounds import runs, services, tasks
from mobility.rounds.enums import RunStatus
from mobility.rounds.models import Run
from tests.make.rounds import QUICK, make_frozen_round, make_solved_run, solution_of

pytestmark = pytest.mark.usefixtures("session")
Db = scoped_session[Session]


@pytest.fixture
def run(session: Db) -> Run:
    return services.solve(make_frozen_round(), QUICK, actor=None)


def test_a_waiting_run_begins(run: Run) -> None:
    begun = runs.begin(run.id)

    assert begun is run
    assert run.status is RunStatus.SOLVING
    assert run.started_at


def test_a_run_whose_worker_died_begins_again_from_nothing(run: Run) -> None:
    runs.begin(run.id)
    runs.tell(run.id, {"value": 7})

    assert runs.begin(run.id) is run
    assert (run.status, run.progress) == (RunStatus.SOLVING, {})


def test_a_run_that_is_over_does_not_begin_again() -> None:
    run = make_solved_run()

    assert runs.begin(run.id) is None
    assert run.status is RunStatus.SOLVED


def test_progress_of_a_run_that_is_over_is_dropped(session: Db, run: Run) -> None:
    runs.begin(run.id)
    runs.finish(run.id, solution_of(run.round))

    runs.tell(run.id, {"value": 7})

    session.refresh(run)
    assert run.progress == {}


def test_a_result_that_passes_the_check_is_kept(run: Run) -> None:
    runs.begin(run.id)

    runs.finish(run.id, solution_of(run.round))

    assert run.status is RunStatus.SOLVED
    assert run.solution
    assert run.finished_at
    assert len(run.solution["assignments"]) == 2


def test_the_second_of_two_workers_on_one_run_changes_nothing(run: Run) -> None:
    runs.begin(run.id)
    runs.finish(run.id, solution_of(run.round))
    before = run.version

    runs.finish(run.id, solution_of(run.round))
    runs.fail(run.id, "memory")

    assert (run.status, run.version) == (RunStatus.SOLVED, before)


def _moved(solution: dict[str, Any], days: int) -> dict[str, Any]:
    row = solution["assignments"][0]
    for name in ("first_day", "last_day"):
        row[name] = (date.fromisoformat(row[name]) + timedelta(days=days)).isoformat()
    return solution


def test_a_result_that_breaks_a_rule_is_thrown_away(run: Run) -> None:
    runs.begin(run.id)

    runs.finish(run.id, _moved(solution_of(run.round), days=200))

    assert run.status is RunStatus.FAILED
    assert run.failure.startswith("violations: ")
    with pytest.raises(RuleBroken, match="run-not-solved"):
        services.publish(run, actor=None)


@pytest.mark.parametrize("status", ["infeasible", "unknown"])
def test_a_run_without_a_solution_has_failed(run: Run, status: str) -> None:
    runs.begin(run.id)

    runs.finish(run.id, {"format": "exchange-solution/1", "status": status, "assignments": []})

    assert (run.status, run.failure) == (RunStatus.FAILED, status)


def test_a_clash_is_named() -> None:
    run = services.solve(make_frozen_round(), QUICK, actor=None)
    runs.begin(run.id)

    clash = ["lock:A1", "lock:A2"]
    runs.finish(
        run.id, {"format": "exchange-solution/1", "status": "infeasible", "assignments": [], "clash": clash}
    )

    assert run.failure == "infeasible: lock:A1, lock:A2"


@pytest.mark.parametrize(
    ("error", "is_tried_again"),
    [(OperationalError("UPDATE run", {}, Exception("gone")), True), (NotFound(), False)],
)
def test_a_job_whose_database_was_away_runs_again(error: Exception, is_tried_again: bool) -> None:
    job = Job(id=1, queue="default", lock=None, queueing_lock=None, task_name=tasks.solve.name, attempts=3)

    assert (tasks.solve.get_retry_exception(error, job) is not None) is is_tried_again


def test_a_waiting_run_can_be_cancelled_and_does_not_begin(run: Run) -> None:
    runs.cancel(run, actor=None)

    assert run.status is RunStatus.CANCELLED
    assert runs.begin(run.id) is None
    assert not runs.is_live(run.id)


def test_a_solved_run_is_not_cancelled() -> None:
    run = make_solved_run()

    with pytest.raises(RuleBroken, match="wrong-state"):
        runs.cancel(run, actor=None)

    assert run.status is RunStatus.SOLVED
