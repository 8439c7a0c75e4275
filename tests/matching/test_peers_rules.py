"""Every peer keeps every rule; the exact ones find what trying everything finds."""

import pytest
from hypothesis import HealthCheck, given, settings

from matching import Problem, check, generate
from matching.peers import PEERS, Effort, peer
from matching.solution import Solution
from tests.matching import trying
from tests.matching.tiny import problems

EXACT = ("textbook", "time_indexed")
EXAMPLES = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
EFFORT = Effort(seconds=20, workers=1)


@pytest.mark.parametrize("name", PEERS)
@EXAMPLES
@given(problem=problems)
def test_a_peer_keeps_every_rule_and_is_no_better_than_the_best(name: str, problem: Problem) -> None:
    answer = peer(name)(problem, EFFORT)

    best = trying.best(problem, ("priority",))
    if answer.assignments is None:
        assert best is None or name not in EXACT
        return
    assert check(problem, Solution("feasible", answer.assignments)) == []
    assert best is not None
    assert _value(problem, answer.assignments) <= best[0]
    if name in EXACT:
        assert answer.bound == pytest.approx(float(best[0]), abs=1e-6)
        assert _value(problem, answer.assignments) == best[0]


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_keeps_every_rule_of_a_round_and_tells_its_value(name: str) -> None:
    problem = generate(applications=60, hosts=18, seed=2, tight=True)
    told: list[float] = []

    def hear(value: float | None, _bound: float | None) -> None:
        told.extend([] if value is None else [value])

    answer = peer(name)(problem, Effort(seconds=3, workers=1, told=hear))

    assert answer.assignments
    assert check(problem, Solution("feasible", answer.assignments)) == []
    assert told[-1] == _value(problem, answer.assignments)


def _value(problem: Problem, assignments: object) -> int:
    assert isinstance(assignments, tuple)
    priority = {one.id: one.priority for one in problem.applications}
    return sum(priority[row.application] for row in assignments)
