"""Solving as the application does it: progress, stopping, limits, repeating, and rules that clash."""

import subprocess
import sys
import threading
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from matching import Forbidden, Limit, Lock, Problem, Progress, check, generate, solve
from matching.checked import Case
from matching.engine import Effort, configured
from matching.hard_rules import HARD_RULES
from tests.matching.rounds import PROBLEM
from tests.matching.tiny import problems


@pytest.mark.parametrize("tight", [False, True], ids=["loose", "tight"])
def test_a_generated_round_is_solved_and_passes_the_checker(tight: bool) -> None:
    problem = generate(applications=60, hosts=20, seed=5, tight=tight)

    solution = solve(problem, goals=("priority", "fairness", "score", "cost", "changes"), time_limit_s=5)

    assert check(problem, solution) == []
    assert check(problem, solution.to_json()) == []
    assert len(solution.assignments) > 20
    assert solution.seconds is not None
    assert [goal.name for goal in solution.goals or ()] == [
        "priority",
        "fairness",
        "score",
        "cost",
        "changes",
    ]


def test_a_round_by_hand_is_solved_to_what_was_worked_out_by_hand() -> None:
    solution = solve(PROBLEM, goals=("priority", "changes"), workers=1)

    assert [(goal.value, goal.bound, goal.gap, goal.status) for goal in solution.goals or ()] == [
        (18, 18, 0.0, "optimal"),
        (4, 4, 0.0, "optimal"),
    ]
    rows = {row.application: (row.host, row.first_day.day, row.last_day.day) for row in solution.assignments}
    assert rows["A1"] == ("H1", 4, 8)
    assert rows["A3"] == ("H2", 2, 2)
    assert solution.status == "optimal"
    assert solution.clash is None


def test_a_stay_of_no_use_is_not_made_for_the_goal_cost_alone() -> None:
    free = replace(PROBLEM, locks=(), limits=())

    solution = solve(free, goals=("cost", "priority"), workers=1)

    assert [goal.value for goal in solution.goals or ()] == [0, 3]


def test_a_later_goal_does_not_worsen_an_earlier_one_that_was_not_proven() -> None:
    problem = generate(applications=80, hosts=25, seed=2)
    values: list[Progress] = []

    solution = solve(problem, time_limit_s=2, progress=values.append)

    best = max(one.value for one in values if one.goal == "priority" and one.value is not None)
    assert (solution.goals or ())[0].value >= best


def test_progress_is_told_on_the_callers_thread_and_only_improves() -> None:
    told: list[tuple[Progress, int]] = []
    problem = generate(applications=60, hosts=20, seed=1)

    solution = solve(problem, time_limit_s=3, progress=lambda one: told.append((one, threading.get_ident())))

    assert {thread for _, thread in told} == {threading.get_ident()}
    assert {one.goal for one, _ in told} == {"priority", "score"}
    assert {one.stage for one, _ in told} == {1, 2}
    seconds = [one.seconds for one, _ in told]
    assert seconds == sorted(seconds)
    values = [one.value for one, _ in told if one.goal == "priority" and one.value is not None]
    assert values == sorted(values)
    bounds = [one.bound for one, _ in told if one.goal == "priority" and one.bound is not None]
    assert bounds == sorted(bounds, reverse=True)
    assert min(bounds) >= (solution.goals or ())[0].value


def test_a_solve_that_is_stopped_returns_the_best_so_far() -> None:
    problem = generate(applications=250, hosts=90, seed=1)
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 5

    solution = solve(problem, time_limit_s=600, should_stop=should_stop)

    assert solution.status == "feasible"
    assert solution.seconds is not None
    assert solution.seconds < 60
    assert check(problem, solution) == []


def test_a_fault_in_the_callers_progress_reaches_the_caller() -> None:
    class Gone(Exception):
        pass

    def fail(_: Progress) -> None:
        raise Gone

    with pytest.raises(Gone):
        solve(generate(applications=60, hosts=20, seed=1), time_limit_s=600, progress=fail)


def test_where_no_time_is_left_the_first_plan_is_the_solution() -> None:
    problem = generate(applications=60, hosts=20, seed=1)

    solution = solve(problem, time_limit_s=10, used_s=10)

    assert solution.status == "feasible"
    assert check(problem, solution) == []
    assert [goal.status for goal in solution.goals or ()] == ["feasible", "feasible"]


def test_where_no_time_is_left_and_no_plan_is_at_hand_the_status_is_unknown() -> None:
    problem = replace(PROBLEM, limits=(Limit("L", "visits", 9, 1, hosts=()),))

    solution = solve(problem, time_limit_s=10, used_s=10)

    assert (solution.status, solution.assignments, solution.goals) == ("unknown", (), ())


