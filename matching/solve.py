"""Solves a problem: the one function that callers need."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from matching.options import DEFAULT_GOALS, DEFAULT_TIME_LIMIT_S, Options
from matching.problem import Problem
from matching.progress import Progress, Watch
from matching.solution import Solution, inputs_digest, result_digest

if TYPE_CHECKING:
    from matching.stages import Outcome

PER_PAIR_S = 5e-5
"""Time kept for each pair, to explain who is not matched and to write it all down."""


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

    reserve = min(0.25 * options.time_limit_s, 1.0 + PER_PAIR_S * len(problem.pairs))
    until = float("inf") if deterministic else since + options.time_limit_s - used_s - reserve
    watch = Watch(since, until, progress or (lambda _: None), should_stop or (lambda: False))
    outcome = search(problem, options, watch)
    return _explained(_solution(problem, options, outcome, engine()), outcome, watch)


def locks_clash(problem: Problem, time_limit_s: float = 5.0) -> tuple[str, ...]:
    """Name a smallest set of rules that the locked cannot keep together, whoever else comes; none where they can.

    None, too, where the time ends before that is known. The limit is in deterministic time, about as many seconds.
    """
    from matching.clash import locked_alone  # noqa: PLC0415

    found = solve(locked_alone(problem), goals=("priority",), time_limit_s=time_limit_s, deterministic=True)
    return found.clash or ()


def _explained(solution: Solution, outcome: "Outcome", watch: Watch) -> Solution:
    """Add why the others are not matched, without detail for a caller who waits no longer, and how long all took."""
    from matching.explain import Desk  # noqa: PLC0415

    if outcome.board is not None:
        desk, in_detail = Desk(outcome.board, solution), not watch.should_stop()
        solution = replace(solution, unmatched=desk.explain_all(in_detail=in_detail))
    return replace(solution, seconds=round(monotonic() - watch.since, 3))


def _solution(problem: Problem, options: Options, outcome: "Outcome", engine: str) -> Solution:
    assignments = tuple(sorted(outcome.assignments))
    certified_bound, certificate = outcome.certified or (None, None)
    return Solution(
        status=outcome.status,
        assignments=assignments,
        goals=outcome.goals,
        clash=outcome.clash,
        certified_bound=certified_bound,
        certificate=certificate,
        seed=options.seed,
        engine=engine,
        options=options.to_json(),
        inputs=inputs_digest(problem, options.to_json(), options.seed, engine),
        result=result_digest(assignments, outcome.goals),
    )
