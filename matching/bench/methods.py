"""The methods to measure: the engine and its peers, all raising the sum of priorities."""

from collections.abc import Callable
from dataclasses import dataclass

from matching.peers import Answer, Effort, peer
from matching.problem import Problem
from matching.progress import Progress
from matching.solve import solve

ENGINE = "engine"


@dataclass(frozen=True, slots=True)
class Method:
    """A method by its name in `peers`; above `largest` applications it is not tried, for the `reason` given."""

    name: str
    title: str
    largest: float = float("inf")
    reason: str = ""

    def refusal(self, applications: int) -> str | None:
        """Return why a size is not tried, or None where it is."""
        return self.reason if applications > self.largest else None


METHODS = (
    Method(ENGINE, "our engine"),
    Method("first_come", "first come, first served"),
    Method("deferred_acceptance", "deferred acceptance"),
    Method("min_cost_flow", "min-cost flow"),
    Method("time_indexed", "time-indexed MIP", 1_000, "hopeless above 1,000: a binary per visit and day"),
    Method("textbook", "textbook CP-SAT", 10_000, "hopeless above 10,000, where it finds nothing in 100 s"),
)


def title(name: str) -> str:
    """Return what a method is called."""
    return next((one.title for one in METHODS if one.name == name), name)


def method(name: str) -> Callable[[Problem, Effort], Answer]:
    """Return what runs a method."""
    return _engine if name == ENGINE else peer(name)


def _engine(problem: Problem, effort: Effort) -> Answer:
    def told(progress: Progress) -> None:
        effort.told(progress.value, progress.bound)

    solution = solve(
        problem,
        goals=("priority",),
        time_limit_s=effort.seconds,
        seed=effort.seed,
        workers=effort.workers,
        progress=told,
    )
    if not solution.goals:
        return Answer(None)
    return Answer(solution.assignments, solution.goals[0].bound)