def test_the_largest_numbers_are_solved_exactly() -> None:
    most = 10**12
    problem = replace(
        PROBLEM,
        applications=tuple(replace(one, priority=most - n) for n, one in enumerate(PROBLEM.applications)),
        pairs=tuple(replace(one, score=most, amounts={"cost_cents": most}) for one in PROBLEM.pairs),
        limits=(Limit("budget", "cost_cents", 10**30, 2 * most),),
        locks=(),
    )

    solution = solve(problem, goals=("priority", "cost", "score"), workers=1)

    assert check(problem, solution) == []
    assert [goal.value for goal in solution.goals or ()] == [6 * most - 15, 6 * most, 6 * most]


@pytest.mark.parametrize(
    "options",
    [
        {"goals": ()},
        {"goals": ("luck",)},
        {"goals": ("score", "score")},
        {"time_limit_s": 0},
        {"time_limit_s": float("nan")},
        {"time_limit_s": float("inf")},
        {"workers": 0},
        {"seed": -1},
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"goals|time limit|seed"):
        solve(PROBLEM, **options)


def clash(problem: Problem) -> set[str]:
    solution = solve(problem, workers=1, time_limit_s=30)
    assert solution.status == "infeasible"
    assert solution.assignments == ()
    assert [one.code for one in check(problem, solution)] == ["no_solution"]
    return set(solution.clash or ())


def test_a_lock_on_a_forbidden_pair_is_named_with_it() -> None:
    problem = replace(PROBLEM, locks=(*PROBLEM.locks, Lock("A3", "H2")), forbidden=(Forbidden("A3", "H2"),))

    assert clash(problem) == {"lock: A3 at H2", "forbidden: A3 at H2"}


def test_a_lock_without_a_pair_is_named_alone() -> None:
    assert clash(replace(PROBLEM, locks=(*PROBLEM.locks, Lock("A4", "H1")))) == {"lock: A4 at H1"}


def test_a_lock_on_a_closed_day_is_named_alone() -> None:
    locks = (Lock("A2", "H1", PROBLEM.first_day.replace(day=10)),)

    assert clash(replace(PROBLEM, locks=locks)) == {"lock: A2 at H1 from 2027-03-10"}


def test_two_locks_for_one_place_are_named_with_the_place() -> None:
    locks = (
        Lock("A1", "H1", PROBLEM.first_day.replace(day=3)),
        Lock("A2", "H1", PROBLEM.first_day.replace(day=4)),
    )

    assert clash(replace(PROBLEM, locks=locks)) == {
        "lock: A1 at H1 from 2027-03-03",
        "lock: A2 at H1 from 2027-03-04",
        "places of host H1",
    }


def test_a_lower_limit_out_of_reach_is_named() -> None:
    limits = (*PROBLEM.limits, Limit("newcomers", "visits", 9, 6))

    assert clash(replace(PROBLEM, limits=limits)) == {
        "limit newcomers: at least 6 visits",
        "limit visits:H2: at most 1 visits",
    }


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems)
def test_without_time_the_plan_keeps_every_rule(problem: Problem) -> None:
    solution = solve(problem, time_limit_s=10, used_s=10)

    if solution.status == "feasible":
        assert [str(one) for rule in HARD_RULES for one in rule(Case(problem, solution))] == []


def test_a_first_plan_is_found_for_a_large_round() -> None:
    problem = generate(applications=300, hosts=100, seed=1)

    solution = solve(problem, time_limit_s=10, used_s=10)

    assert len(solution.assignments) > 200


REPEATED = """
from matching import generate, solve
problem = generate(applications=120, hosts=40, seed=4)
solution = solve(problem, goals=("fairness", "priority", "score"), seed=7, deterministic=True, time_limit_s=0.3)
print(solution.result, solution.inputs, solution.status)
"""


def test_deterministic_solves_repeat_in_fresh_processes() -> None:
    commands = [[sys.executable, "-c", REPEATED] for _ in range(3)]

    said = {
        subprocess.run(
            command, capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": str(n)}
        ).stdout
        for n, command in enumerate(commands)
    }

    assert len(said) == 1
    assert said.pop().strip().endswith("feasible")


def test_a_deterministic_search_has_one_worker_and_no_wall_clock() -> None:
    chosen = configured(Effort(limit=2.5, seed=9, workers=8, deterministic=True)).parameters

    assert (chosen.num_workers, chosen.max_deterministic_time, chosen.random_seed) == (1, 2.5, 9)
    assert chosen.max_time_in_seconds == float("inf")


def test_importing_the_package_does_not_load_the_solver() -> None:
    command = [
        sys.executable,
        "-c",
        "import sys, matching; print([m for m in sys.modules if m.startswith(('ortools', 'numpy'))])",
    ]

    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == "[]"


class _OverAtOnce(threading.Thread):
    """A search that is over before anybody looks at it."""

    def start(self) -> None:
        super().start()
        self.join()


def test_a_search_that_ends_before_it_is_looked_at_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.engine.Thread", _OverAtOnce)
    told: list[Progress] = []

    solve(generate(applications=2, hosts=1, seed=1), time_limit_s=5, progress=told.append)

    assert told
