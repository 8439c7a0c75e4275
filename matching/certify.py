"""Turns prices into a certificate: whole numbers from which anybody can compute the bound again, exactly.

The certificate knows neither locks nor that a group finds room for all its members at once; what a unit could not do
for want of places alone is ruled out by dear prices for days without places, which cost the bound nothing.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import frexp
from operator import mul

import numpy as np

from matching.dual import Market, Prices, ascend
from matching.problem import HostWindow, Limit, Pair, Problem
from matching.tables import Floats, Ints, Tables, tables
from matching.ways import explore
from matching.weights import weights

SCALE_BITS, SAFE_BITS = 30, 60
"""Prices are in 1 / 2**30 of a point, or coarser where sums would leave 64 bits."""

Certificate = dict[str, object]


def certify(tables: Tables, prices: Prices) -> tuple[int, Certificate] | None:
    """Return the bound on the priority that prices prove and its certificate; None for numbers beyond 64 bits."""
    amounts = _largest_amounts(tables.world.problem, prices)
    bits = _bits(tables, prices, amounts)
    if bits < 0:
        return None
    sale = _Sale(tables, prices, 1 << bits, amounts)
    alone = sale.best(tables, is_for_groups=False)
    has_groups = any(len(unit) > 1 for unit in tables.world.units)
    together = sale.best(_groups(tables), is_for_groups=True) if has_groups else 0
    return (alone + together + sale.stock()) // sale.scale, sale.certificate()


class _Sale:
    """The places and limits of a world at whole prices: `days` (P,), `upper` and `lower` (L,), in 1 / `scale`."""

    def __init__(self, tables: Tables, prices: Prices, scale: int, amounts: Sequence[int]) -> None:
        self.tables, self.scale = tables, scale
        self.days = _whole(prices.days, scale)
        self.upper, self.lower = _whole(prices.upper, scale), _whole(prices.lower, scale)
        gifts = sum(map(mul, self.lower.tolist(), amounts)) * _largest_unit(tables)
        # No way over a day without places leaves its unit anything, whatever lower limits pay for it.
        self.days[tables.places == 0] = _largest_worth(tables) * scale + gifts + 1

    def best(self, tables: Tables, *, is_for_groups: bool) -> int:
        """Return what the best ways of units of one kind leave them, in whole numbers."""
        if not len(tables.way):
            return 0
        days = self.days if tables is self.tables else self._days_of(tables)
        before = np.concatenate(([0], np.cumsum(days)))
        stays = np.add.reduceat(before[tables.high] - before[tables.low], tables.first_row[:-1])
        fee = np.zeros(len(tables.unit), dtype=np.int64)
        np.add.at(fee, tables.load_way, tables.load_amount * (self.upper - self.lower)[tables.load_limit])
        left = weights("priority", tables) * self.scale - stays - fee[tables.way]
        best = np.maximum.reduceat(np.maximum.reduceat(left, tables.first_slot[:-1]), _begins(tables))
        is_group = np.array([len(unit) > 1 for unit, ways in _units(tables) if ways])
        return sum(np.maximum(best, 0)[is_group == is_for_groups].tolist())

    def _days_of(self, tables: Tables) -> Ints:
        """Return the same prices on the line of a world with some of the hosts."""
        own = self.tables.offset
        parts = [
            self.days[own[host] : own[host] + len(line.days)] for host, line in tables.world.axes.items()
        ]
        return np.concatenate(parts)

    def stock(self) -> int:
        """Return what all places and limits are worth."""
        limits = zip(self.tables.world.problem.limits, self.upper.tolist(), self.lower.tolist(), strict=True)
        places = zip(self.tables.places.tolist(), self.days.tolist(), strict=True)
        return sum(number * price for number, price in places) + sum(
            limit.max * above - limit.min * below for limit, above, below in limits
        )

    def certificate(self) -> Certificate:
        """Return the prices above 0 as the format writes them."""
        axes, offset, days = self.tables.world.axes, self.tables.offset, self.days.tolist()
        rows = {
            host: [
                [line.day(position).isoformat(), days[offset[host] + position]]
                for position in range(len(line.days))
                if days[offset[host] + position]
            ]
            for host, line in axes.items()
        }
        names = [limit.id for limit in self.tables.world.problem.limits]
        limits = zip(names, self.lower.tolist(), self.upper.tolist(), strict=True)
        return {
            "scale": self.scale,
            "days": {host: priced for host, priced in rows.items() if priced},
            "limits": {name: [below, above] for name, below, above in limits if below or above},
        }


def _units(tables: Tables) -> list[tuple[tuple[str, ...], tuple[int, ...]]]:
    return list(zip(tables.world.units, tables.world.ways_of, strict=True))


def _begins(tables: Tables) -> Ints:
    """Return the first way of each unit that has one."""
    return tables.first_way[:-1][np.diff(tables.first_way) > 0]


def _largest_worth(tables: Tables) -> int:
    priority = {one.id: one.priority for one in tables.world.problem.applications}
    return max((sum(priority[one] for one in unit) for unit in tables.world.units), default=0)


def _largest_unit(tables: Tables) -> int:
    return max(map(len, tables.world.units), default=0)


def _whole(prices: Floats, scale: int) -> Ints:
    return np.rint(prices * scale).astype(np.int64)


def _bits(tables: Tables, prices: Prices, amounts: Sequence[int]) -> int:
    """Return how fine prices may be for all sums to stay within 64 bits; below 0 where none are.

    Rounding no more than doubles a price: `SAFE_BITS` leave room for that.
    """
    unit, without = _largest_unit(tables), np.count_nonzero(tables.places == 0)
    gifts, fees = (
        unit * sum(map(mul, each.tolist(), amounts)) for each in (prices.lower, prices.lower + prices.upper)
    )
    dear = _largest_worth(tables) + gifts + 1
    dearest = float(np.concatenate((prices.upper, prices.lower)).max(initial=0))
    size = dear * (without + 1) + float(prices.days.sum()) + fees + dearest
    return min(SCALE_BITS, SAFE_BITS - frexp(size)[1])


def _largest_amounts(problem: Problem, prices: Prices) -> list[int]:
    """Return the most that a pair counts under each limit that has a price, also for ways without places."""
    by_host, by_application = defaultdict[str, list[Pair]](list), defaultdict[str, list[Pair]](list)
    for pair in problem.pairs:
        by_host[pair.host].append(pair)
        by_application[pair.application].append(pair)

    def covered(limit: Limit) -> Iterator[Pair]:
        if limit.applications is None:
            hosts = by_host if limit.hosts is None else limit.hosts
            return (pair for host in hosts for pair in by_host[host])
        among = None if limit.hosts is None else set(limit.hosts)
        pairs = (pair for one in limit.applications for pair in by_application[one])
        return (pair for pair in pairs if among is None or pair.host in among)

    return [
        max((pair.amount(limit.amount) for pair in covered(limit)), default=0) if price else 0
        for limit, price in zip(problem.limits, (prices.upper + prices.lower).tolist(), strict=True)
    ]


def _groups(laid: Tables) -> Tables:
    """Return the world of the groups alone, with places for all: the definition does not ask for room."""
    problem = laid.world.problem
    members = {one.id for one in problem.applications if one.group is not None}
    plenty = len(problem.applications)
    hosts = [
        replace(host, windows=tuple(HostWindow(one.first, one.last, plenty) for one in host.windows))
        for host in problem.hosts
    ]
    limits = [
        limit
        if limit.applications is None
        else replace(limit, applications=tuple(one for one in limit.applications if one in members))
        for limit in problem.limits
    ]
    alone = Problem(
        problem.first_day,
        problem.last_day,
        applications=tuple(one for one in problem.applications if one.id in members),
        hosts=tuple(hosts),
        pairs=tuple(pair for pair in problem.pairs if pair.application in members),
        limits=tuple(limits),
        forbidden=tuple(one for one in problem.forbidden if one.application in members),
    )
    return tables(explore(alone))


def public_prices(
    laid: Tables, prices: Prices, steps: int, should_stop: Callable[[], bool], *, is_large: bool
) -> tuple[Tables, Prices]:
    """Return prices that suit the certificate's own definition, in which neither locks nor a group's room count.

    What groups could do without room is not looked for where the problem `is_large`: the bound is valid without.
    """
    problem = laid.world.problem
    has_groups = any(len(unit) > 1 for unit in laid.world.units) and not is_large
    if not problem.locks and not has_groups:
        return laid, prices
    free = tables(explore(problem, has_room=False)) if has_groups else laid
    start = None if problem.locks else prices
    return free, ascend(Market(free, weights("priority", free)), steps, should_stop, start)
