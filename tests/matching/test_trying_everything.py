"""The solver against trying everything, on tiny problems with every kind of rule."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import GOALS, Problem, check, solve
from tests.matching import trying
from tests.matching.tiny import problems

EXAMPLES = settings(
    max_examples=30, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


@pytest.mark.parametrize("first", GOALS)
@EXAMPLES
@given(problem=problems, data=st.data())
def test_each_goal_reaches_what_trying_everything_finds(
    first: str, problem: Problem, data: st.DataObject
) -> None:
    rest = data.draw(st.permutations([goal for goal in GOALS if goal != first]))
    goals = (first, *rest[: data.draw(st.integers(0, 4))])

    solution = solve(problem, goals=goals, workers=1, time_limit_s=60)

    best = trying.best(problem, goals)
    if best is None:
        assert solution.status == "infeasible"
        assert solution.assignments == ()
        return
    assert check(problem, solution) == []
    assert solution.status == "optimal"
    assert [goal.value for goal in solution.goals or ()] == [_written(value) for value in best]


def _written(value: Fraction) -> float:
    return float(value)


@EXAMPLES
@given(problem=problems)
def test_two_workers_find_the_same_values_as_trying_everything(problem: Problem) -> None:
    solution = solve(problem, goals=("fairness", "priority"), workers=2, time_limit_s=60)

    best = trying.best(problem, ("fairness", "priority"))
    assert tuple(goal.value for goal in solution.goals or ()) == tuple(map(_written, best or ()))
