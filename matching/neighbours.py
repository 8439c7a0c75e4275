"""Neighbourhoods: which units should choose anew together, and among which of their slots.

A neighbourhood grows from a seed over hosts that its units could visit, whose visitors then choose anew too; or it
is all that a dear limit covers with those in the way. Slots that leave a unit far less than its best do not count.
"""

from collections.abc import Collection, Iterator, Sequence
from random import Random

import numpy as np

from matching.board import Board
from matching.dual import Prices
from matching.tables import Ints, Tables

KINDS = ("hosts", "limit")

WORST_LOSS = 0.35
"""Slots that leave this much less than a unit's best, in mean worths of a slot, are not looked at."""

SLOTS_PER_WAY, SLOTS_AT_RANDOM = 3, 2
"""How many starts of a way are looked at: the cheapest and some others."""

WIDEST_LIMIT = 60
"""Limits over more units make no neighbourhood of their own."""


class Neighbours:
    """Chooses neighbourhoods on the board's tables, guided by prices."""

    def __init__(self, tables: Tables, worth: Ints, prices: Prices, random: Random) -> None:
        self.tables, self.random, self.prices = tables, random, prices
        loss = prices.best[tables.unit[tables.way]] - (worth - prices.paid)
        self.cheapest_first = np.lexsort((loss, tables.way)).astype(np.int32)
        least = np.minimum.reduceat(loss, tables.first_slot[:-1]) if len(loss) else loss
        worst = WORST_LOSS * float(np.abs(worth).mean()) if len(loss) else 0.0
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
            found = self._around_limit(board, size, self.random.choice(self.dear))
        else:
            found = self._around_unit(board, size)
        return sorted(unit for unit in found if unit not in barred)

    def around(self, limit: int, board: Board, size: int) -> list[int]:
        """Return units of a limit, with some of those in their way."""
        return sorted(self._around_limit(board, size, limit) - self.never)

    def _hosts(self, board_ways: Sequence[int]) -> Iterator[str]:
        return (self.tables.world.ways[w].host for w in board_ways if self.is_good[w])

    def _around_unit(self, board: Board, size: int) -> set[int]:
        found, seen = {seed := self._seed(board)}, set[str]()
        queue = [seed]
        while queue and len(found) < size:
            unit = queue.pop(self.random.randrange(len(queue)))
            hosts = [one for one in self._hosts(self.tables.world.ways_of[unit]) if one not in seen]
            for host in self.random.sample(hosts, min(2, len(hosts))):
                seen.add(host)
                waiting = [one for one in self.units_at[host] if one not in board.slots and one not in found]
                some = self.random.sample(waiting, min(4, len(waiting)))
                new = [one for one in (*board.guests[host], *some) if one not in found]
                found.update(new)
                queue += new
        return found

    def _seed(self, board: Board) -> int:
        """Return most often a unit that is not placed, though it could be."""
        units = len(self.tables.world.units)
        for _ in range(20):
            unit = self.random.randrange(units)
            if unit not in board.slots and self.tables.world.ways_of[unit]:
                return unit
        return self.random.randrange(units)

    def _around_limit(self, board: Board, size: int, limit: int) -> set[int]:
        members = self.members[limit]
        found = set(members if len(members) <= size else self.random.sample(members, size))
        hosts = {host for unit in sorted(found) for host in self._hosts(self.tables.world.ways_of[unit])}
        others = sorted({unit for host in hosts for unit in board.guests[host]} - found)
        return found.union(self.random.sample(others, min(len(others), max(0, size - len(found)))))

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


def _members(tables: Tables) -> list[list[int]]:
    found: list[set[int]] = [set() for _ in tables.most]
    for unit, limit in zip(tables.unit[tables.load_way].tolist(), tables.load_limit.tolist(), strict=True):
        found[limit].add(unit)
    return [sorted(units) for units in found]
