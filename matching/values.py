"""What a plan is worth by each goal, in exact numbers; and which of two values is the better."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from matching.problem import Pair, Problem
from matching.solution import GoalResult

Visits = Mapping[str, tuple[str, date]]
"""Per matched application its host and first day."""

Value = int | Fraction

LOWER_IS_BETTER = frozenset({"cost", "changes"})


def measure(problem: Problem, visits: Visits, goals: tuple[str, ...]) -> tuple[Value, ...]:
    """Return the value of each goal, in their order."""
    return tuple(_MEASURES[goal](problem, visits) for goal in goals)


def rank(goals: tuple[str, ...], values: tuple[Value, ...]) -> tuple[Value, ...]:
    """Return the values such that the larger tuple is the better plan."""
    return tuple(-v if goal in LOWER_IS_BETTER else v for goal, v in zip(goals, values, strict=True))


def named_sets(problem: Problem) -> Iterator[tuple[str, ...]]:
    """Yield the members of each set of each family that is not empty."""
    return (members for sets in problem.sets.values() for members in sets.values() if members)


def _matched_pairs(problem: Problem, visits: Visits) -> Iterator[Pair]:
    return (pair for pair in problem.pairs if visits.get(pair.application, ("",))[0] == pair.host)


def _priority(problem: Problem, visits: Visits) -> int:
    return sum(application.priority for application in problem.applications if application.id in visits)


def _fairness(problem: Problem, visits: Visits) -> Fraction:
    shares = (Fraction(sum(one in visits for one in ids), len(ids)) for ids in named_sets(problem))
    return min(shares, default=Fraction(1))


def _score(problem: Problem, visits: Visits) -> int:
    return sum(pair.score for pair in _matched_pairs(problem, visits))


def _cost(problem: Problem, visits: Visits) -> int:
    return sum(pair.amount("cost_cents") for pair in _matched_pairs(problem, visits))


def _changes(problem: Problem, visits: Visits) -> int:
    before = {one.application: (one.host, one.first_day) for one in problem.previous}
    return sum(visits.get(one.id) != before.get(one.id) for one in problem.applications)


def _lottery(problem: Problem, visits: Visits) -> int:
    return sum(application.lot for application in problem.applications if application.id in visits)


_MEASURES: dict[str, Callable[[Problem, Visits], Value]] = {
    "priority": _priority,
    "fairness": _fairness,
    "score": _score,
    "cost": _cost,
    "changes": _changes,
    "lottery": _lottery,
}


def number(value: Value | float | None) -> float | None:
    """Return a value as JSON writes it: a whole number as it is, a share as the nearest float."""
    return float(value) if isinstance(value, Fraction) else value


def gap(value: Value, bound: Value) -> float:
    """Return |bound - value| / max(|bound|, |value|), 0 where both are 0."""
    of_bound, of_value = Fraction(bound), Fraction(value)
    size = max(abs(of_bound), abs(of_value))
    return float(abs(of_bound - of_value) / size) if size else 0.0


def goal_result(name: str, value: Value, bound: Value | None) -> GoalResult:
    """Put a goal's exact value and bound into the solution's words."""
    return GoalResult(
        name=name,
        value=value if isinstance(value, int) else float(value),
        bound=number(bound),
        gap=None if bound is None else gap(value, bound),
        status="optimal" if value == bound else "feasible",
    )
