"""A clerk's desk: visits are booked one by one, and what is left of places and limits is kept up to date."""

from collections.abc import Iterable, Iterator

from matching.loads import loads
from matching.peers.choices import Choices
from matching.solution import Assignment


class Desk:
    """The visits booked so far. `booked` maps a unit to its way and start, `free` a host to its places by position."""

    def __init__(self, choices: Choices) -> None:
        self.choices, self.world = choices, choices.world
        self.booked: dict[int, tuple[int, int]] = {}
        self.free = {host: list(line.places) for host, line in self.world.axes.items()}
        self.room = [limit.max for limit in self.world.problem.limits]
        self.missing = [limit.min for limit in self.world.problem.limits]
        self._loads: list[list[tuple[int, int]]] = [[] for _ in self.world.ways]
        for limit, amounts in enumerate(loads(self.world)):
            for w, amount in amounts.items():
                self._loads[w].append((limit, amount))

    @property
    def value(self) -> int:
        """Return the sum of the priorities booked."""
        priorities = self.choices.priorities()
        return sum(priorities[unit] for unit in self.booked)

    def start(self, w: int) -> int | None:
        """Return the first start on which a way fits beside all that is booked, or None."""
        if not self.allows(w):
            return None
        return next((start for start in self.choices.starts[w] if self.fits(w, start)), None)

    def allows(self, w: int) -> bool:
        """Tell whether the limits leave room for a way."""
        return all(self.room[limit] >= amount for limit, amount in self._loads[w])

    def fits(self, w: int, start: int) -> bool:
        """Tell whether all members of a way find a place on each of their days."""
        way = self.world.ways[w]
        free = self.free[way.host]
        if len(way.days) == 1:
            return min(free[start : start + way.days[0]]) > 0
        days = range(max(way.days))
        return all(free[start + day] >= sum(length > day for length in way.days) for day in days)

    def book(self, w: int, start: int) -> None:
        """Book a visit; its unit has none yet."""
        self.booked[self.world.ways[w].unit] = (w, start)
        self._count(w, start, 1)

    def _count(self, w: int, start: int, times: int) -> None:
        way = self.world.ways[w]
        free = self.free[way.host]
        for length in way.days:
            for day in range(start, start + length):
                free[day] -= times
        for limit, amount in self._loads[w]:
            self.room[limit] -= times * amount
            self.missing[limit] -= times * amount

    def try_ways(self, ways: Iterable[int]) -> bool:
        """Book the first way that fits, on its first day that does, and tell whether there was one."""
        for w in ways:
            start = self.start(w)
            if start is not None:
                self.book(w, start)
                return True
        return False

    def open(self) -> bool:
        """Book who is locked, then whom lower limits need; tell whether all of them found a visit."""
        locked = sorted(self.choices.must, key=lambda unit: sum(map(len, self._starts_of(unit))))
        if not all(self.try_ways(self.choices.preferred(unit)) for unit in locked):
            return False
        for limit in range(len(self.missing)):
            self._raise(limit)
        return max(self.missing, default=0) <= 0

    def _starts_of(self, unit: int) -> list[tuple[int, ...]]:
        return [self.choices.starts[w] for w in self.choices.ways_of(unit)]

    def _raise(self, limit: int) -> None:
        """Book those that count most for a lower limit, until it is reached or nobody is left."""
        if self.missing[limit] <= 0:
            return
        counted = [(amount, w) for w, row in enumerate(self._loads) for n, amount in row if n == limit]
        for _, w in sorted(counted, key=lambda one: -one[0]):
            if self.missing[limit] <= 0:
                return
            if self.world.ways[w].unit not in self.booked:
                self.try_ways([w])

    def assignments(self) -> tuple[Assignment, ...]:
        """Return all that is booked."""
        return tuple(sorted(row for w, start in self.booked.values() for row in self._rows(w, start)))

    def _rows(self, w: int, start: int) -> Iterator[Assignment]:
        way = self.world.ways[w]
        line = self.world.axes[way.host]
        for pair, days in zip(way.pairs, way.days, strict=True):
            yield Assignment(pair.application, way.host, line.day(start), line.day(start + days - 1))
