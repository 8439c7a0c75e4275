"""Neighbourhoods: which units should choose anew together, and among which of their slots.

A neighbourhood grows from a unit that has much less than its best by prices: over those in the way of what it would
rather have, and what these would rather have. Or it is all that a dear limit covers, with those in their way. Or it is
those who lose most, wherever they are. Ways of which every slot leaves a unit far less than its best do not count.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator
from heapq import nlargest
from random import Random

import numpy as np

from matching.board import Board
from matching.dual import Prices
from matching.tables import Ints, Tables

KINDS = ("unit", "limit", "loss")

WORST_LOSS = 0.2
"""Ways of which even the cheapest slot leaves this much less than a unit's best, in mean worths, are not looked at."""

SLOTS_PER_WAY, SLOTS_AT_RANDOM = 3, 1
"""How many starts of a way are looked at: the cheapest and some others."""

WIDEST_LIMIT = 60
"""Limits over more units make no neighbourhood of their own."""

SEEDS, LIMITS = 30, 3
"""Units and limits drawn, of which the one that loses most is where a neighbourhood begins."""

EXTRA = 0.5
"""How many others choose anew with all members of a limit, in parts of the size asked for."""

BEST_WAYS, WAYS_LOOKED_AT = 6, 3
"""Of how many of its best ways a unit looks at how many, to find who is in the way."""

REGION, NOISE = 1000, 0.04
"""Of how many units those that lose most are taken, and what chance adds to a loss at most, in mean worths."""

FROM_LIMIT, FROM_WAITING = 3, 2
"""Units taken along at each way: of each limit without room, and of those who wait for that host."""


