"""Prices prove bounds that no plan is above, and weights measure plans as the goals do."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching import GOALS, Problem, generate
from matching.aim import Aim, make_aim
from matching.board import Board
from matching.dual import Market, ascend
from matching.locked import locked_slots
from matching.narrowed import narrowed
from matching.tables import Tables, tables
from matching.values import LOWER_IS_BETTER, measure
from matching.ways import explore
from matching.weights import SUMMED, baseline, weights
from tests.matching import trying
from tests.matching.tiny import problems

EXAMPLES = settings(
    max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def aim_of(problem: Problem, goal: str, steps: int, before: tuple[tuple[str, Fraction], ...] = ()) -> Aim:
    laid = tables(explore(problem))
    return make_aim(goal, before, laid, locked_slots(Board(laid)), steps)


def no_worse(goal: str, bound: Fraction, value: Fraction) -> bool:
    return bound <= value if goal in LOWER_IS_BETTER else bound >= value


@pytest.mark.parametrize("goal", GOALS)
@EXAMPLES
@given(problem=problems, steps=st.integers(0, 30))
def test_no_plan_is_above_what_prices_prove(goal: str, problem: Problem, steps: int) -> None:
    best = trying.best(problem, (goal,))

    if best is not None:
        assert no_worse(goal, Fraction(aim_of(problem, goal, steps).bound), best[0])


@EXAMPLES
@given(problem=problems, goals=st.permutations(GOALS))
def test_a_later_goals_bound_holds_for_plans_that_keep_the_earlier_values(
    problem: Problem, goals: list[str]
) -> None:
    best = trying.best(problem, tuple(goals))

    if best is not None:
        before = tuple(zip(goals[:4], best[:4], strict=True))
        assert no_worse(goals[4], Fraction(aim_of(problem, goals[4], 20, before).bound), best[4])


@EXAMPLES
@given(problem=problems, seed=st.integers(0, 99))
def test_some_slots_alone_pay_what_they_pay_among_all(problem: Problem, seed: int) -> None:
    laid = tables(explore(problem))
    random = np.random.default_rng(seed)
    slots = np.flatnonzero(random.random(len(laid.way)) < 0.6)
    worth = weights("priority", laid)
    whole, part = Market(laid, worth), Market(narrowed(laid, slots), worth[slots])
    prices = random.random(sum(whole.sizes))
    # Mean amounts, in which prices of limits are counted, are those of the ways at hand.
    days, upper, lower, _ = whole.split(prices)
    again = np.concatenate((days, upper / whole.scale * part.scale, lower / whole.scale * part.scale))

    assert part.left(again) == pytest.approx(whole.left(prices)[slots])
    units, kept = laid.unit[laid.way], part.tables
    assert kept.unit[kept.way].tolist() == units[slots].tolist()


def taken(laid: Tables, seed: int) -> list[int]:
    """Return any slots of different units."""
    random = np.random.default_rng(seed)
    slots = {int(laid.unit[laid.way[slot]]): slot for slot in random.permutation(len(laid.way)).tolist()}
    return [slot for unit, slot in slots.items() if random.random() < 0.7]


@pytest.mark.parametrize("goal", SUMMED)
@EXAMPLES
@given(problem=problems, seed=st.integers(0, 99))
def test_weights_sum_up_to_the_value_of_a_plan(goal: str, problem: Problem, seed: int) -> None:
    laid = tables(explore(problem))
    slots = taken(laid, seed)
    visits = {
        pair.application: (way.host, laid.world.first_day(way, int(laid.start[slot])))
        for slot in slots
        for way in [laid.world.ways[laid.way[slot]]]
        for pair in way.pairs
    }

    total = int(weights(goal, laid)[slots].sum()) + baseline(goal, laid)

    assert measure(problem, visits, (goal,)) == (-total if goal in LOWER_IS_BETTER else total,)


@pytest.mark.parametrize("tight", [False, True], ids=["loose", "tight"])
def test_prices_come_close_to_the_linear_relaxation_soon(tight: bool) -> None:
    laid = tables(explore(generate(applications=300, hosts=90, seed=1, tight=tight)))
    market = Market(laid, weights("priority", laid))

    soon, late = ascend(market, 150).bound, ascend(market, 1200).bound

    assert late * 0.9999 <= soon <= late * 1.003


def test_a_slot_pays_for_its_days_and_its_loads() -> None:
    laid = tables(explore(generate(applications=40, hosts=10, seed=3)))
    prices = ascend(Market(laid, weights("priority", laid)), 60)

    board = Board(laid)
    for slot in range(0, len(laid.way), 7):
        days = sum(float(prices.days[low:high].sum()) for low, high in board.stays(slot))
        net = prices.upper - prices.lower
        loads = sum(float(net[limit]) * amount for limit, amount in board.loads[board.way[slot]])
        assert prices.paid[slot] == pytest.approx(days + loads)
