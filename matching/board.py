"""A plan in the making: who is placed, what is left of places and limits, and what lower limits still lack."""

from array import array
from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from matching.tables import Tables

Plan = dict[int, int]
"""Per way taken, by its index, the position on which it begins."""


class Board:
    """The slots taken, by unit, the units at each host, the places left (P,) and the room under each limit (L,)."""

    def __init__(self, tables: Tables) -> None:
        self.tables, self.world = tables, tables.world
        limits = self.world.problem.limits
        self.slots: dict[int, int] = {}
        self.guests: dict[str, dict[int, None]] = {host: {} for host in self.world.axes}
        self.places: list[int] = tables.places.tolist()
        self.room = [limit.max for limit in limits]
        self.missing = [limit.min for limit in limits]
        self.loads = _by_way(tables)
        self.way = array("i", tables.way.tobytes())
        self.unit = array("q", tables.unit.tobytes())
        self._row = array("q", tables.first_row.tobytes())
        self._low = array("i", tables.low.tobytes())
        self._high = array("i", tables.high.tobytes())

    def stays(self, slot: int) -> Iterator[tuple[int, int]]:
        """Yield per member the positions on the line from which and up to but not on which it stays."""
        for row in range(self._row[slot], self._row[slot + 1]):
            yield self._low[row], self._high[row]

    def has_room(self, way: int) -> bool:
        """Tell whether no limit bars a way."""
        return all(self.room[limit] >= amount for limit, amount in self.loads[way])

    def full_days(self, slot: int) -> list[int]:
        """Return the positions on the line on which a slot finds too few places."""
        stays = list(self.stays(slot))
        days = range(stays[0][0], max(high for _, high in stays))
        return [day for day in days if self.places[day] < sum(high > day for _, high in stays)]

    def fits(self, slot: int) -> bool:
        """Tell whether there is a place for each member on each day."""
        row = self._row[slot]
        if self._row[slot + 1] == row + 1:
            return min(self.places[self._low[row] : self._high[row]]) > 0
        longest = max(high for _, high in self.stays(slot))
        return all(
            self.places[day] >= sum(high > day for _, high in self.stays(slot))
            for day in range(self._low[row], longest)
        )

    def put(self, slot: int) -> None:
        """Take a slot; its unit has to be free."""
        self._book(slot, 1)
        unit = self.unit[self.way[slot]]
        self.slots[unit] = slot
        self.guests[self.host(slot)][unit] = None

    def lift(self, unit: int) -> int:
        """Free a unit that is placed, and return the slot it had."""
        slot = self.slots.pop(unit)
        del self.guests[self.host(slot)][unit]
        self._book(slot, -1)
        return slot

    def _book(self, slot: int, sign: int) -> None:
        for low, high in self.stays(slot):
            for day in range(low, high):
                self.places[day] -= sign
        for limit, amount in self.loads[self.way[slot]]:
            self.room[limit] -= sign * amount
            self.missing[limit] -= sign * amount

    def debt(self) -> list[int]:
        """Return the limits that are below their lower bound."""
        return [limit for limit, missing in enumerate(self.missing) if missing > 0]

    def can_swap(self, units: Iterable[int], slots: Iterable[int]) -> bool:
        """Take new slots instead of those that some units have, where all fit; else leave all as it was."""
        before = [self.lift(unit) for unit in units if unit in self.slots]
        after: list[int] = []
        for slot in slots:
            if not self.has_room(self.way[slot]) or not self.fits(slot):
                break
            self.put(slot)
            after.append(slot)
        else:
            return True
        for slot in after:
            self.lift(self.unit[self.way[slot]])
        for slot in before:
            self.put(slot)
        return False

    def copy(self) -> "Board":
        """Return a board with the same slots taken, sharing what does not change."""
        made = object.__new__(Board)
        made.__dict__.update(self.__dict__)
        made.slots, made.places = dict(self.slots), list(self.places)
        made.guests = {host: dict(units) for host, units in self.guests.items()}
        made.room, made.missing = list(self.room), list(self.missing)
        return made

    def plan(self) -> Plan:
        """Return the plan by ways."""
        return {self.way[slot]: int(self.tables.start[slot]) for slot in self.slots.values()}

    def take(self, plan: Mapping[int, int]) -> None:
        """Take a plan that keeps all rules, instead of what is taken."""
        for unit in list(self.slots):
            self.lift(unit)
        for way, start in plan.items():
            self.put(self.slot(way, start))

    def host(self, slot: int) -> str:
        """Return the host of a slot."""
        return self.world.ways[self.way[slot]].host

    def first_day(self, slot: int) -> date:
        """Return the date on which a slot begins."""
        return self.world.first_day(self.world.ways[self.way[slot]], int(self.tables.start[slot]))

    def slot(self, way: int, start: int) -> int:
        """Return the slot of a way on a start."""
        return int(self.tables.first_slot[way]) + self.world.ways[way].starts.index(start)

    def slots_of(self, way: int) -> range:
        """Return all slots of a way."""
        return range(int(self.tables.first_slot[way]), int(self.tables.first_slot[way + 1]))


def _by_way(tables: Tables) -> list[tuple[tuple[int, int], ...]]:
    found: list[tuple[tuple[int, int], ...]] = [()] * len(tables.unit)
    rows = zip(tables.load_way.tolist(), tables.load_limit.tolist(), tables.load_amount.tolist(), strict=True)
    for way, limit, amount in rows:
        found[way] += ((limit, amount),)
    return found
