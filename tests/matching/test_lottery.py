"""Lots decide between equals, and only there."""

from dataclasses import replace
from datetime import date

import pytest

from matching import Application, Host, HostWindow, Pair, Problem, Window, check, solve

FIRST, LAST = date(2027, 3, 1), date(2027, 3, 5)
WEEK = (Window(FIRST, LAST),)


def world(**lots: int) -> Problem:
    """One place for a week, and two equals who want it."""
    return Problem(
        first_day=FIRST,
        last_day=LAST,
        applications=tuple(Application(one, 5, 10, WEEK, lot=lot) for one, lot in lots.items()),
        hosts=(Host("H", (HostWindow(FIRST, LAST, 1),)),),
        pairs=tuple(Pair(one, "H", 50) for one in lots),
    )


def matched(problem: Problem) -> list[str]:
    solution = solve(problem, goals=("priority", "score", "lottery"), workers=1, time_limit_s=20)
    assert check(problem, solution) == []
    return [row.application for row in solution.assignments]


@pytest.mark.parametrize(("lots", "best"), [((1, 2), "B"), ((2, 1), "A")])
def test_of_two_equals_the_better_lot_is_matched(lots: tuple[int, int], best: str) -> None:
    assert matched(world(A=lots[0], B=lots[1])) == [best]


def test_a_better_lot_does_not_outweigh_a_point() -> None:
    problem = world(A=1, B=1000)
    better = (replace(problem.applications[0], priority=11), problem.applications[1])

    assert matched(replace(problem, applications=better)) == ["A"]


def test_a_lot_is_read_back_and_left_out_where_there_is_none() -> None:
    problem = world(A=0, B=7)

    assert Problem.from_json(problem.to_json()) == problem
    assert "lot" not in problem.to_json()["applications"][0]  # type: ignore[index]
