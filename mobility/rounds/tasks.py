"""What the worker does for rounds: solve, in a process of its own."""

import time
from collections.abc import Callable

from procrastinate import JobContext, RetryStrategy
from procrastinate.exceptions import JobAborted
from sqlalchemy.exc import OperationalError

from mobility.core.db import db
from mobility.core.queue import ChildFailedError, in_child, queue
from mobility.rounds import runs, scenario, studies, synthetic
from mobility.rounds.enums import METHODS
from mobility.rounds.measuring import measure_in_child
from mobility.rounds.models import Run
from mobility.rounds.solver import Options, solve_in_child, study_in_child

LOOK_EVERY_S = 1.0
# The engine keeps its own limit; this ends one that does not.
EXTRA_S = 60
STUDY_S = 900
DETERMINISTIC_FACTOR = 10


@queue.task(
    name="rounds.solve",
    pass_context=True,
    # A database that was away is waited for a little longer each time; the run is still SOLVING then.
    retry=RetryStrategy(max_attempts=20, linear_wait=2, retry_exceptions={JobAborted, OperationalError}),
)
def solve(context: JobContext, *, run_id: int) -> None:
    """Solve a run and keep its result; a job taken up again starts from the beginning."""
    run = runs.begin(run_id)
    db.session.commit()
    if run is None:
        return
    try:
        _listen(run, _stop_when_cancelled(context.should_abort, run_id))
    except JobAborted:
        # A cancelled run is over; one whose worker is told to stop goes to the next worker.
        if runs.is_live(run_id):
            raise
    except (MemoryError, TimeoutError, ChildFailedError) as error:
        runs.fail(run_id, _FAILURES[type(error)])
        db.session.commit()


@queue.task(
    name="rounds.measure",
    pass_context=True,
    retry=RetryStrategy(max_attempts=20, linear_wait=2, retry_exceptions={JobAborted, OperationalError}),
)
def measure(context: JobContext, *, synthetic_id: int) -> None:
    """Solve a synthetic round by every method and keep all results or none."""
    size = synthetic.begin(synthetic_id)
    db.session.commit()
    if size is None:
        return
    longest = len(METHODS) * size.time_limit_s + EXTRA_S
    try:
        for kind, said in in_child(
            measure_in_child, size, METHODS, should_stop=context.should_abort, limit_s=longest
        ):
            if kind == "done":
                synthetic.finish(synthetic_id, said)
            else:
                synthetic.tell(synthetic_id, said)
            db.session.commit()
    except (MemoryError, TimeoutError, ChildFailedError) as error:
        synthetic.fail(synthetic_id, _FAILURES[type(error)])
        db.session.commit()


@queue.task(
    name="rounds.study",
    pass_context=True,
    retry=RetryStrategy(max_attempts=20, linear_wait=2, retry_exceptions={JobAborted, OperationalError}),
)
def study(context: JobContext, *, run_id: int) -> None:
    """Find what a little more would gain over a solved run, and who is on reserve; twice changes nothing.

    Nothing of a run whose problem is gone: its round was opened again.
    """
    run = db.session.get_one(Run, run_id)
    if not scenario.is_current(run, run.round):
        return
    problem, solution = scenario.problem_of(run), run.solution
    db.session.rollback()
    child = in_child(study_in_child, problem, solution, should_stop=context.should_abort, limit_s=STUDY_S)
    _done, gains, reserves = next(child)
    studies.keep(run_id, gains, reserves)
    db.session.commit()


_FAILURES = {MemoryError: "memory", TimeoutError: "time", ChildFailedError: "solver"}


def _listen(run: Run, should_stop: Callable[[], bool]) -> None:
    """Keep what the solver says, a commit each time."""
    run_id, problem, options = run.id, scenario.problem_of(run), options_of(run)
    db.session.rollback()
    for kind, said in in_child(
        solve_in_child, problem, options, should_stop=should_stop, limit_s=limit_s(options)
    ):
        if kind == "done":
            runs.finish(run_id, said)
        else:
            runs.tell(run_id, said)
        db.session.commit()


def options_of(run: Run) -> Options:
    """The options that the run was queued with."""
    return Options(tuple(run.goals), run.time_limit_s, run.seed, run.is_deterministic)


def limit_s(options: Options) -> float:
    """When a solver that does not end by itself is ended. Deterministic work counts steps, not seconds."""
    factor = DETERMINISTIC_FACTOR if options.is_deterministic else 1
    return options.time_limit_s * factor + EXTRA_S


def _stop_when_cancelled(worker_stops: Callable[[], bool], run_id: int) -> Callable[[], bool]:
    looked_at = time.monotonic()

    def should_stop() -> bool:
        nonlocal looked_at
        if worker_stops():
            return True
        if time.monotonic() - looked_at < LOOK_EVERY_S:
            return False
        looked_at = time.monotonic()
        is_over = not runs.is_live(run_id)
        db.session.rollback()
        return is_over

    return should_stop
