"""Prices on host days and limits, and the bound that they prove (Lagrangian relaxation).

With a price on each place and each unit of a limit, nothing binds two units to each other any more: each takes its
best slot, found by sums of prices up to each day. For prices x >= 0 the bound is

    L(x) = sum over units of max(0, max over slots of worth - price paid)
         + sum of places x day price + sum of max x upper price - min x lower price - held x price of holding

and it is above every plan, whatever the prices (Geoffrion 1974). Its subgradient is what is used minus what there is;
steps are those of Adam (Kingma, Ba 2015) with a falling length, cut off at zero. The best prices seen are returned.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor

import numpy as np

from matching.tables import Flags, Floats, Ints, Tables, ranges

FIRST_STEP, LAST_STEP = 0.15, 0.0004
"""Of the mean worth of a slot."""

WARM = 0.3
"""How long steps are from known prices, in parts of those from none."""

MEMORY, SPREAD = 0.8, 0.98
"""How much of its direction, and of its mean square, each step keeps."""

ROUNDING = 1e-11
"""How far sums in floating point may be off, in parts of the sum of sizes; a bound gives that away."""

Hold = tuple[Ints, int]
"""Weights of all slots, shape (S,), whose sum over the slots taken has to reach a value."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices in units of worth: `days` (P,) per place; `upper`, `lower` (L,) per unit; `held` per hold; `bound` proven.

    `paid` (S,) is what each slot pays for all it uses, `left` (S,) what it leaves its unit, with what holds pay it,
    and `best` (U,) what a unit's best slot leaves.
    """

    days: Floats
    upper: Floats
    lower: Floats
    held: Floats
    bound: float
    paid: Floats
    left: Floats
    best: Floats


class Market:
    """A world in which each unit buys its best slot. `worth` (S,) is what each slot is worth to its unit.

    A unit that is `locked` buys the best of the slots given for it, whatever it costs.
    """

    def __init__(
        self,
        tables: Tables,
        worth: Ints,
        holds: Sequence[Hold] = (),
        locked: Mapping[int, Sequence[int]] | None = None,
    ) -> None:
        self.tables, self.worth = tables, worth.astype(np.float64)
        self.holds = [_evened(*hold) for hold in holds]
        self.scale = _mean_loads(tables)
        self.amount = tables.load_amount / self.scale[tables.load_limit]
        self.most, self.least = tables.most / self.scale, tables.least / self.scale
        self.sizes = [len(tables.places), len(self.most), len(self.most), len(self.holds)]
        self.served = np.flatnonzero(np.diff(tables.first_way))
        self.way, self.places = tables.way.astype(np.int64), tables.places.astype(np.float64)
        self.stays = _Stays(tables)
        self.size = max(1e-9, float(np.abs(self.worth).mean())) if len(self.worth) else 1.0
        self.is_locked, self.barred = _bars(tables, locked or {})

    def vector(self, prices: "Prices") -> Floats:
        """Return prices as the vector that steps change."""
        return np.concatenate(
            (prices.days, prices.upper * self.scale, prices.lower * self.scale, prices.held)
        )

    def split(self, x: Floats) -> list[Floats]:
        """Cut a vector of all prices into those of days, above max, below min, and of holds."""
        return np.split(x, np.cumsum(self.sizes)[:-1])

    def left(self, x: Floats) -> Floats:
        """Return what each slot leaves its unit after paying, shape (S,)."""
        days, upper, lower, held = self.split(x)
        fee = np.bincount(
            self.tables.load_way,
            self.amount * (upper - lower)[self.tables.load_limit],
            len(self.tables.unit),
        )
        found = self.stays.cost(days)
        found += fee.take(self.way, mode="clip")
        np.subtract(self.worth, found, out=found)
        for price, (each, _) in zip(held, self.holds, strict=True):
            found += price * each
        return found

    def best(self, left: Floats) -> tuple[Floats, Floats]:
        """Return the most that each way leaves, shape (W,), and each unit, shape (U,)."""
        if len(self.barred):
            left = left.copy()
            left[self.barred] = -np.inf
        ways = np.maximum.reduceat(left, self.tables.first_slot[:-1])
        units = np.zeros(len(self.tables.first_way) - 1)
        best = np.maximum.reduceat(ways, self.tables.first_way[self.served])
        units[self.served] = np.where(self.is_locked[self.served], best, np.maximum(best, 0))
        return ways, units

    def bound(self, x: Floats, units: Floats) -> float:
        """Return the bound that prices prove."""
        days, upper, lower, held = self.split(x)
        # Sums of products, not dot products: those start threads, which cost more than they save.
        rent, most, least = (days * self.places).sum(), (upper * self.most).sum(), (lower * self.least).sum()
        owed = sum(price * value for price, (_, value) in zip(held, self.holds, strict=True))
        size = abs(units).sum() + rent + most + least + abs(owed)
        return float(units.sum() + rent + most - least - owed + ROUNDING * size)

    def bought(self, left: Floats, ways: Floats, units: Floats) -> Ints:
        """Return the slots that are bought: one per unit that has something left."""
        of_unit = self.tables.unit
        happy = np.flatnonzero((ways >= units[of_unit]) & ((ways > 0) | self.is_locked[of_unit]))
        _, first = np.unique(self.tables.unit[happy], return_index=True)
        chosen = happy[first]
        lengths = np.diff(self.tables.first_slot)[chosen]
        slots = ranges(self.tables.first_slot[chosen], lengths)
        right = slots[left[slots] == np.repeat(ways[chosen], lengths)]
        _, first = np.unique(self.tables.way[right], return_index=True)
        return right[first]

    def excess(self, slots: Ints) -> Floats:
        """Return by how much the slots taken use too much of what each price is for: the direction to raise it."""
        tables = self.tables
        rows = _rows_of(tables, slots)
        size = self.sizes[0] + 1
        change = np.bincount(tables.low[rows], minlength=size) - np.bincount(
            tables.high[rows], minlength=size
        )
        taken = np.zeros(len(tables.unit))
        taken[tables.way[slots]] = 1
        load = np.bincount(tables.load_limit, self.amount * taken[tables.load_way], len(self.most))
        missing = [value - each[slots].sum() for each, value in self.holds]
        return np.concatenate(
            (np.cumsum(change)[:-1] - tables.places, load - self.most, self.least - load, missing)
        )

    def prices(self, x: Floats) -> Prices:
        """Put a vector of prices into the units of the problem."""
        days, upper, lower, held = self.split(x)
        left = self.left(x)
        units = self.best(left)[1]
        paid = self.worth - left
        for price, (each, _) in zip(held, self.holds, strict=True):
            paid += price * each
        bound = self.bound(x, units)
        return Prices(days, upper / self.scale, lower / self.scale, held, bound, paid, left, units)


class _Stays:
    """The days that slots take, laid out to sum their prices fast: first members, and all others of groups."""

    def __init__(self, tables: Tables) -> None:
        first = tables.first_row[:-1]
        self.low, self.high = tables.low[first].astype(np.int64), tables.high[first].astype(np.int64)
        is_other = np.ones(len(tables.low), dtype=np.bool_)
        is_other[first] = False
        others = np.flatnonzero(is_other)
        self.other_low, self.other_high = tables.low[others], tables.high[others]
        self.other_slot = np.searchsorted(tables.first_row, others, side="right") - 1

    def cost(self, days: Floats) -> Floats:
        """Return what the days of each slot cost, shape (S,)."""
        before = np.concatenate(([0.0], np.cumsum(days)))
        found = before.take(self.high, mode="clip")
        found -= before.take(self.low, mode="clip")
        np.add.at(found, self.other_slot, before[self.other_high] - before[self.other_low])
        return found


def ascend(
    market: Market,
    steps: int,
    should_stop: Callable[[], bool] = lambda: False,
    start: Prices | None = None,
) -> Prices:
    """Return good prices after so many steps, shorter ones from known prices; fewer where it should stop."""
    x = np.zeros(sum(market.sizes)) if start is None else market.vector(start)
    size = market.size if start is None else market.size * WARM
    direction, square = np.zeros_like(x), np.zeros_like(x)
    lowest, kept = np.inf, x
    for step in range(steps if len(market.worth) else 0):
        left = market.left(x)
        ways, units = market.best(left)
        bound = market.bound(x, units)
        if bound < lowest:
            lowest, kept = bound, x
        if should_stop():
            break
        excess = market.excess(market.bought(left, ways, units))
        direction = MEMORY * direction + (1 - MEMORY) * excess
        square = SPREAD * square + (1 - SPREAD) * excess * excess
        length = size * FIRST_STEP * (LAST_STEP / FIRST_STEP) ** (step / steps)
        even = np.sqrt(square / (1 - SPREAD ** (step + 1))) + 1e-9
        x = np.maximum(0, x + length * direction / (1 - MEMORY ** (step + 1)) / even)
    return market.prices(kept)


def whole(bound: float) -> int:
    """Return the largest whole value that a bound in floating point allows, which may be off by its rounding."""
    return floor(bound + max(1e-6, abs(bound) * 2**-50))


def _evened(weights: Ints, value: int) -> tuple[Floats, float]:
    """Return a hold in units of its mean weight, so that its price is of the size of all others."""
    size = max(1.0, float(np.abs(weights).mean())) if len(weights) else 1.0
    return weights / size, value / size


def _bars(tables: Tables, locked: Mapping[int, Sequence[int]]) -> tuple[Flags, Ints]:
    """Return which units are locked, shape (U,), and the slots that their locks bar."""
    is_locked = np.zeros(len(tables.first_way) - 1, dtype=np.bool_)
    is_locked[list(locked)] = True
    is_open = np.zeros(len(tables.way), dtype=np.bool_)
    is_open[[slot for slots in locked.values() for slot in slots]] = True
    return is_locked, np.flatnonzero(is_locked[tables.unit[tables.way]] & ~is_open)


def _rows_of(tables: Tables, slots: Ints) -> Ints:
    return ranges(tables.first_row[slots], np.diff(tables.first_row)[slots]) if tables.has_groups else slots


def _mean_loads(tables: Tables) -> Floats:
    """Return the mean amount that a way has under each limit, so that all prices are of one size."""
    limits = len(tables.most)
    total = np.bincount(tables.load_limit, tables.load_amount, limits)
    count = np.bincount(tables.load_limit, minlength=limits)
    mean = total / np.maximum(count, 1)
    return np.where(mean > 0, mean, 1.0)
