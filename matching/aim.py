"""What a search raises: one goal, with the values of earlier goals held and prices to guide it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil

import numpy as np

from matching.board import Board
from matching.dual import Market, Prices, ascend, whole
from matching.tables import Ints, Tables
from matching.values import LOWER_IS_BETTER, Value, named_sets
from matching.weights import SUMMED, baseline, weights

PREVIOUS = 0.5
"""What it is worth to stay as before where nothing else decides, in mean worths of a slot."""

Count = tuple[dict[int, int], int]
"""Members of one named set per unit, and the size of the set."""


@dataclass(slots=True)
class Aim:
    """A goal to raise. `worth` (S,) are its weights, all 1 per head for fairness; `prices` guide the search.

    `bound` is what they prove. `held` are weights with the least sum that earlier goals allow, `shares` the least
    heads per named set. `baseline` is what the sum of weights lacks to the value.
    """

    goal: str
    worth: Ints
    prices: Prices
    bound: Value = 0
    held: list[tuple[Ints, int]] = field(default_factory=list)
    counts: Sequence[Count] = ()
    shares: list[int] = field(default_factory=list)
    baseline: int = 0

    @property
    def is_fair(self) -> bool:
        """Tell whether the goal is the worst share, which is no sum."""
        return self.goal == "fairness"

    def prefer_previous(self, tables: Tables) -> None:
        """Make what was before look cheaper, so that a later goal finds few changes among plans that are as good."""
        bonus = PREVIOUS * float(np.abs(self.worth).mean()) if len(self.worth) else 0.0
        cheaper = bonus * weights("changes", tables)
        paid, left = self.prices.paid - cheaper, self.prices.left + cheaper
        self.prices = replace(self.prices, paid=paid, left=left)

    def share_of_days(self, tables: Tables) -> float:
        """Return which part of the bound by prices is paid for days: 0 where no calendar binds."""
        paid = float(self.prices.days @ tables.places)
        return paid / max(abs(self.prices.bound), paid, 1.0)

    def total(self, board: Board) -> int:
        """Return the sum of the weights of what is taken."""
        return int(self.worth[list(board.slots.values())].sum())

    def value(self, board: Board) -> Value:
        """Return the value of a plan by the goal."""
        if self.is_fair:
            return worst_share(board, self.counts)
        rank = self.total(board) + self.baseline
        return -rank if self.goal in LOWER_IS_BETTER else rank

    def gain(self, before: Sequence[int], after: Sequence[int]) -> int:
        """Return by how much the sum of weights grows from some slots to others."""
        return int(self.worth[list(after)].sum() - self.worth[list(before)].sum())

    def rank(self, board: Board) -> Fraction:
        """Return how good a plan is by the goal, more being better."""
        return worst_share(board, self.counts) if self.is_fair else Fraction(self.total(board))


def worst_share(board: Board, counts: Sequence[Count]) -> Fraction:
    """Return the worst matched share over the named sets."""
    return min((Fraction(heads(board, members), size) for members, size in counts), default=Fraction(1))


def heads(board: Board, members: dict[int, int]) -> int:
    """Return how many members of a set are placed."""
    return sum(number for unit, number in members.items() if unit in board.slots)


def count_sets(tables: Tables) -> list[Count]:
    """Return the named sets, counted by unit."""
    unit_of, found = tables.world.unit_of, list[Count]()
    for ids in named_sets(tables.world.problem):
        members: dict[int, int] = {}
        for one in ids:
            members[unit_of[one]] = members.get(unit_of[one], 0) + 1
        found.append((members, len(ids)))
    return found


def make_aim(
    goal: str,
    before: Sequence[tuple[str, Value]],
    tables: Tables,
    locked: Mapping[int, Sequence[int]],
    steps: int,
    should_stop: Callable[[], bool] = lambda: False,
) -> Aim:
    """Put prices on a world for a goal, holding the values of goals before it."""
    counts, worth = count_sets(tables), _worth(goal, tables)
    held = [_hold(name, value, tables) for name, value in before if name in SUMMED]
    least = [_least_heads(value, counts) for name, value in before if name == "fairness"]
    market = Market(tables, worth, held, locked if all(locked.values()) else {})
    aim = Aim(goal, worth, ascend(market, steps, should_stop), held=held, counts=counts)
    aim.shares = least[0] if least else []
    aim.baseline = baseline(goal, tables) if goal in SUMMED else 0
    aim.bound = _bound(aim, tables)
    return aim


def _bound(aim: Aim, tables: Tables) -> Value:
    """Return what prices prove; of the worst share, what each set could reach without the others."""
    if aim.is_fair:
        ways_of = tables.world.ways_of
        heads_of = [(sum(n for unit, n in members.items() if ways_of[unit]), n) for members, n in aim.counts]
        return min((Fraction(*both) for both in heads_of), default=Fraction(1))
    rank = whole(aim.prices.bound) + aim.baseline
    return -rank if aim.goal in LOWER_IS_BETTER else rank


def _worth(goal: str, tables: Tables) -> Ints:
    """Return the weights that guide a search for a goal: its own, or one per head where it is no sum."""
    if goal in SUMMED:
        return weights(goal, tables)
    return np.array([len(way.pairs) for way in tables.world.ways], dtype=np.int64)[tables.way]


def _hold(goal: str, value: Value, tables: Tables) -> tuple[Ints, int]:
    """Return the weights of a summed goal and the sum that keeps a value."""
    sign = -1 if goal in ("cost", "changes") else 1
    return weights(goal, tables), sign * int(value) - baseline(goal, tables)


def _least_heads(value: Value, counts: Sequence[Count]) -> list[int]:
    """Return how many of each set have to be placed for a worst share."""
    return [ceil(value * size) for _, size in counts]
