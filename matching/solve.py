"""Solves a problem: the one function that callers need."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from matching.options import DEFAULT_GOALS, DEFAULT_TIME_LIMIT_S, Options
from matching.problem import Problem
from matching.progress import Progress, Watch
from matching.solution import Solution, inputs_digest, result_digest

if TYPE_CHECKING:
    from matching.stages import Outcome


def solve(
    problem: Problem,
    *,
    goals: Sequence[str] = DEFAULT_GOALS,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    seed: int = 1,
    workers: int = 2,
    deterministic: bool = False,
    used_s: float = 0.0,
    progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Solution:
    """Assign applications to hosts and dates, best by the first goal, among those by the second, and so on.

    Both callbacks run on the caller's thread: `progress` at each better value or bound, `should_stop` about ten
    times a second; once it is true, the best solution so far is returned. Without a solution the status is
    `infeasible` (with the rules that clash) or `unknown` (none found in time). `used_s` of the time limit are
    already spent. Raises `Misused` for bad options.
    """
    since = monotonic()
    options = Options(tuple(goals), float(time_limit_s), seed, workers, deterministic)
    # OR-Tools takes 100 MB and a second to load: only processes that solve pay for it.
    from matching.engine import engine  # noqa: PLC0415
    from matching.stages import search  # noqa: PLC0415

    reserve = min(1.0, 0.05 * options.time_limit_s)
    until = float("inf") if deterministic else since + options.time_limit_s - used_s - reserve
    watch = Watch(since, until, progress or (lambda _: None), should_stop or (lambda: False))
    return _solution(problem, options, search(problem, options, watch), engine(), since)


def _solution(problem: Problem, options: Options, outcome: "Outcome", engine: str, since: float) -> Solution:
    assignments = tuple(sorted(outcome.assignments))
    return Solution(
        status=outcome.status,
        assignments=assignments,
        goals=outcome.goals,
        clash=outcome.clash,
        seed=options.seed,
        engine=engine,
        options=options.to_json(),
        inputs=inputs_digest(problem, options.to_json(), options.seed, engine),
        result=result_digest(assignments, outcome.goals),
        seconds=round(monotonic() - since, 3),
    )
