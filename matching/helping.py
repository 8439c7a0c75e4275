"""Single changes that would let a unit in with everybody else kept, each with the visit that shows it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matching.board import Board
from matching.problem import Pair
from matching.ways import Way, open_pairs

MOST = 3
"""Of each kind of change, the smallest so many are told."""


@dataclass(frozen=True, slots=True, order=True)
class Help:
    """A change and the visit it allows. `change` says what: nothing, limit, place or dates.

    `limit`: raise the `max` of a limit by `by`. `place`: one more place in the host's window `window`. `dates`: the
    members also offer the days of `window`.
    """

    change: str
    host: str
    first_day: date
    limit: str | None = None
    by: int | None = None
    window: tuple[date, date] | None = None

    def to_json(self) -> dict[str, object]:
        """Return the change as evidence: with its witness, the host and first day of the visit."""
        whole: dict[str, object] = {"change": self.change}
        if self.limit is not None:
            whole |= {"limit": self.limit, "by": self.by}
        if self.window is not None:
            whole["window"] = [day.isoformat() for day in self.window]
        return {**whole, "witness": {"host": self.host, "first_day": self.first_day.isoformat()}}


class Helper:
    """Finds what would help the unmatched of one board."""

    def __init__(self, board: Board) -> None:
        self.board, self.world, problem = board, board.world, board.world.problem
        self.limits = problem.limits
        self.hosts = {host.id: host for host in problem.hosts}
        self.applications = {one.id: one for one in problem.applications}
        self.pairs = open_pairs(problem)
        self.hosts_of = [None if one.hosts is None else frozenset(one.hosts) for one in problem.limits]
        self.waiting: dict[str, list[str]] = defaultdict(list)
        for application, hosts in self.pairs.items():
            if self.world.unit_of[application] not in board.slots:
                for host in hosts:
                    self.waiting[host].append(application)
        self.limits_of: dict[str | None, list[int]] = defaultdict(list)
        for n, limit in enumerate(problem.limits):
            for one in (None,) if limit.applications is None else limit.applications:
                self.limits_of[one].append(n)

    def helps(self, unit: int) -> list[Help]:
        """Return changes that would let a unit in; the change is `nothing` where it fits as it is."""
        fitting = self._as_it_is(unit)
        return fitting or [*self._limits(unit), *self._places(unit), *self._dates(unit)]

    def _as_it_is(self, unit: int) -> list[Help]:
        board = self.board
        slots = (s for w in self.world.ways_of[unit] if board.has_room(w) for s in board.slots_of(w))
        slot = next((slot for slot in slots if board.fits(slot)), None)
        return [] if slot is None else [Help("nothing", board.host(slot), board.first_day(slot))]

    def _limits(self, unit: int) -> list[Help]:
        """Raise one limit: by the least that lets a way in whose places are free and whose other limits hold."""
        board, found = self.board, list[tuple[int, Help]]()
        for w in self.world.ways_of[unit]:
            over = [(n, amount - board.room[n]) for n, amount in board.loads[w] if amount > board.room[n]]
            slot = next((s for s in board.slots_of(w) if board.fits(s)), None) if len(over) == 1 else None
            if slot is not None:
                name, by = self.limits[over[0][0]].id, over[0][1]
                found.append((by, Help("limit", board.host(slot), board.first_day(slot), limit=name, by=by)))
        least: dict[str | None, Help] = {}
        for _, one in sorted(found, key=lambda both: both[0]):
            least.setdefault(one.limit, one)
        return list(least.values())[:MOST]

    def _places(self, unit: int) -> list[Help]:
        """Add one place in one window of a host: the slots that lack it on the fewest days first."""
        board, found = self.board, list[tuple[int, Help]]()
        for w in self.world.ways_of[unit]:
            if board.has_room(w):
                options = (self._with_more(slot) for slot in board.slots_of(w))
                found += sorted((one for one in options if one is not None), key=lambda one: one[0])[:1]
        return [one for _, one in sorted(found, key=lambda both: both[0])[:MOST]]

    def _with_more(self, slot: int) -> tuple[int, Help] | None:
        """Return on how many days one more place in some window lets a slot in, or None where none does."""
        board, host = self.board, self.board.host(slot)
        line, offset, stays = self.world.axes[host], board.tables.offset[host], list(board.stays(slot))
        full = board.full_days(slot)
        if any(board.places[day] + 1 < sum(high > day for _, high in stays) for day in full):
            return None
        days = [(line.day(day - offset), line.places[day - offset]) for day in full]
        for window in self.hosts[host].windows:
            # Where windows overlap the largest number counts, so one more helps only there.
            if all(window.first <= day <= window.last and window.places == places for day, places in days):
                ends = (window.first, window.last)
                return len(full), Help("place", host, board.first_day(slot), window=ends)
        return None

    def _dates(self, unit: int) -> list[Help]:
        """Offer other days: those nearest to the days wished on which a host has places left."""
        found = [
            both
            for way in self._paired(unit)
            if self._keeps_limits(way)
            for window in self.world.axes[way.host].windows
            for both in self._free_days(way, window)
        ]
        return [min(found)[1]] if found else []

    def shift(self, application: str) -> Help | None:
        """Return the days nearest to those wished that a host could offer one application in an empty world."""
        one = self.applications[application]
        found = []
        for host, pair in self.pairs[application].items():
            line, length = self.world.axes[host], self._days(pair)
            way = Way(self.world.unit_of[one.id], host, (pair,), (length,), ())
            for first, last in line.windows:
                for start in range(first, last - length + 2):
                    if min(line.places[start : start + length]) > 0:
                        ends = line.day(start), line.day(start + length - 1)
                        found.append((self._shift(way, *ends), Help("dates", host, ends[0], window=ends)))
        return min(found)[1] if found else None

    def _paired(self, unit: int) -> Iterator[Way]:
        """Yield the ways of a unit by its pairs alone, without starts."""
        members = self.world.units[unit]
        for host in self.pairs[members[0]]:
            if all(host in self.pairs[one] for one in members):
                pairs = tuple(self.pairs[one][host] for one in members)
                yield Way(unit, host, pairs, tuple(self._days(pair) for pair in pairs), ())

    def waiting_at(self, host: str) -> Iterator[Way]:
        """Yield the ways by pairs alone of those who wait at a host, where no limit bars them."""
        for application in self.waiting[host]:
            unit = self.world.unit_of[application]
            if self.world.units[unit][0] == application:
                yield from (way for way in self._paired(unit) if way.host == host and self._keeps_limits(way))

    def _days(self, pair: Pair) -> int:
        return pair.days or self.applications[pair.application].days

    def _keeps_limits(self, way: Way) -> bool:
        loads: dict[int, int] = defaultdict(int)
        for pair in way.pairs:
            for n in (*self.limits_of[None], *self.limits_of[pair.application]):
                hosts = self.hosts_of[n]
                if hosts is None or way.host in hosts:
                    loads[n] += pair.amount(self.limits[n].amount)
        return all(amount <= self.board.room[n] for n, amount in loads.items())

    def _free_days(self, way: Way, window: tuple[int, int]) -> Iterator[tuple[int, Help]]:
        line, longest = self.world.axes[way.host], max(way.days)
        for start in range(window[0], window[1] - longest + 2):
            if self._is_free(way, start):
                ends = line.day(start), line.day(start + longest - 1)
                yield self._shift(way, *ends), Help("dates", way.host, ends[0], window=ends)

    def _is_free(self, way: Way, start: int) -> bool:
        first = self.board.tables.offset[way.host] + start
        return all(
            self.board.places[first + day] >= sum(days > day for days in way.days)
            for day in range(max(way.days))
        )

    def _shift(self, way: Way, first: date, last: date) -> int:
        """Return by how many days a window of the unit's first member would have to reach further."""
        windows = self.applications[way.pairs[0].application].windows
        reach = (max(0, (one.first - first).days) + max(0, (last - one.last).days) for one in windows)
        return min(reach, default=0)
