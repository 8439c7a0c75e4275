"""Goals where rounding or order could go wrong, worked out by hand."""

from datetime import date
from fractions import Fraction

import pytest
from ortools.sat.python import cp_model

from matching import Application, Host, HostWindow, Limit, Pair, Previous, Problem, Window, solve
from matching.goals import goal, proven
from matching.options import Options
from matching.progress import Watch
from matching.rules import build
from matching.stages import Search
from matching.ways import explore

FIRST, LAST = date(2027, 3, 1), date(2027, 3, 5)


def shares(visits: int, *, without: str = "", favoured: str = "") -> Problem:
    """Return a set of two and a set of three applications, and a limit on the visits of all."""
    two, three = ("A", "B"), ("C", "D", "E")
    return Problem(
        FIRST,
        LAST,
        applications=tuple(
            Application(one, 1, 9 if one in favoured else 1, (Window(FIRST, LAST),)) for one in two + three
        ),
        hosts=(Host("H", (HostWindow(FIRST, LAST, 9),)),),
        pairs=tuple(
            Pair(one, "H", 0, amounts={"cost_cents": 1}) for one in two + three if one not in without
        ),
        limits=(Limit("all", "visits", visits),),
        sets={"f": {"two": two, "three": three, "empty": ()}},
    )


def values(problem: Problem, *goals: str) -> list[float]:
    solution = solve(problem, goals=goals, workers=1)
    assert solution.status == "optimal"
    return [result.value for result in solution.goals or ()]


def test_shares_that_lie_close_are_told_apart() -> None:
    assert values(shares(3, favoured="AB"), "fairness") == [1 / 2]


def test_a_share_that_was_reached_is_kept_by_larger_sets_too() -> None:
    assert values(shares(5, without="B"), "fairness", "cost") == [1 / 2, 3]


def test_without_sets_the_share_is_whole() -> None:
    problem = shares(0)

    assert values(Problem(FIRST, LAST, problem.applications), "fairness") == [1]


@pytest.mark.parametrize(
    ("bound", "share"),
    [
        (0, Fraction(0)),
        (2, Fraction(0)),
        (3, Fraction(1, 3)),
        (4, Fraction(1, 2)),
        (5.0000001, Fraction(1, 2)),
        (5.9999999, Fraction(2, 3)),
        (8, Fraction(2, 3)),
        (9, Fraction(1)),
    ],
)
def test_a_bound_on_a_share_is_the_largest_share_that_it_allows(bound: float, share: Fraction) -> None:
    model = build(explore(shares(5)))

    assert proven(model, goal("fairness", model), bound) == share


@pytest.mark.parametrize(
    ("name", "bound", "whole"),
    [
        ("priority", 7.9999999, 8),
        ("priority", 7.9, 7),
        ("cost", 7.0000001, 7),
        ("cost", 7.1, 8),
        ("score", -0.0, 0),
    ],
)
def test_a_bound_on_a_sum_is_rounded_to_the_safe_side(name: str, bound: float, whole: int) -> None:
    model = build(explore(shares(5)))

    assert proven(model, goal(name, model), bound) == whole


def test_a_bound_too_large_for_a_float_gives_its_rounding_away() -> None:
    model = build(explore(shares(5)))
    exact = 2**60 + 1

    assert proven(model, goal("priority", model), float(exact)) >= exact
    assert proven(model, goal("cost", model), float(exact)) <= exact


def test_changes_are_kept_while_a_later_goal_is_raised() -> None:
    problem = shares(5)
    before = (Previous("A", "H", LAST), Previous("B", "H", FIRST), Previous("C", "gone", FIRST))
    known = Problem(FIRST, LAST, problem.applications, problem.hosts, problem.pairs, previous=before)

    assert values(known, "changes", "priority", "cost") == [1, 3, 3]


def test_an_earlier_goal_is_held_anew_where_its_value_has_risen_since() -> None:
    watch = Watch(0, float("inf"), lambda _: None, lambda: False)
    search = Search(shares(5), Options(("priority", "score", "cost")), watch)
    search.names = ["priority", "score"]
    search._model("score", (1,))

    search._model("cost", (3,)).aim(search._built())

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(search._built().cp) == cp_model.OPTIMAL
    assert solver.objective_value == 3
