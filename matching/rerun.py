"""After a decline: two answers side by side, one that moves nobody and one that moves whom it may.

Both return the problem that was solved with its solution, so that `check` and `explain` work on them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from matching.options import Misused
from matching.problem import Forbidden, Lock, Previous, Problem
from matching.progress import Progress
from matching.solution import Assignment, Solution
from matching.solve import solve

REFILL_S, REMATCH_S = 2.0, 30.0


@dataclass(frozen=True, slots=True)
class Rerun:
    """A problem after a decline, and its solution."""

    problem: Problem
    solution: Solution


def refill(
    problem: Problem,
    solution: Solution,
    declined: Collection[str],
    *,
    may_return: bool = False,
    time_limit_s: float = REFILL_S,
    workers: int = 2,
    seed: int = 1,
) -> Rerun:
    """Lock everybody else as matched and give what came free to those who wait, best by priority and score.

    Who `declined` is out, or where it `may_return`, out at that host only; a group goes as a whole. Raises `Misused`
    for a decline of somebody who is not matched.
    """
    kept = [row for row in solution.assignments if row.application not in _units(problem, declined)]
    after = _after(problem, solution, declined, kept, may_return=may_return)
    return Rerun(after, solve(after, time_limit_s=time_limit_s, workers=workers, seed=seed))


def rematch(
    problem: Problem,
    solution: Solution,
    declined: Collection[str],
    accepted: Collection[str],
    *,
    may_return: bool = False,
    time_limit_s: float = REMATCH_S,
    workers: int = 2,
    seed: int = 1,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Rerun:
    """Lock only who has `accepted`, and solve anew by priority, then with the fewest changes.

    Raises `Misused` for a decline or an acceptance of somebody who is not matched, or for both of one.
    """
    _refuse(problem, solution, declined, accepted)
    kept = [row for row in solution.assignments if row.application in accepted]
    after = _after(problem, solution, declined, kept, may_return=may_return)
    solved = solve(
        after,
        goals=("priority", "changes"),
        time_limit_s=time_limit_s,
        workers=workers,
        seed=seed,
        progress=progress,
        should_stop=should_stop,
    )
    return Rerun(after, solved)


def _refuse(
    problem: Problem, solution: Solution, declined: Collection[str], accepted: Collection[str]
) -> None:
    if _units(problem, declined).intersection(accepted):
        raise Misused("an application has either accepted or declined; a group goes as a whole")
    unmatched = set(accepted) - {row.application for row in solution.assignments}
    if unmatched:
        raise Misused(f"{min(unmatched)} is not matched and cannot accept")


def _units(problem: Problem, declined: Collection[str]) -> set[str]:
    """Return who declined with all members of their groups."""
    groups = {one.group for one in problem.applications if one.id in declined and one.group is not None}
    members = {one.id for one in problem.applications if one.group in groups}
    return members.union(declined)


def _after(
    problem: Problem,
    solution: Solution,
    declined: Collection[str],
    kept: Collection[Assignment],
    *,
    may_return: bool,
) -> Problem:
    """Return the problem after a decline: with locks, with what is ruled out, and with what was before."""
    host_of = {row.application: row.host for row in solution.assignments}
    for one in declined:
        if one not in host_of:
            raise Misused(f"{one} is not matched and cannot decline")
    gone = _units(problem, declined)
    barred = [
        Forbidden(pair.application, pair.host)
        for pair in problem.pairs
        if pair.application in declined and (not may_return or pair.host == host_of[pair.application])
    ]
    locks = {row.application: Lock(row.application, row.host, row.first_day) for row in kept}
    others = [
        lock for lock in problem.locks if lock.application not in gone and lock.application not in locks
    ]
    return replace(
        problem,
        locks=(*others, *locks.values()),
        forbidden=tuple(dict.fromkeys((*problem.forbidden, *barred))),
        previous=tuple(Previous(row.application, row.host, row.first_day) for row in solution.assignments),
    )
