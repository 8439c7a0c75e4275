"""The verbs of a run as the worker meets them; each locks the run's row, for a job can run twice."""

from typing import Any

from sqlalchemy import select, update

import matching
from mobility.audit.services import record
from mobility.core import clock
from mobility.core.access import Actor
from mobility.core.db import db
from mobility.core.errors import NotFound
from mobility.rounds import results, scenario
from mobility.rounds.enums import RUN_LIFECYCLE, RunStatus
from mobility.rounds.models import Run

LIVE = frozenset({RunStatus.QUEUED, RunStatus.SOLVING})
VIOLATIONS_NAMED = 20


def locked(run_id: int) -> Run:
    """The run as it stands now, locked until the transaction ends. Raises `NotFound`."""
    run = (
        select(Run).where(Run.id == run_id).with_for_update(of=Run).execution_options(populate_existing=True)
    )
    found = db.session.scalar(run)
    if found is None:
        raise NotFound
    return found


def is_live(run_id: int) -> bool:
    """Whether somebody still waits for the run."""
    return db.session.scalar(select(Run.status).where(Run.id == run_id)) in LIVE


def begin(run_id: int) -> Run | None:
    """Take up a run, also one whose worker died; None if it was cancelled or is over."""
    run = locked(run_id)
    if run.status is RunStatus.QUEUED:
        RUN_LIFECYCLE.move(run, to=RunStatus.SOLVING, started_at=clock.utcnow(), progress={})
        record("run.begun", run, actor=None)
    elif run.status is RunStatus.SOLVING:
        run.started_at, run.progress = clock.utcnow(), {}
        record("run.begun_again", run, actor=None)
    else:
        return None
    return run


def tell(run_id: int, words: dict[str, Any]) -> None:
    """Keep the solver's newest words; those of a run that is over are dropped."""
    solving = update(Run).where(Run.id == run_id, Run.status == RunStatus.SOLVING)
    db.session.execute(solving.values(progress=words).execution_options(synchronize_session=False))


def finish(run_id: int, solution: dict[str, Any]) -> None:
    """Keep a result, if the independent checker finds nothing against it; else the run has failed."""
    run = locked(run_id)
    if run.status is not RunStatus.SOLVING:
        return
    if solution["status"] in {"infeasible", "unknown"}:
        _fail(
            run, ": ".join([solution["status"], ", ".join(solution.get("clash", ()))]).rstrip(": "), solution
        )
        return
    violations = matching.check(matching.Problem.from_json(scenario.problem_of(run)), solution)
    if violations:
        named = "; ".join(str(violation) for violation in violations[:VIOLATIONS_NAMED])
        _fail(run, f"violations: {named}", solution)
        return
    RUN_LIFECYCLE.move(
        run,
        to=RunStatus.SOLVED,
        solution=solution,
        reached=solution["goals"],
        outcome=solution["status"],
        result_sha256=solution["result"],
        finished_at=clock.utcnow(),
    )
    results.keep(run, solution)
    record("run.solved", run, actor=None, result=solution.get("result"), status=solution["status"])


def fail(run_id: int, code: str) -> None:
    """Note that the solver ended without a result."""
    run = locked(run_id)
    if run.status is RunStatus.SOLVING:
        _fail(run, code, None)


def cancel(run: Run, *, actor: Actor | None) -> None:
    """Stop a run; its solver ends within a second. Raises `RuleBroken` if it is over already."""
    run = locked(run.id)
    RUN_LIFECYCLE.move(run, to=RunStatus.CANCELLED, finished_at=clock.utcnow())
    record("run.cancelled", run, actor=actor)


def _fail(run: Run, failure: str, solution: dict[str, Any] | None) -> None:
    changes = {"failure": failure, "solution": solution, "finished_at": clock.utcnow()}
    RUN_LIFECYCLE.move(run, to=RunStatus.FAILED, **changes)
    record("run.failed", run, actor=None, failure=failure)
