"""Neighbourhoods against trying everything, and the search over them."""

from dataclasses import replace
from datetime import timedelta
from time import monotonic, process_time

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from matching import (
    Application,
    Host,
    HostWindow,
    Limit,
    Lock,
    Pair,
    Problem,
    Window,
    check,
    generate,
    solve,
)
from matching.aim import Aim, make_aim
from matching.board import Board
from matching.climb import Climb, Task
from matching.engine import Effort
from matching.greedy import construct
from matching.lock_seating import seat_one_by_one
from matching.locked import locked_slots
from matching.progress import Watch
from matching.residual import Residual
from matching.tables import tables
from matching.ways import explore
from tests.matching import trying
from tests.matching.rounds import PROBLEM
from tests.matching.tiny import problems

EXAMPLES = settings(
    max_examples=50, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
ENDLESS = Watch(0, float("inf"), lambda _: None, lambda: False)


def begun(problem: Problem, goal: str = "priority") -> tuple[Board, Aim]:
    board = Board(tables(explore(problem)))
    return board, make_aim(goal, (), board.tables, locked_slots(board), 60)


@pytest.mark.parametrize("goal", ["priority", "fairness", "score", "cost", "changes"])
@EXAMPLES
@given(problem=problems)
def test_a_neighbourhood_of_all_reaches_what_trying_everything_finds(goal: str, problem: Problem) -> None:
    problem = replace(problem, locks=())
    board, aim = begun(problem, goal)
    aim.prices = replace(aim.prices, paid=np.zeros(len(aim.worth)))
    slots = {
        unit: [slot for way in ways for slot in board.slots_of(way)]
        for unit, ways in enumerate(board.world.ways_of)
    }
    best = trying.best(problem, (goal,))
    assume(best is not None)
    assert best is not None

    model = Residual(board, slots)
    model.aim(aim)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1

    assert solver.solve(model.cp) == cp_model.OPTIMAL
    for slot in model.chosen(solver.value):
        board.put(slot)
    assert aim.value(board) == best[0]
    assert not board.debt()


@EXAMPLES
@given(problem=problems, seed=st.integers(0, 9))
def test_a_climb_keeps_all_rules_and_loses_nothing(problem: Problem, seed: int) -> None:
    empty, aim = begun(problem)
    assume(seat_one_by_one(empty, locked_slots(empty)))
    board = construct(empty, aim)
    was, owed = aim.value(board), len(board.debt())

    Climb(board, aim, Effort(1.0, seed, 1, deterministic=True), ENDLESS, patience=5).run(
        lambda: False, lambda: None
    )

    assert owed or (aim.value(board) >= was and not board.debt())
    assert min(board.places, default=0) >= 0
    assert min(board.room, default=0) >= 0


def climbed_without_effort(problem: Problem, goal: str) -> Board:
    board, aim = begun(problem, goal)
    none = Effort(0.0, 1, 1, deterministic=True)
    Climb(board, aim, none, ENDLESS).run(lambda: False, lambda: None)
    return board


def test_what_is_left_open_goes_to_the_visit_that_is_worth_most() -> None:
    scores = {"H1": 2, "H2": 9, "H3": 4}

    board = climbed_without_effort(one_for(scores), "score")

    assert [board.host(slot) for slot in board.slots.values()] == ["H2"]


def test_what_is_left_open_goes_to_nobody_who_is_locked() -> None:
    problem = replace(one_for({"H1": 2, "H2": 9}), locks=(Lock("A", "H1"),))

    assert climbed_without_effort(problem, "score").slots == {}


def task(watch: Watch) -> Task:
    board, aim = begun(generate(applications=40, hosts=10, seed=1))
    made = Climb(construct(board, aim), aim, Effort(9, 1, 2, deterministic=False), watch)._task(set())
    assert made is not None
    return made


def test_a_neighbourhood_that_waited_for_a_worker_is_not_begun_after_the_end() -> None:
    waiting = task(ENDLESS)

    waiting.over.set()
    waiting.solve()

    assert waiting.status == cp_model.UNKNOWN
    assert waiting.after == waiting.before


def test_a_neighbourhood_has_the_time_that_is_left_when_it_begins() -> None:
    waiting = task(replace(ENDLESS, until=monotonic() + 5))
    waiting.until -= 3

    waiting.solve()

    assert waiting.status == cp_model.OPTIMAL
    assert waiting.solver.parameters.max_time_in_seconds <= 2


def test_a_deterministic_climb_counts_what_its_models_cost_and_not_their_proofs_alone() -> None:
    board, aim = begun(generate(applications=1000, hosts=200, seed=1))
    climb = Climb(construct(board, aim), aim, Effort(0.6, 1, 1, deterministic=True), ENDLESS)

    began = process_time()
    climb.run(lambda: False, lambda: None)

    assert process_time() - began < 2.5 * 0.6


def one_for(scores: dict[str, int]) -> Problem:
    """Return a problem of one application that each host would take, with scores."""
    ends = PROBLEM.first_day, PROBLEM.first_day + timedelta(days=4)
    return Problem(
        *ends,
        applications=(Application("A", 2, 3, (Window(*ends),)),),
        hosts=tuple(Host(name, (HostWindow(*ends, 1),)) for name in scores),
        pairs=tuple(Pair("A", name, score) for name, score in scores.items()),
    )


def test_two_workers_climb_without_breaking_a_rule() -> None:
    problem = generate(applications=260, hosts=80, seed=3, tight=True)

    solution = solve(problem, goals=("priority", "fairness", "score"), time_limit_s=4, workers=2)

    assert check(problem, solution) == []
    gaps = [goal.gap for goal in solution.goals or ()]
    assert gaps[0] is not None
    assert gaps[0] < 0.15


def test_a_later_goal_rises_while_the_value_of_the_one_before_is_held() -> None:
    """What a held value pays a unit once counted in its best slot and in none else: no way was looked at."""
    first, priority = begun(generate(applications=150, hosts=40, seed=3))
    board = construct(first, priority)
    held = priority.value(board)
    aim = make_aim("score", [("priority", held)], board.tables, {}, 100)
    was = aim.value(board)

    Climb(board, aim, Effort(1.0, 1, 1, deterministic=True), ENDLESS).run(lambda: False, lambda: None)

    assert priority.value(board) >= held
    assert aim.value(board) > was


def test_lower_limits_are_repaired_in_a_large_round() -> None:
    problem = generate(applications=300, hosts=90, seed=2)
    poor = [one.id for one in sorted(problem.applications, key=lambda one: one.priority)[:60]]
    few = tuple(host.id for host in problem.hosts[:6])
    limits = (
        Limit("poor", "visits", 60, 50, applications=tuple(poor)),
        Limit("few", "visits", 999, 20, hosts=few),
    )
    problem = replace(problem, limits=(*problem.limits, *limits))

    solution = solve(problem, time_limit_s=3, goals=("priority",), deterministic=True)

    assert solution.status == "feasible"
    assert check(problem, solution) == []


def test_locks_are_kept_in_a_large_round() -> None:
    problem = generate(applications=300, hosts=90, seed=4)
    first = solve(problem, time_limit_s=2, goals=("priority",))
    rows = first.assignments[::3]
    locks = tuple(
        Lock(row.application, row.host, row.first_day if n % 2 else None) for n, row in enumerate(rows)
    )

    solution = solve(replace(problem, locks=locks), time_limit_s=4)

    assert solution.status == "feasible"
    assert check(replace(problem, locks=locks), solution) == []
