"""Each rule of the model against its twin in plain Python."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from ortools.sat.python import cp_model

from matching import (
    Application,
    Assignment,
    Host,
    HostWindow,
    Limit,
    Pair,
    Problem,
    Solution,
    Window,
    hard_rules,
    rules,
)
from matching.checked import Case, Violation
from matching.rules import Model
from matching.ways import World, explore
from tests.matching import trying
from tests.matching.tiny import problems

EXAMPLES = settings(
    max_examples=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
Twin = Callable[[Case], Iterator[Violation]]


@pytest.mark.parametrize(
    ("rule", "twin"),
    [
        (rules.one_visit, hard_rules.one_visit),
        (rules.places, hard_rules.places),
        (rules.limits, hard_rules.limits),
        (rules.locks, hard_rules.locks),
    ],
    ids=["one_visit", "places", "limits", "locks"],
)
@EXAMPLES
@given(problem=problems, data=st.data())
def test_a_rule_of_the_model_agrees_with_its_plain_twin(
    rule: Callable[[Model], None], twin: Twin, problem: Problem, data: st.DataObject
) -> None:
    world = explore(problem)
    assume(world.ways)
    taken = data.draw(_taken(world))
    # Of a unit that is placed twice, the plain twin of `locks` looks at one visit only.
    assume(rule is not rules.locks or len({world.ways[w].unit for w in taken}) == len(taken))

    model = Model(world)
    rule(model)

    assert _is_allowed(model, taken) == (not list(twin(Case(problem, _solution(world, taken)))))


def _taken(world: World) -> st.SearchStrategy[dict[int, int]]:
    every = st.sampled_from(range(len(world.ways)))
    chosen = st.lists(every, unique=True, max_size=4)
    return chosen.flatmap(
        lambda ways: st.fixed_dictionaries({w: st.sampled_from(world.ways[w].starts) for w in ways})
    )


def _is_allowed(model: Model, taken: dict[int, int]) -> bool:
    for w, chosen in enumerate(model.chosen):
        model.cp.add(chosen == (w in taken))
    for w, start in taken.items():
        model.cp.add(model.starts[w] == start)
    return cp_model.CpSolver().solve(model.cp) == cp_model.OPTIMAL


def _solution(world: World, taken: dict[int, int]) -> Solution:
    rows = [
        Assignment(pair.application, way.host, line.day(start), line.day(start + days - 1))
        for w, start in taken.items()
        for way in [world.ways[w]]
        for line in [world.axes[way.host]]
        for pair, days in zip(way.pairs, way.days, strict=True)
    ]
    return Solution("feasible", tuple(rows))


@EXAMPLES
@given(problem=problems)
def test_ways_are_exactly_the_visits_that_fit_windows_groups_and_forbidden_pairs(problem: Problem) -> None:
    world = explore(problem)

    found = {
        (world.units[way.unit], way.host, world.first_day(way, start))
        for way in world.ways
        for start in way.starts
    }

    assert found == {one for unit in _units(problem) for one in _common(problem, unit)}


def _units(problem: Problem) -> list[tuple[str, ...]]:
    group = tuple(one.id for one in problem.applications if one.group)
    return [*((one.id,) for one in problem.applications if not one.group), *([group] if group else [])]


def _common(problem: Problem, unit: tuple[str, ...]) -> set[tuple[tuple[str, ...], str, object]]:
    """Return the visits that all of a unit could make at once with nobody else there."""
    members = [one for one in problem.applications if one.id in unit]
    each = [
        {(pair.host, first): (pair, first, days) for pair, first, days in trying.visits(problem, one)}
        for one in members
    ]
    return {
        (unit, *begun)
        for begun in set.intersection(*map(set, each))
        if trying.keeps_places(problem, {one: visit[begun] for one, visit in zip(unit, each, strict=True)})
    }


OPEN = Window(date(2027, 3, 1), date(2027, 3, 6))


def crowd(*windows: HostWindow, limits: tuple[Limit, ...] = ()) -> Problem:
    """Return three applications for one day at two hosts, the first of which has the windows."""
    ids = ("A", "B", "C")
    return Problem(
        OPEN.first,
        OPEN.last,
        applications=tuple(Application(one, 1, 1, (OPEN,)) for one in ids),
        hosts=(Host("H", windows), Host("I", ())),
        pairs=tuple(Pair(one, "H", 0) for one in ids),
        limits=limits,
    )


def matched(problem: Problem) -> int:
    """Return how many can be matched at most, by the model alone."""
    model = rules.build(explore(problem))
    model.cp.maximize(cp_model.LinearExpr.sum(model.chosen))
    solver = cp_model.CpSolver()
    assert solver.solve(model.cp) == cp_model.OPTIMAL
    return round(solver.objective_value)


def test_a_day_with_fewer_places_than_another_holds_fewer_visitors() -> None:
    first, second = date(2027, 3, 1), date(2027, 3, 2)
    windows = (HostWindow(first, first, 1), HostWindow(second, second, 3))

    model = rules.build(explore(crowd(*windows)))

    assert not _is_allowed(model, {0: 0, 1: 0})
    assert _is_allowed(rules.build(explore(crowd(*windows))), {0: 0, 1: 1, 2: 1})


@pytest.mark.parametrize(
    ("limit", "most"),
    [
        (Limit("L", "visits", 0), 0),
        (Limit("L", "visits", 2), 2),
        (Limit("L", "visits", 0, applications=()), 3),
        (Limit("L", "visits", 0, hosts=()), 3),
        (Limit("L", "visits", 0, applications=("A", "B"), hosts=()), 3),
        (Limit("L", "visits", 0, applications=("A", "B"), hosts=("I",)), 3),
        (Limit("L", "visits", 0, applications=("A", "B"), hosts=("H",)), 1),
        (Limit("L", "visits", 0, applications=("A", "B")), 1),
        (Limit("L", "hours", 0), 3),
    ],
)
def test_a_limit_binds_the_pairs_that_both_lists_hold(limit: Limit, most: int) -> None:
    assert matched(crowd(HostWindow(OPEN.first, OPEN.last, 3), limits=(limit,))) == most
