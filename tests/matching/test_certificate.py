"""A certificate's prices give exactly the bound that the definition says, and no feasible plan is above it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import (
    Application,
    Host,
    HostWindow,
    Limit,
    Malformed,
    Pair,
    Problem,
    Window,
    check,
    generate,
    solve,
)
from matching.certificate import certified_bound
from matching.certify import certify
from matching.dual import Market, ascend
from matching.tables import tables
from matching.ways import explore
from matching.weights import weights
from tests.matching import trying
from tests.matching.rounds import PROBLEM, sealed, solution
from tests.matching.tiny import problems

FIRST, LAST = PROBLEM.first_day, PROBLEM.first_day.replace(day=3)


def two_for_one_place() -> Problem:
    return Problem(
        FIRST,
        LAST,
        applications=tuple(
            Application(one, 2, priority, (Window(FIRST, LAST),)) for one, priority in (("A", 5), ("B", 3))
        ),
        hosts=(Host("H", (HostWindow(FIRST, LAST, 1),)),),
        pairs=(Pair("A", "H", 0, amounts={"cost_cents": 4}), Pair("B", "H", 0, amounts={"cost_cents": 3})),
        limits=(Limit("L", "cost_cents", 6, 2),),
    )


@pytest.mark.parametrize(
    ("prices", "bound"),
    [
        ({}, 8),
        # Both have to stay on 2 March: at 3 points A keeps 2, B keeps 0, and the one place costs 3.
        ({"days": {"H": [["2027-03-02", 30]]}}, 5),
        ({"days": {"H": [["2027-03-02", 25]]}}, 5),
        ({"days": {"H": [["2027-03-01", 50]]}}, 13),
        # A pays 4, B pays 3, and 6 are for sale: 1 + 0 + 6.
        ({"limits": {"L": [0, 10]}}, 7),
        # A gains 4, B gains 3, and 2 are owed: 9 + 6 - 2.
        ({"limits": {"L": [10, 0]}}, 13),
        ({"covers": [{"limit": "L", "pairs": [["A", "H"], ["B", "H"]], "price": 30}]}, 5),
    ],
)
def test_the_bound_follows_from_the_prices(prices: dict[str, Any], bound: int) -> None:
    assert certified_bound(two_for_one_place(), {"scale": 10, **prices}) == bound


@pytest.mark.parametrize(
    ("prices", "path"),
    [
        ({"scale": 0}, "scale"),
        ({"days": {"X": []}}, "days.X"),
        ({"days": {"H": [["2027-03-02", -1]]}}, "days.H[0][1]"),
        ({"days": {"H": [["2027-03-02", 1.5]]}}, "days.H[0][1]"),
        ({"days": {"H": [["2027-03-02", 1], ["2027-03-02", 1]]}}, "days.H"),
        ({"days": {"H": [["2027-03-04", 1]]}}, "days.H"),
        ({"limits": {"X": [0, 1]}}, "limits.X"),
        ({"limits": {"L": [0, -1]}}, "limits.L[1]"),
        ({"limits": {"L": [1]}}, "limits.L"),
        ({"covers": [{"limit": "L", "pairs": [["A", "H"]], "price": 1}]}, "covers[0]"),
        ({"covers": [{"limit": "L", "pairs": [["A", "H"], ["A", "H"]], "price": 1}]}, "covers[0].pairs"),
        ({"covers": [{"limit": "L", "pairs": [["A", "X"], ["A", "H"]], "price": 1}]}, "covers[0].pairs"),
        ({"covers": [{"limit": "X", "pairs": [["A", "H"]], "price": 1}]}, "covers[0].pairs"),
        ({"covers": [{"limit": "L", "pairs": [["A", "H"], ["B", "H"]], "price": -1}]}, "covers[0].price"),
    ],
)
def test_prices_that_prove_nothing_are_refused(prices: dict[str, Any], path: str) -> None:
    with pytest.raises(Malformed) as refused:
        certified_bound(two_for_one_place(), {"scale": 10, **prices})

    assert refused.value.path == path


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems, data=st.data())
def test_no_plan_is_above_a_certified_bound(problem: Problem, data: st.DataObject) -> None:
    price = st.integers(0, 40)
    open_days = [(host.id, day) for host in problem.hosts for day in trying.open_days_of(problem, host)]
    prices = {
        "scale": 10,
        "days": {
            host.id: [[day.isoformat(), data.draw(price)] for name, day in open_days if name == host.id]
            for host in problem.hosts
        },
        "limits": {limit.id: [data.draw(price), data.draw(price)] for limit in problem.limits},
    }
    bound = certified_bound(problem, prices)

    reached = (trying.value(problem, plan, "priority") for plan in trying.plans(problem))
    assert max(reached, default=bound) <= bound


def test_the_checker_recomputes_the_certified_bound() -> None:
    certificate = {"scale": 1}
    bound = certified_bound(PROBLEM, certificate)
    right = {**solution(), "certificate": certificate, "certified_bound": bound}

    assert check(PROBLEM, sealed(right)) == []
    assert [one.code for one in check(PROBLEM, sealed({**right, "certified_bound": bound - 1}))] == [
        "certificate"
    ]


def test_a_certificate_belongs_to_the_goal_priority_alone() -> None:
    goals = [solution()["goals"][2]]
    certificate = {"scale": 1}
    wrong = {**solution(), "goals": goals, "certificate": certificate}

    found = check(PROBLEM, sealed({**wrong, "certified_bound": certified_bound(PROBLEM, certificate)}))

    assert [str(one) for one in found] == ["a certificate, yet the first goal is not priority"]


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems, steps=st.integers(0, 40))
def test_the_engine_certifies_what_the_checker_computes_again(problem: Problem, steps: int) -> None:
    laid = tables(explore(problem))
    made = certify(laid, ascend(Market(laid, weights("priority", laid)), steps))

    assert made is not None
    assert certified_bound(problem, made[1]) == made[0]


def hours_owed(amount: int, least: int, priority: int = 50) -> Problem:
    """A would bring many hours, at a host without places; B brings what is owed at least."""
    hours = {"A": amount, "B": least}
    return Problem(
        FIRST,
        LAST,
        applications=(
            Application("A", 1, priority, (Window(FIRST, LAST),)),
            Application("B", 1, 1, (Window(FIRST, LAST),)),
        ),
        hosts=(Host("H", (HostWindow(FIRST, LAST, 0),)), Host("X", (HostWindow(FIRST, LAST, 1),))),
        pairs=tuple(
            Pair(one, host, 1, None, {"hours": hours[one]}) for one, host in (("A", "H"), ("B", "X"))
        ),
        limits=(Limit("L", "hours", 2 * amount, least),),
    )


@pytest.mark.parametrize(("amount", "price"), [(10**11, 1.6e-9), (10**11, 6e-10), (10**9, 1e-7), (7, 0.4)])
def test_a_day_without_places_is_too_dear_whatever_rounding_makes_of_lower_prices(
    amount: int, price: float
) -> None:
    problem = hours_owed(amount, amount // 2 or 1)
    laid = tables(explore(problem))
    lower = np.array([price])

    made = certify(laid, replace(Market(laid, weights("priority", laid)).prices(np.zeros(8)), lower=lower))

    assert made is not None
    assert certified_bound(problem, made[1]) == made[0]


def test_prices_times_amounts_beyond_64_bits_certify_nothing() -> None:
    problem = hours_owed(10**12, 10**9, priority=10**12)
    laid = tables(explore(problem))
    prices = ascend(Market(laid, weights("priority", laid)), 0)

    assert certify(laid, replace(prices, lower=np.array([10.0**9]))) is None


def test_amounts_that_a_priced_limit_does_not_cover_leave_the_certificate_as_fine() -> None:
    problem = replace(hours_owed(10**12, 5), limits=(Limit("L", "hours", 10**12, 5, applications=("B",)),))
    laid = tables(explore(problem))
    prices = ascend(Market(laid, weights("priority", laid)), 0)

    made = certify(laid, replace(prices, lower=np.array([0.2])))

    assert made is not None
    assert made[1]["scale"] == 2**30


@pytest.mark.parametrize("tight", [False, True], ids=["loose", "tight"])
def test_a_solved_round_carries_a_close_certified_bound(tight: bool) -> None:
    problem = generate(applications=150, hosts=50, seed=2, tight=tight)

    solution = solve(problem, goals=("priority",), time_limit_s=2)

    assert check(problem, solution.to_json()) == []
    assert solution.certified_bound is not None
    reached = (solution.goals or ())[0].value
    assert reached <= solution.certified_bound <= 1.3 * reached


def test_another_first_goal_is_not_certified() -> None:
    solution = solve(PROBLEM, goals=("score", "priority"), workers=1)

    assert (solution.certified_bound, solution.certificate) == (None, None)
