"""The whole problem by intervals, slot by slot and by neighbourhoods: each way reaches the same values."""

import subprocess
import sys
from dataclasses import replace
from time import monotonic, process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import GOALS, Lock, Problem, Progress, Solution, check, generate, solve
from tests.matching import trying
from tests.matching.tiny import problems

EXAMPLES = settings(
    max_examples=20,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@EXAMPLES
@given(problem=problems, goals=st.permutations(GOALS))
def test_intervals_reach_what_trying_everything_finds(
    problem: Problem, goals: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("matching.stages.PROVEN_SLOTS", -1)
        solution = solve(problem, goals=goals, workers=1, time_limit_s=60)

    best = trying.best(problem, tuple(goals))
    assert solution.status == ("infeasible" if best is None else "optimal")
    assert [goal.value for goal in solution.goals or ()] == [float(value) for value in best or ()]


@EXAMPLES
@given(problem=problems, goals=st.permutations(GOALS))
def test_neighbourhoods_alone_claim_no_more_than_is_true(
    problem: Problem, goals: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("matching.stages.PROVEN_SLOTS", -1)
        patch.setattr("matching.stages.PROVEN_WHOLE", -1)
        patch.setattr("matching.stages.PROVEN_LOOSE", -1)
        solution = solve(problem, goals=goals, workers=1, deterministic=True, time_limit_s=0.02)

    best = trying.best(problem, tuple(goals))
    if solution.status == "feasible":
        assert check(problem, solution) == []
        assert best is not None
        first, bound = best[0], (solution.goals or ())[0].bound
        assert bound is not None
        is_below = goals[0] in ("cost", "changes")
        assert bound <= first if is_below else bound >= first


def test_a_large_solve_that_is_stopped_ends_within_two_seconds_with_a_plan() -> None:
    problem = generate(applications=1000, hosts=200, seed=1)
    told: list[Progress] = []
    stopped: list[float] = []

    def should_stop() -> bool:
        if told and told[-1].value is not None and not stopped:
            stopped.append(monotonic())
        return bool(stopped)

    solution = solve(problem, time_limit_s=600, progress=told.append, should_stop=should_stop)

    # Explaining who is not matched takes its own time; the search itself ends at once.
    assert monotonic() - stopped[0] < 15
    assert solution.status == "feasible"
    assert check(problem, solution) == []
    assert (solution.goals or ())[0].value >= max(one.value for one in told if one.stage == 1 and one.value)


def stopped_at(seconds: float, problem: Problem) -> tuple[float, Solution]:
    """Return how much processor time a solve takes on after it has first heard that it should stop."""
    heard: list[float] = []

    def should_stop() -> bool:
        if process_time() - began >= seconds:
            heard.append(process_time())
        return bool(heard)

    began = process_time()
    solution = solve(problem, time_limit_s=600, workers=1, should_stop=should_stop)
    return process_time() - heard[0], solution


@pytest.mark.parametrize("seconds", [0.0, 1.0], ids=["at once", "while prices settle"])
def test_a_stop_is_heeded_in_every_phase_of_a_large_solve(seconds: float) -> None:
    problem = with_locks(generate(applications=2500, hosts=450, seed=1), 40)

    late, solution = stopped_at(seconds, problem)

    assert late < 2
    assert check(problem, solution) == []
    assert [goal.name for goal in solution.goals or ()] == ["priority", "score"]
    assert all("helps" not in one.evidence for one in solution.unmatched or ())


def with_locks(problem: Problem, number: int) -> Problem:
    """Lock some of those in a first plan to their hosts."""
    first = solve(problem, goals=("priority",), time_limit_s=10, used_s=10).assignments[:number]
    return replace(problem, locks=tuple(Lock(row.application, row.host) for row in first))


def test_prices_that_never_settle_leave_time_to_search(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, told = with_locks(generate(applications=310, hosts=90, seed=1), 20), list[Progress]()
    monkeypatch.setattr("matching.stages.STEPS", 10**7)

    solution = solve(problem, goals=("priority",), time_limit_s=5, progress=told.append)

    assert check(problem, solution) == []
    assert len({one.value for one in told}) > 1


REPEATED = """
from matching import generate, solve
problem = generate(applications=260, hosts=70, seed=4, tight=True)
solution = solve(problem, goals=("priority", "score"), seed=7, deterministic=True, time_limit_s=0.25)
print(solution.result, solution.status)
"""


def test_neighbourhoods_repeat_in_fresh_processes() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", REPEATED],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": str(n)},
        ).stdout
        for n in range(2)
    }

    assert len(said) == 1
    assert said.pop().strip().endswith("feasible")
