"""Who could take a place that comes free, in order."""

from dataclasses import replace
from datetime import date

from matching import (
    Application,
    Assignment,
    Host,
    HostWindow,
    Limit,
    Lock,
    Pair,
    Problem,
    Solution,
    Window,
    check,
    generate,
    solve,
)
from matching.reserve import reserve

FIRST, LAST = date(2027, 3, 1), date(2027, 3, 5)


def world() -> Problem:
    """One host with one place for a week; Ana has it, three wait."""
    week = (Window(FIRST, LAST),)
    worth = {"Ana": (12, 90), "Bea": (10, 50), "Cleo": (11, 40), "Dora": (10, 60)}
    return Problem(
        first_day=FIRST,
        last_day=LAST,
        applications=tuple(
            Application(one, days=5, priority=priority, windows=week) for one, (priority, _) in worth.items()
        ),
        hosts=(Host("H", (HostWindow(FIRST, LAST, 1),)),),
        pairs=tuple(Pair(one, "H", score) for one, (_, score) in worth.items()),
    )


MATCHED = Solution("optimal", (Assignment("Ana", "H", FIRST, LAST),))


def test_the_reserve_of_a_host_stands_by_priority_then_by_score() -> None:
    assert reserve(world(), MATCHED) == {"H": ["Cleo", "Dora", "Bea"]}


def test_who_a_limit_keeps_out_even_then_is_not_on_reserve() -> None:
    barred = replace(world(), limits=(Limit("none", "visits", 0, applications=("Cleo",)),))

    assert reserve(barred, MATCHED) == {"H": ["Dora", "Bea"]}


def test_a_locked_visit_does_not_fall_away() -> None:
    assert reserve(replace(world(), locks=(Lock("Ana", "H", FIRST),)), MATCHED) == {}


def test_the_first_on_reserve_can_come_when_a_visit_falls_away() -> None:
    problem = generate(applications=60, hosts=15, seed=5, tight=True)
    solution = solve(problem, goals=("priority",), time_limit_s=5)

    for host, waiting in list(reserve(problem, solution).items())[:3]:
        group = {one.id: one.group for one in problem.applications}[waiting[0]]
        if group is None:
            assert any(
                fits_instead(problem, solution, waiting[0], host, gone) for gone in solution.assignments
            )


def fits_instead(problem: Problem, solution: Solution, one: str, host: str, gone: Assignment) -> bool:
    """Whether `check` finds nothing against some visit of one to a host in place of another's."""
    if gone.host != host:
        return False
    kept = tuple(row for row in solution.assignments if row != gone)
    locks = tuple(Lock(row.application, row.host, row.first_day) for row in kept)
    tried = replace(problem, locks=(*locks, Lock(one, host)))
    found = solve(tried, goals=("priority",), time_limit_s=5)
    return found.status != "infeasible" and not check(tried, found)