class Neighbours:
    """Chooses neighbourhoods on the board's tables, guided by prices."""

    def __init__(self, tables: Tables, worth: Ints, prices: Prices, random: Random) -> None:
        self.tables, self.random, self.prices = tables, random, prices
        left = prices.left
        loss = prices.best[tables.unit[tables.way]] - left
        self.left, self.best = array("d", left.tobytes()), array("d", prices.best.tobytes())
        self.cheapest_first = np.lexsort((loss, tables.way)).astype(np.int32)
        self.cheapest = array("i", self.cheapest_first[tables.first_slot[:-1]].tobytes())
        least = np.minimum.reduceat(loss, tables.first_slot[:-1]) if len(loss) else loss
        mean = float(np.abs(worth).mean()) if len(loss) else 0.0
        worst, self.noise = WORST_LOSS * mean, NOISE * mean
        self.is_good = (least <= worst).tolist()
        self.units_at = {
            host: [tables.world.ways[w].unit for w in ways if self.is_good[w]]
            for host, ways in tables.world.ways_at.items()
        }
        self.members = _members(tables)
        self.dear = [
            limit
            for limit in np.flatnonzero(prices.upper + prices.lower > 0).tolist()
            if 1 < len(self.members[limit]) <= WIDEST_LIMIT
        ]
        self.never: frozenset[int] = frozenset()

    def choose(self, kind: str, board: Board, size: int, busy: Collection[int]) -> list[int]:
        """Return about `size` units that may choose anew; none that is busy or may never."""
        barred = self.never.union(busy)
        if kind == "limit" and self.dear:
            found = self._around_limit(board, size, self._slack_limit(board))
        elif kind == "loss":
            found = self._losing(board, size, barred)
        else:
            found = self._around_unit(board, size)
        return sorted(unit for unit in found if unit not in barred)

    def around(self, limit: int, board: Board, size: int) -> list[int]:
        """Return units of a limit, with some of those in their way."""
        return sorted(self._around_limit(board, size, limit) - self.never)

    def _around_unit(self, board: Board, size: int) -> set[int]:
        return self._grown(board, [self._seed(board)], size)

    def _losing(self, board: Board, size: int, barred: Collection[int]) -> set[int]:
        """Return units that lose most by what they have, near or not: what limits leave each may serve one of them."""
        losses = {
            unit: self._loss(board, unit) + self.noise * self.random.random()
            for unit in self._region(board)
            if unit not in barred
        }
        return set(nlargest(size, losses, key=losses.__getitem__))

    def _region(self, board: Board) -> Iterable[int]:
        """Return all units; of a large world those who could share hosts with one, and with these, and so on."""
        world = self.tables.world
        if len(world.units) <= REGION:
            return range(len(world.units))
        queue = [self._seed(board)]
        found = dict.fromkeys(queue)
        for unit in queue:
            if len(found) >= REGION:
                break
            hosts = (world.ways[way].host for way in world.ways_of[unit] if self.is_good[way])
            new = dict.fromkeys(one for host in hosts for one in self.units_at[host] if one not in found)
            found.update(new)
            queue += new
        return found

    def _grown(self, board: Board, begun: list[int], size: int) -> set[int]:
        """Add to some units those in the way of what they would rather have, and so on."""
        found, queue = set(begun), list(begun)
        while queue and len(found) < size:
            unit = queue.pop(self.random.randrange(len(queue)))
            for way in self._wanted(unit):
                new = [one for one in self._in_the_way(board, way) if one not in found]
                found.update(new)
                queue += new
        return found

    def _seed(self, board: Board) -> int:
        """Return a unit that loses much by what it has."""
        units = len(self.tables.world.units)
        return max((self.random.randrange(units) for _ in range(SEEDS)), key=lambda u: self._loss(board, u))

    def _loss(self, board: Board, unit: int) -> float:
        slot = board.slots.get(unit)
        return self.best[unit] - (0.0 if slot is None else self.left[slot])

    def _wanted(self, unit: int) -> list[int]:
        """Return some of a unit's best ways by prices."""
        ways = [way for way in self.tables.world.ways_of[unit] if self.is_good[way]]
        ways.sort(key=lambda way: -self.left[self.cheapest[way]])
        return self.random.sample(ways[:BEST_WAYS], min(WAYS_LOOKED_AT, len(ways)))

    def _in_the_way(self, board: Board, way: int) -> dict[int, None]:
        """Return who keeps others off the cheapest start of a way, and some who wait for its host too."""
        slot, host = self.cheapest[way], self.tables.world.ways[way].host
        found = dict[int, None]() if board.fits(slot) else dict.fromkeys(_guests_during(board, host, slot))
        for limit, amount in board.loads[way]:
            if board.room[limit] < amount:
                placed = (unit for unit in self.members[limit] if unit in board.slots)
                found.update(dict.fromkeys(self._some(placed, FROM_LIMIT)))
        waiting = (unit for unit in self.units_at[host] if unit not in board.slots)
        found.update(dict.fromkeys(self._some(waiting, FROM_WAITING)))
        return found

    def _some(self, units: Iterable[int], most: int) -> list[int]:
        units = list(units)
        return self.random.sample(units, min(most, len(units)))

    def _slack_limit(self, board: Board) -> int:
        """Return a dear limit of which much is left unused."""
        some = [self.random.choice(self.dear) for _ in range(LIMITS)]
        return max(some, key=lambda limit: board.room[limit] * float(self.prices.upper[limit]))

    def _around_limit(self, board: Board, size: int, limit: int) -> set[int]:
        members = self.members[limit]
        if len(members) > max(size, WIDEST_LIMIT):
            members = self.random.sample(members, size)
        return self._grown(board, members, max(size, len(members) + round(EXTRA * size)))

    def slots(self, board: Board, unit: int) -> list[int]:
        """Return the slots among which a unit that is lifted from the board may choose."""
        return [
            slot
            for way in self.tables.world.ways_of[unit]
            if self.is_good[way] and board.has_room(way)
            for slot in self._starts(board, way)
        ]

    def _starts(self, board: Board, way: int) -> list[int]:
        first, end = int(self.tables.first_slot[way]), int(self.tables.first_slot[way + 1])
        fitting = [slot for slot in self.cheapest_first[first:end].tolist() if board.fits(slot)]
        rest = fitting[SLOTS_PER_WAY:]
        return fitting[:SLOTS_PER_WAY] + self.random.sample(rest, min(SLOTS_AT_RANDOM, len(rest)))


def _guests_during(board: Board, host: str, slot: int) -> Iterator[int]:
    """Yield the units at a host whose stays overlap with those of a slot."""
    spans = list(board.stays(slot))
    low, high = min(low for low, _ in spans), max(high for _, high in spans)
    for guest in board.guests[host]:
        if any(first < high and end > low for first, end in board.stays(board.slots[guest])):
            yield guest


def _members(tables: Tables) -> list[list[int]]:
    found: list[set[int]] = [set() for _ in tables.most]
    for unit, limit in zip(tables.unit[tables.load_way].tolist(), tables.load_limit.tolist(), strict=True):
        found[limit].add(unit)
    return [sorted(units) for units in found]
